"""Who may see and do what: one matrix, asked by pages, API, search and export alike.

A role reaches as far as its legal entity, branch and team. Rows outside are not refused but
absent. Whoever is recused from a case sees nothing of it, whatever their roles; nor does whoever
it complains about, everybody above them and everybody below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, Literal

from domain.decider import DomainError
from domain.event import Frozen
from domain.staff_facts import Role, RoleName

Thing = Literal[
    "case",  # complaint text, letters, conversation
    "outline",  # that there is an open complaint, its stage, who answers for it
    "summary",  # what a complaint was about and what was decided
    "note",  # internal notes
    "customer",  # who they are
    "assignment",  # who answers for a customer
    "need",  # what to take care of with them, such as large print
    "health",  # the detail behind a need
    "identifiers",  # phone, e-mail, address, account numbers: masked, shown with a reason
    "asked",  # what one is asked to do: take a case over, look at its decision again
    "team",  # assigning others, the lead's notices and figures
    "oversight",  # ordered follow-through
    "approval",  # redress, extension, correction
    "excuse_proposal",
    "excuse",  # whether a breach is excused
    "recusal",
    "history",  # the compliance page, as of any moment, export
    "document",  # policies, calendars, procedures, templates, saved replies
    "publication",
    "staff",  # accounts, roles, limits
    "erasure",
    "absence",  # being away, and who stands in
    "request",  # somebody wants to know or to be erased: opens their case for the DPO
    "disclosure",  # who looked something up
    "deal",
    "open_deal",  # that there is one
    "figure",  # figures per person
    "hold",
    "offer",  # of retention
]
Right = Literal["read", "write"]
Reach = Literal["own", "team", "entity", "requested", "asked", "customers"]
"""customers: cases of the customers whom one answers for; requested: cases opened by a request
that has not run out; asked: cases that oneself or one's team is asked for, for that long."""
Grade = RoleName | Literal["expert"]
"""A role as the matrix knows it: an agent of the second or third level is an expert."""

Rights = Mapping[Thing, tuple[Right, Reach]]

WHILE_ASKED: Final[frozenset[Thing]] = frozenset({"case", "note"})
"""What is read of a case by whoever is asked to take it over, or to look at it again."""

LATER: Final[frozenset[Thing]] = frozenset({"deal", "open_deal", "figure", "hold", "offer"})
"""Declared, so that the matrix is whole; refused, until there is such a thing."""

_AGENT: Final[Rights] = {
    "case": ("write", "team"),
    "note": ("write", "team"),
    "customer": ("write", "entity"),
    "need": ("write", "entity"),
    "identifiers": ("read", "entity"),
    "open_deal": ("read", "entity"),
    "figure": ("read", "own"),
    "approval": ("read", "team"),
    "recusal": ("read", "team"),
    "document": ("read", "entity"),
    "absence": ("write", "own"),
    "asked": ("write", "asked"),
}

MATRIX: Final[Mapping[Grade, Rights]] = {
    "agent": _AGENT,
    "expert": {**_AGENT, "approval": ("write", "team")},
    "customer_success": {
        "case": ("read", "customers"),
        "note": ("read", "customers"),
        "customer": ("write", "own"),
        "assignment": ("write", "own"),
        "need": ("write", "own"),
        "identifiers": ("read", "own"),
        "approval": ("write", "customers"),
        "deal": ("read", "own"),
        "figure": ("read", "own"),
        "offer": ("write", "own"),
        "document": ("read", "entity"),
        "absence": ("write", "own"),
    },
    "team_lead": {
        "case": ("write", "team"),
        "note": ("write", "team"),
        "customer": ("write", "entity"),
        "need": ("write", "entity"),
        "health": ("read", "entity"),
        "assignment": ("write", "entity"),
        "identifiers": ("read", "entity"),
        "excuse_proposal": ("write", "team"),
        "figure": ("read", "team"),
        "offer": ("write", "team"),
        "team": ("write", "team"),
        "oversight": ("write", "team"),
        "approval": ("write", "team"),
        "recusal": ("write", "team"),
        "document": ("read", "entity"),
        "disclosure": ("read", "team"),
        "absence": ("write", "own"),
        "asked": ("write", "asked"),
    },
    "sales": {
        "customer": ("read", "entity"),
        "outline": ("read", "entity"),
        "identifiers": ("read", "own"),
        "deal": ("write", "own"),
        "figure": ("read", "own"),
    },
    "retention": {
        "customer": ("read", "entity"),
        "need": ("read", "entity"),
        "outline": ("read", "entity"),
        "summary": ("read", "entity"),
        "identifiers": ("read", "entity"),
        "deal": ("read", "entity"),
        "figure": ("read", "own"),
        "offer": ("write", "entity"),
    },
    "compliance": {
        "case": ("read", "entity"),
        "note": ("read", "entity"),
        "customer": ("read", "entity"),
        "need": ("read", "entity"),
        "health": ("read", "entity"),
        "identifiers": ("read", "entity"),
        "deal": ("read", "entity"),
        "figure": ("read", "entity"),
        "hold": ("write", "entity"),
        "team": ("read", "entity"),
        "oversight": ("write", "entity"),
        "excuse": ("write", "entity"),
        "approval": ("read", "entity"),
        "recusal": ("read", "entity"),
        "history": ("read", "entity"),
        "document": ("read", "entity"),
        "publication": ("write", "entity"),
        "disclosure": ("read", "entity"),
        "absence": ("write", "own"),
    },
    "dpo": {
        "case": ("read", "requested"),
        "note": ("read", "requested"),
        "outline": ("read", "entity"),
        "customer": ("read", "entity"),
        "need": ("read", "entity"),
        "health": ("read", "entity"),
        "identifiers": ("read", "entity"),
        "history": ("read", "requested"),
        "request": ("write", "entity"),
        "erasure": ("write", "entity"),
        "disclosure": ("read", "entity"),
        "absence": ("write", "own"),
    },
    "admin": {"document": ("write", "entity"), "staff": ("write", "entity")},
    "auditor": {
        "case": ("read", "entity"),
        "note": ("read", "entity"),
        "customer": ("read", "entity"),
        "identifiers": ("read", "entity"),
        "figure": ("read", "entity"),
        "history": ("read", "entity"),
        "disclosure": ("read", "entity"),
    },
}
"""Grade -> thing -> (furthest right, how far). What is not named is not allowed."""


def grade(role: Role) -> Grade:
    return "expert" if role.name == "agent" and (role.level or 1) > 1 else role.name


def has_customers(role: Role) -> bool:
    """Whether what the role reaches follows from the customers whom one answers for."""
    return any(reach == "customers" for _, reach in MATRIX[grade(role)].values())


CARING: Final[frozenset[RoleName]] = frozenset({"agent", "customer_success", "sales"})
"""Roles in which somebody can answer for a customer."""


def cares(role: Role, place: Place) -> bool:
    """Whether somebody can answer for a customer there by that role."""
    return (
        role.name in CARING
        and role.legal_entity == place.legal_entity
        and role.branch in (None, place.branch)
    )


class Place(Frozen):
    """Where a row stands: what the reach of a role is compared with."""

    legal_entity: str
    branch: str | None = None
    team: str | None = None
    owner: str | None = None
    """The staff stream that answers for it."""
    customer: str | None = None
    """Whose case it is."""
    recused: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    """Those of ours whom it complains about."""
    requested_until: datetime | None = None
    """Till when a request of the customer opens it for the DPO."""
    asked: frozenset[str] = frozenset()
    """Who is asked for it: ``asked_for``."""


def asked_for(
    offered_to: str | None, offered_team: str | None, reviewer: str | None
) -> frozenset[str]:
    """To whom a case is offered, a member of staff or whoever of a team; who reviews it."""
    to = offered_to or (offered_team and anyone_of(offered_team))
    return frozenset(each for each in (to, reviewer) if each)


def anyone_of(team: str) -> str:
    return f"team {team}"


class Person(Frozen):
    """A member of staff with the roles held at the moment of asking.

    ``customers``: those whom they answer for, where a role asks (``has_customers``). ``line``:
    everybody above and below, at that moment (``domain.reporting``). ``at``: the
    moment itself, where something that runs out is asked for.
    """

    staff: str
    roles: frozenset[Role]
    line: frozenset[str] = frozenset()
    at: datetime | None = None
    customers: frozenset[str] = frozenset()

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
    """A part of all rows: None stands for every branch, team or owner.

    ``requested_at``: only those that a request opens at that moment.
    """

    legal_entity: str
    branch: str | None = None
    team: str | None = None
    owner: str | None = None
    requested_at: datetime | None = None
    asked: str | None = None
    customers: frozenset[str] | None = None


class Scope(Frozen):
    """The rows of one kind that a person may read: in a region, and not shut out of."""

    staff: str
    line: frozenset[str] = frozenset()
    regions: tuple[Region, ...]

    def holds(self, place: Place) -> bool:
        return not shut_out(self.staff, self.line, place) and any(
            _within(region, place) for region in self.regions
        )


def shut_out(staff: str, line: frozenset[str], place: Place) -> bool:
    """Recused, complained about, or above or below somebody who is."""
    return staff in place.recused or not place.named.isdisjoint({staff, *line})


class NotAllowed(DomainError):
    """The person's roles do not reach this."""


def scope(person: Person, thing: Thing, right: Right = "read") -> Scope:
    """Everywhere that ``person`` may use ``right`` on ``thing``."""
    regions = {
        region
        for role in person.roles
        for reach in _reaches(MATRIX[grade(role)], thing, right)
        for region in _regions(role, reach, person)
    }
    ordered = sorted(regions, key=lambda r: r.model_dump_json())
    return Scope(staff=person.staff, line=person.line, regions=tuple(ordered))


def may(person: Person, right: Right, thing: Thing, place: Place) -> bool:
    return scope(person, thing, right).holds(place)


def check(person: Person, right: Right, thing: Thing, place: Place) -> None:
    """Raises: NotAllowed."""
    if not may(person, right, thing, place):
        raise NotAllowed(thing=thing)


def _reaches(rights: Rights, thing: Thing, right: Right) -> Iterator[Reach]:
    if thing in LATER:
        return
    things = [thing]
    if right == "read" and thing in WHILE_ASKED:
        things.append("asked")
    for each in things:
        held_right, reach = rights.get(each, (None, None))
        if reach is not None and (right == "read" or held_right == "write"):
            yield reach


def _regions(role: Role, reach: Reach, person: Person) -> list[Region]:
    whole = Region(legal_entity=role.legal_entity, branch=role.branch)
    match reach:
        case "entity":
            return [whole]
        case "team":
            return [whole.model_copy(update={"team": role.team})]
        case "own":
            return [whole.model_copy(update={"owner": person.staff})]
        case "customers":
            return [whole.model_copy(update={"customers": person.customers})]
        case "asked":
            mine = [person.staff, *([anyone_of(role.team)] if role.team else [])]
            return [whole.model_copy(update={"asked": each}) for each in mine]
        case "requested" if person.at is None:
            return []
        case "requested":
            return [whole.model_copy(update={"requested_at": person.at})]


def _within(region: Region, place: Place) -> bool:
    return (
        region.legal_entity == place.legal_entity
        and region.branch in (None, place.branch)
        and region.team in (None, place.team)
        and region.owner in (None, place.owner)
        and (region.asked is None or region.asked in place.asked)
        and (region.customers is None or place.customer in region.customers)
        and (
            region.requested_at is None
            or (place.requested_until is not None and region.requested_at < place.requested_until)
        )
    )
