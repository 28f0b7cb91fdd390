"""The one question after closing, behind its signed link: no login, answered once."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.forms import FormRefused, command_id, form_id
from desk.house import House, language_of
from desk.language import say
from desk.page import page
from desk.problem import NotFound
from desk.visit import OwnForm, TheHouse
from domain.complaint import complaint
from domain.complaint_life import SatisfactionAlreadyGiven
from domain.complaint_state import Complaint
from domain.complaint_wishes import GiveSatisfaction
from domain.event import Actor, Context
from domain.link import PATH, Asked, asked_by
from domain.personal import Personal

router = APIRouter(include_in_schema=False)

LONGEST_COMMENT = 4_000


@router.get(PATH + "{token}")
def ask(request: Request, house: TheHouse, token: str) -> Response:
    asked, state = _find(house, token)
    return _page(request, house, state, asked.survey)


@router.post(PATH + "{token}")
def answer(request: Request, house: TheHouse, typed: OwnForm, token: str) -> Response:
    asked, state = _find(house, token)
    try:
        command = _command(house, asked, state, typed, _language(request, state))
    except FormRefused as refused:
        words = next(iter(refused.fields.values()), "")
        return _page(request, house, state, asked.survey, wrong=words, status=422)
    try:
        house.ledger.handle(complaint, asked.stream, command, Context(correlation=asked.stream))
    except SatisfactionAlreadyGiven:
        return _page(request, house, state, asked.survey, given=True)
    return _page(request, house, state, asked.survey, given=True, thanks=True)


def _find(house: House, token: str) -> tuple[Asked, Complaint]:
    """The question of a link of ours. Raises: NotFound for any other."""
    asked = asked_by(house.secret, token) if token.isascii() else None
    if asked is None:
        raise NotFound()
    state = house.ledger.fold(complaint, asked.stream).state
    if not state.stream or state.survey is None:
        raise NotFound()
    house.directory.catch_up()
    return asked, state


def _command(
    house: House, asked: Asked, state: Complaint, typed: Mapping[str, str], language: str
) -> GiveSatisfaction:
    score, comment = typed.get("score", ""), typed.get("comment", "").strip()
    if score not in ("1", "2", "3", "4", "5"):
        raise FormRefused({"score": say(language, "Choose one of the five.")})
    if len(comment) > LONGEST_COMMENT:
        words = say(language, "At most %(most)s characters.", most=LONGEST_COMMENT)
        raise FormRefused({"comment": words})
    return GiveSatisfaction(
        command_id=command_id(form_id(typed), typed),
        at=house.now(),
        actor=Actor(kind="customer", id=state.customer or asked.stream),
        survey=asked.survey,
        score=int(score),
        comment=Personal(comment) if comment else None,
    )


def _language(request: Request, state: Complaint) -> str:
    """The visitor's choice, else the language of the letter."""
    return language_of(request) if "evercase_language" in request.cookies else state.language


def _page(
    request: Request,
    house: House,
    state: Complaint,
    survey: str,
    *,
    wrong: str = "",
    given: bool = False,
    thanks: bool = False,
    status: int = 200,
) -> Response:
    over = survey != state.survey
    entity = house.directory.entity(state.legal_entity)
    return page(
        request,
        "satisfaction.html",
        status=status,
        language=_language(request, state),
        zone=house.directory.zone(state.legal_entity),
        number=state.number,
        entity=entity.name if entity else None,
        given=given or state.survey_score is not None or over,
        thanks=thanks,
        wrong=wrong,
    )
