"""Proving once more who one is, before what could do great harm: asked in place.

What was typed travels in the page that asks, as in desk/again.py, and the same form is posted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from desk.authentication.second_factor import code_fits
from desk.authentication.session import Session, note_proof, password_fits
from desk.authentication.tries import TooManyTries, Trying
from desk.house import House, address_of, house_of
from desk.language import say
from desk.page import page
from desk.person import Person

PROOF: Final = "prove.answer"
FACTOR_PAGE: Final = "/me/second-factor"
OPEN: Final = (FACTOR_PAGE, "/me/password", "/me/sessions")
"""Where one may be who still has to turn a second factor on."""


class ProofNeeded(HTTPException):
    """Too long ago one has proved who one is; ``words`` say what was wrong with a try."""

    def __init__(self, words: str = "") -> None:
        super().__init__(403)
        self.words = words


class FactorNeeded(HTTPException):
    """A role of theirs asks for a second factor, and it is not turned on."""

    def __init__(self) -> None:
        super().__init__(403)


def lacks_factor(house: House, person: Person, session: Session) -> bool:
    return not session.second_factor and bool(asking_roles(house, person))


def asking_roles(house: House, person: Person) -> list[str]:
    """The roles of theirs that ask for a second factor."""
    found = {
        role.name
        for role in person.rights.roles
        if (entity := house.directory.entity(role.legal_entity))
        and role.name in entity.sign_in.second_factor
    }
    return sorted(found)


def proof_lasts(house: House, person: Person) -> timedelta:
    """The shortest that an entity of theirs allows."""
    entities = (house.directory.entity(role.legal_entity) for role in person.rights.roles)
    minutes = [entity.sign_in.proof_minutes for entity in entities if entity]
    return timedelta(minutes=min(minutes, default=15))


def is_fresh(house: House, person: Person, session: Session) -> bool:
    at = session.proved_at
    return at is not None and house.now() < at + proof_lasts(house, person)


def prove(request: Request, person: Person, session: Session) -> None:
    """Take the answer that was typed. Raises: ProofNeeded."""
    house, typed = house_of(request), request.state.typed
    if PROOF not in typed:
        raise ProofNeeded()
    trying = Trying(person.login, address_of(request), house.now(), house.secret)
    with house.pool.connection() as db:
        try:
            if session.second_factor:
                fits = code_fits(db, house, trying, typed[PROOF], staff=person.staff)
            else:
                fits = password_fits(db, trying, typed[PROOF])
        except TooManyTries:
            raise ProofNeeded(
                say(person.language, "Too many tries. Wait a little, then try again.")
            ) from None
        if not fits:
            raise ProofNeeded(say(person.language, "That is not right."))
        note_proof(db, session.key, trying.now)


def ask(request: Request, words: str) -> Response:
    """The page that asks, and carries what was typed."""
    typed: Mapping[str, str] = request.state.typed
    kept = {name: text for name, text in typed.items() if name not in (PROOF, "csrf")}
    return page(
        request,
        "prove.html",
        status=403,
        wrong=words,
        kept=kept,
        by_code=request.state.opened.second_factor,
    )
