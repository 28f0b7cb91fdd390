"""A history as somebody asked for it: which facts, folded as of which moment, for whose eyes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from desk.bounds import entered_late
from desk.case import Case, load
from desk.finding import complaint_stream
from desk.history.asked import Asked, Narrow, moment, narrow
from desk.history.lines import Line, Reader
from desk.house import House
from desk.person import Person
from desk.problem import NotFound
from desk.words.facts import Entry
from desk.words.reading import entries
from domain.access import Thing
from domain.as_of import AsOf
from domain.event import Event, Recorded

READERS: Final[tuple[Thing, ...]] = ("case", "history")


@dataclass(frozen=True)
class View:
    """A history as somebody asked for it. ``case`` is folded as of then; None: nothing yet.

    ``whole``: the case as it stands today, which decides who may look.
    """

    whole: Case
    case: Case | None
    as_of: AsOf
    narrow: Narrow
    shown: Sequence[tuple[Recorded[Event], Entry]]

    @property
    def clear(self) -> bool:
        """Whether the reader sees what people said."""
        return self.whole.may("read", "case")

    @property
    def seen(self) -> int:
        return len(self.case.records) if self.case else 0

    def lines(self, shown: Sequence[tuple[Recorded[Event], Entry]]) -> list[Line]:
        if self.case is None:
            return []
        late = entered_late(self.whole.house)
        return list(Reader(self.case, late=late, clear=self.clear).lines(shown))


def find(request: Request, person: Person, ref: str) -> Case:
    """A case whose history the person may read. Raises: NotFound."""
    house: House = request.app.state.house
    found = (complaint_stream(house, person, ref, thing=thing) for thing in READERS)
    stream = next((stream for stream in found if stream), None)
    if stream is None:
        raise NotFound()
    return load(request, person, stream, READERS)


def view(case: Case, asked: Asked, words: str = "") -> View:
    """Raises: FormRefused."""
    say = case.speaker()
    as_of = AsOf(
        occurred=moment("occurred", asked.occurred, case.zone, say),
        recorded=moment("recorded", asked.recorded, case.zone, say),
    )
    narrowed = narrow(asked, case.zone, say, words)
    then = case.as_of(as_of)
    if then is None:
        return View(case, None, as_of, narrowed, [])
    told = entries(then.records, case.house.ledger, say, clear=case.may("read", "case"))
    pairs = zip(then.records, told, strict=True)
    shown = [pair for pair in pairs if narrowed.holds(*pair)]
    return View(case, then, as_of, narrowed, shown)
