"""The way from case to case: the list one came from, what is next, who was quicker."""

from __future__ import annotations

from dataclasses import dataclass

from desk import lists
from desk.case import Case
from desk.language import span
from desk.queue import due_of, viewer_of
from desk.words.facts import Speaker
from domain.ownership import HandOverAccepted, OwnerAssigned
from projections import oversight, queue
from projections.case import Row
from projections.queue_page import page as rows_of
from projections.reading import look


@dataclass(frozen=True)
class Walk:
    """``back``: the list, at the row of this case; neighbours by number, empty at its ends."""

    back: str
    id: str = ""
    before: str = ""
    after: str = ""


def walk_of(case: Case, came_from: str) -> Walk:
    """Along the list named in the address, else along the last one that had this case."""
    login = case.person.login
    with case.house.pool.connection() as db:
        shown = lists.shown(db, login, came_from) if came_from else None
        if shown is None or case.stream not in shown.streams:
            shown = lists.last(db, login, case.stream)
        if shown is None:
            return Walk("/queue")
        at = shown.streams.index(case.stream)
        beside = [shown.streams[at - 1] if at else "", *shown.streams[at + 1 : at + 2]]
        with look(db) as reading:
            known = queue.cases(reading, case.person.scope("case"), beside)
    number = case.state.number
    before, after = (known[s].number if s in known else "" for s in [*beside, ""][:2])
    back = f"/queue?{shown.address}&row={number}#row-{number}"
    return Walk(back, shown.id, before, after)


@dataclass(frozen=True)
class Next:
    """The case to go on with: one's own, or (``free``) one that nobody has taken."""

    row: Row
    due: str
    free: bool = False


def next_for(case: Case, say: Speaker) -> Next | None:
    """The first of the person's own cases but this one, else the first that is free."""
    person, house = case.person, case.house
    viewer = viewer_of(house, person, house.now())
    with house.pool.connection() as db, look(db) as reading:
        own = rows_of(reading, viewer, "mine", size=2).rows
        free = rows_of(reading, viewer, "unassigned").rows
        skipped = oversight.skipped_by(reading, person.staff)
    mine = next((row for row in own if row.stream != case.stream), None)
    if mine is not None:
        return Next(mine, _due(mine, say))
    if not person.reaches("case", "write"):
        return None
    left = (row for row in free if row.stream not in skipped and row.stream != case.stream)
    row = next(left, None)
    return Next(row, _due(row, say), free=True) if row else None


def _due(row: Row, say: Speaker) -> str:
    due = due_of(row)
    return say.due(due) if due else ""


def raced_words(case: Case, say: Speaker) -> str:
    """Who took this case, and how long ago, for whoever wanted it too."""
    owner = case.state.ownership.owner
    if owner is None:
        return ""
    taken = [r for r in case.records if isinstance(r.event, OwnerAssigned | HandOverAccepted)]
    gap = case.house.now() - taken[-1].recorded_at
    seconds = max(int(gap.total_seconds()), 1)
    name = say.name(owner)
    if seconds < 60:
        return say.many(
            "%(name)s took it one second ago. Here is the next one.",
            "%(name)s took it %(count)s seconds ago. Here is the next one.",
            seconds, name=name,
        )  # fmt: skip
    long = span(say.language, gap)
    return say("%(name)s took it %(span)s ago. Here is the next one.", name=name, span=long)
