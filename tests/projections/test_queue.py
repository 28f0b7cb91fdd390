"""The queue: what a row says, in which order, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from small_house import World, cases_of, person, staff

from domain.complaint_wishes import (
    AcknowledgeComplaint,
    AssessComplaint,
    CloseComplaint,
    RecusePerson,
    WithdrawComplaint,
)
from domain.conversation import AskForInformation, RecordCustomerMessage
from domain.ownership import AssignComplaint, Assignee, OfferHandOver
from domain.personal import Personal
from domain.proposal import ProposeResolution, TellDecision
from projections import (
    disclosures,
    history,
    letters,
    notices,
    oversight,
    promises,
    queue,
    sla,
    timeline,
)
from projections.case import Row
from projections.queue_page import Cursor, Filters, Tab, Viewer, counts, page
from projections.reading import Reading

Current = Callable[[], AbstractContextManager[Reading]]
SAID = {"channel": "phone", "said": Personal("So it is.")}


def viewer(world: World, login: str) -> Viewer:
    return Viewer(
        cases_of(login),
        now=world.at,
        soon=world.at + timedelta(days=1),
        teams=tuple(role.team for role in person(login).roles if role.team),
    )


def assign(world: World, stream: str, login: str = "ann") -> None:
    to = Assignee(staff=staff(login), team="cards")
    world.do(stream, AssignComplaint, "liz", to=to)


def streams(rows: list[Row]) -> list[str]:
    return [row.stream for row in rows]


def listed(reading: Reading, world: World, login: str, tab: Tab) -> list[str]:
    return streams(page(reading, viewer(world, login), tab).rows)


def test_a_row_follows_its_case(world: World, current: Current) -> None:
    """Stage and next act on the way from intake to closing."""
    stream = world.lodge()
    seen = []

    def see() -> Row:
        with current() as reading:
            row = queue.case(reading, cases_of("ann"), stream)
        assert row is not None
        seen.append((row.stage, row.next_act))
        return row

    row = see()
    assert (row.service_clock, row.statutory_clock) == ("ack", "final_response")
    assert row.own_words is not None
    assert world.ledger.open(row.own_words) == "You charged me twice."
    assign(world, stream)
    see()
    world.do(stream, AcknowledgeComplaint, **SAID)
    see()
    world.do(stream, AssessComplaint, severity="high", category="fees")
    see()
    world.do(stream, AskForInformation, request="r1", channel="phone", what=Personal("A receipt"))
    row = see()
    assert row.waiting_until is not None
    world.do(
        stream, RecordCustomerMessage, message="m1", channel="email", text=Personal("Which one?")
    )
    assert see().unanswered_since == world.at
    world.do(
        stream,
        ProposeResolution,
        proposal="p1",
        decision="upheld",
        reasons=Personal("It was ours."),
    )
    see()
    world.do(stream, TellDecision, **SAID)
    row = see()
    assert row.statutory_due is None
    world.do(stream, CloseComplaint, reason_code="refund")
    row = see()
    assert (row.closed_at, row.service_due) == (world.at, None)
    assert seen == [
        ("received", "take"),
        ("received", "acknowledge"),
        ("acknowledged", "assess"),
        ("assessed", "investigate"),
        ("waiting", "wait"),
        ("waiting", "investigate"),
        ("waiting", "investigate"),
        ("answered", "close"),
        ("closed", "nothing"),
    ]


def test_people_see_first_what_must_be_done_first(world: World, current: Current) -> None:
    slow = world.lodge()
    for stream in (calm := world.lodge()), (waiting := world.lodge()), (urgent := world.lodge()):
        assign(world, stream)
    safety = world.lodge()
    assign(world, safety)
    world.do(safety, AssessComplaint, severity="critical", category="safety", fast_lane=True)
    world.do(waiting, AcknowledgeComplaint, **SAID)
    world.do(waiting, AskForInformation, request="r", channel="phone", what=Personal("A receipt"))
    world.pass_time(urgent, timedelta(days=1))
    with current() as reading:
        # The urgent case's clocks are late; the one that was assigned later is due after it.
        assert listed(reading, world, "ann", "mine") == [safety, calm, urgent]
        assert listed(reading, world, "ann", "waiting") == [waiting]
        assert listed(reading, world, "ann", "unassigned") == [slow]
        assert listed(reading, world, "ann", "team") == [safety, slow, calm, urgent]
    world.at += timedelta(weeks=8) - timedelta(days=1)
    with current() as reading:
        # The limit of the law is near, and does not wait for the customer.
        assert listed(reading, world, "ann", "mine")[0] == safety
        assert set(listed(reading, world, "ann", "mine")) == {safety, calm, urgent, waiting}
        first = page(reading, viewer(world, "ann"), "mine").rows[1]
        assert first.statutory_due is not None
        assert first.statutory_due < world.at + timedelta(days=1)


def test_pages_follow_each_other_without_gap_or_repeat(world: World, current: Current) -> None:
    for number in range(9):
        stream = world.lodge()
        assign(world, stream)
        if number % 3 == 0:
            world.do(
                stream, AssessComplaint, severity="high", category="fees", fast_lane=number == 0
            )
    mine: list[str] = []
    after: Cursor | None = None
    with current() as reading:
        whole = listed(reading, world, "ann", "mine")
        assert len(whole) == 9
        for _ in range(5):
            found = page(reading, viewer(world, "ann"), "mine", after=after, size=2)
            mine += streams(found.rows)
            after = found.next
            if after is None:
                break
        everything = page(reading, viewer(world, "ann"), "all", size=4)
        assert everything.next is not None
        rest = page(reading, viewer(world, "ann"), "all", after=everything.next, size=9)
    assert mine == whole
    assert rest.next is None
    assert streams([*everything.rows, *rest.rows]) == world.cases[::-1]


def test_filters_narrow_pages_and_counts_alike(world: World, current: Current) -> None:
    calm, high = world.lodge(), world.lodge()
    gone = world.lodge()
    assign(world, high)
    world.do(high, AssessComplaint, severity="high", category="fees")
    world.do(gone, WithdrawComplaint, channel="phone")
    world.pass_time(calm, timedelta(hours=25))
    cases = {
        Filters(severity="high"): {high},
        Filters(owner=staff("ann")): {high},
        Filters(stage="withdrawn"): {gone},
        Filters(breached=True): {calm},
        Filters(breached=True, clock="statutory"): set(),
        Filters(clock="statutory"): {calm, high},
        Filters(due_before=world.at, clock="service"): {calm, high},
        Filters(team="loans"): set(),
        Filters(legal_entity="uk"): {calm, high, gone},
    }
    with current() as reading:
        for filters, expected in cases.items():
            found = page(reading, viewer(world, "ann"), "all", filters=filters)
            assert set(streams(found.rows)) == expected, filters
            number = counts(reading, viewer(world, "ann"), filters)["all"]
            assert (number.number, number.more) == (len(expected), False), filters
        assert queue.open_cases(reading, [staff("ann"), staff("ben")]) == {
            staff("ann"): 1,
            staff("ben"): 0,
        }


def test_everybody_sees_only_what_is_theirs(world: World, current: Current) -> None:
    cards, loans = world.lodge(), world.lodge(team="loans", branch="north")
    funds = world.lodge(legal_entity="cn", team="funds")
    named = world.lodge()
    world.do(named, RecusePerson, "kim", staff=staff("ann"), reason=Personal("Named in it"))
    expected = {
        "ann": {cards},
        "ben": {cards, named},
        "liz": {cards, named},
        "pam": {loans},
        "wen": {funds},
        "kim": {cards, loans, named},
    }
    with current() as reading:
        for login, visible in expected.items():
            assert set(listed(reading, world, login, "all")) == visible, login
            assert counts(reading, viewer(world, login))["all"].number == len(visible), login
            for stream in world.cases:
                row = queue.case(reading, cases_of(login), stream)
                assert (row is not None) == (stream in visible)
                if row is not None:
                    assert cases_of(login).holds(row.place)
                    of_customer = queue.of_customer(reading, cases_of(login), row.customer)
                    assert streams(of_customer) == [stream]
                    by_number = queue.case(reading, cases_of(login), row.number)
                    assert by_number == row


def offered(world: World) -> str:
    """A case of Ann's that Ben is asked to take over."""
    stream = world.lodge()
    assign(world, stream)
    world.do(
        stream,
        OfferHandOver,
        to=Assignee(staff=staff("ben"), team="cards"),
        team="cards",
        known=Personal("All"),
        next=Personal("Call"),
    )
    return stream


def test_an_offer_ends_with_the_case_in_every_read_model(world: World, current: Current) -> None:
    stream = offered(world)
    world.do(stream, WithdrawComplaint, channel="phone")
    asked = "SELECT offered_to, offered_team FROM {table} WHERE stream = %s"
    placed = "SELECT offered_to, offered_team FROM {table_case} WHERE stream = %s"
    with current() as reading:
        assert reading.records(queue.NAME, asked, [stream]) == [(None, None)]
        for model in (history, timeline, promises, letters, disclosures, oversight, notices, sla):
            assert reading.records(model.NAME, placed, [stream]) == [(None, None)], model.NAME


def test_an_offer_stands_until_it_is_taken(world: World, current: Current) -> None:
    stream = offered(world)
    with current() as reading:
        row = queue.case(reading, cases_of("ann"), stream)
        assert row is not None
        assert (row.owner, row.offered_to) == (staff("ann"), staff("ben"))
    world.pass_time(stream, timedelta(hours=3))
    with current() as reading:
        row = queue.case(reading, cases_of("ann"), stream)
        assert row is not None
        assert (row.owner, row.offered_to) == (staff("ann"), None)
