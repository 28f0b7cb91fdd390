"""Members of staff as they are now: for logging in, for assigning, for names in lists."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from domain.approval import Money
from domain.event import Event, Recorded
from domain.personal import Personal
from domain.staff_facts import (
    AbsenceEnded,
    AbsencePlanned,
    ApprovalLimitSet,
    CapacitySet,
    ManagerSet,
    Role,
    RoleGiven,
    RoleName,
    RoleTaken,
    StaffLeft,
    StaffRegistered,
)
from domain.text import Language, Text
from projections.build import Projection, Rows, types_of
from projections.reading import Reading
from projections.rows import Shelf

NAME: Final = "staff"
TABLES: Final = """
CREATE TABLE {table} (
    staff text PRIMARY KEY,
    login text NOT NULL,
    name jsonb NOT NULL,
    language text NOT NULL,
    email text,
    roles jsonb NOT NULL,
    teams text[] NOT NULL,
    capacity integer,
    limits jsonb NOT NULL,
    away_from timestamptz,
    away_until timestamptz,
    deputy text,
    manager text,
    gone boolean NOT NULL,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX ON {table} (login) WHERE NOT gone;
CREATE INDEX ON {table} USING gin (teams);
"""


@dataclass(slots=True)
class StaffRow:
    """One person. ``email`` is encrypted; ``capacity``: open cases at most, None: no bound."""

    staff: str
    login: str
    name: Text
    language: Language
    email: str | None
    roles: list[Role] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    capacity: int | None = None
    limits: list[Money] = field(default_factory=list)
    away_from: datetime | None = None
    away_until: datetime | None = None
    deputy: str | None = None
    manager: str | None = None
    gone: bool = False
    version: int = 0

    def roles_at(self, at: datetime) -> frozenset[Role]:
        """Without those that have run out."""
        return frozenset(role for role in self.roles if role.holds(at))

    @property
    def address(self) -> Personal | None:
        return None if self.email is None else Personal(encrypted=self.email)

    def away(self, at: datetime) -> bool:
        return (
            self.away_from is not None
            and self.away_from <= at
            and (self.away_until is None or at < self.away_until)
        )

    def has(self, role: RoleName) -> bool:
        return any(held.name == role for held in self.roles)

    def limit(self, currency: str) -> Money | None:
        """How much the person may approve in that currency."""
        return next((limit for limit in self.limits if limit.currency == currency), None)


_STAFF: Final = Shelf(StaffRow, "staff")


def apply(connection: Rows, table: str, batch: Sequence[Recorded[Any]]) -> None:
    people = _STAFF.read(connection, table, {recorded.stream for recorded in batch})
    for recorded in batch:
        event = recorded.event
        if isinstance(event, StaffRegistered):
            people[recorded.stream] = StaffRow(
                staff=recorded.stream,
                login=event.login,
                name=event.name,
                language=event.language,
                email=event.email.encrypted,
            )
        person = people[recorded.stream]
        _change(person, event)
        person.version = recorded.version
    _STAFF.write(connection, table, list(people.values()))


PROJECTION: Final = Projection(
    NAME,
    TABLES,
    apply,
    on_error="park",
    types=types_of(
        StaffRegistered,
        RoleGiven,
        RoleTaken,
        CapacitySet,
        ApprovalLimitSet,
        AbsencePlanned,
        AbsenceEnded,
        ManagerSet,
        StaffLeft,
    ),
)


def _change(person: StaffRow, event: Event) -> None:
    match event:
        case RoleGiven(role=role):
            _hold(person, [*person.roles, role])
        case RoleTaken(role=role):
            _hold(person, [held for held in person.roles if held != role])
        case CapacitySet():
            person.capacity = event.cases
        case ApprovalLimitSet(limit=limit):
            others = [each for each in person.limits if each.currency != limit.currency]
            person.limits = [*others, limit]
        case AbsencePlanned():
            person.away_from, person.away_until = event.starts, event.ends
            person.deputy = event.deputy
        case AbsenceEnded():
            person.away_from = person.away_until = person.deputy = None
        case ManagerSet():
            person.manager = event.manager
        case StaffLeft():
            person.gone = True
            _hold(person, [])


def _hold(person: StaffRow, roles: list[Role]) -> None:
    person.roles = roles
    person.teams = sorted({role.team for role in roles if role.team is not None})


# queries


def by_login(reading: Reading, login: str) -> StaffRow | None:
    """Who logs in so; nobody who has left."""
    found = _STAFF.find(reading, NAME, "login = %s AND NOT gone", [login])
    return found[0] if found else None


def people(reading: Reading, staff: Collection[str]) -> dict[str, StaffRow]:
    """These people by their streams, also those who have left."""
    found = _STAFF.find(reading, NAME, "staff = ANY (%s)", [list(staff)])
    return {row.staff: row for row in found}


def everyone(reading: Reading) -> list[StaffRow]:
    """All who work here."""
    return _STAFF.find(reading, NAME, "NOT gone ORDER BY login")


def of_team(reading: Reading, team: str) -> list[StaffRow]:
    """Those with a role in the team, for assigning."""
    return _STAFF.find(reading, NAME, "%s = ANY (teams) AND NOT gone ORDER BY login", [team])
