"""Choosing one's own password with a code that works once; nobody types another's."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.house import language_of
from desk.language import say
from desk.page import page
from desk.session import LONGEST_PASSWORD, SHORTEST_PASSWORD, Db, set_password
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
        (_digest(code), login.lower(), staff, language, now + CODE_LIFE),
    )
    return code


def redeem(db: Db, code: str, password: str, now: datetime) -> bool:
    """Set the password that the code is for, and use the code up; False where it is no code."""
    with db.transaction():
        row = db.execute(
            "DELETE FROM desk.invitation WHERE code_hash = %s AND expires_at > %s"
            " RETURNING login, staff, language",
            (_digest(code.strip()), now),
        ).fetchone()
        if row is None:
            return False
        set_password(db, row[0], password, row[1], row[2])
        return True


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


@router.get("/password")
def ask(request: Request) -> Response:
    return page(request, "password.html", wrong="", least=SHORTEST_PASSWORD)


@router.post("/password")
def choose(request: Request, typed: OwnForm, house: TheHouse) -> Response:
    language, password = language_of(request), typed.get("password", "")
    wrong = ""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        wrong = say(language, "At least %(least)s characters.", least=SHORTEST_PASSWORD)
    elif password != typed.get("again", ""):
        wrong = say(language, "The two passwords differ.")
    else:
        with house.pool.connection() as db:
            if redeem(db, typed.get("code", ""), password, house.now()):
                return see("/login")
        wrong = say(language, "This code does not work any more. Ask for a new one.")
    return page(request, "password.html", status=422, wrong=wrong, least=SHORTEST_PASSWORD)
