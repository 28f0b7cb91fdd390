"""Facts on their way to receivers: in the order of the log, signed, again until they are taken.

What a receiver has not taken holds back what follows, so the facts of a stream never overtake
each other; other receivers do not wait for it. A receiver is told what whoever made the webhook
may see at that moment.
"""

from __future__ import annotations

import http.client
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from time import monotonic
from typing import Any, Final
from uuid import uuid5

import orjson
import structlog
from psycopg import Connection, OperationalError
from psycopg.errors import ForeignKeyViolation
from psycopg_pool import PoolTimeout

from desk import feed, webhook
from desk.authentication.proving import lacks_factor
from desk.authentication.session import session_for
from desk.house import House
from desk.outward import AddressRefused, Outward
from desk.person import person_of
from desk.webhook import Delivery, Webhook
from projections import history
from projections.history_page import Told
from projections.reading import look

BATCH: Final = 100
POLL_SECONDS: Final = 1.0
AT_ONCE: Final = 8
GONE: Final = 410
_LOCK: Final = "SELECT pg_try_advisory_lock(hashtextextended('evercase webhooks', 0))"
_UNLOCK: Final = "SELECT pg_advisory_unlock(hashtextextended('evercase webhooks', 0))"
log = structlog.get_logger()


def run(house: House, stop: threading.Event) -> None:
    """Deliver until ``stop`` is set; while another process does so already, wait."""
    while not stop.is_set():
        try:
            with house.pool.connection() as alone:
                _run_alone(house, stop, alone)
        except (LookupError, OperationalError, PoolTimeout) as error:
            # No database, or read models that the projector has not made yet.
            log.warning("webhooks.wait", error=type(error).__name__)
            stop.wait(POLL_SECONDS)


def _run_alone(house: House, stop: threading.Event, alone: Connection[Any]) -> None:
    """``alone`` holds the lock: where it is lost, so is the lock."""
    while not stop.is_set() and alone.execute(_LOCK).fetchone() != (True,):
        stop.wait(POLL_SECONDS)
    try:
        while not stop.is_set():
            alone.execute("SELECT")
            if not round_of(house):
                stop.wait(POLL_SECONDS)
    finally:
        if not alone.closed:
            alone.execute(_UNLOCK)


def round_of(house: House) -> int:
    """One batch to every receiver that waits for one; how many there were.

    Raises: LookupError where there is no history yet, and psycopg's OperationalError.
    """
    with house.pool.connection() as db:
        with look(db) as reading:
            head = reading.freshness(history.NAME).as_of
        hooks = webhook.due(db, house.now(), head)
    if hooks:
        with ThreadPoolExecutor(min(AT_ONCE, len(hooks))) as threads:
            list(threads.map(lambda hook: _serve_alone(house, hook), hooks))
    return len(hooks)


def _serve_alone(house: House, hook: Webhook) -> None:
    """A fault at one receiver is its own alone."""
    try:
        _serve(house, hook)
    except ForeignKeyViolation:
        log.info("webhook.removed")


def _serve(house: House, hook: Webhook) -> None:
    with house.pool.connection() as db:
        session = session_for(db, hook.login)
        person = person_of(house, session) if session else None
        if session is None or person is None:
            webhook.pause(db, hook.id, "left")
            return
        if lacks_factor(house, person, session):
            webhook.pause(db, hook.id, "factor")
            return
        waiting = feed.page(db, person, hook.position, BATCH, hook.types)
    delivery = _send(house, hook, waiting.rows) if waiting.rows else None
    with house.pool.connection() as db, db.transaction():
        if delivery is not None:
            webhook.note(db, hook, delivery)
        if delivery is None or delivery.taken:
            webhook.move(db, hook, waiting.reached)
        elif delivery.status == GONE:
            webhook.pause(db, hook.id, "gone")
        else:
            webhook.fail(db, hook, house.now())


def _send(house: House, hook: Webhook, rows: list[Told]) -> Delivery:
    first, last, at = rows[0].position, rows[-1].position, house.now()
    message = str(uuid5(hook.id, f"{first}-{last}"))
    events = [feed.told(row).model_dump(mode="json") for row in rows]
    body = orjson.dumps({"events": events, "next": last})
    started = monotonic()
    status, trouble = _post(house.outward, hook, body, _headers(house, hook, message, at, body))
    took_ms = int((monotonic() - started) * 1000)
    return Delivery(message, first, last, len(rows), at, took_ms, status, trouble)


def _headers(
    house: House, hook: Webhook, message: str, at: datetime, body: bytes
) -> dict[str, str]:
    secret = webhook.secret_of(house.secret, hook)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Evercase",
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": webhook.signature(secret, message, at, body),
    }


def _post(
    outward: Outward, hook: Webhook, body: bytes, headers: dict[str, str]
) -> tuple[int | None, str | None]:
    """(status, trouble): a word for why nothing was answered, never text from outside."""
    try:
        return outward.post(hook.url, body, headers), None
    except AddressRefused as refused:
        return None, str(refused)
    except TimeoutError:
        return None, "timeout"
    except (OSError, http.client.HTTPException):
        return None, "connection"
