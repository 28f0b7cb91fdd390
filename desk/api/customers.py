"""Customers over the API: read, register, and what changes about them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from desk.api.bodies import Body, Plain, Wanted, body_of
from desk.api.lodge import RegisterBody, register_command
from desk.api.reads import ContactRead, CustomerRead, Lodged, OutlineRead, Receipt
from desk.api.visit import PROBLEMS, Expected, Key, Program
from desk.contacts import last_contacts
from desk.finding import customer_of, customer_stream, place_of
from desk.forms import FormRefused, stream_for
from desk.house import House
from desk.masks import details, open_details
from desk.outlines import outlines
from desk.person import Person
from desk.problem import FieldsRefused, NotFound
from desk.queue import speaker
from desk.registering import carers
from desk.visit import TheHouse
from domain.access import Thing, check
from domain.customer import (
    AssignCustomer,
    ChangePreferences,
    ChangeTier,
    Customer,
    CustomerCommand,
    EndNeed,
    GiveContactDetail,
    NoteNeed,
    customer,
)
from domain.event import Command, Context
from domain.interaction import RecordInteraction, interaction
from domain.letter import Channel
from domain.personal import Personal
from projections import customers
from projections.reading import look

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["customers"])


class ContactBody(Body):
    """A contact outside of any case; ``minutes``: how long it took."""

    channel: Channel
    direction: Literal["in", "out"]
    minutes: Annotated[int, Field(ge=0, le=1440)] | None = None
    summary: Wanted


WISHES: dict[str, type[Command]] = {
    "details": GiveContactDetail,
    "preferences": ChangePreferences,
    "tier": ChangeTier,
    "needs": NoteNeed,
    "end-need": EndNeed,
    "assign": AssignCustomer,
}


def known(house: House, person: Program, ref: str) -> tuple[str, Customer]:
    """Raises: NotFound, also for whom the person may not see."""
    house.directory.catch_up()
    stream = customer_stream(house, person, ref)
    state = customer_of(house, person, stream) if stream else None
    if stream is None or state is None:
        raise NotFound()
    return stream, state


def _read(house: House, person: Person, stream: str, state: Customer) -> CustomerRead:
    return CustomerRead(
        stream=stream,
        number=state.number,
        version=house.ledger.fold(customer, stream).version,
        name=house.ledger.open(state.name) if state.name is not None else None,
        sort=state.sort,
        prospect=state.prospect,
        legal_entity=state.legal_entity,
        branch=state.branch,
        language=state.language,
        preferred_channel=state.preferred_channel,
        tier=state.tier,
        owner=state.owner,
        needs=list(state.needs) if person.may("read", "need", place_of(state)) else [],
        details={
            it.kind: it.value for it in details(house, state, open_details(house, person, stream))
        },
        erased=state.erased,
    )


class CustomerListed(BaseModel):
    customer: str
    number: str
    name: str | None
    legal_entity: str
    registered_at: datetime


@router.get("/customers")
def newest(person: Program, house: TheHouse) -> list[CustomerListed]:
    """Who was registered last. Anybody is found by POST /search."""
    person.check("customer")
    with house.pool.connection() as db, look(db) as reading:
        rows = customers.newest(reading, person.scope("customer"))
    names = house.ledger.open_in([row.called for row in rows])
    return [
        CustomerListed(
            customer=row.customer, number=row.number, name=name, legal_entity=row.legal_entity,
            registered_at=row.registered_at,
        )
        for row, name in zip(rows, names, strict=True)
    ]  # fmt: skip


@router.get("/customers/{ref}")
def read(response: Response, person: Program, house: TheHouse, ref: str) -> CustomerRead:
    """One customer by number or stream. The ETag is the version."""
    shown = _read(house, person, *known(house, person, ref))
    response.headers["ETag"] = f'"{shown.version}"'
    return shown


@router.get("/customers/{ref}/complaints")
def complaints(person: Program, house: TheHouse, ref: str) -> list[OutlineRead]:
    """A customer's complaints in outline, for those who may know that there are any."""
    stream, _ = known(house, person, ref)
    if not person.reaches("outline"):
        raise NotFound()
    return [OutlineRead.model_validate(asdict(it)) for it in outlines(house, person, stream)]


@router.get("/customers/{ref}/contacts")
def contacts(person: Program, house: TheHouse, ref: str) -> list[ContactRead]:
    """The last three contacts with a customer, the newest first."""
    stream, _ = known(house, person, ref)
    found = last_contacts(house, person, stream)
    texts = house.ledger.open_in([it.said for it in found])
    return [
        ContactRead(
            at=it.at,
            kind=it.kind,
            direction=it.direction,
            channel=it.channel,
            case=it.number,
            words=text,
        )
        for it, text in zip(found, texts, strict=True)
    ]


@router.post("/customers", status_code=201)
def register(
    response: Response, person: Program, house: TheHouse, body: RegisterBody, key: Key
) -> Lodged:
    try:
        command = register_command(house, person, body, key, speaker(house, person))
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    stored = house.ledger.handle(customer, command.customer, command)
    fold = house.ledger.fold(customer, command.customer)
    response.headers["Location"] = f"/api/v1/customers/{command.customer}"
    response.headers["ETag"] = f'"{fold.version}"'
    return Lodged(
        outcome=stored.outcome,
        first=stored.first,
        last=stored.last,
        version=fold.version,
        stream=command.customer,
        number=fold.state.number,
    )


@router.post("/customers/{ref}/contacts", status_code=201)
def contact(person: Program, house: TheHouse, *, ref: str, body: ContactBody, key: Key) -> Receipt:
    stream, state = known(house, person, ref)
    check(person.rights, "write", "customer", place_of(state))
    command = RecordInteraction(
        command_id=key,
        at=house.now(),
        actor=person.actor(),
        customer=stream,
        legal_entity=state.legal_entity,
        branch=state.branch,
        channel=body.channel,
        direction=body.direction,
        lasted=None if body.minutes is None else timedelta(minutes=body.minutes),
        summary=Personal(body.summary),
    )
    begun = stream_for("interaction", key, key)
    stored = house.ledger.handle(interaction, begun, command, Context(correlation=stream))
    return Receipt(outcome=stored.outcome, first=stored.first, last=stored.last, version=1)


def _thing(kind: type[Command]) -> Thing:
    return "assignment" if kind is AssignCustomer else "customer"


def _check_carer(house: House, person: Person, state: Customer, to: str) -> None:
    """Raises: FieldsRefused."""
    say = speaker(house, person)
    if to not in dict(carers(house, state, say)):
        raise FieldsRefused({"to": say("Choose one of the list.")})


def _endpoint(name: str, kind: type[Command], body_type: type[Body]) -> Any:
    def endpoint(
        request: Request,
        response: Response,
        *,
        person: Program,
        ref: str,
        body: Body,
        key: Key,
        expected: Expected,
    ) -> Receipt:
        house: House = request.app.state.house
        stream, state = known(house, person, ref)
        check(person.rights, "write", _thing(kind), place_of(state))
        if isinstance(to := getattr(body, "to", None), str):
            _check_carer(house, person, state, to)
        fields = {f: getattr(body, f) for f in type(body).model_fields if f != "at"}
        command: CustomerCommand = kind.model_validate(  # type: ignore[assignment]
            {
                **fields,
                "command_id": key,
                "at": house.now(),
                "actor": person.actor(),
                **({"need": str(key)} if kind is NoteNeed else {}),
            }
        )
        stored = house.ledger.handle(customer, stream, command, Context(expected_version=expected))
        version = stored.version or house.ledger.fold(customer, stream).version
        response.headers["ETag"] = f'"{version}"'
        return Receipt(
            outcome=stored.outcome, first=stored.first, last=stored.last, version=version
        )

    endpoint.__doc__ = kind.__doc__
    endpoint.__name__ = f"customer_{name.replace('-', '_')}"
    endpoint.__annotations__ = {
        "request": Request, "response": Response, "person": Program, "ref": str,
        "body": body_type, "key": Key, "expected": Expected, "return": Receipt,
    }  # fmt: skip
    return endpoint


for name, kind in WISHES.items():
    left_out = frozenset({"need"}) if kind is NoteNeed else frozenset()
    body_type = body_of(kind, left_out, {"value": Plain | None} if name == "details" else {})
    router.add_api_route(
        f"/customers/{{ref}}/{name}", _endpoint(name, kind, body_type), methods=["POST"]
    )
