"""A small house to tell stories in: one policy, teams in two legal entities, real commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from domain.access import Person, Scope, scope
from domain.calendar import Calendar
from domain.complaint_state import Complaint
from domain.complaint_wishes import LodgeComplaint
from domain.customer import RegisterCustomer
from domain.decider import Perform
from domain.document import Kind, PublishDocument
from domain.event import Actor, Command, Context
from domain.hours import Week
from domain.personal import Personal
from domain.policy import Policy, Promise, Terms
from domain.procedure import Rules, Step
from domain.rulebooks import rulebook
from domain.staff import GiveRole, RegisterStaff
from domain.staff_facts import Role
from domain.target import Limit, Target, Threshold
from domain.text import Text
from ledger import Ledger, Receipt

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning; everybody in the stories lives by it."""

HOURS = Calendar(
    id="always",
    version=1,
    zone="Europe/London",
    weekly=Week.model_validate(
        {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    ),
)


def _target(name: str, hours: int, starts_on: tuple[str, ...], by: tuple[str, ...]) -> Promise:
    return Promise(
        target=Target(
            name=name,
            calendar="always",
            working_time=timedelta(hours=hours),
            warn=(Threshold(share=0.75),),
            starts_on=starts_on,
            fulfilled_by=by,
            pauses_on=("waiting_for_customer",) if name == "resolution" else (),
        )
    )


RULES = Rules(
    id="small",
    version=1,
    stages=("work",),
    steps=(
        Step(id="receive", stage="work", act="lodge"),
        Step(id="acknowledge", stage="work", act="acknowledge"),
        Step(id="assess", stage="work", act="assess"),
        Step(id="look_into", stage="work", act="record", repeatable=True),
        Step(id="propose", stage="work", act="propose", repeatable=True),
        Step(id="answer", stage="work", act="answer", gates=("decided", "approved")),
        Step(id="close", stage="work", act="close", gates=("answered", "redress_paid")),
    ),
)

POLICY = Policy(
    id="small",
    version=1,
    title=Text(en="Small", zh="小"),
    source=Text(en="The house itself", zh="本公司"),
    procedure="small",
    calendar="always",
    valid_from=date(2020, 1, 1),
    signed_by="staff-compliance",
    promises=(
        _target("ack", 24, ("lodged",), ("acknowledged",)),
        _target("first_reply", 48, ("lodged",), ("replied",)),
        _target("resolution", 240, ("lodged", "reopened"), ("closed",)),
        _target("next_reply", 24, ("customer_wrote", "wrote_after_close"), ("replied",)),
    ),
    limits=(
        Limit(
            name="final_response",
            calendar="always",
            count=8,
            unit="weeks",
            article="DISP 1.6.2",
            starts_on=("lodged",),
            fulfilled_by=("answered",),
            valid_from=date(2020, 1, 1),
        ),
    ),
    acknowledge_after=None,
    information_within=timedelta(days=7),
    reminders=(timedelta(days=3),),
    hand_over_within=timedelta(hours=2),
    silent_after_days=14,
    satisfaction_after=None,
    reopen_days=30,
)
TERMS = Terms(rules=RULES, policy=POLICY, calendars={"always": HOURS})

STAFF: Mapping[str, Role] = {
    "ann": Role(name="agent", legal_entity="uk", team="cards", level=1),
    "ben": Role(name="agent", legal_entity="uk", team="cards", level=1),
    "liz": Role(name="team_lead", legal_entity="uk", team="cards"),
    "pam": Role(name="agent", legal_entity="uk", branch="north", team="loans", level=1),
    "sam": Role(name="agent", legal_entity="uk", team="loans", level=1),
    "wen": Role(name="agent", legal_entity="cn", team="funds", level=2),
    "kim": Role(name="compliance", legal_entity="uk"),
}


def staff(login: str) -> str:
    return f"staff-{uuid5(UUID(int=0), login)}"


def person(login: str) -> Person:
    return Person(staff=staff(login), roles=frozenset({STAFF[login]}))


def cases_of(login: str) -> Scope:
    return scope(person(login), "case")


def actor(login: str) -> Actor:
    return Actor(kind="staff", id=staff(login), role=STAFF[login].name)


@dataclass
class World:
    """Handles commands of people in the house; ``at`` moves on a minute with each."""

    ledger: Ledger
    at: datetime = START
    numbers: int = 0
    cases: list[str] = field(default_factory=list)

    def do(
        self,
        stream: str,
        kind: type[Command],
        who: str = "ann",
        *,
        after: timedelta = timedelta(minutes=1),
        context: Context | None = None,
        **fields: Any,
    ) -> Receipt:
        self.at += after
        command = kind(command_id=uuid4(), at=self.at, actor=actor(who), **fields)
        return self.ledger.handle(rulebook(stream), stream, command, context)

    def lodge(
        self,
        *,
        legal_entity: str = "uk",
        branch: str | None = None,
        team: str = "cards",
        customer: str | None = None,
        who: str = "ann",
        words: str = "You charged me twice.",
        **fields: Any,
    ) -> str:
        """A new case; its stream."""
        stream = f"complaint-{uuid4()}"
        self.numbers += 1
        self.do(
            stream,
            LodgeComplaint,
            who,
            complaint=stream,
            number=f"C-2026-{self.numbers:06}",
            legal_entity=legal_entity,
            branch=branch,
            team=team,
            customer=customer or f"customer-{uuid4()}",
            channel="phone",
            product="card",
            category="fees",
            what_happened=Personal(words),
            terms=TERMS,
            **fields,
        )
        self.cases.append(stream)
        return stream

    def state(self, stream: str) -> Complaint:
        state = self.ledger.fold(rulebook(stream), stream).state
        assert isinstance(state, Complaint)
        return state

    def pass_time(self, stream: str, by: timedelta) -> None:
        """Do all that becomes due on the case meanwhile, letters apart."""
        self.at += by
        rules = rulebook(stream)
        done: set[str] = set()
        while due := [
            each
            for each in rules.agenda(self.ledger.fold(rules, stream).state)
            if each.at <= self.at and each.key not in done and each.letter is None
        ]:
            done.add(due[0].key)
            command = Perform(
                command_id=uuid5(UUID(int=1), due[0].key),
                at=self.at,
                actor=Actor(kind="automation", id="handle-complaint"),
                key=due[0].key,
            )
            self.ledger.handle(rules, stream, command)

    def customer(self, *, legal_entity: str = "uk", branch: str | None = None) -> str:
        stream = f"customer-{uuid4()}"
        self.numbers += 1
        self.do(
            stream,
            RegisterCustomer,
            customer=stream,
            number=f"K-2026-{self.numbers:06}",
            legal_entity=legal_entity,
            branch=branch,
            language="en",
            name=Personal("Mei Hanlu"),
            details={"email": Personal("mei@example.org")},
        )
        return stream

    def hire(self, *logins: str) -> None:
        for login in logins or STAFF:
            stream = staff(login)
            self.do(
                stream,
                RegisterStaff,
                "kim",
                staff=stream,
                login=login,
                name=Text(en=login.title(), zh=login),
                language="en",
                email=Personal(f"{login}@example.org"),
            )
            self.do(stream, GiveRole, "liz" if login != "liz" else "kim", role=STAFF[login])

    def publish(self, kind: Kind, body: Mapping[str, Any]) -> None:
        stream = f"{kind}-{body['id']}"
        self.at += timedelta(minutes=1)
        command = PublishDocument(
            command_id=uuid4(),
            at=self.at,
            actor=Actor(kind="import", id="packs"),
            kind=kind,
            body=dict(body),
        )
        self.ledger.handle(rulebook(stream), stream, command)
