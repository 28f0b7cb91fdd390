""" "I am away until …": what one owes is offered to a deputy, on one page; coming back ends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid5

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.act import parse_later
from desk.case import Case
from desk.colleagues import WORKING, assignee, helper
from desk.finding import open_cases
from desk.forms import FormRefused, Question, command_id, filled, form_id
from desk.giving import Thing, check_giving, give, owed, things, ticked
from desk.house import House
from desk.owner_acts import next_line, promised_line
from desk.page import page
from desk.person import Person
from desk.problem import NotAllowed, NotFound, trouble_of
from desk.queue import customer_names, speaker
from desk.visit import OwnForm, SignedIn, TheHouse, see
from desk.words import Speaker
from domain.access import Place
from domain.complaint_wishes import ComplaintCommand
from domain.decider import DomainError
from domain.ownership import OfferHandOver
from domain.personal import Personal
from domain.promise import OfferPromise
from domain.staff import Absence, EndAbsence, PlanAbsence, Role, Staff, staff
from ledger import CommandIdMisused

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Away:
    """A colleague who is away. ``cases``: open ones; ``mine``: whether the reader may send help."""

    staff: str
    absence: Absence
    cases: int
    mine: bool
    deputies: Sequence[tuple[str, str]]


@router.get("/away")
def show(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    *,
    done: Annotated[str, Query(max_length=10)] = "",
    position: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    check_giving(house, person, position)
    return _page(request, house, person, done=done)


def _page(
    request: Request,
    house: House,
    person: Person,
    *,
    done: str = "",
    typed: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    wrong: str = "",
    failed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    say = speaker(house, person)
    found = things(house, person, owed, say)
    questions = _questions(house, person, say)
    return page(
        request,
        "away.html",
        status=status,
        mine=house.directory.staff[person.staff].away(say.now),
        questions=questions if typed is None else filled(questions, typed, fields),
        things=found,
        names=customer_names(house, person, {it.customer for it in found}, say),
        away=absent(house, person, say),
        done=done,
        wrong=wrong,
        failed=failed or {},
        say=say,
    )


def _questions(house: House, person: Person, say: Speaker) -> list[Question]:
    return [
        Question(
            "ends",
            say("Until when"),
            "moment",
            required=False,
            help=say("Empty: until you are back."),
        ),
        Question(
            "deputy",
            say("Who stands in"),
            "choice",
            required=False,
            choices=deputies(house, house.directory.staff[person.staff], person.staff, say),
            help=say("Without a deputy your lead is told that nobody is available."),
        ),
        Question("word", say("A word to the deputy"), "long_text", rows=2, most=2_000,
                 required=False),
    ]  # fmt: skip


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
    return sorted(named, key=lambda pair: pair[1])


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
    return sorted(found, key=lambda it: (it.absence.deputy is not None, say.name(it.staff)))


def _place(role: Role) -> Place:
    return Place(legal_entity=role.legal_entity, branch=role.branch, team=role.team)


@router.post("/away")
def leave(request: Request, person: SignedIn, typed: OwnForm, house: TheHouse) -> Response:
    """Record the absence, then offer what is ticked to the deputy."""
    person.check("absence", "write")
    say = speaker(house, person)
    try:
        wish = command_id(form_id(typed), typed)
        ends = _ends(typed, say)
        deputy = _deputy(house, person.staff, typed.get("deputy", ""), say)
        before = house.directory.staff[person.staff].away(say.now)
        command = PlanAbsence(
            command_id=wish,
            at=say.now,
            actor=person.actor(),
            starts=before.starts if before else say.now,
            ends=ends,
            deputy=deputy,
        )
        house.ledger.handle(staff, person.staff, command)
    except FormRefused as refused:
        words = (
            say("Look at the marked fields.")
            if refused.fields
            else say("This form is too old. Send it again.")
        )
        return _page(request, house, person, typed=typed, fields=refused.fields, wrong=words,
                     status=422)  # fmt: skip
    except (DomainError, CommandIdMisused) as error:
        trouble = trouble_of(error, person.language)
        return _page(request, house, person, typed=typed, fields=trouble.fields,
                     wrong=trouble.detail, status=trouble.status)  # fmt: skip
    if deputy is not None:
        word = typed.get("word", "").strip() or _usual(ends, say)

        def make(case: Case, thing: Thing, base: dict[str, Any]) -> ComplaintCommand:
            return _offer(case, thing, base, deputy, word)

        chosen = ticked(things(house, person, owed, say), typed)
        if failed := give(request, person, chosen, wish, make):
            words = say("You are away from now on. Some of it stays with you.")
            return _page(request, house, person, typed=typed, wrong=words, failed=failed,
                         status=409)  # fmt: skip
    return see(f"/away?done=yes&position={max(house.ledger.head(), 1)}")


def _ends(typed: Mapping[str, str], say: Speaker) -> datetime | None:
    text = typed.get("ends", "").strip()
    return parse_later("ends", text, say.zone, say.now, say) if text else None


def _deputy(house: House, of: str, chosen: str, say: Speaker) -> str | None:
    """Raises: FormRefused."""
    if not chosen:
        return None
    if chosen not in dict(deputies(house, house.directory.staff[of], of, say)):
        raise FormRefused({"deputy": say("Choose one of the list.")})
    return chosen


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


@router.post("/away/back")
def back(person: SignedIn, typed: OwnForm, house: TheHouse) -> Response:
    """Here again, early or not."""
    person.check("absence", "write")
    try:
        id = form_id(typed)
    except FormRefused:
        return see("/away")
    command = EndAbsence(command_id=id, at=house.now(), actor=person.actor())
    house.ledger.handle(staff, person.staff, command)
    return see("/away?done=back")


@router.post("/away/{other}/deputy")
def stand_in(
    request: Request, *, person: SignedIn, typed: OwnForm, house: TheHouse, other: str
) -> Response:
    """A lead chooses who stands in for somebody who went without a deputy."""
    say = speaker(house, person)
    found = next((it for it in absent(house, person, say) if it.staff == other), None)
    if found is None:
        raise NotFound()
    if not found.mine:
        raise NotAllowed()
    try:
        deputy = _deputy(house, other, typed.get("deputy", ""), say)
        id = command_id(uuid5(form_id(typed), other), typed)
    except FormRefused as refused:
        words = next(iter(refused.fields.values()), say("This form is too old. Send it again."))
        return _page(request, house, person, wrong=words, status=422)
    command = PlanAbsence(
        command_id=id, at=say.now, actor=person.actor(), starts=found.absence.starts,
        ends=found.absence.ends, deputy=deputy,
    )  # fmt: skip
    house.ledger.handle(staff, other, command)
    return see("/away?done=deputy")
