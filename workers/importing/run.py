"""One import: read the whole file and check it, then carry its cases over, one command each.

A row that cannot be read stops it before anything is stored, or is skipped with its whole case.
Run again, it adds what is missing and nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from domain.carry_over import CarryOverComplaint, carry_over
from domain.complaint_facts import ComplaintArchived, ComplaintEvent, HistoricalStepKept
from domain.decider import Decider, DomainError
from ledger import CommandIdMisused, KeyDestroyed, Ledger, NotStored, Receipt
from workers.importing.carrying import Carried, Carrier
from workers.importing.csv_file import read_csv
from workers.importing.entry import MOST_ENTRIES, Entry, Fault, RowRefused, broken_rule
from workers.importing.feed import Feed
from workers.importing.identity import Identity
from workers.importing.mapping import CaseMapping, CsvFormat, MappingRefused
from workers.importing.opened import Bytes, fingerprint, opened
from workers.importing.people import People
from workers.importing.report import Rejects, Summary
from workers.importing.rows import case_of, content, rows_of
from workers.importing.spool import Spool
from workers.importing.terms import Agreements
from workers.importing.xes_file import read_xes

OnError = Literal["stop", "skip"]
Moved = Callable[[str, int, int], None]
"""(phase, done, of): "reading" in bytes, "importing" in cases."""

_AT_ONCE: Final = 200
_NAMES_SHOWN: Final = 100


class Stopped(Exception):
    """A row cannot be imported and the import was told to stop there."""

    def __init__(self, fault: Fault, more: int = 0) -> None:
        others = f" (and {more} more)" if more else ""
        super().__init__(f"line {fault.line}: {fault.reason}{others}")
        self.line = fault.line


@dataclass(frozen=True, slots=True)
class Told:
    """What deciding a case said of its steps."""

    kept: int
    out_of_order: int
    archived: bool


@dataclass(slots=True)
class Import:
    """``now``: the moment by which the past is told from the future."""

    ledger: Ledger
    mapping: CaseMapping
    rejects: Rejects
    summary: Summary
    on_error: OnError
    now: datetime
    moved: Moved
    _spool: Spool = field(default_factory=Spool)
    _told: dict[UUID, Told] = field(default_factory=dict)
    _fault: Fault | None = None
    _unused: set[str] = field(default_factory=set)
    _decider: Decider[str | None, CarryOverComplaint, ComplaintEvent] = field(init=False)

    def __post_init__(self) -> None:
        self._decider = replace(carry_over, decide=self._decide)

    def run(self, file: Path) -> None:
        """Raises FileRefused, MappingRefused, Stopped, LedgerUnavailable."""
        agreements = Agreements.of(self.ledger, self.now)
        agreements.check(self.mapping)
        self.summary.batch = f"{self.mapping.source}-{fingerprint(file)}"
        secret = self.ledger.keys.secret("identity of imported cases")
        identity = Identity.made(secret, self.mapping.source, self.summary.batch)
        carrier = Carrier(self.mapping, identity, agreements, self.now)
        with self._spool:
            self._read(file)
            self._carry(carrier)

    # reading

    def _read(self, file: Path) -> None:
        size = file.stat().st_size
        named, seen, shown = set(self.mapping.named()), set[str](), set[str]()
        self._unused = {*self.mapping.steps}
        with opened(file, lambda at: self.moved("reading", at, size)) as bytes_:
            for entry in self._entries(bytes_):
                if isinstance(entry, Fault):
                    self._reject(entry)
                    self._break_cases(entry)
                else:
                    seen |= named & entry.values.keys()
                    if len(shown) < _NAMES_SHOWN:
                        shown |= entry.values.keys()
                    self._put_aside(entry)
        self.moved("reading", size, size)
        self.summary.steps_unused = sorted(self._unused) if shown else []
        if shown and not isinstance(self.mapping.format, CsvFormat) and named - seen:
            raise MappingRefused(
                f"the mapping names attributes that no event has: {', '.join(sorted(named - seen))}"
                f". There are: {', '.join(sorted(shown))}"
            )
        if self.on_error == "stop" and self.rejects.first is not None:
            raise Stopped(self.rejects.first, self.rejects.count - 1)

    def _entries(self, file: Bytes) -> Iterator[Entry | Fault]:
        if isinstance(self.mapping.format, CsvFormat):
            return read_csv(file, self.mapping.format, self.mapping.named())
        return read_xes(file)

    def _put_aside(self, entry: Entry) -> None:
        key: str | None = None
        try:
            case = case_of(self.mapping, entry)
            if case is None:
                alike = content(entry)
                key = f"{alike} {self._spool.occurrence(alike)}"
            else:
                key = _key(case)
            for row in [*rows_of(self.mapping, entry, case, self.now)]:
                self._unused.discard(row.activity)
                self._spool.add(key, row, entry)
        except RowRefused as refused:
            if key is not None:
                self._spool.break_case(key, entry.line)
            self._reject(Fault(entry.line, str(refused), entry.raw))

    def _break_cases(self, fault: Fault) -> None:
        """A row that cannot be read for sure takes every case along that it may be of."""
        for values in fault.readings if self.mapping.case is not None else ():
            with suppress(RowRefused):
                case = case_of(self.mapping, Entry(fault.line, values, fault.raw))
                self._spool.break_case(_key(case), fault.line)

    def _reject(self, fault: Fault) -> None:
        self.rejects.add(fault)
        self.summary.rejected += 1

    # carrying over

    def _carry(self, carrier: Carrier) -> None:
        total = self._spool.filled()
        feed = Feed(self.ledger)
        people = People(self.ledger, carrier, feed, self.summary)
        ready = self._ready(carrier, total)
        try:
            while cases := [*islice(ready, _AT_ONCE)]:
                self._give(feed, people, cases)
                self._stop_where_told()
        finally:
            feed.drain()
        self._stop_where_told()
        self.moved("importing", total, total)

    def _stop_where_told(self) -> None:
        if self.on_error == "stop" and self._fault is not None:
            raise Stopped(self._fault)

    def _ready(self, carrier: Carrier, total: int) -> Iterator[Carried]:
        """The cases that can be carried over; the others are rejected on the way."""
        for n, (key, rows, broken) in enumerate(self._spool.cases()):
            self.moved("importing", n, total)
            if broken is not None:
                self._leave_out(key, f"left out with line {broken} of the same case")
            elif rows > MOST_ENTRIES:
                self._reject_case(key, f"the case has {rows} rows, more than {MOST_ENTRIES}")
            else:
                try:
                    yield carrier.carried(key, [*self._spool.rows(key)])
                except RowRefused as refused:
                    self._reject_case(key, str(refused))

    def _give(self, feed: Feed, people: People, cases: list[Carried]) -> None:
        """Numbers are taken for what is new alone, and for all of it in one read."""
        known = self.ledger.known(
            [*(case.stream for case in cases), *(case.person.stream for case in cases)]
        )
        new = [case for case in cases if case.stream not in known]
        numbers = self._numbers("complaint", {case.stream: case for case in new})
        persons = {case.person.stream: case for case in people.new(new, known)}
        numbers |= self._numbers("customer", persons)
        self.ledger.keys.prepare([*{case.person.stream for case in new}])
        for case in cases:
            if case.stream not in known:
                people.give(case, numbers.get(case.person.stream))
            command = case.command(numbers.get(case.stream, "known"))
            answered = self._answer_for(case, command)
            feed.give(self._decider, case.stream, command, case.context, answered)

    def _numbers(self, kind: str, cases: Mapping[str, Carried]) -> dict[str, str]:
        """Stream -> its number, in the year of the receipt."""
        if not cases:
            return {}
        years = [case.fields["at"].year for case in cases.values()]
        return dict(zip(cases, self.ledger.next_numbers(kind, years), strict=True))

    # answers

    def _decide(self, command: CarryOverComplaint, whose: str | None) -> list[ComplaintEvent]:
        """What the rule book says, counted on its way."""
        events = [*carry_over.decide(command, whose)]
        self._told[command.command_id] = told_by(command, events)
        return events

    def _answer_for(
        self, case: Carried, command: CarryOverComplaint
    ) -> Callable[[Future[Receipt]], None]:
        def answered(future: Future[Receipt]) -> None:
            told = self._told.pop(command.command_id, None)
            error = future.exception()
            if error is not None:
                self._reject_case(case.key, why(error))
                return
            if not self.summary.count(future.result()) or told is None:
                self.summary.repeated += 1
                return
            self.summary.cases += 1
            self.summary.events += case.rows
            self.summary.kept_as_history += told.kept
            self.summary.out_of_order += told.out_of_order
            self.summary.archived += told.archived

        return answered

    def _reject_case(self, key: str, reason: str) -> None:
        """Its first row says why; the others go with it."""
        first, *others = [each for each in self._spool.rows(key) if each.row.own]
        fault = Fault(first.row.line, reason, first.raw)
        self._fault = self._fault or fault
        self._reject(fault)
        for each in others:
            line = first.row.line
            self.rejects.add(
                Fault(each.row.line, f"left out with line {line} of the same case", each.raw)
            )
            self.summary.left_out += 1

    def _leave_out(self, key: str, reason: str) -> None:
        for each in self._spool.rows(key):
            if each.row.own:
                self.rejects.add(Fault(each.row.line, reason, each.raw))
                self.summary.left_out += 1


def _key(case: str | None) -> str:
    return f"case {case}"


def told_by(command: CarryOverComplaint, events: Sequence[ComplaintEvent]) -> Told:
    """Of the steps of a case: how many stand under their own name alone, and why."""
    refused = sum(isinstance(e, HistoricalStepKept) and e.maps_to is not None for e in events)
    foreign = sum(step.act is None for step in command.steps)
    archived = any(isinstance(event, ComplaintArchived) for event in events)
    return Told(foreign + refused, refused, archived)


def why(error: BaseException) -> str:
    """Why a case was not stored, in words; raises what is not about this case."""
    match error:
        case DomainError():
            return broken_rule(error)
        case CommandIdMisused():
            return "the case is here already, and this file or mapping tells it otherwise"
        case KeyDestroyed():
            return "the customer's personal data was erased"
        case NotStored():
            return "the database refused what stands in it"
        case _:
            raise error
