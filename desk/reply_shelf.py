"""The page of saved replies: found by their words, and begun by who drafts documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.api.bodies import words_in
from desk.documents import check_reach, title_of, waiting
from desk.forms import FormRefused, Question, command_id, form_id
from desk.house import House
from desk.page import page
from desk.person import Person
from desk.problem import NotAllowed, trouble_of
from desk.queue import speaker
from desk.reply_form import holding, questions, typed_body
from desk.saved_replies import shelf
from desk.visit import OwnForm, SignedIn, TheHouse, see
from domain.decider import DomainError
from domain.document import DraftDocument, document, parse
from domain.event import Context
from domain.saved_reply import ID
from ledger import CommandIdMisused, RivalWrote

router = APIRouter(include_in_schema=False)

LONGEST_ID: Final = 60


@router.get("/documents/saved_reply")
def show(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    words: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    return _page(request, house, person, words)


def _page(
    request: Request,
    house: House,
    person: Person,
    words: str = "",
    *,
    typed: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    wrong: str = "",
    status: int = 200,
) -> Response:
    say = speaker(house, person)
    found = shelf(house, person, words)
    asked = [
        Question("id", say("Short name"), most=LONGEST_ID,
                 help=say("Small letters, digits and hyphens. It never changes.")),
        *(it for it in questions(house, person, say, {}) if it.name != "retired"),
    ]  # fmt: skip
    return page(
        request,
        "saved_replies.html",
        status=status,
        words=words,
        replies=sorted(found, key=lambda it: say.text(it.title).casefold()),
        drafts=waiting(house, person, "saved_reply"),
        asked=asked if typed is None else holding(asked, typed, fields or {}),
        may_begin=person.reaches("document", "write"),
        begun=typed is not None,
        wrong=wrong,
        title_of=title_of,
        say=say,
    )


@router.post("/documents/saved_reply")
def begin(request: Request, person: SignedIn, typed: OwnForm, house: TheHouse) -> Response:
    """Draft the first version of one."""
    if not person.reaches("document", "write"):
        raise NotAllowed()
    say, id = speaker(house, person), typed.get("id", "").strip()
    refused: dict[str, Any]
    try:
        command = _command(house, person, typed, id)
        check_reach(house, person, "document", "saved_reply", command.body)
        house.ledger.handle(document, f"saved_reply-{id}", command, Context(expected_version=0))
        return see(f"/documents/saved_reply/{id}")
    except FormRefused as error:
        words = next(iter(error.fields.values()), say("This form is too old. Send it again."))
        refused = {"fields": error.fields, "wrong": words, "status": 422}
    except RivalWrote:
        words = say("There is one of this name already.")
        refused = {"fields": {"id": words}, "wrong": words, "status": 409}
    except (DomainError, CommandIdMisused) as error:
        trouble = trouble_of(error, person.language)
        refused = {"wrong": trouble.detail, "status": trouble.status}
    return _page(request, house, person, typed=typed, **refused)


def _command(house: House, person: Person, typed: Mapping[str, str], id: str) -> DraftDocument:
    """Raises: FormRefused, DocumentRefused."""
    say, form = speaker(house, person), form_id(typed)
    if ID.fullmatch(id) is None:
        raise FormRefused({"id": say("Small letters, digits and hyphens. It never changes.")})
    body = words_in(typed_body(typed, id, 1, say))
    parse("saved_reply", body)
    return DraftDocument(
        command_id=command_id(form, typed),
        at=house.now(),
        actor=person.actor(),
        kind="saved_reply",
        body=body,
    )
