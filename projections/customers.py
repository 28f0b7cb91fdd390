"""Customers as they are now. Their names stand encrypted; details are read from the stream."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from psycopg import sql

from domain.access import Scope
from domain.customer import (
    ContactDetailGiven,
    CustomerAssigned,
    CustomerErased,
    CustomerRegistered,
    NeedEnded,
    NeedNoted,
    PreferencesChanged,
    TierChanged,
)
from domain.event import Event, Recorded
from domain.personal import Personal
from projections.build import Projection, Rows, types_of
from projections.reading import Reading
from projections.rows import Shelf
from projections.within import customers_within

NAME: Final = "customers"
TABLES: Final = """
CREATE TABLE {table} (
    customer text PRIMARY KEY,
    number text NOT NULL,
    sort text NOT NULL,
    prospect boolean NOT NULL,
    legal_entity text NOT NULL,
    branch text,
    language text NOT NULL,
    preferred_channel text NOT NULL,
    tier text NOT NULL,
    name text,
    needs text[] NOT NULL,
    avoid jsonb NOT NULL,
    owner text,
    erased boolean NOT NULL,
    registered_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX ON {table} (number);
CREATE INDEX ON {table} (owner) WHERE owner IS NOT NULL;
CREATE INDEX ON {table} (registered_at DESC, customer);
"""


@dataclass(slots=True)
class CustomerRow:
    """One customer. ``name`` is encrypted; ``avoid``: need -> channels not to be used for it."""

    customer: str
    number: str
    sort: Literal["person", "organisation"]
    prospect: bool
    legal_entity: str
    branch: str | None
    language: str
    preferred_channel: str
    tier: str
    name: str | None
    registered_at: datetime
    needs: list[str] = field(default_factory=list)
    avoid: dict[str, list[str]] = field(default_factory=dict)
    owner: str | None = None
    erased: bool = False
    version: int = 0

    @property
    def called(self) -> Personal | None:
        return None if self.name is None else Personal(encrypted=self.name)


_CUSTOMERS: Final = Shelf(CustomerRow, "customer")


def apply(connection: Rows, table: str, batch: Sequence[Recorded[Any]]) -> None:
    rows = _CUSTOMERS.read(connection, table, {recorded.stream for recorded in batch})
    for recorded in batch:
        event = recorded.event
        if isinstance(event, CustomerRegistered):
            rows[recorded.stream] = _registered(event)
        row = rows[recorded.stream]
        _change(row, event)
        row.version = recorded.version
    _CUSTOMERS.write(connection, table, list(rows.values()))


PROJECTION: Final = Projection(
    NAME,
    TABLES,
    apply,
    on_error="park",
    types=types_of(
        CustomerRegistered,
        ContactDetailGiven,
        CustomerAssigned,
        PreferencesChanged,
        TierChanged,
        NeedNoted,
        NeedEnded,
        CustomerErased,
    ),
)


def _registered(event: CustomerRegistered) -> CustomerRow:
    return CustomerRow(
        customer=event.customer,
        number=event.number,
        sort=event.sort,
        prospect=event.prospect,
        legal_entity=event.legal_entity,
        branch=event.branch,
        language=event.language,
        preferred_channel=event.preferred_channel,
        tier=event.tier,
        name=event.name.encrypted,
        registered_at=event.at,
    )


def _change(row: CustomerRow, event: Event) -> None:
    match event:
        case ContactDetailGiven(detail="name"):
            row.name = None if event.value is None else event.value.encrypted
        case PreferencesChanged():
            row.language, row.preferred_channel = event.language, event.preferred_channel
        case TierChanged():
            row.tier = event.tier
        case CustomerAssigned():
            row.owner = event.owner
        case NeedNoted():
            row.needs = sorted({*row.needs, event.need})
            row.avoid[event.need] = list(event.avoid)
        case NeedEnded():
            row.needs = [need for need in row.needs if need != event.need]
            row.avoid.pop(event.need, None)
        case CustomerErased():
            row.erased, row.name = True, None


# queries. ``scope`` is of the thing "customer"


def customer(reading: Reading, scope: Scope, key: str) -> CustomerRow | None:
    """One customer by stream or number, where the person may see it."""
    column = "customer" if key.startswith("customer-") else "number"
    return next(iter(_found(reading, scope, column, [key])), None)


def customers(reading: Reading, scope: Scope, streams: Collection[str]) -> dict[str, CustomerRow]:
    """These customers as far as the person may see them: a search's finds, a list's names."""
    return {row.customer: row for row in _found(reading, scope, "customer", list(streams))}


def owned(reading: Reading, staff: str) -> frozenset[str]:
    """The customers whom somebody answers for: what their rights follow from, so no scope."""
    found = reading.records(NAME, "SELECT customer FROM {table} WHERE owner = %s", [staff])
    return frozenset(customer for (customer,) in found)


def newest(reading: Reading, scope: Scope, limit: int = 50) -> list[CustomerRow]:
    """Who was registered last."""
    within, parameters = customers_within(scope)
    return reading.rows(
        CustomerRow,
        NAME,
        "SELECT * FROM {table} WHERE {within} ORDER BY registered_at DESC, customer"
        " LIMIT %(limit)s",
        {**parameters, "limit": limit},
        within=within,
    )


def _found(reading: Reading, scope: Scope, column: str, keys: list[str]) -> list[CustomerRow]:
    within, parameters = customers_within(scope)
    return reading.rows(
        CustomerRow,
        NAME,
        "SELECT * FROM {table} WHERE {column} = ANY (%(keys)s) AND {within}",
        {**parameters, "keys": keys},
        column=sql.Identifier(column),
        within=within,
    )
