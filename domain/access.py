"""Who may see and do what: one matrix, asked by pages, API, search and export alike.

A role reaches as far as its legal entity, branch and team. Rows outside are not refused but
absent. A person recused from a case sees nothing of it, whatever their roles.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from domain.decider import DomainError
from domain.event import Frozen
from domain.staff import Role, RoleName

Thing = Literal[
    "case",  # complaint text, letters, conversation
    "note",  # internal notes
    "customer",  # who they are and what they need
    "health",  # the detail behind a need
    "identifiers",  # full phone, e-mail, account numbers
    "team",  # assigning others, the lead's notices and figures
    "oversight",  # ordered follow-through
    "approval",  # redress, extension, correction
    "excuse",  # whether a breach is excused
    "recusal",
    "history",  # the compliance page, as of any moment, export
    "document",  # policies, calendars, procedures, templates
    "publication",
    "staff",  # accounts, roles, limits
    "erasure",
    "disclosure",  # who looked something up
]
Right = Literal["read", "write"]
Reach = Literal["own", "team", "entity"]
Grade = RoleName | Literal["expert"]
"""A role as the matrix knows it: an agent of the second or third level is an expert."""

Rights = Mapping[Thing, tuple[Right, Reach]]

_AGENT: Final[Rights] = {
    "case": ("write", "team"),
    "note": ("write", "team"),
    "customer": ("write", "entity"),
    "approval": ("read", "team"),
    "recusal": ("read", "team"),
    "document": ("read", "entity"),
}

MATRIX: Final[Mapping[Grade, Rights]] = {
    "agent": _AGENT,
    "expert": {**_AGENT, "approval": ("write", "team")},
    "customer_success": {
        "case": ("read", "own"),
        "note": ("read", "own"),
        "customer": ("write", "own"),
        "document": ("read", "entity"),
    },
    "team_lead": {
        "case": ("write", "team"),
        "note": ("write", "team"),
        "customer": ("write", "entity"),
        "health": ("read", "entity"),
        "team": ("write", "team"),
        "oversight": ("write", "team"),
        "approval": ("write", "team"),
        "recusal": ("write", "team"),
        "document": ("read", "entity"),
        "disclosure": ("read", "team"),
    },
    "sales": {"customer": ("read", "own")},
    "retention": {"customer": ("read", "entity")},
    "compliance": {
        "case": ("read", "entity"),
        "note": ("read", "entity"),
        "customer": ("read", "entity"),
        "health": ("read", "entity"),
        "team": ("read", "entity"),
        "oversight": ("write", "entity"),
        "excuse": ("write", "entity"),
        "approval": ("read", "entity"),
        "recusal": ("write", "entity"),
        "history": ("write", "entity"),
        "document": ("read", "entity"),
        "publication": ("write", "entity"),
        "disclosure": ("read", "entity"),
    },
    "dpo": {
        "customer": ("read", "entity"),
        "health": ("read", "entity"),
        "history": ("read", "entity"),
        "erasure": ("write", "entity"),
        "disclosure": ("read", "entity"),
    },
    "admin": {"document": ("write", "entity"), "staff": ("write", "entity")},
    "auditor": {
        "case": ("read", "entity"),
        "note": ("read", "entity"),
        "history": ("read", "entity"),
        "disclosure": ("read", "entity"),
    },
}
"""Grade -> thing -> (furthest right, how far). What is not named is not allowed."""


def grade(role: Role) -> Grade:
    return "expert" if role.name == "agent" and (role.level or 1) > 1 else role.name


class Place(Frozen):
    """Where a row stands: what the reach of a role is compared with."""

    legal_entity: str
    branch: str | None = None
    team: str | None = None
    owner: str | None = None
    """The staff stream that answers for it."""
    recused: frozenset[str] = frozenset()


class Person(Frozen):
    """A member of staff with the roles held at the moment of asking."""

    staff: str
    roles: frozenset[Role]

    @property
    def main_role(self) -> RoleName | None:
        """The role a deed is recorded under: the one that may do most."""
        held = {role.name for role in self.roles}
        return next((name for name in _RANK if name in held), None)


_RANK: Final[tuple[RoleName, ...]] = (
    "team_lead", "agent", "customer_success", "retention", "sales", "compliance", "dpo",
    "auditor", "admin",
)  # fmt: skip


class Region(Frozen):
    """A part of all rows: None stands for every branch, team or owner."""

    legal_entity: str
    branch: str | None = None
    team: str | None = None
    owner: str | None = None


class Scope(Frozen):
    """The rows of one kind that a person may read: in a region, and not recused from."""

    staff: str
    regions: tuple[Region, ...]

    def holds(self, place: Place) -> bool:
        return self.staff not in place.recused and any(
            _within(region, place) for region in self.regions
        )


class NotAllowed(DomainError):
    """The person's roles do not reach this."""


def scope(person: Person, thing: Thing, right: Right = "read") -> Scope:
    """Everywhere that ``person`` may use ``right`` on ``thing``."""
    regions = {
        _region(role, reach, person.staff)
        for role in person.roles
        if (held := MATRIX[grade(role)].get(thing)) is not None
        for held_right, reach in [held]
        if right == "read" or held_right == "write"
    }
    ordered = sorted(regions, key=lambda r: r.model_dump_json())
    return Scope(staff=person.staff, regions=tuple(ordered))


def may(person: Person, right: Right, thing: Thing, place: Place) -> bool:
    return scope(person, thing, right).holds(place)


def check(person: Person, right: Right, thing: Thing, place: Place) -> None:
    """Raises: NotAllowed."""
    if not may(person, right, thing, place):
        raise NotAllowed(thing=thing)


def _region(role: Role, reach: Reach, staff: str) -> Region:
    match reach:
        case "entity":
            return Region(legal_entity=role.legal_entity, branch=role.branch)
        case "team":
            return Region(legal_entity=role.legal_entity, branch=role.branch, team=role.team)
        case "own":
            return Region(legal_entity=role.legal_entity, branch=role.branch, owner=staff)


def _within(region: Region, place: Place) -> bool:
    return (
        region.legal_entity == place.legal_entity
        and region.branch in (None, place.branch)
        and region.team in (None, place.team)
        and region.owner in (None, place.owner)
    )
