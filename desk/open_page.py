"""One page in a browser that listens: whose it is, what it shows, and what it has yet to hear."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from desk.authentication.session import Session
from desk.person import Person
from domain.access import Place
from projections.changes import Change

End = Literal["session", "gone", "full"]
"""It is over: not logged in any more; the case is not to be seen any more; too many pages."""

Things = Literal["case", "team", "customer", "history"]
Rows = Things | Literal["mail"]
"""Lists show what a person may see of these: their facts concern the page."""
_OF_CASES: Final = ("case", "team", "history")
_OF_CUSTOMERS: Final = ("customer", "history")


@dataclass(eq=False)
class OpenPage:
    """``stream``: of the case (which stands at ``place``) or the customer that it shows."""

    session: Session
    person: Person
    stream: str | None = None
    place: Place | None = None
    rows: Rows | None = None
    news: dict[str, int | bool | str] = field(default_factory=dict)
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    told_at: float = 0.0

    def hear(self, change: Change, stood: Sequence[Place]) -> None:
        """Something has a new version; ``stood``: where it was, and where it is now."""
        if change.stream == self.stream and self.place is not None:
            *_, self.place = stood
            self.news["case"] = change.version
            self.meet(change.stream, self.place)
            return
        if change.customer is None:
            if self._reads_mail(stood):
                self.news["now"] = True
                if self.rows == "mail":
                    self.news["list"] = True
        elif not self._full:
            of_customer = change.stream == change.customer
            if not of_customer and self._sees("case", stood):
                self.news["now"] = True
            if self._shows(change, of_customer, stood):
                self.news["list"] = True

    def meet(self, stream: str, place: Place) -> None:
        """Somebody came to a case, or went."""
        if stream == self.stream and not self._sees("case", (place,)):
            self.end("gone")
        elif self._sees("case", (place,)):
            self.news["now"] = True

    def _shows(self, change: Change, of_customer: bool, stood: Sequence[Place]) -> bool:
        if self.stream is not None and self.stream == change.customer:
            return of_customer or self._sees("case", stood)
        among = _OF_CUSTOMERS if of_customer else _OF_CASES
        rows = self.rows
        return rows is not None and rows != "mail" and rows in among and self._sees(rows, stood)

    def _reads_mail(self, stood: Sequence[Place]) -> bool:
        """What names no case stands in no team and is read by who reads cases of the company."""
        *_, place = stood
        wide = place.legal_entity in self.person.widely("case")
        return wide and (place.team is None or self._sees("case", stood))

    def _sees(self, what: Things, stood: Sequence[Place]) -> bool:
        scope = self.person.scope(what)
        return any(scope.holds(place) for place in stood)

    @property
    def _full(self) -> bool:
        return "now" in self.news and ("list" in self.news or not self._lists)

    @property
    def _lists(self) -> bool:
        """Whether it shows more than one case: rows, or what happened with a customer."""
        return self.rows is not None or (self.stream is not None and self.place is None)

    def look_again(self, *, case: bool = False) -> None:
        """Nobody knows what it missed. ``case``: nor whether its case has changed."""
        self.news["now"] = True
        if self._lists:
            self.news["list"] = True
        if case and self.place is not None:
            self.news["case"] = True

    def end(self, why: End) -> None:
        self.news = {"end": why}

    @property
    def urgent(self) -> bool:
        return "case" in self.news or "end" in self.news
