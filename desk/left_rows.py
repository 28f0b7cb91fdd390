"""Rows that left a list while their reader was away: they stay, greyed, until the reader leaves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from desk.house import House
from desk.lists import Shown
from desk.person import Person
from desk.words.facts import Speaker
from domain.complaint_facts import ComplaintClosed
from projections import queue
from projections.case import Row
from projections.queue_page import Filters, Tab, Viewer
from projections.queue_page import page as rows_of
from projections.reading import Reading

MOST: Final = 10


def left_rows(
    reading: Reading,
    viewer: Viewer,
    tab: Tab,
    filters: Filters,
    *,
    before: Shown | None,
    rows: Collection[Row],
) -> Mapping[str, Row]:
    """What was on the page ``before`` and does not fit the list any more, by stream."""
    here = {row.stream for row in rows}
    missing = [stream for stream in (before.streams if before else ()) if stream not in here]
    if not missing:
        return {}
    among = replace(filters, among=tuple(missing))
    elsewhere = {row.stream for row in rows_of(reading, viewer, tab, filters=among).rows}
    gone = [stream for stream in missing if stream not in elsewhere][:MOST]
    return queue.cases(reading, viewer.scope, gone)


def merged(rows: Sequence[Row], before: Shown | None, left: Mapping[str, Row]) -> list[Row]:
    """The rows with those that left, each about where it stood."""
    found = list(rows)
    for at, stream in enumerate(before.streams if before else ()):
        if stream in left:
            found.insert(min(at, len(found)), left[stream])
    return found


def gone_words(house: House, person: Person, row: Row, say: Speaker) -> str:
    """Why a row does not fit its list any more."""
    if row.closed_at is not None:
        history = house.ledger.history(row.stream)
        closed = [r.actor.id for r in history if isinstance(r.event, ComplaintClosed)]
        if closed and closed[-1] == person.staff:
            return say("closed by you")
        return say("closed by %(name)s", name=say.name(closed[-1])) if closed else say("closed")
    if row.owner == person.staff:
        return say("yours now")
    if row.owner is not None:
        return say("with %(name)s now", name=say.name(row.owner))
    return say("not in this list any more")
