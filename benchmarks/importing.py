"""How fast foreign cases come in, one command each, beside the plainest insert of the same rows."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, Final, Protocol
from uuid import uuid4

import psycopg

from benchmarks.measure import Measure, of_rounds
from domain.document import Kind, PublishDocument
from domain.event import Actor
from domain.rulebooks import rulebook
from ledger import Ledger
from workers.importing.command import import_complaints
from workers.importing.mapping import CaseMapping

CASES: Final = 1_500
ROUNDS: Final = 3
AT_ONCE: Final = 500
MASTER_KEY: Final = bytes(range(32))
START: Final = datetime(2024, 1, 8, 9, tzinfo=UTC)
STORY: Final = ("received", "acknowledged", "looked into", "decided", "told", "closed")
_TEXT: Final = {"en": "Bench", "zh": "测"}
_COLUMNS: Final = (
    "position, stream, version, type, schema, occurred_at, recorded_at, command_id, meta, body"
)
_READ: Final = _COLUMNS.replace("meta, body", "meta::text, body::text")

STEPS: Final[list[dict[str, Any]]] = [
    {"id": "receive", "stage": "work", "act": "lodge"},
    {"id": "acknowledge", "stage": "work", "act": "acknowledge"},
    {"id": "assess", "stage": "work", "act": "assess"},
    {"id": "investigate", "stage": "work", "repeatable": True},
    {"id": "respond", "stage": "work", "act": "propose"},
    {"id": "communicate", "stage": "work", "act": "answer"},
    {"id": "close", "stage": "work", "act": "close"},
]


def _promise(name: str, hours: int, by: str) -> dict[str, Any]:
    return {
        "target": {
            "name": name,
            "calendar": "bench",
            "working_time": f"PT{hours}H",
            "starts_on": ["lodged"],
            "fulfilled_by": [by],
        }
    }


DOCUMENTS: Final[Mapping[Kind, dict[str, Any]]] = {
    "calendar": {
        "id": "bench",
        "version": 1,
        "zone": "Europe/London",
        "weekly": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    },
    "procedure": {
        "id": "bench",
        "version": 1,
        "title": _TEXT,
        "source": _TEXT,
        "stages": {"work": _TEXT},
        "rules": {"id": "bench", "version": 1, "stages": ["work"], "steps": STEPS},
        "words": {step["id"]: {"title": _TEXT, "guidance": _TEXT} for step in STEPS},
    },
    "policy": {
        "id": "bench",
        "version": 1,
        "title": _TEXT,
        "source": _TEXT,
        "procedure": "bench",
        "calendar": "bench",
        "valid_from": "2000-01-01",
        "signed_by": "bench",
        "promises": [
            _promise("ack", 4, "acknowledged"),
            _promise("first_reply", 8, "replied"),
            _promise("resolution", 80, "closed"),
        ],
        "information_within": "PT80H",
        "hand_over_within": "PT2H",
        "silent_after_days": 14,
        "satisfaction_after": None,
        "reopen_days": 30,
    },
}


class Urls(Protocol):
    """A database that nobody else uses, as ``evercase_app`` reaches it."""

    @property
    def app_url(self) -> str: ...


def measure(database: Urls, cases: int = CASES) -> list[Measure]:
    """Three rounds of files with other cases each; rows are events of the log, per second."""
    pairs = []
    with Ledger(database.app_url, master_key=MASTER_KEY) as ledger:
        _publish(ledger)
        for number in range(ROUNDS):
            before = ledger.head()
            took = _import(ledger, number, cases)
            rows = ledger.head() - before
            pairs.append((rows / took, rows / _raw(database.app_url, before)))
    return [of_rounds("import, one command a case / raw executemany", pairs, 0.25)]


def _publish(ledger: Ledger) -> None:
    for kind, body in DOCUMENTS.items():
        command = PublishDocument(
            command_id=uuid4(),
            at=START,
            actor=Actor(kind="import", id="bench"),
            kind=kind,
            body=body,
        )
        stream = f"{kind}-{body['id']}"
        ledger.handle(rulebook(stream), stream, command)


def mapping(number: int) -> CaseMapping:
    return CaseMapping.model_validate(
        {
            "name": "bench",
            "source": f"bench-{number}",
            "format": {"kind": "csv"},
            "case": "case",
            "activity": "activity",
            "time": {"from": "time"},
            "resource": "who",
            "customer": {"name": "customer"},
            "complaint": {
                "legal_entity": {"constant": "bench"},
                "team": {"constant": "bench"},
                "product": "product",
                "category": {"constant": "delay"},
                "channel": {"constant": "email"},
                "what_happened": "what",
            },
            "steps": {
                "received": "lodge",
                "acknowledged": "acknowledge",
                "looked into": {"act": "record", "step": "investigate"},
                "decided": {"act": "propose", "decision": "upheld"},
                "told": "answer",
                "closed": "close",
            },
            "countable": ["product"],
        }
    )


def _import(ledger: Ledger, number: int, cases: int) -> float:
    """Seconds from the file to the last commit, reading and checking it among them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.csv"
        with file.open("w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["case", "activity", "time", "who", "customer", "product", "what"])
            for case in range(cases):
                received = START + timedelta(hours=case % 2_000)
                for step, activity in enumerate(STORY):
                    at = (received + timedelta(hours=3 * step)).isoformat()
                    what = "The parcel did not come on the day it was promised." * (step == 0)
                    writer.writerow(
                        [f"B{case}", activity, at, "ann", f"Customer {case}", "parcel", what]
                    )
        started = perf_counter()
        summary = import_complaints(ledger, file, mapping(number))
        took = perf_counter() - started
    if summary.cases != cases:
        raise RuntimeError(f"{summary.cases} of {cases} cases came in: {summary.error}")
    return took


def _raw(url: str, after: int) -> float:
    """Seconds for the same rows into a table of the same columns and indexes, 500 a transaction."""
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS read.raw_import")
        connection.execute("CREATE TABLE read.raw_import (LIKE ledger.event INCLUDING ALL)")
        rows = connection.execute(
            f"SELECT {_READ} FROM ledger.event WHERE position > %s ORDER BY position", [after]
        ).fetchall()
        connection.commit()
        started = perf_counter()
        for first in range(0, len(rows), AT_ONCE):
            with connection.cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO read.raw_import ({_COLUMNS})"
                    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                    rows[first : first + AT_ONCE],
                )
            connection.commit()
        return perf_counter() - started
