"""One complaint as the desk works on it: its stream folded and opened, for one reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from uuid import UUID

from starlette.requests import Request

from desk.finding import complaint_stream, place_of
from desk.house import House
from desk.person import Person
from desk.problem import NotFound
from desk.words.facts import Entry, Speaker
from desk.words.reading import entries
from domain.access import Place, Right, Thing, check
from domain.as_of import AsOf
from domain.attachment import Attachment, AttachmentKept, AttachmentLeftOut, LeftOut
from domain.complaint_evolution import evolve
from domain.complaint_facts import ComplaintLodged
from domain.complaint_state import INITIAL, Complaint
from domain.customer import Customer, customer
from domain.event import Event, Recorded
from projections.case import Case as CaseRow
from projections.case_events import row_of

FileEvent = AttachmentKept | AttachmentLeftOut


@dataclass(frozen=True)
class File:
    """A file as a case shows it. ``name`` None: erased."""

    file: Attachment | LeftOut
    name: str | None

    @property
    def path(self) -> str:
        """Below the case; empty where there is nothing to open."""
        if isinstance(self.file, LeftOut) or self.name is None:
            return ""
        return f"files/{self.file.id}"

    @property
    def small(self) -> str:
        """The path of its small picture; empty: it has none."""
        drawn = isinstance(self.file, Attachment) and self.file.thumbnail
        return f"{self.path}?small=yes" if self.path and drawn else ""

    @property
    def why_not(self) -> str:
        return self.file.why if isinstance(self.file, LeftOut) else ""


@dataclass(frozen=True)
class Case:
    """``row`` is the same case as lists show it, folded from the same facts."""

    stream: str
    records: Sequence[Recorded[Event]]
    state: Complaint
    row: CaseRow
    house: House
    person: Person

    @property
    def version(self) -> int:
        return len(self.records)

    @property
    def place(self) -> Place:
        return self.row.place

    def may(self, right: Right, thing: Thing = "case") -> bool:
        return self.person.may(right, thing, self.place)

    def check(self, right: Right, thing: Thing = "case") -> None:
        """Raises: NotAllowed."""
        check(self.person.rights, right, thing, self.place)

    @property
    def zone(self) -> str:
        return self.house.directory.zone(self.state.legal_entity)

    def as_of(self, moment: AsOf) -> Case | None:
        """The case folded from what stood then; None: there was nothing of it yet."""
        seen = moment.seen(self.records)
        return _folded(self.stream, seen, self.house, self.person) if seen else None

    @cached_property
    def customer(self) -> Customer:
        if self.state.customer is None:
            raise NotFound()
        return self.house.ledger.fold(customer, self.state.customer).state

    @cached_property
    def customer_name(self) -> str | None:
        """None: erased."""
        name = self.customer.name
        return self.house.ledger.open(name) if name is not None else None

    @cached_property
    def needs(self) -> list[str]:
        """What to take care of with this customer, for those who may know."""
        if not self.person.may("read", "need", place_of(self.customer)):
            return []
        texts = self.house.ledger.open_in([need.words for need in self.customer.needs.values()])
        return [text for text in texts if text]

    @cached_property
    def files(self) -> Mapping[UUID, list[File]]:
        """The files of each command, kept and not kept, in their order."""
        found = [(r.command_id, r.event) for r in self.records if isinstance(r.event, FileEvent)]
        names = self.house.ledger.open_in([event.file.name for _, event in found])
        files: dict[UUID, list[File]] = {}
        for (command, event), name in zip(found, names, strict=True):
            files.setdefault(command, []).append(File(event.file, name))
        return files

    def speaker(self, language: str | None = None) -> Speaker:
        return Speaker(
            language=language or self.person.language,
            zone=self.zone,
            now=self.house.now(),
            directory=self.house.directory,
            terms=self.state.terms,
            customer=self.customer_name or "",
        )

    @cached_property
    def entries(self) -> list[Entry]:
        """Every fact that the reader may see, oldest first."""
        return entries(self.records, self.house.ledger, self.speaker())

    def news(self, seen: int) -> list[Entry]:
        """What other people (not automations, not the reader) did since that version."""
        return [
            entry
            for record, entry in zip(self.records[seen:], self.entries[seen:], strict=True)
            if record.actor.kind != "automation" and record.actor.id != self.person.staff
        ]

    @cached_property
    def words(self) -> Entry:
        """What the customer said when lodging."""
        return next(e for e in self.entries if isinstance(e.event, ComplaintLodged))


def find(request: Request, person: Person, ref: str, at: int | None = None) -> Case:
    """The case of a number, for who may see it. Raises: NotFound."""
    stream = complaint_stream(request.app.state.house, person, ref, at)
    if stream is None:
        raise NotFound()
    return load(request, person, stream)


def load(
    request: Request, person: Person, stream: str, things: Sequence[Thing] = ("case",)
) -> Case:
    """The case, for a person who may read one of ``things``; for others it is not there (404)."""
    house: House = request.app.state.house
    house.directory.catch_up()
    records = house.ledger.history(stream)
    if not records or not isinstance(records[0].event, ComplaintLodged):
        raise NotFound()
    case = _folded(stream, records, house, person)
    if not any(case.may("read", thing) for thing in things):
        raise NotFound()
    return case


def _folded(stream: str, records: Sequence[Recorded[Event]], house: House, person: Person) -> Case:
    state = reduce(evolve, (record.event for record in records), INITIAL)  # type: ignore[arg-type]
    return Case(stream, records, state, row_of(records), house, person)
