"""A disclosure: somebody looked something up. The typed word itself is never stored.

Why it was asked for stands in the envelope's reason, encrypted for the customer it is about; where
it is about nobody in particular, for the person who asked.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, assert_never

from pydantic import Field

from domain.decider import Decider
from domain.event import Command, Event, Frozen

MOST_FOUND: Final = 50
Format = Literal["csv", "json", "print"]
Found = Annotated[tuple[str, ...], Field(max_length=MOST_FOUND)]
"""Customers, at most ``MOST_FOUND``."""


class Looker(Frozen):
    """Who looks, and where: what decides who may read of it later."""

    staff: str
    legal_entities: tuple[str, ...]
    branch: str | None = None
    team: str | None = None


# events


class PersonSearched(Event, type="PersonSearched"):
    """A person was searched for by these purposes of the blind index; these were shown."""

    by: Looker
    purposes: tuple[str, ...]
    found: Found


class DetailRevealed(Event, type="DetailRevealed"):
    """A masked detail was shown in full, once."""

    by: Looker
    customer: str
    case: str | None
    field: str


class HistoryExported(Event, type="HistoryExported"):
    """Facts left the house in a file or on paper. ``filters``: what narrowed them, no typed word.

    ``case`` and ``customer`` stand where the facts are of one of them.
    """

    by: Looker
    case: str | None
    customer: str | None
    filters: tuple[str, ...]
    format: Format
    facts: int


DisclosureEvent = PersonSearched | DetailRevealed | HistoryExported


# commands


class RecordPersonSearch(Command):
    by: Looker
    purposes: tuple[str, ...]
    found: Found


class RevealDetail(Command):
    by: Looker
    customer: str
    case: str | None = None
    field: str


class ExportHistory(Command):
    by: Looker
    case: str | None = None
    customer: str | None = None
    filters: tuple[str, ...] = ()
    format: Format
    facts: int


DisclosureCommand = RecordPersonSearch | RevealDetail | ExportHistory


# state


class Disclosure(Frozen):
    """``about``: whose key its reason is encrypted with."""

    about: str | None = None


INITIAL = Disclosure()


def decide(command: DisclosureCommand, state: Disclosure) -> list[DisclosureEvent]:
    if state.about is not None:
        return []
    match command:
        case RecordPersonSearch():
            return [
                PersonSearched(
                    at=command.at, by=command.by, purposes=command.purposes, found=command.found
                )
            ]
        case RevealDetail():
            return [
                DetailRevealed(
                    at=command.at,
                    by=command.by,
                    customer=command.customer,
                    case=command.case,
                    field=command.field,
                )
            ]
        case ExportHistory():
            return [
                HistoryExported(
                    at=command.at,
                    by=command.by,
                    case=command.case,
                    customer=command.customer,
                    filters=command.filters,
                    format=command.format,
                    facts=command.facts,
                )
            ]
        case _:
            assert_never(command)


def evolve(state: Disclosure, event: DisclosureEvent) -> Disclosure:
    customer = None if isinstance(event, PersonSearched) else event.customer
    return Disclosure(about=customer or event.by.staff)


def subject(state: Disclosure) -> str | None:
    return state.about


disclosure: Decider[Disclosure, DisclosureCommand, DisclosureEvent] = Decider(
    name="disclosure", initial=INITIAL, decide=decide, evolve=evolve, subject=subject
)
