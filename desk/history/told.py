"""Facts of many cases read out, a page at a time, each in the words of its own procedure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from desk.house import House
from desk.person import Person
from desk.words.facts import Entry, Speaker
from desk.words.reading import entries
from domain.complaint import complaint
from domain.event import Event, Recorded
from projections import history_page, queue
from projections.history_page import Facts, Told
from projections.reading import look

AT_ONCE: Final = 200
"""So many facts are held in memory, however many are asked for."""
Fact = tuple[Told, Recorded[Event], Entry]


@dataclass(frozen=True)
class Chosen:
    """``words``: what was said must hold all of them; ``upto``: the last position that counts."""

    which: Facts
    words: str
    upto: int


def read_out(
    house: House, rows: Sequence[Told], say: Speaker, clear: Collection[str] = ()
) -> list[Fact]:
    """``clear``: the cases of which what people said is opened."""
    records = {it.position: it for it in house.ledger.facts([row.position for row in rows])}
    speakers: dict[str, Speaker] = {}
    told = []
    for row in rows:
        stream, record = row.case_stream or "", records[row.position]
        if stream not in speakers:
            terms = house.ledger.fold(complaint, stream).state.terms if stream else None
            speakers[stream] = replace(say, terms=terms)
        (entry,) = entries([record], house.ledger, speakers[stream], clear=stream in clear)
        told.append((row, record, entry))
    return told


def pages(house: House, person: Person, chosen: Chosen, say: Speaker) -> Iterator[list[Fact]]:
    """In the order of the log. What people said is opened in cases that the person may read."""
    after = 0
    while rows := _rows(house, person, chosen, after):
        after = rows[-1].position
        streams = sorted({row.case_stream for row in rows if row.case_stream})
        with house.pool.connection() as db, look(db) as reading:
            clear = queue.cases(reading, person.scope("case"), streams)
        told = read_out(house, rows, say, clear)
        yield [it for it in told if not chosen.words or _says(it, chosen.words, clear)]


def count(house: House, person: Person, chosen: Chosen, say: Speaker) -> int:
    return sum(len(facts) for facts in pages(house, person, chosen, say))


def _rows(house: House, person: Person, chosen: Chosen, after: int) -> list[Told]:
    with house.pool.connection() as db, look(db) as reading:
        found = history_page.find(
            reading, person.scope("history"), chosen.which, after=after, limit=AT_ONCE
        )
    return [row for row in found if row.position <= chosen.upto]


def _says(fact: Fact, words: str, clear: Collection[str]) -> bool:
    row, _, entry = fact
    if row.case_stream not in clear:
        return False
    said = f"{entry.because or ''}\n{entry.quote or ''}".casefold()
    return all(word in said for word in words.casefold().split())
