"""From what people see and type (numbers, names, phones) to streams, within what they may see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from babel.core import get_global

from desk.house import House
from desk.person import Person
from domain.access import Place, Thing
from domain.complaint_facts import ComplaintLodged
from domain.customer import Customer, CustomerRegistered, customer
from ledger.blind import Purpose
from projections import customers, queue
from projections.case import Row
from projections.customers import CustomerRow
from projections.reading import look, wait_for

COMPLAINT: Final = re.compile(r"C-\d{4}-\d{6,}\Z")
_BETWEEN_DIGITS: Final = re.compile(r"[\s()（）./+－–—-]")
CUSTOMER: Final = re.compile(r"K-\d{4}-\d{6,}\Z")
STREAM: Final = re.compile(r"[a-z]+-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
ZONE_COUNTRIES: Final[Mapping[str, str]] = get_global("zone_territories")
COUNTRY_CODES: Final[Mapping[str, str]] = {
    "AU": "61", "CN": "86", "DE": "49", "FR": "33", "GB": "44", "HK": "852", "IE": "353",
    "JP": "81", "NZ": "64", "SG": "65", "US": "1",
}  # fmt: skip
"""What a phone number of a country is dialled with from abroad."""


def complaint_stream(
    house: House, person: Person, ref: str, at: int | None = None, thing: Thing = "case"
) -> str | None:
    """The stream of a number or of itself. ``at``: position of a fact just stored in it."""
    if STREAM.match(ref):
        return ref
    if not COMPLAINT.match(ref):
        return None
    if at is not None:
        return just_stored(house, ref, at)
    with house.pool.connection() as db, look(db) as reading:
        row = queue.case(reading, person.scope(thing), ref)
    return row.stream if row else None


def just_stored(house: House, number: str, at: int) -> str | None:
    """The stream whose number was given in the fact at that position."""
    for record in house.ledger.log(at - 1, 1):
        match record.event:
            case ComplaintLodged() | CustomerRegistered() if record.event.number == number:
                return record.stream
    return None


def customer_stream(house: House, person: Person, ref: str, at: int | None = None) -> str | None:
    """The stream of a customer's number or of itself, where the person may see the customer."""
    if STREAM.match(ref):
        stream: str | None = ref
    elif not CUSTOMER.match(ref):
        stream = None
    elif at is not None:
        stream = just_stored(house, ref, at)
    else:
        with house.pool.connection() as db, look(db) as reading:
            found = customers.customer(reading, person.scope("customer"), ref)
        stream = found.customer if found else None
    return stream if stream and customer_of(house, person, stream) else None


def open_cases(house: House, staff: str) -> int:
    """How many cases somebody answers for, as lists show it."""
    with house.pool.connection() as db, look(db) as reading:
        return queue.open_cases(reading, [staff])[staff]


def cases_of(house: House, person: Person, of: str) -> list[Row]:
    """A customer's cases that the person may see, newest first."""
    with house.pool.connection() as db, look(db) as reading:
        return queue.of_customer(reading, person.scope("case"), of)


def wait(house: House, name: str, position: int | None) -> None:
    """Let a list catch up with what its reader has just done, a moment at most."""
    if position is not None:
        with house.pool.connection() as db:
            wait_for(db, name, position)


def customer_of(house: House, person: Person, stream: str) -> Customer | None:
    """A customer the person may see."""
    state: Customer = house.ledger.fold(customer, stream).state
    return state if state.number and person.may("read", "customer", place_of(state)) else None


def place_of(state: Customer | CustomerRow) -> Place:
    """Where a customer stands."""
    return Place(legal_entity=state.legal_entity, branch=state.branch, owner=state.owner)


def purposes(text: str) -> tuple[Purpose, ...]:
    """What a text may be, by its signs."""
    if not text:
        return ()
    if "@" in text:
        return ("email",)
    digits = sum(sign.isdigit() for sign in text)
    signs = len(_BETWEEN_DIGITS.sub("", text))
    if digits >= 5 and digits >= signs - 6:
        return ("phone", "order")
    return ("name", "order") if digits else ("name",)


def spellings(house: House, purpose: Purpose, text: str) -> list[str]:
    """The text as it may have been given: a phone number also with the codes of our countries."""
    plain = text.strip()
    if purpose != "phone" or plain.startswith(("+", "00")):
        return [plain]
    entities = house.directory.organisation.entities.values()
    countries = {ZONE_COUNTRIES.get(entity.zone, "") for entity in entities}
    codes = sorted(COUNTRY_CODES[it] for it in countries if it in COUNTRY_CODES)
    return [plain, *(f"+{code}{plain.removeprefix('0')}" for code in codes)]
