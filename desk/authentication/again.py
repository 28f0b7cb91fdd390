"""Logging in again in place: a form whose session is over is posted once more, with a password,
and a code where the login has a second factor.

What was typed travels in the page that asks for it, so nothing of it is stored for a stranger.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from desk.authentication.second_factor import code_fits
from desk.authentication.second_factor_fact import agree
from desk.authentication.session import (
    Db,
    asked_for_code,
    password_fits,
    session_key,
    session_of,
    start_session,
)
from desk.authentication.ticket import login_of, ticket_for
from desk.authentication.tries import TooManyTries, Trying
from desk.house import (
    SESSION_COOKIE,
    address_of,
    agent_of,
    cookie_name,
    csrf_of,
    house_of,
    language_of,
    proof,
)
from desk.language import say
from desk.page import page
from desk.person import person_of

LOGIN: Final = "again.login"
PASSWORD: Final = "again.password"  # noqa: S105
TICKET: Final = "again.ticket"
CODE: Final = "again.code"
WAS: Final = "again.csrf"
"""What the form proved itself with while its session lasted."""


class SessionOver(HTTPException):
    """Nobody is logged in (401); ``words`` say why not, where somebody tried.

    ticket: the password was given, and a code is still to be asked for.
    """

    def __init__(self, words: str = "", ticket: str = "") -> None:
        super().__init__(401)
        self.words, self.ticket = words, ticket


def is_proof(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def carries(request: Request) -> bool:
    """Whether a form of ours was posted, by the browser whose session it belonged to."""
    typed: Mapping[str, str] = getattr(request.state, "typed", {})
    house = house_of(request)
    cookie = request.cookies.get(cookie_name(house, SESSION_COOKIE), "")
    if not cookie or request.method != "POST":
        return False
    was = typed.get(WAS) or typed.get("csrf", "")
    visitor = proof(house, session_key(cookie), "").partition(".")[0]
    return is_proof(was.partition(".")[0], visitor)


def ask(request: Request, over: SessionOver) -> Response:
    """The page that asks for the password, or the code, and carries what was typed."""
    typed: Mapping[str, str] = request.state.typed
    asked = (LOGIN, PASSWORD, TICKET, CODE, "csrf")
    kept = {name: text for name, text in typed.items() if name not in asked}
    return page(
        request,
        "again.html",
        status=401,
        wrong=over.words,
        ticket=over.ticket,
        login=typed.get(LOGIN, ""),
        kept={WAS: typed.get("csrf", ""), **kept},
    )


def log_in(request: Request, typed: Mapping[str, str]) -> None:
    """From here on the request is that of the person who typed it. Raises: SessionOver."""
    language, house = language_of(request), house_of(request)
    if not is_proof(typed.get("csrf", ""), csrf_of(request)) or not carries(request):
        raise SessionOver()
    now = house.now()
    with house.pool.connection() as db:
        try:
            name = _proven(request, typed, db, now)
        except TooManyTries:
            raise SessionOver(say(language, "Wait a little, then try again.")) from None
        address, agent = address_of(request), agent_of(request)
        cookie = start_session(db, name, now, address=address, agent=agent)
        session = session_of(db, cookie, now)
        agree(house.ledger, db, name, now)
    person = person_of(house, session) if session else None
    if session is None or person is None:
        raise SessionOver()
    whose = proof(house, "", person.staff).partition(".")[2]
    if not is_proof(typed.get(WAS, "").partition(".")[2], whose):
        raise SessionOver(say(language, "Only the person who typed this can go on with it."))
    request.state.person, request.state.session = person, session.key
    request.state.opened = session
    request.state.logged_in_again = True
    carrier = Response()
    carrier.set_cookie(
        cookie_name(house, SESSION_COOKIE),
        cookie,
        httponly=True,
        samesite="lax",
        secure=house.secure,
        path="/",
    )
    request.state.session_cookie = carrier.headers["set-cookie"]


def _proven(request: Request, typed: Mapping[str, str], db: Db, now: datetime) -> str:
    """The login whose password was given, and its code. Raises: SessionOver, TooManyTries."""
    language, house = language_of(request), house_of(request)
    ticket = typed.get(TICKET, "")
    name = login_of(request, ticket, now) if ticket else typed[LOGIN]
    if name is None:
        raise SessionOver(say(language, "That took too long. Log in once more."))
    trying = Trying(name, address_of(request), now, house.secret)
    if ticket:
        staff = asked_for_code(db, name)
        if staff is None or not code_fits(db, house, trying, typed.get(CODE, ""), staff=staff):
            words = say(language, "This code is not right, or was used before.")
            raise SessionOver(words, ticket)
        return name
    if not password_fits(db, trying, typed.get(PASSWORD, "")):
        raise SessionOver(say(language, "Login and password do not belong together."))
    if asked_for_code(db, trying.login):
        raise SessionOver(ticket=ticket_for(request, trying.login, now))
    return trying.login
