"""Being away: until when, who stands in, and what one owes offered to the deputy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request

from desk.acts.owner import next_line, promised_line
from desk.case import Case
from desk.colleagues import WORKING, assignee, helper
from desk.finding import open_cases
from desk.forms import FormRefused
from desk.giving import Thing, give
from desk.house import House
from desk.person import Person
from desk.problem import NotAllowed, NotFound
from desk.words.facts import Speaker
from domain.access import Place
from domain.complaint_wishes import ComplaintCommand
from domain.ownership import OfferHandOver
from domain.personal import Personal
from domain.promise import OfferPromise
from domain.staff import Absence, EndAbsence, PlanAbsence, Staff, staff
from domain.staff_facts import Role
from ledger import Receipt


@dataclass(frozen=True)
class Away:
    """A colleague who is away. ``cases``: open ones; ``mine``: whether the reader may send help."""

    staff: str
    absence: Absence
    cases: int
    mine: bool
    deputies: Sequence[tuple[str, str]]


def deputies(house: House, record: Staff, but: str, say: Speaker) -> list[tuple[str, str]]:
    """Colleagues who work where the person works and are here, by name."""
    places = {
        (role.legal_entity, role.branch)
        for role in record.roles_at(say.now)
        if role.name in WORKING
    }

    def beside(role: Role) -> bool:
        return role.name in WORKING and any(
            role.legal_entity == entity and role.branch in (None, branch)
            for entity, branch in places
        )

    named = [
        (other, say.name(other))
        for other in house.directory.holders(say.now, beside)
        if other != but and not house.directory.staff[other].away(say.now)
    ]
    return say.in_order(named)


def absent(house: House, person: Person, say: Speaker) -> list[Away]:
    """Who is away where the reader works, those whom nobody stands in for first."""
    entities = set(person.entities("case"))
    found = []
    here = house.directory.holders(say.now, lambda role: role.legal_entity in entities)
    for other, roles in here.items():
        record = house.directory.staff[other]
        absence = record.away(say.now)
        if other == person.staff or absence is None:
            continue
        found.append(
            Away(
                staff=other,
                absence=absence,
                cases=open_cases(house, other),
                mine=any(person.may("write", "team", _place(role)) for role in roles),
                deputies=deputies(house, record, other, say),
            )
        )
    found.sort(key=lambda it: say.by_sound(say.name(it.staff)))
    return sorted(found, key=lambda it: it.absence.deputy is not None)


def _place(role: Role) -> Place:
    return Place(legal_entity=role.legal_entity, branch=role.branch, team=role.team)


def leave(
    house: House, person: Person, wish: UUID, *, ends: datetime | None, deputy: str | None,
    say: Speaker,
) -> Receipt:  # fmt: skip
    """Away from now on, or as before with another end or deputy.

    Raises: FormRefused, NotAllowed.
    """
    person.check("absence", "write")
    check_deputy(house, person.staff, deputy, say)
    before = house.directory.staff[person.staff].away(say.now)
    command = PlanAbsence(
        command_id=wish,
        at=say.now,
        actor=person.actor(),
        starts=before.starts if before else say.now,
        ends=ends,
        deputy=deputy,
    )
    return house.ledger.handle(staff, person.staff, command)


def come_back(house: House, person: Person, wish: UUID) -> Receipt:
    """Here again, early or not. Raises: NotAllowed."""
    person.check("absence", "write")
    command = EndAbsence(command_id=wish, at=house.now(), actor=person.actor())
    return house.ledger.handle(staff, person.staff, command)


def away_of(house: House, person: Person, other: str, say: Speaker) -> Away:
    """Raises: NotFound, NotAllowed for who may not send help."""
    found = next((it for it in absent(house, person, say) if it.staff == other), None)
    if found is None:
        raise NotFound()
    if not found.mine:
        raise NotAllowed()
    return found


def stand_in(
    house: House, person: Person, wish: UUID, away: Away, *, deputy: str | None, say: Speaker
) -> Receipt:
    """A lead chooses who stands in for somebody. Raises: FormRefused."""
    check_deputy(house, away.staff, deputy, say)
    command = PlanAbsence(
        command_id=wish, at=say.now, actor=person.actor(), starts=away.absence.starts,
        ends=away.absence.ends, deputy=deputy,
    )  # fmt: skip
    return house.ledger.handle(staff, away.staff, command)


def check_deputy(house: House, of: str, chosen: str | None, say: Speaker) -> None:
    """Raises: FormRefused."""
    if chosen is not None and chosen not in dict(
        deputies(house, house.directory.staff[of], of, say)
    ):
        raise FormRefused({"deputy": say("Choose one of the list.")})


def offer_to(
    request: Request, person: Person, chosen: Sequence[Thing], wish: UUID, *,
    deputy: str, word: str, ends: datetime | None, say: Speaker,
) -> dict[str, str]:  # fmt: skip
    """Offer each to the deputy; what could not be offered -> why."""
    said = word.strip() or _usual(ends, say)

    def make(case: Case, thing: Thing, base: dict[str, Any]) -> ComplaintCommand:
        return _offer(case, thing, base, deputy, said)

    return give(request, person, chosen, wish, make)


def _usual(ends: datetime | None, say: Speaker) -> str:
    return say("I am away.") if ends is None else say("I am away until %(at)s.", at=say.at(ends))


def _offer(
    case: Case, thing: Thing, base: dict[str, Any], deputy: str, word: str
) -> ComplaintCommand:
    """With a case go its owner's promises; a promise in somebody else's case goes alone."""
    to = assignee(case, deputy) if thing.promise is None else helper(case, deputy)
    if to is None:
        raise NotFound()
    if thing.promise is not None:
        return OfferPromise(**base, promise=thing.promise, to=to)
    say = case.speaker()
    promised = promised_line(case, say, case.person.staff)
    return OfferHandOver(
        **base,
        to=to,
        team=to.team,
        known=Personal(word),
        promised=Personal(promised) if promised else None,
        next=Personal(next_line(case, say)),
    )
