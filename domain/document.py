"""Published documents: calendars, policies, procedures, letters and saved replies, as events.

A document is drafted by one person and published by another; its versions follow each other
without a hole and never change. What was carried in with the product is published by its import.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, assert_never

from pydantic import JsonValue, ValidationError

from domain.calendar import Calendar
from domain.decider import Decider, DomainError
from domain.event import Command, Event, Frozen
from domain.policy import Policy
from domain.procedure import Procedure
from domain.saved_reply import SavedReply
from domain.template import Template

Kind = Literal["calendar", "policy", "procedure", "template", "saved_reply"]
Document = Calendar | Policy | Procedure | Template | SavedReply
KINDS: Final[Mapping[Kind, type[Document]]] = {
    "calendar": Calendar,
    "policy": Policy,
    "procedure": Procedure,
    "template": Template,
    "saved_reply": SavedReply,
}


# events


class DocumentDrafted(Event, type="DocumentDrafted"):
    kind: Kind
    id: str
    version: int
    body: dict[str, JsonValue]
    drafted_by: str


class DocumentPublished(Event, type="DocumentPublished"):
    """In force from its own ``valid_from`` (policies) or at once (others)."""

    kind: Kind
    id: str
    version: int
    body: dict[str, JsonValue]
    published_by: str


DocumentEvent = DocumentDrafted | DocumentPublished


# commands


class DraftDocument(Command):
    kind: Kind
    body: dict[str, JsonValue]


class PublishDocument(Command):
    """Publish what was drafted; ``body`` where an import publishes without a draft."""

    kind: Kind
    body: dict[str, JsonValue] | None = None


DocumentCommand = DraftDocument | PublishDocument


# state


class Draft(Frozen):
    body: dict[str, JsonValue]
    version: int
    drafted_by: str


class Published(Frozen):
    version: int = 0
    body: dict[str, JsonValue] | None = None
    draft: Draft | None = None


INITIAL = Published()


class DocumentRefused(DomainError):
    """The document does not hold together; ``where`` names the place, ``why`` the reason."""


class VersionOutOfOrder(DomainError):
    """The next version is the last one plus one."""


class NothingDrafted(DomainError):
    """There is no draft to publish."""


class DrafterCannotPublish(DomainError):
    """Whoever drafted a document cannot be the one who publishes it."""


def parse(kind: Kind, body: dict[str, Any]) -> Document:
    """A document from its JSON. Raises: DocumentRefused."""
    try:
        return KINDS[kind].model_validate(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DocumentRefused(where=where, why=first["msg"]) from None


def decide(command: DocumentCommand, state: Published) -> list[DocumentEvent]:
    match command:
        case DraftDocument(kind=kind, body=body):
            document = parse(kind, body)
            if document.version != state.version + 1:
                raise VersionOutOfOrder(expected=state.version + 1)
            return [
                DocumentDrafted(
                    at=command.at,
                    kind=kind,
                    id=document.id,
                    version=document.version,
                    body=body,
                    drafted_by=command.actor.id,
                )
            ]
        case PublishDocument(kind=kind):
            body = _to_publish(command, state)
            if body == state.body:
                return []
            document = parse(kind, body)
            if document.version != state.version + 1:
                raise VersionOutOfOrder(expected=state.version + 1)
            return [
                DocumentPublished(
                    at=command.at,
                    kind=kind,
                    id=document.id,
                    version=document.version,
                    body=body,
                    published_by=command.actor.id,
                )
            ]
        case _:
            assert_never(command)


def _to_publish(command: PublishDocument, state: Published) -> dict[str, JsonValue]:
    if command.body is not None and command.actor.kind == "import":
        return command.body
    if state.draft is None:
        raise NothingDrafted()
    if state.draft.drafted_by == command.actor.id:
        raise DrafterCannotPublish()
    return state.draft.body


def evolve(state: Published, event: DocumentEvent) -> Published:
    match event:
        case DocumentDrafted():
            draft = Draft(body=event.body, version=event.version, drafted_by=event.drafted_by)
            return state.model_copy(update={"draft": draft})
        case DocumentPublished():
            return Published(version=event.version, body=event.body)
        case _:
            assert_never(event)


document: Decider[Published, DocumentCommand, DocumentEvent] = Decider(
    name="document", initial=INITIAL, decide=decide, evolve=evolve
)
"""Streams are named ``<kind>-<id>``: ``calendar-london``, ``policy-uk-complaints``."""
