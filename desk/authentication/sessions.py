"""Where one is logged in: since when, with what, from where; each can be ended."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.authentication.session import end_one, end_sessions, sessions_of
from desk.language import say
from desk.page import page
from desk.visit import OwnForm, SignedIn, TheHouse, see

router = APIRouter(include_in_schema=False)

BROWSERS: Final = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
    ("MicroMessenger", "WeChat"), ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip
"""(how it calls itself, what people call it): the first that is found, as later ones are claimed
by others too."""


def device_words(agent: str, language: str) -> str:
    """Roughly what one logged in with; browsers say of themselves what they like."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    system = next((name for sign, name in SYSTEMS if re.search(rf"\b{sign}", agent)), "")
    if browser and system:
        return say(language, "%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or say(language, "an unknown device")


@router.get("/me/sessions")
def show(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    done: Annotated[Literal["", "password", "ended"], Query()] = "",
) -> Response:
    with house.pool.connection() as db:
        opened = sessions_of(db, person.login, house.now())
    lines = [
        (it, device_words(it.agent, person.language), it.key == request.state.session)
        for it in opened
    ]
    return page(request, "sessions.html", lines=lines, done=done)


@router.post("/me/sessions/end-others")
def end_others(request: Request, person: SignedIn, _typed: OwnForm, house: TheHouse) -> Response:
    with house.pool.connection() as db:
        end_sessions(db, person.login, but=request.state.session)
    return see("/me/sessions?done=ended")


@router.post("/me/sessions/{id}/end")
def end(person: SignedIn, _typed: OwnForm, house: TheHouse, id: UUID) -> Response:
    """Also the one that asks: then one is at the door."""
    with house.pool.connection() as db:
        end_one(db, person.login, id)
    return see("/me/sessions?done=ended")
