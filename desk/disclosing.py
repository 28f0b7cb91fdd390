"""Looking something up is a fact: recorded before what is looked up is shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from desk.forms import stream_for
from desk.house import House
from desk.language import N_
from desk.person import Person
from desk.words.facts import Speaker
from domain.disclosure import MOST_FOUND, DisclosureCommand, Looker, RecordPersonSearch, disclosure
from domain.event import Context
from domain.personal import Personal
from ledger import Receipt
from ledger.naming import uuid7
from projections.disclosures import Looked


def looker(person: Person, entity: str | None = None, branch: str | None = None) -> Looker:
    """Who looks: in one entity and branch, or in all that they reach."""
    entities = [entity] if entity else person.entities("customer")
    role = next((r for at in entities if (r := person.role_in(at, branch))), None)
    return Looker(
        staff=person.staff,
        legal_entities=tuple(entities),
        branch=branch,
        team=role.team if role else None,
    )


def record_search(
    house: House, person: Person, purposes: Collection[str], found: Collection[str]
) -> None:
    """Somebody looked for a person; ``found``: the customers that are about to be shown."""
    command = RecordPersonSearch(
        **base(house, person),
        by=looker(person),
        purposes=tuple(purposes),
        found=tuple(found)[:MOST_FOUND],
    )
    record(house, command, uuid7())


def base(house: House, person: Person, id: UUID | None = None) -> dict[str, Any]:
    return {"command_id": id or uuid4(), "at": house.now(), "actor": person.actor()}


def record(
    house: House, command: DisclosureCommand, form: UUID, reason: str | None = None
) -> Receipt:
    """A stream of its own: the same wish of the same form again is the same fact."""
    stream = stream_for("disclosure", form, command.command_id)
    context = Context(reason=None if reason is None else Personal(reason))
    return house.ledger.handle(disclosure, stream, command, context)


@dataclass(frozen=True)
class Line:
    """One disclosure in words. ``because``: as typed, None where it was not asked or is erased."""

    row: Looked
    who: str
    what: str
    because: str | None


_WHAT: Final = {
    "searched": N_("found by searching: %(what)s"),
    "revealed": N_("was shown in full: %(what)s"),
    "exported": N_("took out %(count)s facts as %(format)s"),
}


def lines(house: House, rows: Collection[Looked], say: Speaker) -> list[Line]:
    reasons = house.ledger.open_in([row.because for row in rows])
    return [
        Line(row, say.name(row.staff), _what(row, say), reason)
        for row, reason in zip(rows, reasons, strict=True)
    ]


def _what(row: Looked, say: Speaker) -> str:
    if row.kind == "exported":
        return say(_WHAT["exported"], count=row.facts, format=say.term("format", row.format or ""))
    return say(_WHAT[row.kind], what=say.listed(say.term("detail", it) for it in row.what))
