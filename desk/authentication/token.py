"""Tokens with which programs use the API in a person's name. Schema ``desk``."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from desk.authentication.session import Db, Scope, Session, digest

TOKEN_DAYS: Final = (7, 30, 90, 365)


@dataclass(frozen=True)
class Token:
    id: UUID
    label: str
    scopes: list[str]
    made_at: datetime
    expires_at: datetime


def make_token(
    db: Db, login: str, label: str, scopes: Collection[Scope], *, days: int, now: datetime
) -> str:
    """A bearer token for the API, shown once; it ends after ``days``."""
    token = "ec_" + secrets.token_urlsafe(32)
    db.execute(
        "INSERT INTO desk.token (id, token_hash, login, label, scopes, made_at, expires_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (uuid4(), digest(token), login, label, sorted(scopes), now, now + timedelta(days=days)),
    )
    return token


def tokens_of(db: Db, login: str, now: datetime) -> list[Token]:
    rows = db.execute(
        "SELECT id, label, scopes, made_at, expires_at FROM desk.token"
        " WHERE login = %s AND expires_at > %s ORDER BY made_at DESC",
        (login, now),
    )
    return [Token(*row) for row in rows]


def revoke_token(db: Db, login: str, token: UUID) -> None:
    db.execute("DELETE FROM desk.token WHERE login = %s AND id = %s", (login, token))


def token_session(db: Db, token: str, now: datetime) -> Session | None:
    key = digest(token)
    row = db.execute(
        "SELECT t.login, c.staff, c.language, t.scopes, f.confirmed_at IS NOT NULL"
        " FROM desk.token t JOIN desk.credential c USING (login)"
        " LEFT JOIN desk.second_factor f USING (login)"
        " WHERE t.token_hash = %s AND t.expires_at > %s",
        (key, now),
    ).fetchone()
    if row is None:
        return None
    login, staff, language, scopes, factor = row
    return Session(
        key.hex(), login, staff, language, second_factor=factor, scopes=frozenset(scopes)
    )
