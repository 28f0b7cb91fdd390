"""One page in a browser that listens: whose it is, what it shows, and what it has yet to hear."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from desk.person import Person
from desk.session import Session
from domain.access import Place

End = Literal["session", "gone", "full"]
"""It is over: not logged in any more; the case is not to be seen any more; too many pages."""


@dataclass(eq=False)
class OpenPage:
    """``stream``, ``place``: of the case it shows. ``lists``: whether it shows rows of cases."""

    session: Session
    person: Person
    stream: str | None = None
    place: Place | None = None
    lists: bool = False
    news: dict[str, int | bool | str] = field(default_factory=dict)
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    told_at: float = 0.0

    def hear(self, stream: str, version: int | None, stood: Sequence[Place]) -> None:
        """A case has a new version, or (None) somebody came to it or went."""
        scope = self.person.scope("case")
        if stream == self.stream:
            *_, self.place = stood
            if not scope.holds(self.place):
                self.end("gone")
            elif version is not None:
                self.news["case"] = version
            self.news["now"] = True
        elif not self._full and any(scope.holds(place) for place in stood):
            self.news["now"] = True
            if self.lists and version is not None:
                self.news["list"] = True

    @property
    def _full(self) -> bool:
        return "now" in self.news and ("list" in self.news or not self.lists)

    def look_again(self, *, case: bool = False) -> None:
        """Nobody knows what it missed. ``case``: nor whether its case has changed."""
        self.news["now"] = True
        if self.lists:
            self.news["list"] = True
        if case and self.stream is not None:
            self.news["case"] = True

    def end(self, why: End) -> None:
        self.news = {"end": why}

    @property
    def urgent(self) -> bool:
        return "case" in self.news or "end" in self.news
