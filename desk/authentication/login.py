"""Logging in and out, one's language, one's tokens for programs."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.authentication.second_factor import code_fits
from desk.authentication.second_factor_fact import agree
from desk.authentication.session import (
    ALL_SCOPES,
    READ,
    asked_for_code,
    choose_keys,
    choose_language,
    end_session,
    password_fits,
    start_session,
)
from desk.authentication.ticket import login_of, ticket_for
from desk.authentication.token import TOKEN_DAYS, make_token, revoke_token, tokens_of
from desk.authentication.tries import TooManyTries, Trying
from desk.evening import asks_to_stay, evening
from desk.house import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    VISITOR_COOKIE,
    House,
    address_of,
    agent_of,
    cookie_name,
    language_of,
)
from desk.language import LANGUAGES, say
from desk.page import page
from desk.person import Person
from desk.visit import OwnForm, Proved, SignedIn, TheHouse, recognise, same_site, see

router = APIRouter(include_in_schema=False)


@router.get("/login")
def login_page(request: Request, next: Annotated[str, Query(max_length=500)] = "/") -> Response:
    if recognise(request):
        return see(same_site(next))
    return _ask(request, next)


def _ask(
    request: Request, next: str, login: str = "", wrong: str = "", status: int = 200
) -> Response:
    return page(
        request, "login.html", status=status, next=same_site(next), login=login, wrong=wrong
    )


@router.post("/login")
def login(request: Request, typed: OwnForm, house: TheHouse) -> Response:
    name, next = typed.get("login", ""), typed.get("next", "/")
    language, now = language_of(request), house.now()
    trying = Trying(name, address_of(request), now, house.secret)
    with house.pool.connection() as db:
        try:
            fits = password_fits(db, trying, typed.get("password", ""))
        except TooManyTries as error:
            return _ask(request, next, name, _wait(language, error, now), 429)
        if not fits:
            words = say(language, "Login and password do not belong together.")
            return _ask(request, next, name, words, 422)
        if asked_for_code(db, trying.login):
            return _ask_code(request, next, ticket_for(request, trying.login, now))
    return _let_in(request, house, trying.login, next)


def _wait(language: str, error: TooManyTries, now: datetime) -> str:
    minutes = int((error.until - now).total_seconds() // 60) + 1
    return say(language, "Too many tries. Try again in %(minutes)s min.", minutes=minutes)


def _ask_code(
    request: Request, next: str, ticket: str, wrong: str = "", status: int = 200
) -> Response:
    return page(
        request, "login_code.html", status=status, next=same_site(next), ticket=ticket, wrong=wrong
    )


@router.post("/login/code")
def login_code(request: Request, typed: OwnForm, house: TheHouse) -> Response:
    """The second step, where the login has a second factor."""
    next, ticket = typed.get("next", "/"), typed.get("ticket", "")
    language, now = language_of(request), house.now()
    name = login_of(request, ticket, now)
    if name is None:
        return _ask(request, next, "", say(language, "That took too long. Log in once more."), 422)
    trying = Trying(name, address_of(request), now, house.secret)
    with house.pool.connection() as db:
        try:
            staff = asked_for_code(db, name)
            fits = staff is not None and code_fits(
                db, house, trying, typed.get("code", ""), staff=staff
            )
        except TooManyTries as error:
            return _ask_code(request, next, ticket, _wait(language, error, now), 429)
    if not fits:
        words = say(language, "This code is not right, or was used before.")
        return _ask_code(request, next, ticket, words, 422)
    return _let_in(request, house, name, next)


def _let_in(request: Request, house: House, name: str, next: str) -> Response:
    """A new session; the one before ends."""
    with house.pool.connection() as db:
        end_session(db, request.cookies.get(cookie_name(house, SESSION_COOKIE), ""))
        cookie = start_session(
            db, name, house.now(), address=address_of(request), agent=agent_of(request)
        )
        agree(house.ledger, db, name, house.now())
    answer = see(same_site(next))
    answer.set_cookie(
        cookie_name(house, SESSION_COOKIE),
        cookie,
        httponly=True,
        samesite="lax",
        secure=house.secure,
        path="/",
    )
    answer.delete_cookie(cookie_name(house, VISITOR_COOKIE), secure=house.secure)
    return answer


@router.get("/me/evening")
def end_of_day(request: Request, person: SignedIn, house: TheHouse) -> Response:
    """What is promised for tomorrow, before one goes."""
    return page(request, "day_end.html", day=evening(house, person))


@router.post("/logout")
def logout(request: Request, typed: OwnForm, house: TheHouse) -> Response:
    """Once a day it shows first what is open. Where nobody can tell, one goes at once."""
    person = recognise(request)
    if person is not None and typed.get("day") != "seen":
        with suppress(LookupError):
            if asks_to_stay(house, person):
                return see("/me/evening")
    with house.pool.connection() as db:
        end_session(db, request.cookies.get(cookie_name(house, SESSION_COOKIE), ""))
    answer = see("/login")
    answer.delete_cookie(cookie_name(house, SESSION_COOKIE), secure=house.secure)
    return answer


@router.post("/language")
def language(request: Request, typed: OwnForm, house: TheHouse) -> Response:
    chosen = typed.get("language", "")
    chosen = chosen if chosen in LANGUAGES else "en"
    person = recognise(request)
    if person is not None:
        with house.pool.connection() as db:
            choose_language(db, person.login, chosen)
    answer = see(same_site(typed.get("next", "/")))
    answer.set_cookie(
        LANGUAGE_COOKIE, chosen, max_age=31_536_000, samesite="lax", secure=house.secure
    )
    return answer


@router.get("/me")
def me(request: Request, person: SignedIn, house: TheHouse) -> Response:
    return _me(request, person, house)


def _me(request: Request, person: Person, house: TheHouse, made: str = "") -> Response:
    with house.pool.connection() as db:
        tokens = tokens_of(db, person.login, house.now())
    day = evening(house, person) if person.reaches("case") else None
    return page(request, "me.html", day=day, tokens=tokens, made=made, days=TOKEN_DAYS)


@router.post("/me/keys")
def keys(person: SignedIn, typed: OwnForm, house: TheHouse) -> Response:
    with house.pool.connection() as db:
        choose_keys(db, person.login, typed.get("keys") != "off")
    return see("/me#keys-off")


@router.post("/me/tokens")
def new_token(request: Request, person: Proved, typed: OwnForm, house: TheHouse) -> Response:
    """The token is shown on this answer and never again."""
    label = typed.get("label", "").strip()[:80] or "API"
    days = next((days for days in TOKEN_DAYS if str(days) == typed.get("days")), TOKEN_DAYS[0])
    scopes = {scope for scope in ALL_SCOPES if typed.get(scope) == "yes"} or {READ}
    with house.pool.connection() as db:
        made = make_token(db, person.login, label, scopes, days=days, now=house.now())
    return _me(request, person, house, made)


@router.post("/me/tokens/{token}/revoke")
def drop_token(person: SignedIn, _typed: OwnForm, house: TheHouse, token: UUID) -> Response:
    with house.pool.connection() as db:
        revoke_token(db, person.login, token)
    return see("/me")
