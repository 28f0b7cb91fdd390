"""Lodging and registering over the API: the same wishes as the forms, as JSON."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from desk.api.bodies import Body, Files, Plain, Wanted
from desk.finding import customer_of, customer_stream
from desk.forms import FormRefused, stream_for
from desk.house import House
from desk.person import Person
from desk.registering import first_owner
from desk.words.facts import Speaker
from domain.access import Place, check
from domain.complaint_facts import Severity
from domain.complaint_wishes import LodgeComplaint
from domain.customer import RegisterCustomer, Tier
from domain.letter import Channel
from domain.organisation import LegalEntity
from domain.personal import Personal
from domain.text import Language

Short = Annotated[Wanted, Field(max_length=100)]
"""Names of the house's own: products, teams, branches."""


class CaseBody(Body):
    """What a new complaint needs however it comes."""

    branch: Short | None = None
    team: Short
    product: Short
    category: Short
    severity: Severity = "medium"
    remedy_sought: Plain | None = None
    order: Short | None = None
    lodged_by: Short | None = None
    named: Short | None = None
    """The staff stream of whom it complains about."""


class LodgeBody(CaseBody):
    """``at`` is the receipt, if not now; ``customer`` a number or stream."""

    customer: Short
    at: AwareDatetime | None = None
    channel: Channel
    what_happened: Wanted
    files: Files = ()


class LodgeMailBody(CaseBody):
    """``customer``: where not exactly one has the sender's address; ``what_happened``: where not
    the words of the mail. Its files come along, and its arrival is the receipt."""

    customer: Short | None = None
    what_happened: Wanted | None = None


class RegisterBody(Body):
    name: Annotated[Wanted, Field(max_length=300)]
    sort: Literal["person", "organisation"] = "person"
    prospect: bool = False
    legal_entity: Short
    branch: Short | None = None
    language: Language
    preferred_channel: Channel = "email"
    tier: Tier = "standard"
    email: Short | None = None
    phone: Short | None = None
    address: Annotated[Plain, Field(max_length=500)] | None = None
    order: Short | None = None


def lodge_command(
    house: House, person: Person, body: LodgeBody, id: UUID, say: Speaker
) -> LodgeComplaint:
    """Raises: FormRefused, and what access and policies say."""
    person.check("case", "write")
    customer = customer_stream(house, person, body.customer)
    state = customer_of(house, person, customer) if customer else None
    if customer is None or state is None:
        raise FormRefused({"customer": say("No customer has this number.")})
    entity = _entity(house, state.legal_entity, say)
    for name, value, known in (
        ("branch", body.branch, entity.branches),
        ("team", body.team, entity.teams),
        ("product", body.product, entity.products),
        ("category", body.category, entity.categories),
    ):
        if value is not None and value not in known:
            raise FormRefused({name: say("Choose one of the list.")})
    if body.named is not None and body.named not in house.directory.staff:
        raise FormRefused({"named": say("Choose one of the list.")})
    now = house.now()
    at = body.at or now
    if at > now:
        raise FormRefused({"at": say("This is in the future.")})
    if at.year < 1990:
        raise FormRefused({"at": say("This is too long ago.")})
    place = Place(legal_entity=entity.id, branch=body.branch, team=body.team)
    check(person.rights, "write", "case", place)
    return LodgeComplaint(
        command_id=id,
        at=at,
        actor=person.actor(),
        complaint=stream_for("complaint", id, id),
        number=house.ledger.next_number("complaint", at.year),
        legal_entity=entity.id,
        branch=body.branch,
        team=body.team,
        customer=customer,
        lodged_by=_box(body.lodged_by),
        channel=body.channel,
        product=body.product,
        category=body.category,
        severity=body.severity,
        tier=state.tier,
        language=state.language,
        what_happened=Personal(body.what_happened),
        remedy_sought=_box(body.remedy_sought),
        order=_box(body.order),
        named=(body.named,) if body.named else (),
        terms=house.directory.library.terms(
            legal_entity=entity.id,
            product=body.product,
            category=body.category,
            channel=body.channel,
            at=at,
        ),
    )


def register_command(
    house: House, person: Person, body: RegisterBody, id: UUID, say: Speaker
) -> RegisterCustomer:
    """Raises: FormRefused, NotAllowed."""
    entity = _entity(house, body.legal_entity, say)
    if body.branch is not None and body.branch not in entity.branches:
        raise FormRefused({"branch": say("This branch belongs to another company.")})
    owner = first_owner(person, entity.id, body.branch)
    now = house.now()
    given = {name: getattr(body, name) for name in ("email", "phone", "address", "order")}
    return RegisterCustomer.model_validate(
        {
            "command_id": id,
            "at": now,
            "actor": person.actor(),
            "customer": stream_for("customer", id, id),
            "number": house.ledger.next_number("customer", now.year),
            **body.model_dump(exclude={"name", *given}),
            "owner": owner,
            "name": Personal(body.name),
            "details": {name: Personal(text) for name, text in given.items() if text},
        }
    )


def _entity(house: House, id: str, say: Speaker) -> LegalEntity:
    entity = house.directory.entity(id)
    if entity is None:
        raise FormRefused({"legal_entity": say("Choose one of the list.")})
    return entity


def _box(text: str | None) -> Personal | None:
    return Personal(text) if text else None
