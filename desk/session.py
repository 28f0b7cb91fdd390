"""Who is there: passwords, sessions, tokens, and how often one may try. Schema ``desk``."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args
from uuid import UUID, uuid4

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from psycopg import Connection

SESSION_IDLE: Final = timedelta(hours=12)
SESSION_LONGEST: Final = timedelta(days=7)
TOKEN_DAYS: Final = (7, 30, 90, 365)
TRIES_WITHIN: Final = timedelta(minutes=15)
TRIES_PER_LOGIN: Final = 8
TRIES_PER_ADDRESS: Final = 40
SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 128

log = structlog.get_logger(__name__)
_hasher = PasswordHasher()
_HASH_OF_NOTHING: Final = _hasher.hash(secrets.token_hex())

Db = Connection[Any]
Scope = Literal["read", "write", "events"]
READ: Final[Scope] = "read"
ALL_SCOPES: Final[frozenset[Scope]] = frozenset(get_args(Scope))


class TooManyTries(Exception):
    """Logging in is closed for this login or address until ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__("too many tries")
        self.until = until


@dataclass(frozen=True)
class Session:
    """``key`` names it without giving the cookie away; ``staff`` is the person's stream."""

    key: str
    login: str
    staff: str
    language: str
    keys: bool = True
    """Whether single keys do something."""
    scopes: frozenset[Scope] = ALL_SCOPES
    """What a program may do with its token; a person at the desk may do all."""


@dataclass(frozen=True)
class Token:
    id: UUID
    label: str
    scopes: list[str]
    made_at: datetime
    expires_at: datetime


def set_password(db: Db, login: str, password: str, staff: str, language: str = "en") -> None:
    """Give a member of staff a login, or a new password: then every session of it ends."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ValueError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    with db.transaction():
        db.execute(
            "INSERT INTO desk.credential (login, staff, password_hash, language)"
            " VALUES (%s, %s, %s, %s) ON CONFLICT (login) DO UPDATE SET staff = excluded.staff,"
            " password_hash = excluded.password_hash, changed_at = clock_timestamp()",
            (login.lower(), staff, _hasher.hash(password), language),
        )
        db.execute("DELETE FROM desk.session WHERE login = %s", (login.lower(),))
        db.execute("DELETE FROM desk.token WHERE login = %s", (login.lower(),))
    log.info("login.password_set", staff=staff)


def password_fits(
    db: Db, login: str, password: str, *, address: str, now: datetime, secret: bytes
) -> bool:
    """Whether they belong together; a failure counts. Errors: TooManyTries."""
    login = login.strip().lower()[:64]
    trace = hmac.new(secret, login.encode(), hashlib.sha256).digest()
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (trace.hex(),))
        _refuse_too_many(db, trace, address, now)
        row = db.execute(
            "SELECT password_hash, staff FROM desk.credential WHERE login = %s", (login,)
        ).fetchone()
        fits = _verify(row[0] if row else _HASH_OF_NOTHING, password[:LONGEST_PASSWORD])
        if row and fits and len(password) <= LONGEST_PASSWORD:
            db.execute("DELETE FROM desk.login_failure WHERE login_hash = %s", (trace,))
            log.info("login.done", staff=row[1])
            return True
        db.execute(
            "INSERT INTO desk.login_failure (at, login_hash, address) VALUES (%s, %s, %s)",
            (now, trace, address),
        )
        log.warning("login.failed", trace=trace.hex()[:16], staff=row[1] if row else None)
        return False


def _refuse_too_many(db: Db, trace: bytes, address: str, now: datetime) -> None:
    since = now - TRIES_WITHIN
    db.execute("DELETE FROM desk.login_failure WHERE at < %s", (now - 8 * TRIES_WITHIN,))
    counts: Sequence[tuple[str, Any, int]] = (
        ("SELECT at FROM desk.login_failure WHERE login_hash = %s", trace, TRIES_PER_LOGIN),
        ("SELECT at FROM desk.login_failure WHERE address = %s", address, TRIES_PER_ADDRESS),
    )
    for query, key, most in counts:
        row = db.execute(
            query + " AND at > %s ORDER BY at DESC OFFSET %s LIMIT 1", (key, since, most - 1)
        ).fetchone()
        if row:
            log.warning("login.closed", trace=trace.hex()[:16])
            raise TooManyTries(row[0] + TRIES_WITHIN)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def start_session(db: Db, login: str, now: datetime) -> str:
    """The cookie's value. Only its hash is kept."""
    cookie = secrets.token_urlsafe(32)
    db.execute("DELETE FROM desk.session WHERE expires_at < %s", (now,))
    db.execute(
        "INSERT INTO desk.session (token_hash, login, started_at, seen_at, expires_at)"
        " VALUES (%s, %s, %s, %s, %s)",
        (_digest(cookie), login.strip().lower(), now, now, now + SESSION_IDLE),
    )
    return cookie


def session_of(db: Db, cookie: str, now: datetime, *, used: bool = True) -> Session | None:
    """The session of a cookie; being used by a person keeps it alive, up to its longest life."""
    digest = _digest(cookie)
    row = db.execute(
        "SELECT s.login, c.staff, c.language, c.keys, s.seen_at FROM desk.session s"
        " JOIN desk.credential c USING (login) WHERE s.token_hash = %s AND s.expires_at > %s",
        (digest, now),
    ).fetchone()
    if row is None:
        return None
    if used and row[4] < now - timedelta(minutes=5):
        db.execute(
            "UPDATE desk.session SET seen_at = %s, expires_at = least(%s, started_at + %s)"
            " WHERE token_hash = %s",
            (now, now + SESSION_IDLE, SESSION_LONGEST, digest),
        )
    return Session(digest.hex(), *row[:4])


def living(db: Db, keys: Sequence[str], now: datetime) -> set[str]:
    """Those of these sessions that have not ended."""
    rows = db.execute(
        "SELECT token_hash FROM desk.session WHERE token_hash = ANY (%s) AND expires_at > %s",
        ([bytes.fromhex(key) for key in keys], now),
    )
    return {bytes(row[0]).hex() for row in rows}


def session_key(cookie: str) -> str:
    """What names the session of a cookie without giving the cookie away."""
    return _digest(cookie).hex()


def end_session(db: Db, cookie: str) -> None:
    db.execute("DELETE FROM desk.session WHERE token_hash = %s", (_digest(cookie),))


def choose_language(db: Db, login: str, language: str) -> None:
    db.execute("UPDATE desk.credential SET language = %s WHERE login = %s", (language, login))


def choose_keys(db: Db, login: str, on: bool) -> None:
    """Whether single keys do something for this login."""
    db.execute("UPDATE desk.credential SET keys = %s WHERE login = %s", (on, login))


def make_token(
    db: Db, login: str, label: str, scopes: Collection[Scope], *, days: int, now: datetime
) -> str:
    """A bearer token for the API, shown once; it ends after ``days``."""
    token = "ec_" + secrets.token_urlsafe(32)
    db.execute(
        "INSERT INTO desk.token (id, token_hash, login, label, scopes, made_at, expires_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (uuid4(), _digest(token), login, label, sorted(scopes), now, now + timedelta(days=days)),
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
    digest = _digest(token)
    row = db.execute(
        "SELECT t.login, c.staff, c.language, t.scopes FROM desk.token t"
        " JOIN desk.credential c USING (login) WHERE t.token_hash = %s AND t.expires_at > %s",
        (digest, now),
    ).fetchone()
    if row is None:
        return None
    login, staff, language, scopes = row
    return Session(digest.hex(), login, staff, language, scopes=frozenset(scopes))


def session_for(db: Db, login: str) -> Session | None:
    """As whom something is done for a person who is not there."""
    row = db.execute(
        "SELECT staff, language FROM desk.credential WHERE login = %s", (login,)
    ).fetchone()
    return Session("", login, *row) if row else None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
