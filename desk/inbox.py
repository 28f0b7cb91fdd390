"""The inbox: mail that belongs to no case by itself, read, filed, or put aside with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.dealing import LONGEST_REASON, dismiss, file
from desk.files import drawn, one_of, saved
from desk.finding import wait
from desk.forms import FormRefused, Question, command_id, filled, form_id
from desk.house import House
from desk.page import page
from desk.person import Person
from desk.problem import NotFound, trouble_of
from desk.queue import speaker
from desk.quoted import parts
from desk.visit import OwnForm, SignedIn, TheHouse, see
from desk.waiting_mail import found, opened, waiting
from desk.words.terms import term
from domain.decider import DomainError
from ledger import CommandIdMisused, KeyDestroyed
from projections import inbox
from projections.reading import look

router = APIRouter(include_in_schema=False)


@router.get("/inbox")
def show(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    *,
    done: Annotated[bool, Query()] = False,
    after: Annotated[str, Query(max_length=60)] = "",
    position: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    wait(house, inbox.NAME, position)
    waits = waiting(house, person, after)
    with house.pool.connection() as db, look(db) as reading:
        fresh = reading.freshness(inbox.NAME)
    words = partial(term, person.language)
    return page(
        request,
        "inbox.html",
        live={"rows": "mail"},
        mails=waits.mails,
        next=waits.next,
        done=done,
        fresh=fresh,
        term=words,
    )


@router.get("/inbox/{mail}")
def read(request: Request, person: SignedIn, house: TheHouse, mail: str) -> Response:
    return _page(request, house, person, mail)


@router.get("/inbox/{mail}/files/{id}")
def save(
    person: SignedIn,
    house: TheHouse,
    *,
    mail: str,
    id: str,
    small: Annotated[str, Query(max_length=3)] = "",
) -> Response:
    """For who may read the mail; once it is filed, its files are those of the case."""
    file = one_of(found(house, person, mail).files, id)
    return drawn(house.ledger, file) if small else saved(house.ledger, file)


def _page(
    request: Request,
    house: House,
    person: Person,
    mail: str,
    *,
    typed: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    wrong: str = "",
    status: int = 200,
) -> Response:
    say = speaker(house, person)
    it = opened(house, person, mail)
    asked = filled(
        [
            Question("case", say("Number of the case"), most=60, value=it.number or ""),
            Question("reason", say("Why"), "long_text", rows=2, most=LONGEST_REASON),
        ],
        typed or {},
        fields,
    )
    return page(
        request,
        "inbox_mail.html",
        status=status,
        it=it,
        parts=parts(it.text or ""),
        case=asked[0],
        reason=asked[1],
        may_file=bool(person.widely("case", "write")),
        wrong=wrong,
        say=say,
    )


@router.post("/inbox/{mail}/{deed}")
def deal(
    request: Request, person: SignedIn, typed: OwnForm, house: TheHouse, *, mail: str, deed: str
) -> Response:
    try:
        id = command_id(form_id(typed), {**typed, "deed": deed})
        if deed == "file":
            file(request, person, mail, typed.get("case", ""), id)
        elif deed == "dismiss":
            dismiss(house, person, mail, typed.get("reason", ""), id)
        else:
            raise NotFound()
    except FormRefused as refused:
        words = speaker(house, person)("Look at the marked fields.")
        return _page(
            request, house, person, mail,
            typed=typed, fields=refused.fields, wrong=words, status=422,
        )  # fmt: skip
    except (DomainError, CommandIdMisused, KeyDestroyed) as error:
        trouble = trouble_of(error, person.language)
        return _page(
            request, house, person, mail,
            typed=typed, wrong=trouble.detail, status=trouble.status,
        )  # fmt: skip
    return see(f"/inbox?done=yes&position={max(house.ledger.head(), 1)}")
