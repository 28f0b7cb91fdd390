"""Choosing one's own password with a code that works once; nobody types another's."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.authentication.good_password import fault_of
from desk.authentication.safety_letters import tell
from desk.authentication.session import SHORTEST_PASSWORD, Db, digest, set_password
from desk.house import House, language_of
from desk.language import say
from desk.page import page
from desk.visit import OwnForm, TheHouse, see

router = APIRouter(include_in_schema=False)

CODE_LIFE: Final = timedelta(days=3)


def invite(db: Db, login: str, staff: str, language: str, now: datetime) -> str:
    """A code to be handed to the person, shown once; a newer one replaces it."""
    code = secrets.token_urlsafe(18)
    db.execute(
        "INSERT INTO desk.invitation (code_hash, login, staff, language, expires_at)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (login) DO UPDATE SET staff = excluded.staff,"
        " code_hash = excluded.code_hash, expires_at = excluded.expires_at",
        (digest(code), login.lower(), staff, language, now + CODE_LIFE),
    )
    return code


def redeem(db: Db, code: str, password: str, now: datetime) -> str | None:
    """Set the password that the code is for, and use the code up: whose it is; None for no code."""
    with db.transaction():
        row = db.execute(
            "DELETE FROM desk.invitation WHERE code_hash = %s AND expires_at > %s"
            " RETURNING login, staff, language",
            (digest(code.strip()), now),
        ).fetchone()
        if row is None:
            return None
        set_password(db, row[0], password, row[1], row[2])
        return str(row[1])


def login_of(house: House, code: str) -> str:
    """Whose password the code sets; nothing for what is no code."""
    with house.pool.connection() as db:
        row = db.execute(
            "SELECT login FROM desk.invitation WHERE code_hash = %s", (digest(code.strip()),)
        ).fetchone()
    return str(row[0]) if row else ""


@router.get("/password")
def ask(request: Request) -> Response:
    return page(request, "password.html", wrong="", least=SHORTEST_PASSWORD)


@router.post("/password")
def choose(request: Request, typed: OwnForm, house: TheHouse) -> Response:
    language, password = language_of(request), typed.get("password", "")
    wrong = fault_of(password, login_of(house, typed.get("code", "")), language)
    if not wrong and password != typed.get("again", ""):
        wrong = say(language, "The two passwords differ.")
    if not wrong:
        with house.pool.connection() as db:
            staff = redeem(db, typed.get("code", ""), password, house.now())
        if staff is not None:
            tell(house, staff, "password")
            return see("/login")
        wrong = say(language, "This code does not work any more. Ask for a new one.")
    return page(request, "password.html", status=422, wrong=wrong, least=SHORTEST_PASSWORD)
