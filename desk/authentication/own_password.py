"""Changing one's own password with the one that holds; nobody else needs to know of it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.authentication.good_password import fault_of
from desk.authentication.safety_letters import tell
from desk.authentication.session import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    change_password,
    password_fits,
)
from desk.authentication.tries import TooManyTries, Trying
from desk.house import address_of
from desk.language import say
from desk.page import page
from desk.visit import OwnForm, SignedIn, TheHouse, see

router = APIRouter(include_in_schema=False)


@router.get("/me/password")
def ask(request: Request, person: SignedIn) -> Response:
    return _ask(request, person.login)


def _ask(request: Request, login: str, wrong: str = "", status: int = 200) -> Response:
    return page(
        request, "own_password.html", status=status, login=login, wrong=wrong,
        least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD,
    )  # fmt: skip


@router.post("/me/password")
def change(request: Request, person: SignedIn, typed: OwnForm, house: TheHouse) -> Response:
    language, new = person.language, typed.get("password", "")
    wrong = fault_of(new, person.login, language)
    if not wrong and new != typed.get("again", ""):
        wrong = say(language, "The two passwords differ.")
    if wrong:
        return _ask(request, person.login, wrong, 422)
    with house.pool.connection() as db:
        try:
            trying = Trying(person.login, address_of(request), house.now(), house.secret)
            fits = password_fits(db, trying, typed.get("now", ""))
        except TooManyTries:
            words = say(language, "Too many tries. Wait a little, then try again.")
            return _ask(request, person.login, words, 429)
        if not fits:
            words = say(language, "The password that holds now is another one.")
            return _ask(request, person.login, words, 422)
        change_password(db, person.login, new, but=request.state.session)
    tell(house, person.staff, "password")
    return see("/me/sessions?done=password")
