"""Looking behind a mask with a reason, a customer's request to know, and who looked at what."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel
from starlette.requests import Request
from starlette.responses import Response

from desk.api.bodies import Body, Wanted
from desk.api.reads import Receipt as Answered
from desk.api.reads import receipt
from desk.api.visit import PROBLEMS, Key, Program
from desk.case import load
from desk.customer import card, known_to
from desk.disclosing import lines
from desk.finding import COMPLAINT, CUSTOMER, complaint_stream, customer_stream, place_of, wait
from desk.forms import FormRefused, command_id, form_id
from desk.house import House
from desk.masks import Revealing, details, reveal
from desk.outlines import outlined
from desk.page import page
from desk.person import Person
from desk.problem import FieldsRefused, NotAllowed, NotFound
from desk.queue import speaker
from desk.visit import OwnForm, SignedIn, TheHouse, see
from domain.access import check
from domain.complaint import complaint
from domain.complaint_wishes import RecordRequest
from domain.customer import Customer
from domain.event import Context
from domain.personal import Personal
from ledger import Receipt
from projections import disclosures, queue
from projections.case import Row
from projections.disclosures import Kind, Looked
from projections.reading import look

router = APIRouter()

RequestKind = Literal["access", "erasure"]

Ref = Annotated[str, Query(max_length=60)]


@router.post("/customers/{ref}/reveal", include_in_schema=False)
def show_whole(
    request: Request, person: SignedIn, typed: OwnForm, house: TheHouse, ref: str
) -> Response:
    """The page once more with one detail whole, after that is recorded; not for the next look."""
    stream, state = known_to(house, person, ref)
    say = speaker(house, person)
    try:
        form = form_id(typed)
        wanted = Revealing(stream, state, typed, form, command_id(form, typed))
        wait(house, disclosures.NAME, reveal(house, person, wanted, say).last)
    except FormRefused as refused:
        words = next(iter(refused.fields.values()), say("This form is too old. Send it again."))
        return card(request, house, person, stream, state=state, wrong=words, status=422)
    return card(request, house, person, stream, state=state, revealed=frozenset({typed["field"]}))


class RevealBody(Body):
    """``case``: the number of the complaint it is needed for."""

    field: Wanted
    reason: Wanted
    case: str | None = None


class Revealed(BaseModel):
    field: str
    value: str | None


@router.post("/api/v1/customers/{ref}/reveal", tags=["customers"], responses=PROBLEMS)
def show_program(
    request: Request, person: Program, house: TheHouse, *, ref: str, body: RevealBody, key: Key
) -> Revealed:
    """One detail whole, after the reason is recorded."""
    house.directory.catch_up()
    stream, state = known_to(house, person, ref)
    case = _case(request, house, person, body.case) if body.case else None
    typed = {"field": body.field, "reason": body.reason}
    try:
        wanted = Revealing(stream, state, typed, key, key, case)
        reveal(house, person, wanted, speaker(house, person))
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    shown = details(house, state, frozenset({body.field}))
    return Revealed(field=body.field, value=next(it.value for it in shown if it.kind == body.field))


def _case(request: Request, house: House, person: Person, number: str) -> str:
    stream = complaint_stream(house, person, number)
    if stream is None:
        raise NotFound()
    return load(request, person, stream).stream


@router.post("/customers/{ref}/request", include_in_schema=False)
def ask(request: Request, person: SignedIn, typed: OwnForm, house: TheHouse, ref: str) -> Response:
    """A customer's request to know or to be erased opens one case for the DPO, for a while."""
    stream, state = known_to(house, person, ref)
    row = _asked_in(house, person, stream, state, typed.get("case", ""))
    reason = typed.get("reason", "").strip()
    if not reason:
        words = speaker(house, person)("Say why you need it.")
        return card(request, house, person, stream, state=state, wrong=words, status=422)
    kind: RequestKind = "erasure" if typed.get("kind") == "erasure" else "access"
    id = command_id(form_id(typed), typed)
    stored = _record(house, person, row, kind=kind, reason=reason, id=id)
    wait(house, queue.NAME, stored.last)
    return see(f"/complaints/{row.number}")


class RequestBody(Body):
    """``case``: the number of the complaint that it opens; ``reason``: as the customer asked."""

    kind: RequestKind
    case: Wanted
    reason: Wanted


@router.post("/api/v1/customers/{ref}/request", tags=["customers"], responses=PROBLEMS)
def ask_program(
    person: Program, house: TheHouse, *, ref: str, body: RequestBody, key: Key
) -> Answered:
    """A customer's request to know or to be erased opens one complaint for the DPO, for a while."""
    house.directory.catch_up()
    stream, state = known_to(house, person, ref)
    row = _asked_in(house, person, stream, state, body.case)
    stored = _record(house, person, row, kind=body.kind, reason=body.reason, id=key)
    return receipt(stored, house.ledger.fold(complaint, row.stream).version)


def _asked_in(house: House, person: Person, stream: str, state: Customer, number: str) -> Row:
    """The case that a request opens. Raises: NotAllowed, NotFound."""
    check(person.rights, "write", "request", place_of(state))
    row = outlined(house, person, number)
    if row is None or row.customer != stream:
        raise NotFound()
    return row


def _record(
    house: House, person: Person, row: Row, *, kind: RequestKind, reason: str, id: UUID
) -> Receipt:
    command = RecordRequest(
        command_id=id, at=house.now(), actor=person.actor(), kind=kind, reason=Personal(reason)
    )
    context = Context(correlation=row.stream)
    return house.ledger.handle(complaint, row.stream, command, context)


# who looked


@router.get("/disclosures", include_in_schema=False)
def who_looked(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    *,
    customer: Ref = "",
    case: Ref = "",
    staff: Ref = "",
) -> Response:
    """Searches for a person, details shown whole, histories taken out; newest first."""
    if not person.reaches("disclosure"):
        raise NotAllowed()
    say = speaker(house, person)
    found = _looked(house, person, customer=customer, case=case, staff=staff)
    return page(request, "disclosures.html", lines=lines(house, found, say), say=say)


class DisclosureRead(BaseModel):
    """``what``: purposes of a search, the detail shown, the filters of an export."""

    id: str
    kind: Kind
    at: AwareDatetime
    staff: str
    case: str | None
    customers: list[str]
    what: list[str]
    format: str | None
    facts: int | None
    reason: str | None


@router.get("/api/v1/disclosures", tags=["disclosures"], responses=PROBLEMS)
def disclosed(
    person: Program, house: TheHouse, *, customer: Ref = "", case: Ref = "", staff: Ref = ""
) -> list[DisclosureRead]:
    """Who looked something up: about a customer, a complaint, by a colleague, or the newest."""
    if not person.reaches("disclosure"):
        raise NotAllowed()
    house.directory.catch_up()
    rows = _looked(house, person, customer=customer, case=case, staff=staff)
    return [
        DisclosureRead(
            id=it.row.id, kind=it.row.kind, at=it.row.at, staff=it.row.staff, case=it.row.number,
            customers=it.row.customers, what=it.row.what, format=it.row.format,
            facts=it.row.facts, reason=it.because,
        )
        for it in lines(house, rows, speaker(house, person))
    ]  # fmt: skip


def _looked(house: House, person: Person, *, customer: str, case: str, staff: str) -> list[Looked]:
    """By number or stream; nothing of what the person may not see."""
    scope = person.scope("disclosure")
    if CUSTOMER.match(customer):
        customer = customer_stream(house, person, customer) or "nobody"
    if COMPLAINT.match(case):
        case = complaint_stream(house, person, case) or "nothing"
    with house.pool.connection() as db, look(db) as reading:
        if customer:
            return disclosures.of_customer(reading, scope, customer)
        if case:
            return disclosures.of_case(reading, scope, case)
        if staff:
            return disclosures.of_staff(reading, scope, staff)
        return disclosures.newest(reading, scope)
