"""Published documents, from calendars to saved replies. One drafts, another publishes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast, get_args

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk import reply_form
from desk.api.bodies import words_in
from desk.finding import wait
from desk.forms import FormRefused, command_id, form_id, version_needed
from desk.house import House
from desk.page import page
from desk.person import Person
from desk.problem import NotAllowed, NotFound, trouble_of
from desk.queue import speaker
from desk.visit import OwnForm, SignedIn, TheHouse, see
from desk.words.facts import Speaker
from domain.access import Place, Thing
from domain.decider import DomainError
from domain.document import (
    DocumentCommand,
    DocumentDrafted,
    DraftDocument,
    Kind,
    PublishDocument,
    Published,
    document,
    parse,
)
from domain.event import Context
from ledger import CommandIdMisused, RivalWrote
from projections import library
from projections.library import DocumentRow
from projections.reading import Reading, look

router = APIRouter(include_in_schema=False)

KINDS = get_args(Kind)


@router.get("/documents")
def show(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    *,
    position: Annotated[int | None, Query(ge=1)] = None,
    words: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    if not person.reaches("document"):
        raise NotAllowed()
    wait(house, library.NAME, position)
    with house.pool.connection() as db, look(db) as reading:
        rows = holding(newest(reading, person), words)
        fresh = reading.freshness(library.NAME)
    groups = [(kind, [row for row in rows if row.kind == kind]) for kind in KINDS]
    return page(
        request, "documents.html", groups=groups, fresh=fresh, say=speaker(house, person),
        title_of=title_of, words=words, drafts=waiting(house, person),
    )  # fmt: skip


def shown_to(person: Person, body: Mapping[str, Any]) -> bool:
    """Documents of every company, and of one's own."""
    return body.get("legal_entity") in (None, *person.entities("document"))


def newest(reading: Reading, person: Person) -> list[DocumentRow]:
    """Every document that the person may read, in its last version."""
    return [row for row in library.latest(reading) if shown_to(person, row.body)]


def holding(rows: Sequence[DocumentRow], words: str) -> list[DocumentRow]:
    """Those that hold all the words in their titles or texts, in either language, or their id."""
    wanted = words.casefold().split()
    return [row for row in rows if all(word in _said(row) for word in wanted)]


def _said(row: DocumentRow) -> str:
    texts = [row.body.get(name) for name in ("title", "subject", "body")]
    said = [text for it in texts if isinstance(it, dict) for text in it.values()]
    return "\n".join([row.id, *(text for text in said if isinstance(text, str))]).casefold()


def waiting(house: House, person: Person, kind: Kind | None = None) -> list[DocumentDrafted]:
    """Drafts that nobody has published yet, for those who draft or publish such."""
    house.directory.catch_up()
    return [
        draft
        for draft in house.directory.drafts.values()
        if kind in (None, draft.kind)
        and (
            may(house, person, "document", draft.kind, draft.body)
            or may(house, person, "publication", draft.kind, draft.body)
        )
    ]


def title_of(row: DocumentRow | DocumentDrafted, say: Speaker) -> str:
    """What a document calls itself; nothing where it has its id alone, as calendars do."""
    title: Any = row.body.get("title") or row.body.get("subject")
    known = isinstance(title, dict) and say.language in title
    return str(title[say.language]) if known else ""


@router.get("/documents/{kind}/{id}")
def read(request: Request, person: SignedIn, house: TheHouse, kind: str, id: str) -> Response:
    return _read(request, house, person, kind=kind, id=id)


def _read(
    request: Request,
    house: House,
    person: Person,
    *,
    kind: str,
    id: str,
    typed: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    wrong: str = "",
    status: int = 200,
) -> Response:
    if not person.reaches("document"):
        raise NotAllowed()
    fold = house.ledger.fold(document, f"{kind}-{id}")
    state = fold.state
    if kind not in KINDS or (state.version == 0 and state.draft is None):
        raise NotFound()
    body = state.draft.body if state.draft else {**(state.body or {}), "version": state.version + 1}
    if not all(shown_to(person, it) for it in (state.body or {}, body)):
        raise NotFound()
    say, asked = speaker(house, person), []
    if kind == "saved_reply":
        asked = reply_form.questions(house, person, say, body)
        asked = asked if typed is None else reply_form.holding(asked, typed, fields or {})
    return page(
        request,
        "document.html",
        status=status,
        kind=kind,
        id=id,
        state=state,
        shown=_text(state.body or {}),
        drafted=_text(body),
        draft=_text(body) if typed is None else typed.get("body", ""),
        asked=asked,
        next_version=state.version + 1,
        drafter=state.draft.drafted_by if state.draft else None,
        version=fold.version,
        may_draft=may(house, person, "document", kind, *standing(state)),
        may_publish=may(house, person, "publication", kind, *standing(state)),
        wrong=wrong,
        say=say,
    )


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, indent=2)


@router.post("/documents/{kind}/{id}/{wish}")
def change(
    request: Request, *, person: SignedIn, typed: OwnForm, house: TheHouse, kind: str, id: str,
    wish: str,
) -> Response:  # fmt: skip
    """Draft a new version, or publish what somebody else drafted."""
    stream = f"{kind}-{id}"
    if kind not in KINDS or wish not in ("draft", "publish"):
        raise NotFound()
    thing: Thing = "document" if wish == "draft" else "publication"
    if not person.reaches(thing, "write"):
        raise NotAllowed()
    say = speaker(house, person)
    kept = typed if wish == "draft" else None
    try:
        command = _command(house, person, typed, kind=cast(Kind, kind), id=id, wish=wish)
        fold = house.ledger.fold(document, stream)
        check_reach(house, person, thing, kind, *standing(fold.state), command.body)
        read = version_needed(typed) if wish == "publish" else fold.version
        context = Context(expected_version=read)
        receipt = house.ledger.handle(document, stream, command, context)
    except FormRefused as refused:
        words = next(iter(refused.fields.values()), say("This form is too old. Send it again."))
        return _read(
            request,
            house,
            person,
            kind=kind,
            id=id,
            typed=kept,
            fields=refused.fields,
            wrong=words,
            status=422,
        )
    except (DomainError, CommandIdMisused, RivalWrote) as error:
        trouble = trouble_of(error, person.language)
        return _read(
            request, house, person, kind=kind, id=id,
            typed=kept, wrong=trouble.detail, status=trouble.status,
        )  # fmt: skip
    position = f"?position={receipt.last}" if receipt.last else ""
    return see(f"/documents/{kind}/{id}{position}")


def standing(state: Published) -> tuple[dict[str, Any] | None, ...]:
    """What is in force and what is drafted: neither is another company's to replace."""
    return state.body, state.draft.body if state.draft else None


def may(
    house: House, person: Person, thing: Thing, kind: str, *bodies: Mapping[str, Any] | None
) -> bool:
    """Policies, letters and replies belong to a company, or to all: then one must reach them all.

    ``bodies``: what stands, what is drafted and what is to stand; all decide.
    """
    if kind not in ("policy", "template", "saved_reply"):
        return person.reaches(thing, "write")
    house.directory.catch_up()
    owners = {body.get("legal_entity") for body in bodies if body is not None}
    everybody = house.directory.organisation.entities if None in owners else ()
    return person.reaches(thing, "write") and all(
        person.may("write", thing, Place(legal_entity=entity))
        for entity in (owners - {None}) | set(everybody)
    )


def check_reach(
    house: House, person: Person, thing: Thing, kind: str, *bodies: Mapping[str, Any] | None
) -> None:
    """Raises: NotAllowed; FormRefused where a company can be chosen."""
    if may(house, person, thing, kind, *bodies):
        return
    if (kind, thing) == ("saved_reply", "document"):
        say = speaker(house, person)
        raise FormRefused({"legal_entity": say("Choose a company that you may draft for.")})
    raise NotAllowed()


def _command(
    house: House, person: Person, typed: Mapping[str, str], *, kind: Kind, id: str, wish: str
) -> DocumentCommand:
    say = speaker(house, person)
    form = form_id(typed)
    base: dict[str, Any] = {
        "command_id": command_id(form, typed),
        "at": house.now(),
        "actor": person.actor(),
        "kind": kind,
    }
    if wish == "publish":
        return PublishDocument(**base)
    try:
        if kind == "saved_reply":
            body = reply_form.typed_body(typed, id, version_needed(typed), say)
        else:
            body = json.loads(typed.get("body", ""))
        command = DraftDocument(**base, body=words_in(body))
    except (ValueError, RecursionError):
        raise FormRefused({"body": say("This is not valid JSON.")}) from None
    if parse(kind, command.body).id != id:
        raise FormRefused({"body": say("This is another document.")})
    return command
