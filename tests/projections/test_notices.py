"""Notices stand as long as their reason does, for those whom it concerns."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from log_stories import ADDRESS, WORDS
from small_house import START, TERMS, World, person, staff

from domain.access import scope
from domain.approval import AskApproval, Correction, GrantApproval, Money
from domain.assist import AnswerColleague, AskColleague
from domain.carry_over import CarryOverComplaint, carry_over
from domain.complaint_wishes import AcknowledgeComplaint, CloseComplaint, RecusePerson
from domain.conversation import AddNote, DecideNoReplyNeeded, RecordCustomerMessage, ReplyToCustomer
from domain.escalation import CallLead
from domain.event import Actor
from domain.letter import RecordDelivery
from domain.ownership import AssignComplaint, Assignee, OfferHandOver
from domain.personal import Personal
from domain.promise import (
    AcceptPromise,
    KeepPromise,
    MakePromise,
    MovePromise,
    OfferPromise,
    Promised,
)
from domain.proposal import ProposeResolution, TellDecision
from projections.notices_page import carried_over, notices
from projections.promises import promises
from projections.reading import Reading

Current = Callable[[], AbstractContextManager[Reading]]
WROTE = {"channel": "phone", "text": Personal("And now?")}
SAID = {"channel": "phone", "said": Personal("So it is.")}


def told(current: Current, login: str) -> set[tuple[str, str]]:
    """(case, kind of notice) for one person."""
    with current() as reading:
        return {
            (case.stream, notice.kind)
            for case in notices(reading, person(login))
            for notice in case.notices
        }


def assign(world: World, stream: str, login: str = "ann") -> None:
    world.do(stream, AssignComplaint, "liz", to=Assignee(staff=staff(login), team="cards"))


def test_a_late_clock_is_told_until_it_is_kept(world: World, current: Current) -> None:
    stream = world.lodge()
    assign(world, stream)
    world.pass_time(stream, timedelta(hours=19))
    assert told(current, "ann") == {(stream, "warned")}
    assert told(current, "liz") == set(), "a warning is for the owner"
    world.pass_time(stream, timedelta(hours=6))
    assert told(current, "ann") == told(current, "liz") == {(stream, "breached")}
    assert told(current, "pam") == told(current, "wen") == set()
    world.do(stream, AcknowledgeComplaint, **SAID)
    assert told(current, "ann") == told(current, "liz") == set()


def test_a_breach_that_another_clock_takes_over_is_told_on(world: World, current: Current) -> None:
    stream = world.lodge()
    assign(world, stream)
    world.pass_time(stream, timedelta(days=120))
    before = told(current, "liz")
    assert {kind for _, kind in before} >= {"breached"}
    received = world.state(stream).received_at
    assert received is not None
    earlier = (received - timedelta(days=1)).isoformat()
    matter = Correction(field="received_at", was=received.isoformat(), is_=earlier)
    world.do(stream, AskApproval, "ann", approval="a", matter=matter, reason=Personal("Stamp"))
    world.do(stream, GrantApproval, "liz", approval="a")
    assert told(current, "liz") == before
    with current() as reading:
        (case,) = notices(reading, person("liz"))
    assert {notice.about for notice in case.notices} <= {
        clock.id for clock in world.state(stream).clocks.values() if clock.superseded_at is None
    }


def test_whoever_a_note_calls_is_told_until_they_answer_with_a_note(
    world: World, current: Current
) -> None:
    stream = world.lodge()
    called = (staff("ben"), staff("ann"))
    words = {"text": Personal("@ben and @ann"), "readers": frozenset(called)}
    world.do(stream, AddNote, "ann", mentions=called, **words)
    assert told(current, "ben") == {(stream, "mentioned")}
    assert told(current, "ann") == set(), "nobody is told of their own note"
    world.do(stream, AddNote, "liz", text=Personal("I wait"))
    assert told(current, "ben") == {(stream, "mentioned")}
    world.do(stream, AddNote, "ben", text=Personal("Seen"))
    assert told(current, "ben") == set()
    world.do(stream, AddNote, "ann", mentions=called, **words)
    world.do(stream, RecusePerson, "liz", staff=staff("ben"), reason=Personal("A cousin"))
    assert told(current, "ben") == set()


def test_a_hand_over_is_told_to_whom_it_is_offered(world: World, current: Current) -> None:
    stream, open_to_all = world.lodge(), world.lodge()
    for each, to in ((stream, Assignee(staff=staff("ben"), team="cards")), (open_to_all, None)):
        assign(world, each)
        known = {"known": Personal("All"), "next": Personal("Call")}
        world.do(each, OfferHandOver, to=to, team="cards", **known)
    assert told(current, "ben") == {(stream, "hand_over"), (open_to_all, "hand_over")}
    assert told(current, "liz") == {(open_to_all, "hand_over")}
    world.pass_time(stream, timedelta(hours=3))
    assert told(current, "ben") == {(open_to_all, "hand_over")}


def test_what_nobody_took_over_is_back_with_its_owner_and_lead(
    world: World, current: Current
) -> None:
    stream = world.lodge()
    assign(world, stream)
    known = {"known": Personal("All"), "next": Personal("Call")}
    to = Assignee(staff=staff("ben"), team="cards")
    world.do(stream, OfferHandOver, to=to, team="cards", **known)
    world.pass_time(stream, timedelta(hours=3))
    assert told(current, "ann") == told(current, "liz") == {(stream, "hand_over_back")}
    world.do(stream, AddNote, text=Personal("I go on"))
    assert told(current, "ann") == told(current, "liz") == set()


def test_a_promise_is_told_to_whoever_owes_it(world: World, current: Current) -> None:
    stream = world.lodge()
    assign(world, stream)
    line = Promised(what=Personal("Call"), due=START + timedelta(hours=10))
    world.do(stream, MakePromise, "ann", promise="p", promised=line)
    assert told(current, "ann") == set()
    world.pass_time(stream, timedelta(hours=9))
    assert told(current, "ann") == {(stream, "promise_due")}
    assert told(current, "liz") == set(), "before it is due it is the promiser's"
    to = Assignee(staff=staff("ben"), team="cards")
    world.do(stream, OfferPromise, "ann", promise="p", to=to)
    assert told(current, "ben") == {(stream, "promise_offered")}
    world.do(stream, AcceptPromise, "ben", promise="p", by=to)
    assert told(current, "ann") == set()
    assert told(current, "ben") == {(stream, "promise_due")}
    world.pass_time(stream, timedelta(hours=2))
    assert told(current, "ben") == told(current, "liz") == {(stream, "promise_broken")}
    world.do(stream, MovePromise, "ben", promise="p", due=START + timedelta(hours=20))
    assert told(current, "ben") == told(current, "liz") == set()
    with current() as reading:
        (row,) = promises(reading, scope(person("ben"), "case"), owner=staff("ben"))
    assert (row.case_stream, row.moved, row.broken_at) == (stream, 1, None)
    world.do(stream, KeepPromise, "ben", promise="p")
    with current() as reading:
        assert promises(reading, scope(person("ben"), "case")) == []


def test_a_colleague_is_told_what_they_are_asked(world: World, current: Current) -> None:
    stream = world.lodge()
    assign(world, stream)
    to = Assignee(staff=staff("ben"), team="cards")
    asked = {"what": Personal("Was it so?"), "answer_by": START + timedelta(hours=5)}
    world.do(stream, AskColleague, "ann", task="t", to=to, **asked)
    assert told(current, "ben") == {(stream, "asked")}
    world.do(stream, AnswerColleague, "ben", task="t", answer=Personal("It was"))
    assert told(current, "ben") == set()


def test_an_approval_is_told_to_those_who_may_give_it(world: World, current: Current) -> None:
    stream = world.lodge()
    assign(world, stream)
    world.do(
        stream,
        ProposeResolution,
        "liz",
        proposal="p1",
        decision="upheld",
        reasons=Personal("It was ours."),
        redress=Money(amount=Decimal("90.00"), currency="GBP"),
        limit=Money(amount=Decimal("50.00"), currency="GBP"),
    )
    assert told(current, "liz") == set(), "whoever asks does not decide"
    assert told(current, "ann") == set(), "a first-level agent does not approve"
    assert told(current, "kim") == set()
    second = world.lodge()
    assign(world, second)
    world.do(
        second,
        ProposeResolution,
        proposal="p2",
        decision="upheld",
        reasons=Personal("It was ours."),
        redress=Money(amount=Decimal("90.00"), currency="GBP"),
        limit=Money(amount=Decimal("50.00"), currency="GBP"),
    )
    assert told(current, "liz") == {(second, "approval")}
    world.do(second, GrantApproval, "liz", approval="p2")
    assert told(current, "liz") == set()


def test_mail_after_closing_waits_for_somebody_to_read_it(world: World, current: Current) -> None:
    stream = world.lodge()
    assign(world, stream)
    world.do(
        stream,
        ProposeResolution,
        proposal="p",
        decision="rejected",
        reasons=Personal("It was right."),
    )
    world.do(stream, TellDecision, **SAID)
    world.do(stream, CloseComplaint, reason_code="explained")
    assert told(current, "ann") == set()
    world.do(stream, RecordCustomerMessage, message="m", channel="email", text=Personal("Thanks"))
    assert told(current, "ann") == told(current, "liz") == {(stream, "after_close")}
    world.do(stream, DecideNoReplyNeeded)
    assert told(current, "ann") == told(current, "liz") == set()


def test_words_of_the_customer_are_told_to_the_owner_until_answered(
    world: World, current: Current
) -> None:
    stream = world.lodge()
    assign(world, stream)
    told_words = {"channel": "email", "text": Personal("And now?")}
    world.do(stream, RecordCustomerMessage, message="m", **told_words)
    assert told(current, "ann") == set(), "who wrote it down knows it"
    world.do(stream, RecordCustomerMessage, "liz", message="n", **told_words)
    assert told(current, "ann") == {(stream, "wrote")}
    assert told(current, "liz") == set()
    world.do(stream, DecideNoReplyNeeded)
    assert told(current, "ann") == set()
    world.do(stream, RecordCustomerMessage, "liz", message="o", **told_words)
    world.do(stream, ReplyToCustomer, channel="phone", said=Personal("Soon"))
    assert told(current, "ann") == set()


def test_a_letter_that_cannot_be_sent_is_told(world: World, current: Current) -> None:
    stream = world.lodge()
    assign(world, stream)
    world.do(stream, ReplyToCustomer, channel="email", words=WORDS, address=ADDRESS)
    (letter,) = world.state(stream).letters
    assert told(current, "ann") == set()
    world.do(stream, RecordDelivery, letter=letter, sent=False, code=550, permanent=True)
    assert told(current, "ann") == {(stream, "letter_failed")}
    world.do(stream, ReplyToCustomer, channel="email", words=WORDS, address=ADDRESS)
    assert told(current, "ann") == set()


def test_who_is_named_in_a_case_is_told_nothing_of_it(world: World, current: Current) -> None:
    stream = world.lodge()
    assign(world, stream)
    world.pass_time(stream, timedelta(hours=25))
    assert told(current, "liz") == {(stream, "breached")}
    world.do(stream, RecusePerson, "kim", staff=staff("liz"), reason=Personal("Named in it"))
    assert told(current, "liz") == set()
    assert told(current, "ann") == {(stream, "breached")}


def carry_over_case(world: World, known_at: timedelta) -> str:
    """A case of another system, received a month ago and never touched."""
    stream = f"complaint-{uuid4()}"
    command = CarryOverComplaint(
        command_id=uuid4(),
        at=world.at - timedelta(days=30),
        actor=Actor(kind="import", id="old-system-1"),
        complaint=stream,
        number=f"C-2026-9{len(world.cases):05}",
        legal_entity="uk",
        team="cards",
        customer=f"customer-{uuid4()}",
        channel="phone",
        product="card",
        category="fees",
        what_happened=Personal("You charged me twice."),
        terms=TERMS,
        steps=(),
        known_at=world.at + known_at,
    )
    world.ledger.handle(carry_over, stream, command)
    world.cases.append(stream)
    return stream


def test_what_an_import_brought_in_is_one_line_for_all(world: World, current: Current) -> None:
    streams = [carry_over_case(world, timedelta()) for _ in range(3)]
    with current() as reading:
        assert [carried_over(reading, person(login)) for login in ("liz", "ann", "wen")] == [
            3,
            0,
            0,
        ]
    assert told(current, "liz") == set()
    assign(world, streams[0])
    with current() as reading:
        assert carried_over(reading, person("ann")) == 1
    world.do(streams[0], RecordCustomerMessage, message="m1", **WROTE)
    world.pass_time(streams[0], timedelta(hours=30))
    assert (streams[0], "breached") in told(current, "ann"), "what is late from now on is told"
    world.do(streams[0], AcknowledgeComplaint, **SAID)
    assert told(current, "liz") <= {(streams[0], "breached")}


def test_a_called_lead_is_told_until_somebody_else_says_a_word(
    world: World, current: Current
) -> None:
    stream = world.lodge()
    assign(world, stream)
    world.do(stream, CallLead, "ann", why=Personal("The customer threatens."))
    assert told(current, "liz") == {(stream, "called")}
    assert told(current, "ann") == told(current, "wen") == set()
    world.do(stream, AddNote, "ann", text=Personal("Please."))
    assert told(current, "liz") == {(stream, "called")}
    world.do(stream, AddNote, "liz", text=Personal("Call them at once."))
    assert told(current, "liz") == set()
