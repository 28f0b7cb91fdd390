"""Between password and code: what shows that this browser gave a login's password just now."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request

from desk.house import house_of, visitor_of

LIFE: Final = timedelta(minutes=5)


def ticket_for(request: Request, login: str, now: datetime) -> str:
    until = int((now + LIFE).timestamp())
    return f"{until}.{_proof(request, until, login)}.{login}"


def login_of(request: Request, ticket: str, now: datetime) -> str | None:
    """Whose password was given; None where it was another browser, or too long ago."""
    until, _, rest = ticket.partition(".")
    proof, _, login = rest.partition(".")
    if not (until.isascii() and until.isdigit() and len(until) < 12):
        return None
    good = hmac.compare_digest(proof.encode(), _proof(request, int(until), login).encode())
    return login if good and now.timestamp() < int(until) else None


def _proof(request: Request, until: int, login: str) -> str:
    purpose = f"{visitor_of(request)}\n{until}\n{login}"
    return house_of(request).keyed("password given", purpose)
