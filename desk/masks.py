"""What is shown of phone, e-mail, address and numbers: masked, but for what the matrix leaves open.

One place for pages, API, search and export. Whole for whoever answers for an open case: the phone.
Anything else, and for anybody else, after "reveal" with a reason, which is recorded before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from desk.disclosing import base, looker, record
from desk.finding import cases_of, place_of
from desk.forms import FormRefused
from desk.house import House
from desk.person import Person
from desk.words.facts import Speaker
from domain.access import check
from domain.customer import Customer
from domain.disclosure import RevealDetail
from ledger import Receipt

HIDDEN: Final = frozenset({"phone", "email", "address", "order"})
OPEN_OF_OWN_CASE: Final = "phone"
SHOWN_LAST: Final = 4
LONGEST_REASON: Final = 1_000


@dataclass(frozen=True)
class Detail:
    """One detail as it is shown. ``kind``: phone, e-mail …"""

    kind: str
    value: str | None
    masked: bool


def masked(text: str | None) -> str | None:
    """The last four signs and what leads to them; of an e-mail address its house."""
    if text is None:
        return None
    if "@" in text:
        return text[0] + "•••@" + text.rpartition("@")[2]
    digits = sum(sign.isdigit() for sign in text)
    first = text[:3] + " " if digits >= 11 and " " not in text[:3] else ""
    return f"{first}•••• {text[-SHOWN_LAST:] if len(text) > 2 * SHOWN_LAST else ''}".strip()


def open_details(house: House, person: Person, stream: str) -> frozenset[str]:
    """Which details of the customer the person sees whole: their phone, in an own open case."""
    mine = any(
        row.owner == person.staff and row.closed_at is None
        for row in cases_of(house, person, stream)
    )
    return frozenset({OPEN_OF_OWN_CASE} if mine else ())


def details(house: House, state: Customer, whole: frozenset[str]) -> list[Detail]:
    texts = house.ledger.open_in(list(state.details.values()))
    return [
        Detail(kind, text if kind in whole else masked(text), kind not in whole)
        for kind, text in zip(state.details, texts, strict=True)
    ]


def may_reveal(person: Person, state: Customer) -> bool:
    return person.may("read", "identifiers", place_of(state))


@dataclass(frozen=True)
class Revealing:
    """What somebody wants to see whole, and why. ``case``: the stream it is needed for."""

    stream: str
    state: Customer
    typed: Mapping[str, str]
    form: UUID
    id: UUID
    case: str | None = None


def reveal(house: House, person: Person, wanted: Revealing, say: Speaker) -> Receipt:
    """Record that the detail is about to be shown. Raises: FormRefused, NotAllowed."""
    state = wanted.state
    check(person.rights, "read", "identifiers", place_of(state))
    field, reason = wanted.typed.get("field", ""), wanted.typed.get("reason", "").strip()
    if field not in state.details:
        raise FormRefused({"field": say("Choose one of the list.")})
    if not reason:
        raise FormRefused({"reason": say("Say why you need it.")})
    if len(reason) > LONGEST_REASON:
        raise FormRefused({"reason": say("At most %(most)s characters.", most=LONGEST_REASON)})
    command = RevealDetail(
        **base(house, person, wanted.id),
        by=looker(person, state.legal_entity, state.branch),
        customer=wanted.stream,
        case=wanted.case,
        field=field,
    )
    return record(house, command, wanted.form, reason)
