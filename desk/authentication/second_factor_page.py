"""Turning one's second factor on and off, and its recovery codes."""

from __future__ import annotations

from collections.abc import Sequence

import segno
from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from desk.authentication import second_factor
from desk.authentication.proving import asking_roles
from desk.authentication.safety_letters import tell
from desk.authentication.second_factor_fact import agree
from desk.authentication.session import note_proof, password_fits
from desk.authentication.tries import TooManyTries, Trying
from desk.house import House, address_of
from desk.language import say
from desk.page import page
from desk.person import Person
from desk.visit import OwnForm, Proved, SignedIn, TheHouse, see
from desk.words.terms import term

router = APIRouter(prefix="/me/second-factor", include_in_schema=False)


@router.get("")
def show(request: Request, person: SignedIn, house: TheHouse) -> Response:
    with house.pool.connection() as db:
        agree(house.ledger, db, person.login, house.now())
    return _show(request, house, person)


def _show(
    request: Request,
    house: House,
    person: Person,
    *,
    wrong: str = "",
    codes: Sequence[str] = (),
    status: int = 200,
) -> Response:
    with house.pool.connection() as db:
        factor = second_factor.factor_of(db, person.login)
    roles = [term(person.language, "role", name) for name in asking_roles(house, person)]
    return page(
        request, "second_factor.html", status=status, factor=factor, codes=codes, wrong=wrong,
        roles=roles,
    )  # fmt: skip


@router.post("/begin")
def begin(request: Request, person: Proved, _typed: OwnForm, house: TheHouse) -> Response:
    with house.pool.connection() as db:
        secret = second_factor.begin(db, house.ledger.keys, person.login, house.now())
    if secret is None:
        return see("/me/second-factor")
    return _scan(request, person, secret)


def _scan(request: Request, person: Person, secret: bytes, wrong: str = "") -> Response:
    """The secret as a picture and as text, and a form for its first code."""
    return page(
        request, "second_factor_begin.html", status=422 if wrong else 200, wrong=wrong,
        picture=picture(second_factor.address_for(secret, person.login), person.language),
        secret=second_factor.spelled(secret),
    )  # fmt: skip


def picture(address: str, language: str) -> Markup:
    """A QR code of plain shapes: nothing in it is styled or run."""
    made = segno.make(address, error="m", micro=False)
    title = say(language, "A picture for your authenticator; its text stands below")
    shapes = made.svg_inline(scale=5, dark="#000", light="#fff", title=title, svgclass="qr")
    return Markup(shapes)  # noqa: S704 - made of the address alone, by segno


@router.post("/confirm")
def confirm(request: Request, person: Proved, typed: OwnForm, house: TheHouse) -> Response:
    keys, now = house.ledger.keys, house.now()
    with house.pool.connection() as db:
        codes = second_factor.confirm(
            db, keys, person.login, typed.get("code", ""), now, but=request.state.session
        )
        secret = None if codes else second_factor.begun(db, keys, person.login, now)
        agree(house.ledger, db, person.login, now)
    if codes:
        tell(house, person.staff, "factor_on")
        return _show(request, house, person, codes=codes)
    if secret is None:
        return see("/me/second-factor")
    words = say(person.language, "This code is not right. Wait for the next one and type that.")
    return _scan(request, person, secret, words)


@router.post("/codes")
def codes(request: Request, person: Proved, _typed: OwnForm, house: TheHouse) -> Response:
    """New recovery codes; those before are good no more."""
    with house.pool.connection() as db:
        if second_factor.factor_of(db, person.login) is None:
            return see("/me/second-factor")
        made = second_factor.new_recovery_codes(db, person.login)
    tell(house, person.staff, "recovery_codes")
    return _show(request, house, person, codes=made)


@router.post("/off")
def off(request: Request, person: SignedIn, typed: OwnForm, house: TheHouse) -> Response:
    """With the password and a code, whenever either was given before."""
    trying = Trying(person.login, address_of(request), house.now(), house.secret)
    try:
        with house.pool.connection() as db:
            fits = password_fits(db, trying, typed.get("password", "")) and (
                second_factor.code_fits(
                    db, house, trying, typed.get("code", ""), staff=person.staff
                )
            )
    except TooManyTries:
        words = say(person.language, "Too many tries. Wait a little, then try again.")
        return _show(request, house, person, wrong=words, status=429)
    if not fits:
        words = say(person.language, "Password and code do not fit.")
        return _show(request, house, person, wrong=words, status=422)
    with house.pool.connection() as db:
        second_factor.turn_off(db, person.login, but=request.state.session)
        note_proof(db, request.state.session, trying.now)
        agree(house.ledger, db, person.login, trying.now)
    tell(house, person.staff, "factor_off")
    return see("/me/second-factor")
