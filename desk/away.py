""" "I am away until …": what one owes is offered to a deputy, on one page; coming back ends it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import uuid5

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk import absence
from desk.acts.act import parse_later
from desk.forms import FormRefused, Question, command_id, filled, form_id
from desk.giving import check_giving, owed, things, ticked
from desk.house import House
from desk.page import page
from desk.person import Person
from desk.problem import trouble_of
from desk.queue import customer_names, speaker
from desk.visit import OwnForm, SignedIn, TheHouse, see
from desk.words.facts import Speaker
from domain.decider import DomainError
from ledger import CommandIdMisused

router = APIRouter(include_in_schema=False)


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
        away=absence.absent(house, person, say),
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
            choices=absence.deputies(house, house.directory.staff[person.staff], person.staff, say),
            help=say("Without a deputy your lead is told that nobody is available."),
        ),
        Question("word", say("A word to the deputy"), "long_text", rows=2, most=2_000,
                 required=False),
    ]  # fmt: skip


@router.post("/away")
def leave(request: Request, person: SignedIn, typed: OwnForm, house: TheHouse) -> Response:
    """Record the absence, then offer what is ticked to the deputy."""
    say = speaker(house, person)
    try:
        wish = command_id(form_id(typed), typed)
        ends, deputy = _ends(typed, say), typed.get("deputy") or None
        absence.leave(house, person, wish, ends=ends, deputy=deputy, say=say)
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
        chosen = ticked(things(house, person, owed, say), typed)
        if failed := absence.offer_to(
            request, person, chosen, wish, deputy=deputy, word=typed.get("word", ""), ends=ends,
            say=say,
        ):  # fmt: skip
            words = say("You are away from now on. Some of it stays with you.")
            return _page(request, house, person, typed=typed, wrong=words, failed=failed,
                         status=409)  # fmt: skip
    return see(f"/away?done=yes&position={max(house.ledger.head(), 1)}")


def _ends(typed: Mapping[str, str], say: Speaker) -> datetime | None:
    text = typed.get("ends", "").strip()
    return parse_later("ends", text, say.zone, say.now, say) if text else None


@router.post("/away/back")
def back(person: SignedIn, typed: OwnForm, house: TheHouse) -> Response:
    """Here again, early or not."""
    try:
        id = form_id(typed)
    except FormRefused:
        return see("/away")
    absence.come_back(house, person, id)
    return see("/away?done=back")


@router.post("/away/{other}/deputy")
def stand_in(
    request: Request, *, person: SignedIn, typed: OwnForm, house: TheHouse, other: str
) -> Response:
    """A lead chooses who stands in for somebody who went without a deputy."""
    say = speaker(house, person)
    away = absence.away_of(house, person, other, say)
    try:
        id = command_id(uuid5(form_id(typed), other), typed)
        absence.stand_in(house, person, id, away, deputy=typed.get("deputy") or None, say=say)
    except FormRefused as refused:
        words = next(iter(refused.fields.values()), say("This form is too old. Send it again."))
        return _page(request, house, person, wrong=words, status=422)
    return see("/away?done=deputy")
