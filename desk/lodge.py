"""Lodging a complaint: find or register the customer, then what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import uuid5

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.acts.every import ACTS
from desk.case import load
from desk.filing import file
from desk.finding import customer_of, customer_stream
from desk.forms import FormRefused, Question, filled, form_id
from desk.from_mail import Letter, known_senders, letter_of, lodging
from desk.house import House
from desk.lodge_form import command_of, questions
from desk.page import page
from desk.person import Person
from desk.problem import NotAllowed, NotFound, trouble_of
from desk.queue import customer_names, speaker
from desk.submit import Refused, submit
from desk.uploads import FIELD, FilesRefused, with_files
from desk.visit import Files, OwnForm, SignedIn, TheHouse, see
from domain.complaint import complaint
from domain.complaint_wishes import LodgeComplaint
from domain.customer import Customer
from domain.decider import DomainError
from domain.event import Context
from domain.filing import LodgeFromMail
from ledger import CommandIdMisused, KeyDestroyed, Receipt

router = APIRouter(include_in_schema=False)

Ref = Annotated[str, Query(max_length=60)]


@router.get("/complaints/new")
def form(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    *,
    customer: Ref = "",
    at: Annotated[int | None, Query(ge=1)] = None,
    received: Annotated[str, Query(max_length=20)] = "",
    mail: Ref = "",
    choose: bool = False,
) -> Response:
    """``received``: when the call began that the complaint was made in; ``mail``: what it is made
    from, of the customer whose address it has, unless somebody wants to ``choose``."""
    person.check("case", "write")
    letter = letter_of(house, person, mail) if mail else None
    if letter is not None and not letter.it.open:
        return see(f"/inbox/{mail}")
    known = known_senders(house, person, letter.event) if letter is not None else []
    customer = customer.strip() or (known[0] if len(known) == 1 and not choose else "")
    if not customer:
        return _who(request, house, person, letter, known=known)
    try:
        stream, state = _customer(house, person, customer, at)
    except NotFound:
        if letter is None:
            raise
        return _who(request, house, person, letter, known=known, unknown=customer)
    say = speaker(house, person)
    asked = questions(house, person, state, say)
    if received:
        asked = filled(asked, {"received_at": received, "channel": "phone"})
    if letter is not None:
        asked = filled(asked, letter.typed(house.directory.zone(state.legal_entity)))
    return _form(request, house, stream, state, questions=asked, letter=letter)


def _who(
    request: Request,
    house: House,
    person: Person,
    letter: Letter | None,
    *,
    known: Sequence[str],
    unknown: str = "",
) -> Response:
    """Whose complaint is it? ``unknown``: a number that nobody has."""
    say = speaker(house, person)
    names = customer_names(house, person, known, say)
    numbers = {stream: _customer(house, person, stream, None)[1].number for stream in known}
    wrong = say("No customer has this number.") if unknown else ""
    return page(
        request,
        "who.html",
        status=422 if unknown else 200,
        mail=letter.it if letter else None,
        known=[(numbers[stream], name) for stream, name in names.items()],
        number=Question("customer", say("Number of the customer"), most=60, value=unknown,
                        wrong=wrong),
    )  # fmt: skip


def _customer(house: House, person: Person, ref: str, at: int | None) -> tuple[str, Customer]:
    stream = customer_stream(house, person, ref, at)
    state = customer_of(house, person, stream) if stream else None
    if stream is None or state is None:
        raise NotFound()
    return stream, state


def _form(
    request: Request,
    house: House,
    stream: str,
    state: Customer,
    *,
    questions: Sequence[Question],
    letter: Letter | None,
    wrong: str = "",
    status: int = 200,
) -> Response:
    person: Person = request.state.person
    return page(
        request,
        "lodge.html",
        status=status,
        zone=house.directory.zone(state.legal_entity),
        customer=state,
        stream=stream,
        name=house.ledger.open(state.name) if state.name is not None else None,
        questions=questions,
        mail=letter.it if letter else None,
        wrong=wrong,
        say=speaker(house, person),
    )


@router.post("/complaints/new")
def lodge(
    request: Request, *, person: SignedIn, typed: OwnForm, uploads: Files, house: TheHouse
) -> Response:
    person.check("case", "write")
    house.directory.catch_up()
    wants_it, typed = "take" in typed, {k: v for k, v in typed.items() if k != "take"}
    stream, state = _customer(house, person, typed.get("customer", ""), None)
    letter = letter_of(house, person, typed["mail"]) if typed.get("mail") else None
    say = speaker(house, person)

    def again(words: str, status: int, fields: Mapping[str, str]) -> Response:
        asked = filled(questions(house, person, state, say), typed, fields)
        return _form(
            request, house, stream, state,
            questions=asked, letter=letter, wrong=words, status=status,
        )  # fmt: skip

    try:
        command = command_of(house, person, stream, state, typed=typed, say=say)
        uploads.check(house, say)
        if uploads.files:
            handed = uploads.handed(house.largest_file)
            command = with_files(command, handed, house, subject=stream, stream=command.complaint)
        if letter is not None:
            as_filled = letter.typed(house.directory.zone(state.legal_entity))["received_at"]
            at = letter.event.at if typed.get("received_at") == as_filled else None
            command = lodging(house, letter, command, typed["what_happened"], at=at)
        receipt = handle(house, command)
    except FormRefused as refused:
        return again(say("Look at the marked fields."), 422, refused.fields)
    except FilesRefused as refused:
        return again(say("Look at the marked fields."), refused.status, {FIELD: refused.words})
    except (DomainError, CommandIdMisused, KeyDestroyed) as error:
        trouble = trouble_of(error, person.language)
        return again(trouble.detail, trouble.status, trouble.fields)
    number = house.ledger.fold(complaint, command.complaint).state.number
    first = receipt.first or house.ledger.history(command.complaint)[0].position
    took = wants_it and _take(request, person, command.complaint, typed)
    return see(f"/complaints/{number}?at={first}{'&done=take' if took else ''}")


def _take(request: Request, person: Person, stream: str, typed: Mapping[str, str]) -> bool:
    """Whether it could be: who lodged it may not be who may answer for it."""
    try:
        wish = {"command_id": str(uuid5(form_id(typed), "take"))}
        submit(request, load(request, person, stream), ACTS["take"], "", wish)
    except (Refused, NotAllowed, NotFound):
        return False
    return True


def handle(house: House, command: LodgeComplaint) -> Receipt:
    if isinstance(command, LodgeFromMail):
        return file(house.ledger, command, house.now())
    context = Context(correlation=command.complaint)
    return house.ledger.handle(complaint, command.complaint, command, context)
