"""Registering a customer, also from a mail of somebody whom nobody knows yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.forms import FormRefused, Question, filled
from desk.from_mail import address_of, asked_of_sender
from desk.house import House
from desk.page import page
from desk.person import Person
from desk.problem import NotAllowed, trouble_of
from desk.queue import speaker
from desk.registering import command_of, questions_of
from desk.visit import OwnForm, SignedIn, TheHouse, see
from desk.waiting_mail import found_to_deal_with
from domain.customer import customer
from domain.decider import DomainError
from domain.filing import check_company
from ledger import CommandIdMisused

router = APIRouter(include_in_schema=False)


@router.get("/customers/new")
def new(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    *,
    next: Annotated[str, Query(max_length=10)] = "",
    mail: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """``next``: "lodge" goes on to a complaint; so does ``mail``, which it is made from."""
    return _page(request, house, person, next=next, mail=mail)


def _page(
    request: Request,
    house: House,
    person: Person,
    *,
    next: str,
    mail: str,
    typed: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    wrong: str = "",
    status: int = 200,
) -> Response:
    if not person.reaches("customer", "write"):
        raise NotAllowed()
    asked: Sequence[Question] = questions_of(house, person)
    if mail:
        event = found_to_deal_with(house, person, mail)
        asked = asked_of_sender(house, event, asked, speaker(house, person))
    asked = filled(asked, typed or {}, fields)
    return page(
        request, "register.html", status=status, questions=asked, next=next, mail=mail, wrong=wrong
    )


@router.post("/customers/new")
def register(request: Request, person: SignedIn, typed: OwnForm, house: TheHouse) -> Response:
    say, mail = speaker(house, person), typed.get("mail", "")
    next = "lodge" if typed.get("next") == "lodge" or mail else ""
    wanted = dict(typed)
    came = found_to_deal_with(house, person, mail) if mail else None
    if came is not None and not wanted.get("email", "").strip():
        wanted["email"] = address_of(house, came)
    try:
        wish = command_of(house, person, wanted, say)
        if came is not None:
            check_company(came.legal_entity, wish.command.legal_entity)
        receipt = house.ledger.handle(customer, wish.stream, wish.command)
    except FormRefused as refused:
        words = say("Look at the marked fields.")
        return _page(
            request, house, person,
            next=next, mail=mail, typed=typed, fields=refused.fields, wrong=words, status=422,
        )  # fmt: skip
    except (DomainError, CommandIdMisused) as error:
        trouble = trouble_of(error, person.language)
        return _page(
            request, house, person, next=next, mail=mail, typed=typed,
            fields=trouble.fields, wrong=trouble.detail, status=trouble.status,
        )  # fmt: skip
    number = house.ledger.fold(customer, wish.stream).state.number
    at = f"at={receipt.first}" if receipt.first else ""
    if next:
        came_from = f"&mail={mail}" if mail else ""
        return see(f"/complaints/new?customer={number}&{at}{came_from}")
    return see(f"/customers/{number}?{at}")
