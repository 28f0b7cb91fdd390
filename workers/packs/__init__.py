"""What ships: calendars, procedures, policies, letters and saved replies, as JSON documents.

A file of policies holds what its policies share under ``common`` and the rows under ``policies``;
any other file is one document as it is published.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from domain.calendar import Calendar
from domain.document import Kind, PublishDocument, document, parse
from domain.event import Actor
from domain.policy import Library, Policy
from domain.procedure import Procedure
from domain.saved_reply import SavedReply
from domain.template import Template
from ledger import Ledger

NAMESPACE: Final = UUID("0b8e7f52-3c5a-5d8e-9f61-5a7d0c2e4b19")
PACKS: Final = Actor(kind="import", id="packs")

_FOLDERS: Final[tuple[tuple[Kind, str], ...]] = (
    ("calendar", "calendars"),
    ("procedure", "procedures"),
    ("template", "templates"),
    ("saved_reply", "saved_replies"),
    ("policy", "policies"),
)
"""In the order of publishing: a policy names calendars and a procedure."""


class Shipped(NamedTuple):
    """One document in one version, valid as it stands; ``body`` is what is published."""

    kind: Kind
    id: str
    version: int
    body: dict[str, Any]

    @property
    def stream(self) -> str:
        return f"{self.kind}-{self.id}"


@cache
def shipped() -> tuple[Shipped, ...]:
    """Every document of the packs, versions of one in order. Raises DocumentRefused."""
    return tuple(
        check(kind, body)
        for kind, folder in _FOLDERS
        for body in sorted(_bodies(kind, folder), key=lambda body: (body["id"], body["version"]))
    )


def check(kind: Kind, body: dict[str, Any]) -> Shipped:
    """Raises: DocumentRefused."""
    found = parse(kind, body)
    return Shipped(kind, found.id, found.version, body)


def _bodies(kind: Kind, folder: str) -> Iterator[dict[str, Any]]:
    for file in (files(__package__) / folder).iterdir():
        if not file.name.endswith(".json"):
            continue
        content = json.loads(file.read_text("utf-8"))
        if kind != "policy":
            yield content
            continue
        for row in content["policies"]:
            yield content["common"] | row


def publish(
    ledger: Ledger, at: datetime, documents: Iterable[Shipped] | None = None
) -> list[Shipped]:
    """Publish what is not published yet; what a company has taken further is left alone.

    Answers with what was published. Raises what ``Ledger.handle`` raises.
    """
    published = []
    for each in shipped() if documents is None else documents:
        if ledger.fold(document, each.stream).state.version >= each.version:
            continue
        command = PublishDocument(
            command_id=uuid5(NAMESPACE, f"{each.stream}@{each.version}"),
            at=at,
            actor=PACKS,
            kind=each.kind,
            body=each.body,
        )
        ledger.handle(document, each.stream, command)
        published.append(each)
    return published


def library(documents: Iterable[Shipped] | None = None) -> Library:
    """The documents as a library; without any, those that ship. The last version wins."""
    policies: list[Policy] = []
    procedures: dict[str, Procedure] = {}
    calendars: dict[str, Calendar] = {}
    templates: dict[str, Template] = {}
    replies: dict[str, SavedReply] = {}
    for each in shipped() if documents is None else documents:
        match parse(each.kind, each.body):
            case Policy() as policy:
                policies.append(policy)
            case Procedure() as procedure:
                procedures[procedure.id] = procedure
            case Calendar() as calendar:
                calendars[calendar.id] = calendar
            case Template() as template:
                templates[template.id] = template
            case SavedReply() as reply:
                replies[reply.id] = reply
    return Library(
        policies=tuple(policies),
        procedures=procedures,
        calendars=calendars,
        templates=tuple(templates.values()),
        saved_replies=replies,
    )
