"""Documents and companies over the API: one drafts, another publishes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, BaseModel, JsonValue
from starlette.responses import Response

from desk import documents
from desk.api.bodies import Body, words_in
from desk.api.reads import Receipt, receipt
from desk.api.visit import PROBLEMS, Expected, Key, Program, ProvedProgram
from desk.documents import check_reach, standing
from desk.forms import FormRefused
from desk.house import House
from desk.organisation import entities_of
from desk.person import Person
from desk.problem import FieldsRefused, NotAllowed, NotFound
from desk.queue import speaker
from desk.visit import TheHouse
from domain.access import Thing
from domain.document import Draft, DraftDocument, Kind, PublishDocument, document, parse
from domain.event import Context
from domain.organisation import (
    STREAM,
    DraftLegalEntity,
    LegalEntity,
    Organisation,
    PublishLegalEntity,
    organisation,
)
from ledger import Receipt as Stored
from projections.reading import look

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["documents"])


class DocumentListed(BaseModel):
    """``version``: the one that was published last."""

    kind: Kind
    id: str
    version: int
    valid_from: date | None
    published_by: str
    published_at: datetime


class DocumentRead(BaseModel):
    """``body`` null: only drafted so far. The ETag names what was read, for publishing."""

    kind: Kind
    id: str
    version: int
    body: dict[str, Any] | None
    draft: Draft | None


class DraftBody(Body):
    """``body``: the next version, whole."""

    body: dict[str, JsonValue]


class CompanyRead(BaseModel):
    """``draft``: as it is to stand, until somebody else publishes it; the ETag is for that."""

    company: LegalEntity
    draft: LegalEntity | None
    drafted_by: str | None


class CompanyBody(Body):
    """The company as it is to stand, whole."""

    company: Annotated[LegalEntity, AfterValidator(words_in)]


def _drafts(person: Program) -> None:
    person.check("document", "write")


def _publishes(person: Program) -> None:
    person.check("publication", "write")


Drafts = Annotated[None, Depends(_drafts)]
Publishes = Annotated[None, Depends(_publishes)]


@router.get("/documents")
def newest(person: Program, house: TheHouse) -> list[DocumentListed]:
    """Every document of your companies and of all, in its last version."""
    person.check("document")
    with house.pool.connection() as db, look(db) as reading:
        rows = documents.newest(reading, person)
    return [DocumentListed.model_validate(row, from_attributes=True) for row in rows]


@router.get("/documents/{kind}/{id}")
def read(
    response: Response, person: Program, house: TheHouse, *, kind: Kind, id: str
) -> DocumentRead:
    person.check("document")
    fold = house.ledger.fold(document, f"{kind}-{id}")
    state = fold.state
    shown = state.draft.body if state.draft else state.body
    if shown is None:
        raise NotFound()
    if not all(documents.shown_to(person, it) for it in (state.body or {}, shown)):
        raise NotFound()
    response.headers["ETag"] = f'"{fold.version}"'
    return DocumentRead(kind=kind, id=id, version=state.version, body=state.body, draft=state.draft)


@router.post("/documents/{kind}/{id}/draft")
def draft(
    person: Program, house: TheHouse, _may: Drafts, *, kind: Kind, id: str, body: DraftBody,
    key: Key,
) -> Receipt:  # fmt: skip
    """Draft the next version; another member of staff publishes it."""
    say = speaker(house, person)
    stream = f"{kind}-{id}"
    fold = house.ledger.fold(document, stream)
    try:
        command = DraftDocument(
            command_id=key, at=house.now(), actor=person.actor(), kind=kind,
            body=words_in(body.body),
        )  # fmt: skip
        if parse(kind, command.body).id != id:
            raise FormRefused({"body": say("This is another document.")})
        check_reach(house, person, "document", kind, *standing(fold.state), command.body)
    except ValueError:
        raise FieldsRefused({"body": say("This is not valid JSON.")}) from None
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    context = Context(expected_version=fold.version)
    return _told(house, stream, house.ledger.handle(document, stream, command, context))


@router.post("/documents/{kind}/{id}/publish")
def publish(
    person: Program, house: TheHouse, _may: Publishes, *, kind: Kind, id: str, key: Key,
    expected: Expected,
) -> Receipt:  # fmt: skip
    """Publish what somebody else drafted; If-Match names what was read."""
    stream = f"{kind}-{id}"
    fold = house.ledger.fold(document, stream)
    check_reach(house, person, "publication", kind, *standing(fold.state))
    command = PublishDocument(command_id=key, at=house.now(), actor=person.actor(), kind=kind)
    context = Context(expected_version=fold.version if expected is None else expected)
    return _told(house, stream, house.ledger.handle(document, stream, command, context))


def _told(house: House, stream: str, stored: Stored) -> Receipt:
    return receipt(stored, house.ledger.fold(document, stream).version)


@router.get("/organisation/{id}")
def company(response: Response, person: Program, house: TheHouse, id: str) -> CompanyRead:
    fold = house.ledger.fold(organisation, STREAM)
    state: Organisation = fold.state
    _check_company(person, state, id)
    response.headers["ETag"] = f'"{fold.version}"'
    waiting = state.drafts.get(id)
    return CompanyRead(
        company=state.entities[id],
        draft=waiting.entity if waiting else None,
        drafted_by=waiting.drafted_by if waiting else None,
    )


@router.post("/organisation/{id}/draft")
def draft_company(
    person: ProvedProgram, house: TheHouse, *, id: str, body: CompanyBody, key: Key,
    expected: Expected,
) -> Receipt:  # fmt: skip
    """Draft how a company is to stand; another member of staff publishes it."""
    fold, say = house.ledger.fold(organisation, STREAM), speaker(house, person)
    _check_company(person, fold.state, id, "document")
    if body.company.id != id:
        raise FieldsRefused({"company.id": say("This is another document.")})
    if body.company.zone not in available_timezones():
        raise FieldsRefused({"company.zone": say("Choose one of the list.")})
    command = DraftLegalEntity(
        command_id=key, at=house.now(), actor=person.actor(), entity=body.company
    )
    return _stands(house, command, fold.version if expected is None else expected)


@router.post("/organisation/{id}/publish")
def publish_company(
    person: ProvedProgram, house: TheHouse, *, id: str, key: Key, expected: Expected
) -> Receipt:
    """Let what somebody else drafted stand; If-Match names what was read."""
    fold = house.ledger.fold(organisation, STREAM)
    _check_company(person, fold.state, id, "publication")
    command = PublishLegalEntity(command_id=key, at=house.now(), actor=person.actor(), id=id)
    return _stands(house, command, fold.version if expected is None else expected)


def _check_company(
    person: Person, state: Organisation, id: str, thing: Thing | None = None
) -> None:
    """Raises: NotFound, NotAllowed for who may not draft, or not publish."""
    if id not in entities_of(person) or id not in state.entities:
        raise NotFound()
    if thing is not None and id not in person.entities(thing, "write"):
        raise NotAllowed()


def _stands(house: House, command: DraftLegalEntity | PublishLegalEntity, expected: int) -> Receipt:
    context = Context(expected_version=expected)
    stored = house.ledger.handle(organisation, STREAM, command, context)
    return receipt(stored, house.ledger.fold(organisation, STREAM).version)
