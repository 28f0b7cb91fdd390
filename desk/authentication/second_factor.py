"""A second factor: codes that change every half minute (TOTP, RFC 6238) and recovery codes.

Schema ``desk``. The secret is wrapped with the master key; no code is taken twice.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import quote

import structlog
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from desk.authentication.safety_letters import tell
from desk.authentication.session import Db, digest, end_access, end_sessions
from desk.authentication.tries import Trying, holds
from desk.house import House
from ledger.keys import Keys

STEP_SECONDS: Final = 30
DIGITS: Final = 6
SECRET_BYTES: Final = 20
AROUND: Final = 1
"""Steps before and after now whose code is taken: clocks differ, and people type slowly."""
BEGUN_FOR: Final = timedelta(minutes=30)
"""How long a secret that was shown may be confirmed."""
RECOVERY_CODES: Final = 10
RECOVERY_BYTES: Final = 15

Found = Literal["good", "used", "wrong"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Factor:
    """A second factor that is turned on. ``recovery``: how many recovery codes are left."""

    since: datetime
    recovery: int


def code_at(secret: bytes, step: int) -> str:
    """The code of one time step (RFC 4226 with the step as its counter)."""
    return HOTP(secret, DIGITS, SHA1()).generate(step).decode()  # noqa: S303 - as RFC 6238 has it


def step_of(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def spelled(secret: bytes) -> str:
    """As people type it where they cannot scan it."""
    return base64.b32encode(secret).decode().rstrip("=")


def address_for(secret: bytes, login: str) -> str:
    """What an authenticator reads from the picture."""
    return f"otpauth://totp/Evercase:{quote(login)}?secret={spelled(secret)}&issuer=Evercase"


def factor_of(db: Db, login: str) -> Factor | None:
    row = db.execute(
        "SELECT confirmed_at, (SELECT count(*) FROM desk.recovery_code r WHERE r.login = f.login)"
        " FROM desk.second_factor f WHERE login = %s AND confirmed_at IS NOT NULL",
        (login,),
    ).fetchone()
    return Factor(*row) if row else None


def having_one(db: Db) -> set[str]:
    """The logins for which it is turned on."""
    rows = db.execute("SELECT login FROM desk.second_factor WHERE confirmed_at IS NOT NULL")
    return {row[0] for row in rows}


def begin(db: Db, keys: Keys, login: str, now: datetime) -> bytes | None:
    """A new secret, to be confirmed by a code; None where a factor is on already."""
    secret = secrets.token_bytes(SECRET_BYTES)
    row = db.execute(
        "INSERT INTO desk.second_factor (login, secret, begun_at) VALUES (%s, %s, %s)"
        " ON CONFLICT (login) DO UPDATE SET secret = excluded.secret, begun_at = excluded.begun_at"
        " WHERE second_factor.confirmed_at IS NULL RETURNING login",
        (login, keys.wrap(secret, _what(login)), now),
    ).fetchone()
    return secret if row else None


def begun(db: Db, keys: Keys, login: str, now: datetime) -> bytes | None:
    """The secret that waits to be confirmed."""
    row = db.execute(
        "SELECT secret FROM desk.second_factor"
        " WHERE login = %s AND confirmed_at IS NULL AND begun_at > %s",
        (login, now - BEGUN_FOR),
    ).fetchone()
    return keys.unwrap(row[0], _what(login)) if row else None


def confirm(db: Db, keys: Keys, login: str, code: str, now: datetime, *, but: str) -> list[str]:
    """Turn it on by its first code: the recovery codes, shown once; none where it is wrong.

    Every session of the login but ``but`` ends.
    """
    with db.transaction():
        if begun(db, keys, login, now) is None or (
            _takes_code(db, keys, login, code, now) != "good"
        ):
            return []
        db.execute("UPDATE desk.second_factor SET confirmed_at = %s WHERE login = %s", (now, login))
        end_sessions(db, login, but=but)
        return new_recovery_codes(db, login)


def takes(db: Db, keys: Keys, login: str, typed: str, now: datetime) -> Found:
    """Whether it is a code of now, or a recovery code; either is good once."""
    plain = "".join(typed.split()).replace("-", "").upper()
    if len(plain) == DIGITS:
        return _takes_code(db, keys, login, plain, now)
    used = db.execute(
        "DELETE FROM desk.recovery_code WHERE code_hash = %s AND login = %s RETURNING login",
        (digest(plain), login),
    ).fetchone()
    if used:
        log.info("login.recovery_code_used")
    return "good" if used else "wrong"


def code_fits(db: Db, house: House, trying: Trying, typed: str, *, staff: str) -> bool:
    """Whether a code is right; a failure counts as one at the door. Errors: TooManyTries.

    A right code that was used before has been seen by two: its person is told.
    """
    found: Found = "wrong"

    def check() -> bool:
        nonlocal found
        found = takes(db, house.ledger.keys, trying.login, typed, trying.now)
        return found == "good"

    good = holds(db, trying, check, staff=staff, last=True)
    if found == "used":
        log.warning("login.code_used_again", staff=staff)
        tell(house, staff, "code_used_again")
    return good


def _takes_code(db: Db, keys: Keys, login: str, code: str, now: datetime) -> Found:
    row = db.execute("SELECT secret FROM desk.second_factor WHERE login = %s", (login,)).fetchone()
    if row is None:
        return "wrong"
    secret = keys.unwrap(row[0], _what(login))
    step = next((step for step in _steps(now) if _same(code_at(secret, step), code)), None)
    if step is None:
        return "wrong"
    taken = db.execute(
        "UPDATE desk.second_factor SET last_step = %s WHERE login = %s AND last_step < %s"
        " RETURNING login",
        (step, login, step),
    ).fetchone()
    return "good" if taken else "used"


def _steps(now: datetime) -> Iterator[int]:
    yield from range(step_of(now) - AROUND, step_of(now) + AROUND + 1)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.strip().encode())


def new_recovery_codes(db: Db, login: str) -> list[str]:
    """Shown once; earlier ones are good no more."""
    plain = [
        base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()
        for _ in range(RECOVERY_CODES)
    ]
    with db.transaction():
        db.execute("DELETE FROM desk.recovery_code WHERE login = %s", (login,))
        db.execute(
            "INSERT INTO desk.recovery_code (code_hash, login) SELECT unnest(%s::bytea[]), %s",
            ([digest(code) for code in plain], login),
        )
    return ["-".join(code[n : n + 6] for n in range(0, len(code), 6)) for code in plain]


def turn_off(db: Db, login: str, *, but: str = "") -> None:
    """Nothing is asked for after the password any more; all tokens and sessions but ``but`` end."""
    with db.transaction():
        db.execute("DELETE FROM desk.second_factor WHERE login = %s", (login,))
        end_access(db, login, but=but)
    log.info("login.second_factor_off")


def _what(login: str) -> str:
    return f"second factor {login}"
