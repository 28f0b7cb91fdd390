"""Customers, their timelines, colleagues, the library, the history: what each says, to whom."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import uuid4

from log_stories import ADDRESS, WORDS
from small_house import HOURS, POLICY, STAFF, START, World, cases_of, person, staff

from domain.access import Scope, Thing, scope
from domain.complaint_wishes import RecusePerson
from domain.conversation import ReplyToCustomer
from domain.customer import ChangeTier, EraseCustomer, GiveContactDetail, NoteNeed
from domain.interaction import LinkInteraction, RecordInteraction
from domain.letter import RecordDelivery
from domain.personal import Personal
from domain.staff import LeaveStaff, PlanAbsence, TakeRole
from domain.staff_facts import Role
from projections import customers, history_page, letters, library
from projections import staff as people
from projections.reading import Reading
from projections.timeline import timeline

Current = Callable[[], AbstractContextManager[Reading]]


def sees(login: str, thing: Thing) -> Scope:
    return scope(person(login), thing)


def test_a_customer_as_they_are_now(world: World, current: Current) -> None:
    customer = world.customer()
    world.do(customer, GiveContactDetail, detail="name", value=Personal("Mei Hanlu-Li"))
    world.do(customer, ChangeTier, tier="key")
    world.do(
        customer, NoteNeed, need="letters_only", words=Personal("Letters only"), avoid=("phone",)
    )
    other = world.customer(legal_entity="cn")
    with current() as reading:
        row = customers.customer(reading, sees("ann", "customer"), customer)
        assert row is not None
        assert (row.tier, row.needs, row.avoid) == (
            "key",
            ["letters_only"],
            {"letters_only": ["phone"]},
        )
        assert row.called is not None
        assert world.ledger.open(row.called) == "Mei Hanlu-Li"
        by_number = customers.customer(reading, sees("ann", "customer"), row.number)
        assert by_number == row
        assert customers.customer(reading, sees("ann", "customer"), other) is None
        known = customers.customers(reading, sees("wen", "customer"), [customer, other])
        assert set(known) == {other}
        newest = customers.newest(reading, sees("ann", "customer"))
        assert [each.customer for each in newest] == [customer]
    world.do(customer, EraseCustomer, "kim", request="E-1", asked_by=staff("liz"), open_cases=0)
    with current() as reading:
        row = customers.customer(reading, sees("ann", "customer"), customer)
        assert row is not None
        assert (row.erased, row.called) == (True, None)


def test_a_timeline_holds_contacts_cases_and_letters(world: World, current: Current) -> None:
    customer = world.customer()
    call = f"interaction-{uuid4()}"
    contact = {"customer": customer, "legal_entity": "uk", "channel": "phone", "direction": "in"}
    world.do(call, RecordInteraction, summary=Personal("Where is my card?"), **contact)
    case = world.lodge(customer=customer)
    world.do(case, ReplyToCustomer, channel="email", words=WORDS, address=ADDRESS)
    (letter,) = world.state(case).letters

    def kinds(login: str) -> list[tuple[str, str | None]]:
        with current() as reading:
            found = timeline(reading, sees(login, "customer"), cases_of(login), customer)
            return [(entry.kind, entry.number) for entry in found]

    number = world.state(case).number
    assert kinds("ann") == [("letter", number), ("lodged", number), ("interaction", None)]
    assert kinds("sam") == [("interaction", None)], "a case of another team is not shown"
    assert kinds("wen") == [], "nor a customer of another legal entity"
    world.do(call, LinkInteraction, case=case)
    assert kinds("sam") == []
    assert kinds("ann")[-1] == ("interaction", number)
    world.do(case, RecusePerson, "kim", staff=staff("ann"), reason=Personal("Named in it"))
    assert kinds("ann") == []
    assert len(kinds("ben")) == 3
    world.do(case, RecordDelivery, letter=letter, sent=True, message_id="<1@bench>")
    with current() as reading:
        (sent,) = letters.of_case(reading, cases_of("ben"), case)
        assert (sent.state, sent.sent_at, sent.number) == ("sent", world.at, number)
        assert letters.of_customer(reading, cases_of("ben"), customer) == [sent]
        assert letters.of_case(reading, cases_of("ann"), case) == []
        assert letters.latest(reading, cases_of("ben"), "failed") == []
        entries = timeline(reading, sees("ben", "customer"), cases_of("ben"), customer)
        assert entries[0].sent_at == world.at


def test_colleagues_as_they_are_now(world: World, current: Current) -> None:
    world.hire()
    world.do(
        staff("ann"),
        PlanAbsence,
        "liz",
        starts=START + timedelta(days=1),
        ends=START + timedelta(days=5),
        deputy=staff("ben"),
    )
    with current() as reading:
        ann = people.by_login(reading, "ann")
        assert ann is not None
        assert (ann.staff, ann.teams, ann.deputy) == (staff("ann"), ["cards"], staff("ben"))
        assert frozenset(ann.roles) == person("ann").roles
        assert ann.address is not None
        assert world.ledger.open(ann.address) == "ann@example.org"
        away = [ann.away(START + timedelta(days=day)) for day in (0, 2, 5)]
        assert away == [False, True, False]
        assert [each.login for each in people.of_team(reading, "cards")] == ["ann", "ben", "liz"]
        assert len(people.everyone(reading)) == len(STAFF)
    role = Role(name="agent", legal_entity="uk", team="cards", level=1)
    world.do(staff("ben"), TakeRole, "liz", role=role)
    world.do(staff("ann"), LeaveStaff, "liz")
    with current() as reading:
        assert people.by_login(reading, "ann") is None
        assert people.people(reading, [staff("ann")])[staff("ann")].gone
        assert [each.login for each in people.of_team(reading, "cards")] == ["liz"]


def test_the_library_holds_what_is_published(world: World, current: Current) -> None:
    world.publish("calendar", HOURS.model_dump(mode="json"))
    world.publish("policy", POLICY.model_dump(mode="json"))
    with current() as reading:
        first = library.load(reading)
        assert library.load(reading) is first
        assert first.policies == (POLICY,)
        assert first.calendars == {"always": HOURS}
    newer = HOURS.model_copy(update={"version": 2, "zone": "Asia/Shanghai"})
    world.publish("calendar", newer.model_dump(mode="json"))
    with current() as reading:
        assert library.load(reading).calendars == {"always": newer}
        versions = library.versions(reading, "calendar", "always")
        assert [row.version for row in versions] == [1, 2]
        assert versions[0].parsed() == HOURS
        latest = {(row.kind, row.version) for row in library.latest(reading)}
        assert latest == {("calendar", 2), ("policy", 1)}


def test_a_history_is_told_in_order_and_holds_nothing_personal(
    world: World, current: Current
) -> None:
    customer = world.customer()
    case = world.lodge(customer=customer, words="She shouted: Mei, never again!")
    elsewhere = world.lodge(legal_entity="cn", team="funds")
    world.pass_time(case, timedelta(hours=25))
    number = world.state(case).number
    seen = sees("kim", "history")
    with current() as reading:
        told = history_page.find(reading, seen, history_page.Facts(case=number))
        logged = world.ledger.history(case)
        assert [row.type for row in told] == [each.event.type_name for each in logged]
        assert {(row.number, row.legal_entity, row.customer) for row in told} == {
            (number, "uk", customer)
        }
        assert history_page.find(reading, seen, history_page.Facts(case=elsewhere)) == []
        breached = history_page.find(reading, seen, history_page.Facts(type="ClockBreached"))
        assert [(row.actor_kind, row.policy, row.facts["clock"]) for row in breached] == [
            ("automation", "small@1", "ack/1")
        ]
        assert breached[0].occurred_at < breached[0].recorded_at
        of_customer = history_page.find(reading, seen, history_page.Facts(customer=customer))
        assert [row.type for row in of_customer[:2]] == ["CustomerRegistered", "ContactDetailGiven"]
        assert len(of_customer) == 2 + len(told)
        early = history_page.Facts(case=case, until=START + timedelta(hours=1))
        assert len(history_page.find(reading, seen, early)) == 6
        later = history_page.find(
            reading, seen, history_page.Facts(case=case), after=told[2].position
        )
        assert later == told[3:]
        with world.ledger.reading() as connection:
            table = reading.table("history")
            rows = connection.execute(f"SELECT string_agg(t::text, '') FROM {table} AS t")
            (everything,) = rows.fetchone() or ("",)
    assert "ClockBreached" in everything
    assert not [word for word in ("Mei", "shouted", "encrypted", "A256GCM") if word in everything]
