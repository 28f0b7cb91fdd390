"""Who visits, and what was typed: what views ask FastAPI for."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.house import House, csrf_of, house_of
from desk.person import Person, person_of
from desk.session import session_of

SESSION_COOKIE: Final = "evercase_session"
MOST_FIELDS: Final = 200
SEEN: Final = "Live-Seen"
"""The header with which an open page asks for itself again: the version of the case it shows."""


def recognise(request: Request) -> Person | None:
    """The person of the session cookie, remembered for the rest of this request."""
    if hasattr(request.state, "person"):
        known: Person | None = request.state.person
        return known
    cookie = request.cookies.get(SESSION_COOKIE, "")
    house = house_of(request)
    session = None
    if cookie:
        with house.pool.connection() as db:
            session = session_of(db, cookie, house.now(), used=not by_itself(request))
    person = person_of(house, session) if session else None
    request.state.person = person
    request.state.session = session.key if session and person else None
    return person


def by_itself(request: Request) -> bool:
    """Whether the page asks, not the person: that keeps no session alive."""
    return request.url.path.startswith("/live") or SEEN in request.headers


def signed_in(request: Request) -> Person:
    person = recognise(request)
    if person is None:
        raise HTTPException(401)
    return person


async def _typed(request: Request) -> Mapping[str, str]:
    """The fields of a form. Errors: 422 for what is no text, 413 for too much of it."""
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
    for name, value in fields.items():
        if not _is_text(name) or not _is_text(value):
            raise HTTPException(422)
    return {name: value.replace("\r\n", "\n") for name, value in fields.items()}


def _is_text(value: str) -> bool:
    """Whether it is words: no control signs but line ends and tabs, no half characters."""
    return not any(
        "\ud800" <= sign <= "\udfff" or (sign < " " and sign not in "\r\n\t") for sign in value
    )


Typed = Annotated[Mapping[str, str], Depends(_typed)]


def _own_form(request: Request, typed: Typed) -> Mapping[str, str]:
    """What was typed, when the form came from this desk and this visitor."""
    recognise(request)
    if not hmac.compare_digest(typed.get("csrf", "").encode(), csrf_of(request).encode()):
        raise HTTPException(401 if request.state.person is None else 403)
    return typed


def to_login(request: Request) -> Response:
    """The way to log in and come back: to the page itself, or to the page the form stood on."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method not in ("GET", "HEAD"):
        wanted = "/"
    target = "/login" if wanted == "/" else f"/login?next={quote(wanted, safe='')}"
    return RedirectResponse(target, 303)


def same_site(path: str) -> str:
    """A path of this desk to go on to, never another site's."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if fine else "/"


def see(path: str) -> Response:
    """After what was done: look there."""
    return RedirectResponse(path, 303)


def _house(request: Request) -> House:
    return house_of(request)


OwnForm = Annotated[Mapping[str, str], Depends(_own_form)]
SignedIn = Annotated[Person, Depends(signed_in)]
TheHouse = Annotated[House, Depends(_house)]
