"""Webhooks as they are kept: where to, how far, what became of each delivery. Schema ``desk``."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from psycopg import Connection
from psycopg.rows import class_row

Db = Connection[Any]

MOST_PER_PERSON: Final = 10
MOST_FAILURES: Final = 20
"""In a row; then it is paused until somebody looks."""
KEPT: Final = timedelta(days=30)
"""How long the log of deliveries goes back."""
FIRST_PAUSE: Final = timedelta(seconds=10)
LONGEST_PAUSE: Final = timedelta(hours=6)


@dataclass(frozen=True)
class Webhook:
    """``position``: the last event the receiver has taken. ``types``: none named = all.

    ``paused_for``: why nothing is sent: failures, gone, by_hand, left, factor; None = it is sent.
    """

    id: UUID
    login: str
    url: str
    types: list[str]
    generation: int
    position: int
    failures: int
    next_try_at: datetime
    paused_for: str | None
    made_at: datetime


@dataclass(frozen=True)
class Delivery:
    """One attempt. ``status``: the receiver's; ``trouble``: why there is none."""

    message: str
    first: int
    last: int
    events: int
    at: datetime
    took_ms: int
    status: int | None
    trouble: str | None

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


_HOOK: Final = (
    "SELECT id, login, url, types, generation, position, failures, next_try_at, paused_for, made_at"
)


def make(
    db: Db, login: str, url: str, types: Sequence[str], *, position: int, now: datetime
) -> Webhook | None:
    """A new one; None where the person has as many as one may have."""
    with db.transaction():
        db.execute("SELECT FROM desk.credential WHERE login = %s FOR UPDATE", (login,))
        if len(of(db, login)) >= MOST_PER_PERSON:
            return None
        id = uuid4()
        db.execute(
            "INSERT INTO desk.webhook (id, login, url, types, position, next_try_at, made_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (id, login, url, list(types), position, now, now),
        )
        return one(db, login, id)


def of(db: Db, login: str) -> list[Webhook]:
    with db.cursor(row_factory=class_row(Webhook)) as cursor:
        return cursor.execute(
            _HOOK + " FROM desk.webhook WHERE login = %s ORDER BY made_at, id", (login,)
        ).fetchall()


def one(db: Db, login: str, id: UUID) -> Webhook | None:
    """Raises nothing for one of somebody else: it is not there."""
    return next((hook for hook in of(db, login) if hook.id == id), None)


def due(db: Db, now: datetime, head: int) -> list[Webhook]:
    """Those that have something to try: behind ``head``, not paused, not waiting."""
    with db.cursor(row_factory=class_row(Webhook)) as cursor:
        return cursor.execute(
            _HOOK + " FROM desk.webhook"
            " WHERE paused_for IS NULL AND next_try_at <= %s AND position < %s ORDER BY id",
            (now, head),
        ).fetchall()


def move(db: Db, hook: Webhook, position: int) -> None:
    """What lies before ``position`` is taken, or is not for this receiver.

    Unless somebody has set it to another place meanwhile.
    """
    db.execute(
        "UPDATE desk.webhook SET position = %s, failures = 0 WHERE id = %s AND position = %s",
        (position, hook.id, hook.position),
    )


def fail(db: Db, hook: Webhook, now: datetime) -> None:
    """Try again later, longer each time; in the end not before somebody has looked."""
    pause = min(FIRST_PAUSE * 2**hook.failures, LONGEST_PAUSE)
    paused = "failures" if hook.failures + 1 >= MOST_FAILURES else None
    db.execute(
        "UPDATE desk.webhook SET failures = failures + 1, next_try_at = %s,"
        " paused_for = coalesce(paused_for, %s) WHERE id = %s",
        (now + pause, paused, hook.id),
    )


def pause(db: Db, id: UUID, why: str) -> None:
    db.execute("UPDATE desk.webhook SET paused_for = %s WHERE id = %s", (why, id))


def resume(db: Db, id: UUID, now: datetime) -> None:
    db.execute(
        "UPDATE desk.webhook SET paused_for = NULL, failures = 0, next_try_at = %s WHERE id = %s",
        (now, id),
    )


def replay(db: Db, id: UUID, position: int, now: datetime) -> None:
    """Send again everything behind ``position``."""
    db.execute("UPDATE desk.webhook SET position = %s WHERE id = %s", (position, id))
    resume(db, id, now)


def renew_secret(db: Db, id: UUID) -> None:
    db.execute("UPDATE desk.webhook SET generation = generation + 1 WHERE id = %s", (id,))


def remove(db: Db, id: UUID) -> None:
    db.execute("DELETE FROM desk.webhook WHERE id = %s", (id,))


def note(db: Db, hook: Webhook, delivery: Delivery) -> None:
    """Into the log of deliveries; what is older than KEPT leaves it."""
    db.execute(
        "INSERT INTO desk.webhook_delivery"
        " (id, webhook, message, first, last, events, at, took_ms, status, trouble)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            uuid4(), hook.id, delivery.message, delivery.first, delivery.last, delivery.events,
            delivery.at, delivery.took_ms, delivery.status, delivery.trouble,
        ),
    )  # fmt: skip
    db.execute(
        "DELETE FROM desk.webhook_delivery WHERE webhook = %s AND at < %s",
        (hook.id, delivery.at - KEPT),
    )


def deliveries(db: Db, id: UUID, most: int = 50) -> list[Delivery]:
    """The last ones, newest first."""
    with db.cursor(row_factory=class_row(Delivery)) as cursor:
        return cursor.execute(
            "SELECT message, first, last, events, at, took_ms, status, trouble"
            " FROM desk.webhook_delivery WHERE webhook = %s ORDER BY at DESC, id LIMIT %s",
            (id, most),
        ).fetchall()


def secret_of(house_secret: bytes, hook: Webhook) -> str:
    """What the receiver checks signatures with, in the spelling of Standard Webhooks."""
    named = f"webhook\n{hook.id}\n{hook.generation}".encode()
    return "whsec_" + base64.b64encode(_hmac(house_secret, named)).decode()


def signature(secret: str, message: str, at: datetime, body: bytes) -> str:
    """As in the specification Standard Webhooks 1.0: ``v1,`` and the HMAC of id, second, body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(_hmac(key, signed)).decode()


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()
