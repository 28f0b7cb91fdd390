"""A house for imports: published rules, one legal entity, and files to bring in."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import quoteattr

from domain.document import Kind, PublishDocument
from domain.event import Actor
from domain.organisation import STREAM, DescribeLegalEntity, LegalEntity
from domain.rulebooks import rulebook
from domain.text import Text
from ledger import Ledger
from workers.importing.mapping import CaseMapping

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PACKS = Actor(kind="import", id="packs")
_TITLE = {"en": "a", "zh": "一"}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

CALENDAR: dict[str, Any] = {
    "id": "always",
    "version": 1,
    "zone": "UTC",
    "weekly": {day: [["00:00", "24:00"]] for day in _DAYS},
}
STEPS: list[dict[str, Any]] = [
    {"id": "receive", "stage": "work", "act": "lodge"},
    {"id": "acknowledge", "stage": "work", "act": "acknowledge"},
    {"id": "assess", "stage": "work", "act": "assess", "gates": ["owned"]},
    {"id": "investigate", "stage": "work", "gates": ["step:assess"], "repeatable": True},
    {"id": "respond", "stage": "work", "act": "propose", "gates": ["step:investigate"]},
    {"id": "communicate", "stage": "work", "act": "answer", "gates": ["approved"]},
    {"id": "close", "stage": "work", "act": "close", "gates": ["answered"]},
]
PROCEDURE: dict[str, Any] = {
    "id": "small",
    "version": 1,
    "title": _TITLE,
    "source": _TITLE,
    "stages": {"work": _TITLE},
    "rules": {"id": "small", "version": 1, "stages": ["work"], "steps": STEPS},
    "words": {step["id"]: {"title": _TITLE, "guidance": _TITLE} for step in STEPS},
}


def _promise(name: str, hours: int, starts_on: str, by: str) -> dict[str, Any]:
    target = {
        "name": name,
        "calendar": "always",
        "working_time": f"PT{hours}H",
        "starts_on": [starts_on],
        "fulfilled_by": [by],
        "warn": [{"share": 0.5}],
    }
    return {"target": target}


POLICY: dict[str, Any] = {
    "id": "small",
    "version": 1,
    "title": _TITLE,
    "source": _TITLE,
    "procedure": "small",
    "calendar": "always",
    "valid_from": "2000-01-01",
    "signed_by": "somebody",
    "promises": [
        _promise("ack", 24, "lodged", "acknowledged"),
        _promise("resolution", 240, "lodged", "closed"),
    ],
    "information_within": "P7D",
    "hand_over_within": "PT2H",
    "silent_after_days": 14,
    "satisfaction_after": None,
    "reopen_days": 30,
}


def publish(ledger: Ledger, kind: Kind, body: Mapping[str, Any]) -> None:
    stream = f"{kind}-{body['id']}"
    command = PublishDocument(command_id=uuid4(), at=NOW, actor=PACKS, kind=kind, body=dict(body))
    ledger.handle(rulebook(stream), stream, command)


def furnish(ledger: Ledger, **policy: Any) -> None:
    """Publish the rules and describe the house; ``policy`` differs from the small one."""
    publish(ledger, "calendar", CALENDAR)
    publish(ledger, "procedure", PROCEDURE)
    publish(ledger, "policy", POLICY | policy)
    entity = LegalEntity(
        id="house",
        name=Text(en="House", zh="宅"),
        zone="UTC",
        language="en",
        currency="EUR",
        calendar="always",
        teams={"first": Text(en="First", zh="一")},
    )
    command = DescribeLegalEntity(command_id=uuid4(), at=NOW, actor=PACKS, entity=entity)
    ledger.handle(rulebook(STREAM), STREAM, command)


COMPLAINT: dict[str, Any] = {
    "legal_entity": {"constant": "house"},
    "team": {"constant": "first"},
    "product": {"constant": "kettle"},
    "category": {"constant": "leak"},
    "channel": {"constant": "phone"},
    "what_happened": {"constant": "It leaks."},
}


def table(**changes: Any) -> CaseMapping:
    """A mapping of tables: case, activity, time, and who; what else there is stays with a step."""
    document = {
        "name": "table",
        "source": "old-system",
        "format": {"kind": "csv"},
        "case": "case",
        "activity": "activity",
        "time": {"from": "time", "zone": "UTC"},
        "resource": "who",
        "complaint": COMPLAINT,
        "steps": {
            "in": "lodge",
            "receipt": "acknowledge",
            "look": {"act": "record", "step": "investigate"},
            "offer": {"act": "propose", "decision": "upheld"},
            "told": {"act": "answer"},
            "end": {"act": "close"},
            "again": "reopen",
        },
    }
    return CaseMapping.model_validate(document | changes)


def log(**changes: Any) -> CaseMapping:
    """A mapping of event logs by the names the standard gives."""
    document = {
        "name": "log",
        "source": "old-log",
        "format": {"kind": "xes"},
        "case": "trace:concept:name",
        "activity": "concept:name",
        "time": {"from": "time:timestamp"},
        "complaint": COMPLAINT,
        "steps": {"in": "lodge", "end": "close"},
    }
    return CaseMapping.model_validate(document | changes)


HEADER = ("case", "activity", "time", "who", "note")


def csv_text(rows: Iterable[Sequence[str]], header: Sequence[str] = HEADER) -> str:
    return "".join(",".join(row) + "\n" for row in (header, *rows))


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def xes_text(traces: Mapping[str, Sequence[tuple[str, str | None, str]]]) -> str:
    """Trace name -> its events as (activity, time, further XML)."""
    parts = ["<?xml version='1.0' encoding='UTF-8'?>\n<log>\n"]
    for name, events in traces.items():
        parts.append(f'<trace>\n<string key="concept:name" value={quoteattr(name)}/>\n')
        for activity, time, more in events:
            when = "" if time is None else f'<date key="time:timestamp" value="{time}"/>'
            what = f'<string key="concept:name" value={quoteattr(activity)}/>'
            parts.append(f"<event>{what}{when}{more}</event>\n")
        parts.append("</trace>\n")
    return "".join([*parts, "</log>\n"])


def gzipped(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()))
    return path


def mapping_file(path: Path, document: CaseMapping) -> Path:
    path.write_text(json.dumps(document.model_dump(mode="json", by_alias=True, exclude_none=True)))
    return path
