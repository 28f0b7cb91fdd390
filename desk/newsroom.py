"""One listener and one look for all open pages of this process: what each of them should hear.

A page hears that something changed, never what: it asks for itself again, as the person it is
shown to. Pages of lists take turns, so that many of them cost no more than some.
"""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Mapping, Sequence
from time import monotonic
from typing import Final, NamedTuple, cast

import orjson
import psycopg
import structlog
from psycopg_pool import PoolTimeout
from starlette.requests import Request

from desk import presence
from desk.authentication.session import living
from desk.house import House
from desk.lateness import Lateness
from desk.open_page import OpenPage
from desk.person import Person, person_of
from domain.access import Place
from ledger.database import CHANNEL, hear
from ledger.pursuit import MOVED
from projections.changes import Change, changes, places, shown
from projections.reading import look

HEARTBEAT: Final = 20.0
"""Seconds between signs of life, and between looks at whether a session still holds."""

POLL: Final = 2.0
BREATH: Final = 0.25
"""Seconds in which what happens is gathered into one look."""

SPACING: Final = 2.0
TURNS: Final = 10
"""A page of lists is told every ``SPACING`` seconds at most, all of them ``TURNS`` a second."""

MOST_PER_PERSON: Final = 20
MOST_CHANGES: Final = 2_000
MOST_PLACES: Final = 20_000
RETRY: Final = (2_000, 8_000)
"""Milliseconds after which a page comes back, each after its own time."""

_log = structlog.get_logger("desk.live")


class Seen(NamedTuple):
    """One look. ``changed`` None: too much to tell; ``people`` None: not asked this time."""

    position: int
    changed: Sequence[Change] | None
    here: presence.Everyone
    moved: Mapping[str, Place]
    people: Mapping[OpenPage, Person | None] | None
    late: bool


class Newsroom:
    """Lives in the event loop of the desk; begins with the first page and ends with the last."""

    def __init__(self, house: House, lateness: Lateness) -> None:
        self._house, self._lateness = house, lateness
        self.position = 0
        self._pages: dict[OpenPage, None] = {}
        self._recent: deque[tuple[Change, tuple[Place, ...]]] = deque(maxlen=MOST_CHANGES)
        self._known_since = 0
        self._places: OrderedDict[str, Place] = OrderedDict()
        self._here: presence.Everyone = {}
        self._late = False
        self._asked_at = 0.0
        self._work: asyncio.Task[None] | None = None
        self._beginning = asyncio.Lock()
        self._closed = False

    @property
    def open_pages(self) -> int:
        return len(self._pages)

    def close(self) -> None:
        """The process ends: every page comes back to the next one."""
        self._closed, self._beginning = True, asyncio.Lock()
        for page in self._pages:
            page.bell.set()

    async def listen(self, page: OpenPage, at: int) -> AsyncIterator[bytes]:
        """What the page hears from position ``at`` on, as server-sent events."""
        self._admit(page, at)
        try:
            yield b"retry: %d\n\n" % random.randint(*RETRY)  # noqa: S311
            while not self._closed:
                try:
                    await asyncio.wait_for(page.bell.wait(), HEARTBEAT)
                except TimeoutError:
                    yield b": \n\n" if page.news else b"id: %d\n\n" % self.position
                    continue
                page.bell.clear()
                news, page.news, page.told_at = page.news, {}, monotonic()
                if news:
                    yield b"id: %d\ndata: %s\n\n" % (self.position, orjson.dumps(news))
                if "end" in news:
                    return
        finally:
            self._pages.pop(page, None)

    def _admit(self, page: OpenPage, at: int) -> None:
        own = [it for it in self._pages if it.person.staff == page.person.staff]
        for oldest in own[: max(0, len(own) + 1 - MOST_PER_PERSON)]:
            oldest.end("full")
        self._pages[page] = None
        page.told_at = monotonic() - random.uniform(0, self._spacing)  # noqa: S311
        if at < self._known_since:
            page.look_again()
        for change, stood in self._recent:
            if change.position > at:
                page.hear(change, stood)
        self._ring()

    @property
    def _spacing(self) -> float:
        return max(SPACING, len(self._pages) / TURNS)

    def _ring(self) -> None:
        """Wake the pages that have news and whose turn it is."""
        now, spacing = monotonic(), self._spacing
        for page in self._pages:
            if page.urgent or (page.news and now - page.told_at >= spacing):
                page.bell.set()

    async def begin(self) -> None:
        """Before a page listens. Raises: LookupError where there are no read models yet."""
        async with self._beginning:
            if self._work is None or self._work.done():
                self.position, self._closed = 0, False
                self._take(await asyncio.to_thread(self._look, ()))
                self._work = asyncio.create_task(self._work_on())

    async def _work_on(self) -> None:
        while True:
            try:
                async with await hear(
                    self._house.ledger.url, "live", CHANNEL, MOVED, presence.CHANNEL
                ) as connection:
                    while self._pages:
                        await _something(connection)
                        self._take(await asyncio.to_thread(self._look, tuple(self._pages)))
            except (psycopg.Error, PoolTimeout, LookupError) as error:
                _log.warning("live.lost", error=type(error).__name__)
                await asyncio.sleep(POLL)
            except Exception as error:
                _log.error("live.failed", error=type(error).__name__)
                await asyncio.sleep(POLL)
            if not self._pages:
                return

    def _look(self, pages: Sequence[OpenPage]) -> Seen:
        """In a thread of the pool. ``pages``: whose sessions may be asked for."""
        house = self._house
        with house.pool.connection() as db:
            here = presence.everyone(db)
            moved = {it for it in {*here, *self._here} if here.get(it) != self._here.get(it)}
            with look(db) as reading:
                position = shown(reading)
                known = self.position > 0 and position - self.position <= MOST_CHANGES
                changed = changes(reading, self.position, position) if known else None
                stand = places(reading, sorted(moved)) if moved else {}
            people = None
            if monotonic() - self._asked_at >= HEARTBEAT:
                self._asked_at = monotonic()
                people = _people(house, pages, living(db, _keys(pages), house.now()))
        return Seen(position, changed, here, stand, people, self._lateness())

    def _take(self, seen: Seen) -> None:
        if seen.changed is None:
            self._recent.clear()
            self._known_since = seen.position
            for page in self._pages:
                page.look_again(case=True)
        for change in seen.changed or ():
            before = self._places.pop(change.stream, change.place)
            self._places[change.stream] = change.place
            stood = (before, change.place)
            self._recent.append((change, stood))
            for page in self._pages:
                page.hear(change, stood)
        if len(self._recent) == self._recent.maxlen:
            self._known_since = self._recent[0][0].position
        while len(self._places) > MOST_PLACES:
            self._places.popitem(last=False)
        for stream, place in seen.moved.items():
            for page in self._pages:
                page.meet(stream, place)
        for page, person in (seen.people or {}).items():
            _stay(page, person)
        if seen.late != self._late:
            for page in self._pages:
                page.news["now"] = True
        self.position, self._here, self._late = seen.position, seen.here, seen.late
        self._ring()


def _stay(page: OpenPage, person: Person | None) -> None:
    """Go on with the rights as they are now, or not."""
    if person is None:
        page.end("session")
        return
    page.person = person
    if page.place is not None and not person.scope("case").holds(page.place):
        page.end("gone")


def _keys(pages: Sequence[OpenPage]) -> list[str]:
    return sorted({page.session.key for page in pages})


def _people(
    house: House, pages: Sequence[OpenPage], sessions: set[str]
) -> Mapping[OpenPage, Person | None]:
    return {
        page: person_of(house, page.session) if page.session.key in sessions else None
        for page in pages
    }


async def _something(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
    """Wait until something happens, a moment at most, and for what happens right after it."""
    async for _ in connection.notifies(timeout=POLL, stop_after=1):
        await asyncio.sleep(BREATH)
    async for _ in connection.notifies(timeout=0):
        pass


def newsroom_of(request: Request) -> Newsroom:
    return cast(Newsroom, request.app.state.newsroom)
