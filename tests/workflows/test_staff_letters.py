"""Letters to colleagues: who gets one, what it says, and that no escalation waits for it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest
from casework import AGENT, BOX, IMPORT, MONDAY, terms
from stories import Post, words
from temporalio.testing import ActivityEnvironment

from desk.words.terms import TERMS, term
from domain.access import Place
from domain.complaint import complaint
from domain.complaint_facts import ComplaintEscalated
from domain.complaint_wishes import LodgeComplaint, RecusePerson
from domain.organisation import STREAM as HOUSES
from domain.organisation import DescribeLegalEntity, LegalEntity, organisation
from domain.personal import Personal
from domain.staff import GiveRole, LeaveStaff, PlanAbsence, RegisterStaff, TakeRole, staff
from domain.staff_facts import Role
from domain.text import Text
from ledger.follow import catch_up
from projections import staff as people
from projections.build import follower, live, stand
from workers.embedded.ports import free_port
from workflows import staff_letters
from workflows.activities import Activities
from workflows.mail import Delivery, MailServer, Outgoing
from workflows.messages import PerformItem
from workflows.staff_letters import Share, StaffLetters
from workflows.staff_words import clock_words, role_words

STREAM = "complaint-0190a0b0-0000-7000-8000-00000000000a"
OPERATOR = IMPORT.model_copy(update={"id": "operator"})
LEAD = Role(name="team_lead", legal_entity="larkmere-uk", team="first")


def stream_of(login: str) -> str:
    return f"staff-{login}"


@dataclass
class House:
    """Staff and one case; ``post`` takes what is mailed."""

    ledger: object
    post: object = field(default_factory=Post)

    def do(self, stream: str, decider, command, who=OPERATOR, at=MONDAY, **fields) -> None:
        wish = command(command_id=uuid4(), at=at, actor=who, **fields)
        self.ledger.handle(decider, stream, wish)

    def hire(self, login: str, *roles: Role, language="en", email: str | None = None) -> None:
        stream = stream_of(login)
        self.do(
            stream,
            staff,
            RegisterStaff,
            staff=stream,
            login=login,
            name=Text(en=login, zh=login),
            language=language,
            email=Personal(f"{login}@house.example" if email is None else email),
        )
        for role in roles:
            self.do(stream, staff, GiveRole, role=role)

    def changes(self, login: str, command, **fields) -> None:
        self.do(stream_of(login), staff, command, **fields)

    def lodges(self, **fields) -> None:
        wish = {
            "complaint": STREAM,
            "number": "C-2026-000007",
            "legal_entity": "larkmere-uk",
            "branch": "north",
            "team": "first",
            "customer": "customer-0190a0b0-0000-7000-8000-00000000000b",
            "channel": "email",
            "product": "account",
            "category": "fees",
            "what_happened": BOX,
            "terms": terms(),
        }
        self.do(STREAM, complaint, LodgeComplaint, AGENT, **(wish | fields))

    def shows_staff(self) -> None:
        """The read model of staff, at the head of the log."""
        with self.ledger.reading() as connection:
            stand(connection, people.PROJECTION)
            build = live(connection, people.NAME)
        catch_up(self.ledger, follower(people.PROJECTION, build))

    @property
    def activities(self) -> Activities:
        letters = StaffLetters(self.ledger, "https://desk.example/")
        return Activities(
            self.ledger, {"complaint": complaint}, words, self.post, letters.escalated
        )

    def performs(self, due) -> None:
        item = PerformItem(stream=STREAM, workflow="handle-complaint", key=due.key, at=due.at)
        ActivityEnvironment().run(self.activities.perform, item)

    def next_due(self):
        """What the case owes next, deliveries apart."""
        owed = complaint.agenda(self.ledger.fold(complaint, STREAM).state)
        return next(due for due in owed if due.rule != "deliver")

    def escalates(self, clock: str = "first_reply/1") -> None:
        """Let time pass until that clock has climbed one rung, and no further."""
        while not self.climbed(clock):
            self.performs(self.next_due())

    def climbed(self, clock: str) -> list[ComplaintEscalated]:
        events = (recorded.event for recorded in self.ledger.history(STREAM))
        return [e for e in events if isinstance(e, ComplaintEscalated) and e.clock == clock]

    def told(self, clock: str = "first_reply/1") -> list[Outgoing]:
        return [letter for letter in self.post.given if f"escalate/{clock}" in letter.letter]

    def addressed(self) -> set[str]:
        return {letter.address.partition("@")[0] for letter in self.told()}


@pytest.fixture
def house(ledger) -> House:
    built = House(ledger)
    entity = LegalEntity(
        id="larkmere-uk",
        name=Text(en="Larkmere", zh="云雀湖"),
        zone="Europe/London",
        language="en",
        currency="GBP",
        calendar="london",
        teams={"first": Text(en="First desk", zh="一线")},
    )
    built.do(HOUSES, organisation, DescribeLegalEntity, entity=entity)
    return built


def test_the_lead_is_told_which_case_which_limit_since_when_and_where(house):
    house.hire("lead", LEAD)
    house.hire("zhou", LEAD, language="zh")
    house.shows_staff()
    house.lodges()
    house.escalates()
    by = {letter.address: letter for letter in house.told()}
    english, chinese = by["lead@house.example"], by["zhou@house.example"]
    assert english.subject == "C-2026-000007: “First reply” is overdue"
    assert "since Tue 3 Nov 2026 10:00 (Greenwich Mean Time)" in english.body
    assert "as team lead" in english.body
    assert "https://desk.example/complaints/C-2026-000007" in english.body
    assert chinese.language == "zh"
    assert chinese.subject == "C-2026-000007：“首次回复”已超期"
    assert "2026年11月3日" in chinese.body
    assert "组长" in chinese.body
    for letter in (english, chinese):
        assert "first_reply" not in letter.subject + letter.body
        assert "words" not in letter.body
        assert "$" not in letter.body


def test_only_who_holds_the_role_for_the_place_of_the_case_is_told(house):
    house.hire("lead", LEAD)
    house.hire("whole", LEAD.model_copy(update={"team": None}))
    house.hire("north", LEAD.model_copy(update={"branch": "north"}))
    house.hire("south", LEAD.model_copy(update={"branch": "south"}))
    house.hire("second", LEAD.model_copy(update={"team": "second"}))
    house.hire("abroad", LEAD.model_copy(update={"legal_entity": "larkmere-cn"}))
    house.hire("agent", LEAD.model_copy(update={"name": "agent"}))
    house.hire("was", LEAD)
    house.changes("was", TakeRole, role=LEAD)
    house.hire("gone", LEAD)
    house.changes("gone", LeaveStaff)
    house.hire("named", LEAD)
    house.hire("mute", LEAD, email="")
    house.shows_staff()
    house.lodges()
    house.do(STREAM, complaint, RecusePerson, AGENT, staff=stream_of("named"), reason=BOX)
    house.escalates()
    assert house.addressed() == {"lead", "whole", "north"}


def test_whoever_is_away_is_told_through_their_deputy_and_each_once(house):
    for login in ("away", "also", "third", "lost", "named"):
        house.hire(login, LEAD)
    for login in ("stand-in", "next"):
        house.hire(login)
    for login, deputy in {
        "away": "stand-in", "also": "third", "third": "next", "lost": None, "named": "lost",
    }.items():  # fmt: skip
        name = None if deputy is None else stream_of(deputy)
        house.changes(login, PlanAbsence, starts=MONDAY, deputy=name)
    house.hire("back", LEAD)
    house.changes("back", PlanAbsence, starts=MONDAY, ends=MONDAY + timedelta(hours=2))
    house.hire("round", LEAD)
    house.changes("round", PlanAbsence, starts=MONDAY, deputy=stream_of("round"))
    house.shows_staff()
    house.lodges()
    house.escalates()
    assert house.addressed() == {"stand-in", "next", "back"}
    assert len(house.told()) == 3


def test_the_next_rung_tells_the_next_role(house):
    house.hire("lead", LEAD)
    house.hire("kim", Role(name="compliance", legal_entity="larkmere-uk"))
    house.shows_staff()
    house.lodges()
    while len(house.climbed("first_reply/1")) < 2:
        house.performs(house.next_due())
    assert [letter.address for letter in house.told()] == [
        *("lead@house.example", "kim@house.example")
    ]


def test_a_crash_between_mail_and_fact_repeats_the_same_message(house):
    house.hire("lead", LEAD)
    house.hire("other", LEAD)
    house.shows_staff()
    house.lodges()
    while (due := house.next_due()).rule != "escalate":
        house.performs(due)
    state = house.ledger.fold(complaint, STREAM).state
    before = house.activities.tell(state, due, due.at)
    again = house.activities.tell(state, due, due.at)
    server = MailServer("127.0.0.1", 25, "Care <care@house.example>")
    names = [server.message_id(letter) for letter in before]
    assert names == [server.message_id(letter) for letter in again]
    assert len(set(names)) == 2
    house.performs(due)
    told = [letter for letter in house.post.given if letter.letter.startswith("escalate")]
    assert {server.message_id(letter) for letter in told} == set(names)
    house.performs(due)
    assert len([x for x in house.post.given if x.letter.startswith("escalate")]) == 2


class Hangs:
    """A mail server that takes the connection and says nothing."""

    async def send(self, letter: Outgoing) -> Delivery:
        await asyncio.Event().wait()
        raise AssertionError


class Breaks:
    async def send(self, letter: Outgoing) -> Delivery:
        raise RuntimeError(letter.address)


@pytest.mark.parametrize("trouble", ["refuses", "absent", "hangs", "breaks"])
def test_no_trouble_with_mail_keeps_the_escalation_waiting(house, trouble, monkeypatch, capsys):
    monkeypatch.setattr(staff_letters, "SECONDS", 0.01)
    house.hire("lead", LEAD)
    house.shows_staff()
    house.post = {
        "refuses": lambda: Post([Delivery(letter="", sent=False, code=554)] * 9),
        "absent": lambda: MailServer("127.0.0.1", free_port(), "Care <care@house.example>"),
        "hangs": Hangs,
        "breaks": Breaks,
    }[trouble]()
    house.lodges()
    house.escalates()
    assert len(house.climbed("first_reply/1")) == 1
    logged = capsys.readouterr().out
    assert STREAM in logged
    assert "house.example" not in logged
    assert ("failed=1" in logged) == (trouble != "breaks")


def test_without_a_read_model_of_staff_the_case_escalates_all_the_same(house):
    house.lodges()
    house.escalates()
    assert house.post.given == []


def test_a_case_that_was_carried_over_escalates_without_a_letter(house):
    house.hire("lead", LEAD)
    house.shows_staff()
    house.lodges(letters="hold")
    house.escalates()
    assert house.post.given == []


def digests(house: House, *shares: Share, at=MONDAY) -> dict[str, Outgoing]:
    letters = StaffLetters(house.ledger, "https://desk.example").carried_over("old-1", shares, at)
    return {letter.address.partition("@")[0]: letter for letter in letters}


def test_a_batch_gives_each_owner_and_each_lead_without_owner_one_digest(house):
    house.hire("ann")
    house.hire("lead", LEAD)
    house.hire("other", LEAD.model_copy(update={"team": "second"}), language="zh")
    house.hire("away")
    house.changes("away", PlanAbsence, starts=MONDAY)
    house.shows_staff()
    first, second = (Place(legal_entity="larkmere-uk", team=team) for team in ("first", "second"))

    def of(login: str) -> Place:
        return first.model_copy(update={"owner": stream_of(login)})

    found = digests(
        house, Share(first, 40, 5), Share(second, 7, 0), Share(of("ann"), 2, 1),
        Share(of("lead"), 3, 3), Share(of("away"), 4, 0),
    )  # fmt: skip
    assert set(found) == {"ann", "lead", "other"}
    assert "– yours: 2, of which 1 past a time limit" in found["ann"].body
    assert found["lead"].subject == "Open cases carried over: 47"
    assert "– First desk, without an owner: 40, of which 5" in found["lead"].body
    assert "– yours: 3, of which 3" in found["lead"].body
    assert "second" in found["other"].body
    assert "尚无负责人：7 件" in found["other"].body
    assert "https://desk.example/queue" in found["ann"].body
    again = digests(house, Share(of("ann"), 2, 1), at=MONDAY + timedelta(days=1))
    assert (again["ann"].stream, again["ann"].letter) == (found["ann"].stream, found["ann"].letter)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_clocks_and_roles_are_called_as_the_desk_calls_them(language):
    for clock in (*TERMS["clock"], "own_thing"):
        assert clock_words(f"{clock}/2", language) == term(language, "clock", clock)
    for role in (*TERMS["role"], "own_thing"):
        assert role_words(role, language) == term(language, "role", role)
