"""Logging in and out, one's language, one's tokens for programs."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.evening import evening
from desk.house import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    VISITOR_COOKIE,
    address_of,
    agent_of,
    cookie_name,
    language_of,
)
from desk.language import LANGUAGES, say
from desk.page import page
from desk.person import Person
from desk.session import (
    ALL_SCOPES,
    READ,
    choose_keys,
    choose_language,
    end_session,
    password_fits,
    start_session,
)
from desk.token import TOKEN_DAYS, make_token, revoke_token, tokens_of
from desk.tries import TooManyTries
from desk.visit import OwnForm, SignedIn, TheHouse, recognise, same_site, see

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
    name, password = typed.get("login", ""), typed.get("password", "")
    next = typed.get("next", "/")
    language = language_of(request)
    address = address_of(request)
    now = house.now()
    with house.pool.connection() as db:
        try:
            fits = password_fits(db, name, password, address=address, now=now, secret=house.secret)
        except TooManyTries as error:
            minutes = int((error.until - now).total_seconds() // 60) + 1
            words = say(language, "Too many tries. Try again in %(minutes)s min.", minutes=minutes)
            return _ask(request, next, name, words, 429)
        if not fits:
            words = say(language, "Login and password do not belong together.")
            return _ask(request, next, name, words, 422)
        end_session(db, request.cookies.get(cookie_name(house, SESSION_COOKIE), ""))
        cookie = start_session(db, name, now, address=address, agent=agent_of(request))
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


@router.post("/logout")
def logout(request: Request, _typed: OwnForm, house: TheHouse) -> Response:
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
def new_token(request: Request, person: SignedIn, typed: OwnForm, house: TheHouse) -> Response:
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
