"""How often one may try a password or a code, per login and per address. Schema ``desk``."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any, Final

import structlog
from psycopg import Connection

TRIES_WITHIN: Final = timedelta(minutes=15)
TRIES_PER_LOGIN: Final = 8
TRIES_PER_ADDRESS: Final = 40

log = structlog.get_logger(__name__)


class TooManyTries(Exception):
    """Logging in is closed for this login or address until ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__("too many tries")
        self.until = until


@dataclass(frozen=True)
class Trying:
    """Who tries: a login as it was typed, and from which address."""

    typed: str
    address: str
    now: datetime
    secret: bytes

    @property
    def login(self) -> str:
        return self.typed.strip().lower()[:64]

    @property
    def origin(self) -> str:
        """The address; of IPv6 the network, in which one visitor has as many as they like."""
        try:
            address = ip_address(self.address)
        except ValueError:
            return self.address
        if isinstance(address, IPv4Address):
            return str(address)
        return str(address.ipv4_mapped or ip_network((int(address), 64), strict=False))

    @property
    def trace(self) -> bytes:
        """What is kept of the login: people type passwords into the wrong box."""
        return hmac.new(self.secret, self.login.encode(), hashlib.sha256).digest()


def holds(
    db: Connection[Any],
    trying: Trying,
    check: Callable[[], bool],
    *,
    staff: str | None,
    last: bool,
) -> bool:
    """Whether ``check`` holds; a failure counts. Errors: TooManyTries.

    last: nothing more is asked of them, so their failures are forgotten.
    """
    trace = trying.trace
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (trace.hex(),))
        _refuse_too_many(db, trying)
        if check():
            if last:
                db.execute("DELETE FROM desk.login_failure WHERE login_hash = %s", (trace,))
            return True
        db.execute(
            "INSERT INTO desk.login_failure (at, login_hash, address) VALUES (%s, %s, %s)",
            (trying.now, trace, trying.origin),
        )
        log.warning("login.failed", trace=trace.hex()[:16], staff=staff)
        return False


def _refuse_too_many(db: Connection[Any], trying: Trying) -> None:
    since = trying.now - TRIES_WITHIN
    db.execute("DELETE FROM desk.login_failure WHERE at < %s", (trying.now - 8 * TRIES_WITHIN,))
    counts: Sequence[tuple[str, Any, int]] = (
        ("SELECT at FROM desk.login_failure WHERE login_hash = %s", trying.trace, TRIES_PER_LOGIN),
        ("SELECT at FROM desk.login_failure WHERE address = %s", trying.origin, TRIES_PER_ADDRESS),
    )
    for query, key, most in counts:
        row = db.execute(
            query + " AND at > %s ORDER BY at DESC OFFSET %s LIMIT 1", (key, since, most - 1)
        ).fetchone()
        if row:
            log.warning("login.closed", trace=trying.trace.hex()[:16])
            raise TooManyTries(row[0] + TRIES_WITHIN)
