"""Who is there: passwords and sessions. Schema ``desk``."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args
from uuid import UUID

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from psycopg import Connection

from desk.authentication.tries import Trying, holds

SESSION_IDLE: Final = timedelta(minutes=30)
SESSION_LONGEST: Final = timedelta(hours=12)
SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 128
LONGEST_AGENT: Final = 300
"""Characters that are kept of how a browser calls itself."""

log = structlog.get_logger(__name__)
_hasher = PasswordHasher()
_HASH_OF_NOTHING: Final = _hasher.hash(secrets.token_hex())

Db = Connection[Any]
Scope = Literal["read", "write", "events"]
READ: Final[Scope] = "read"
ALL_SCOPES: Final[frozenset[Scope]] = frozenset(get_args(Scope))


@dataclass(frozen=True)
class Opened:
    """A session as its person sees it: since when, last seen when, with what, from where."""

    id: UUID
    key: str
    started_at: datetime
    seen_at: datetime
    agent: str
    address: str


@dataclass(frozen=True)
class Session:
    """``key`` names it without giving the cookie away; ``staff`` is the person's stream."""

    key: str
    login: str
    staff: str
    language: str
    keys: bool = True
    """Whether single keys do something."""
    second_factor: bool = False
    proved_at: datetime | None = None
    """When the person last proved who they are; None: nobody did."""
    scopes: frozenset[Scope] = ALL_SCOPES
    """What a program may do with its token; a person at the desk may do all."""


def set_password(db: Db, login: str, password: str, staff: str, language: str = "en") -> None:
    """Give a member of staff a login, or a new password: then its sessions and tokens end."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ValueError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    with db.transaction():
        db.execute(
            "INSERT INTO desk.credential (login, staff, password_hash, language)"
            " VALUES (%s, %s, %s, %s) ON CONFLICT (login) DO UPDATE SET staff = excluded.staff,"
            " password_hash = excluded.password_hash, changed_at = clock_timestamp()",
            (login.lower(), staff, _hasher.hash(password), language),
        )
        end_access(db, login.lower())
    log.info("login.password_set", staff=staff)


def change_password(db: Db, login: str, password: str, *, but: str) -> None:
    """A new password for one's own login; its tokens and every session but this one end."""
    with db.transaction():
        db.execute(
            "UPDATE desk.credential SET password_hash = %s, changed_at = clock_timestamp()"
            " WHERE login = %s",
            (_hasher.hash(password), login),
        )
        db.execute("DELETE FROM desk.invitation WHERE login = %s", (login,))
        end_access(db, login, but=but)
    log.info("login.password_changed")


def password_fits(db: Db, trying: Trying, password: str) -> bool:
    """Whether they belong together; a failure counts. Errors: TooManyTries.

    Earlier failures are forgotten, unless a second factor is still to be asked for.
    """
    row = db.execute(
        "SELECT c.password_hash, c.staff, f.confirmed_at FROM desk.credential c"
        " LEFT JOIN desk.second_factor f USING (login) WHERE c.login = %s",
        (trying.login,),
    ).fetchone()
    stored, staff, confirmed_at = row or (_HASH_OF_NOTHING, None, None)

    def check() -> bool:
        fits = _verify(stored, password[:LONGEST_PASSWORD])
        return fits and staff is not None and len(password) <= LONGEST_PASSWORD

    return holds(db, trying, check, staff=staff, last=confirmed_at is None)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def start_session(db: Db, login: str, now: datetime, *, address: str = "", agent: str = "") -> str:
    """The cookie's value. Only its hash is kept; ``agent``: how the browser calls itself."""
    cookie = secrets.token_urlsafe(32)
    db.execute("DELETE FROM desk.session WHERE expires_at < %s", (now,))
    row = db.execute(
        "INSERT INTO desk.session (token_hash, login, started_at, seen_at, proved_at, expires_at,"
        " address, agent) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
        " RETURNING (SELECT staff FROM desk.credential c WHERE c.login = session.login)",
        (
            digest(cookie), login.strip().lower(), now, now, now, now + SESSION_IDLE,
            address, agent[:LONGEST_AGENT],
        ),
    ).fetchone()  # fmt: skip
    log.info("login.done", staff=row[0] if row else None)
    return cookie


def session_of(db: Db, cookie: str, now: datetime, *, used: bool = True) -> Session | None:
    """The session of a cookie; being used by a person keeps it alive, up to its longest life."""
    key = digest(cookie)
    row = db.execute(
        "SELECT s.login, c.staff, c.language, c.keys, f.confirmed_at IS NOT NULL, s.proved_at,"
        " s.seen_at FROM desk.session s JOIN desk.credential c USING (login)"
        " LEFT JOIN desk.second_factor f USING (login)"
        " WHERE s.token_hash = %s AND s.expires_at > %s",
        (key, now),
    ).fetchone()
    if row is None:
        return None
    if used and row[6] < now - timedelta(minutes=5):
        db.execute(
            "UPDATE desk.session SET seen_at = %s, expires_at = least(%s, started_at + %s)"
            " WHERE token_hash = %s",
            (now, now + SESSION_IDLE, SESSION_LONGEST, key),
        )
    return Session(key.hex(), *row[:6])


def living(db: Db, keys: Sequence[str], now: datetime) -> set[str]:
    """Those of these sessions that have not ended."""
    rows = db.execute(
        "SELECT token_hash FROM desk.session WHERE token_hash = ANY (%s) AND expires_at > %s",
        ([bytes.fromhex(key) for key in keys], now),
    )
    return {bytes(row[0]).hex() for row in rows}


def session_key(cookie: str) -> str:
    """What names the session of a cookie without giving the cookie away."""
    return digest(cookie).hex()


def note_proof(db: Db, key: str, now: datetime) -> None:
    """The person of this session has proved once more who they are."""
    db.execute(
        "UPDATE desk.session SET proved_at = %s WHERE token_hash = decode(%s, 'hex')", (now, key)
    )


def asked_for_code(db: Db, login: str) -> str | None:
    """The member of staff of this login, where a second factor is turned on for it."""
    row = db.execute(
        "SELECT c.staff FROM desk.second_factor f JOIN desk.credential c USING (login)"
        " WHERE f.login = %s AND f.confirmed_at IS NOT NULL",
        (login,),
    ).fetchone()
    return str(row[0]) if row else None


def end_session(db: Db, cookie: str) -> None:
    db.execute("DELETE FROM desk.session WHERE token_hash = %s", (digest(cookie),))


def sessions_of(db: Db, login: str, now: datetime) -> list[Opened]:
    """Those that have not ended, the latest seen first."""
    rows = db.execute(
        "SELECT id, encode(token_hash, 'hex'), started_at, seen_at, agent, address"
        " FROM desk.session WHERE login = %s AND expires_at > %s ORDER BY seen_at DESC",
        (login, now),
    )
    return [Opened(*row) for row in rows]


def end_one(db: Db, login: str, id: UUID) -> None:
    """One of the sessions of a login; of another login's, nothing ends."""
    db.execute("DELETE FROM desk.session WHERE login = %s AND id = %s", (login, id))


def end_sessions(db: Db, login: str, *, but: str = "") -> None:
    """Every session of a login but the one of this key."""
    db.execute(
        "DELETE FROM desk.session WHERE login = %s AND token_hash <> decode(%s, 'hex')",
        (login, but),
    )


def end_access(db: Db, login: str, *, but: str = "") -> None:
    """What a thief may have got: every session but the one of this key, and every token."""
    end_sessions(db, login, but=but)
    db.execute("DELETE FROM desk.token WHERE login = %s", (login,))


def choose_language(db: Db, login: str, language: str) -> None:
    db.execute("UPDATE desk.credential SET language = %s WHERE login = %s", (language, login))


def choose_keys(db: Db, login: str, on: bool) -> None:
    """Whether single keys do something for this login."""
    db.execute("UPDATE desk.credential SET keys = %s WHERE login = %s", (on, login))


def session_for(db: Db, login: str) -> Session | None:
    """As whom something is done for a person who is not there."""
    row = db.execute(
        "SELECT c.staff, c.language, f.confirmed_at IS NOT NULL FROM desk.credential c"
        " LEFT JOIN desk.second_factor f USING (login) WHERE c.login = %s",
        (login,),
    ).fetchone()
    return Session("", login, row[0], row[1], second_factor=row[2]) if row else None


def digest(secret: str) -> bytes:
    """What is kept of a random secret that is shown once."""
    return hashlib.sha256(secret.encode()).digest()
