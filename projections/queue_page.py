"""The queue in the order in which people should work, page by page.

The order: (1) the fast lane, (2) a limit of the law that ends before ``soon`` or has ended, on a
case that is not answered, (3) what a service clock wants soonest, (4) the rest by age. Cases that
wait for the customer, are paused, or were answered late rest in folded groups until they wake.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple, get_args

from psycopg import sql

from domain.access import Scope
from domain.complaint_facts import Severity
from projections.case import Row, Stage
from projections.queue import COLUMNS, NAME
from projections.reading import Reading
from projections.within import Condition, cases_within

Tab = Literal[
    "mine", "team", "unassigned", "waiting", "paused", "answered", "after_close", "all",
    "law", "tonight", "nobody", "hot",
]  # fmt: skip
"""``waiting``, ``paused``, ``answered`` (late) are folded groups; ``all`` has closed ones too.

law: breaks a limit of the law within 48 hours; tonight: one of ours before the day ends;
nobody: open and not taken; hot: all that is awake, in the order of the four ranks.
"""

ClockKind = Literal["service", "statutory"]
BOARD_LISTS: Final[tuple[Tab, ...]] = ("law", "tonight", "nobody")
TABS: Final[tuple[Tab, ...]] = tuple(
    tab for tab in get_args(Tab) if tab not in (*BOARD_LISTS, "hot")
)
FOLDED: Final[tuple[Tab, ...]] = ("waiting", "paused", "answered")
LAW_WITHIN: Final = timedelta(hours=48)
PAGE: Final = 50
MOST_COUNTED: Final = 200


@dataclass(frozen=True)
class Filters:
    """What narrows a list; None is any. ``clock``: whose due time and breach are meant."""

    owner: str | None = None
    team: str | None = None
    legal_entity: str | None = None
    stage: Stage | None = None
    severity: Severity | None = None
    due_before: datetime | None = None
    breached: bool | None = None
    clock: ClockKind | None = None
    customer: str | None = None
    among: tuple[str, ...] | None = None
    """Streams, for asking which of these a list still has."""


ANY: Final = Filters()


class Cursor(NamedTuple):
    """Behind which row the next page begins: its rank, what that rank sorts by, its stream."""

    rank: int
    key: datetime | None
    stream: str


class Page(NamedTuple):
    rows: list[Row]
    next: Cursor | None


class Count(NamedTuple):
    """``more``: there are more than were counted."""

    number: int
    more: bool


class _List(NamedTuple):
    """Which rows, and what they are sorted by (never NULL in these rows)."""

    condition: str
    key: str
    downwards: bool = False


_OPEN = "closed_at IS NULL"
_URGENT = "(statutory_due <= %(soon)s AND answered_at IS NULL)"
_CALM = f"NOT fast_lane AND {_URGENT} IS NOT TRUE AND wakes_at <= %(now)s"
_AWAKE = f"{_OPEN} AND (wakes_at <= %(now)s OR {_URGENT})"
_RANKS: Final = (
    _List(f"{_AWAKE} AND fast_lane", "received_at"),
    _List(f"{_OPEN} AND NOT fast_lane AND {_URGENT}", "statutory_due"),
    _List(f"{_OPEN} AND {_CALM} AND service_due IS NOT NULL", "service_due"),
    _List(f"{_OPEN} AND {_CALM} AND service_due IS NULL", "received_at"),
)
_WHOSE: Final[dict[Tab, str]] = {
    "mine": "owner = %(staff)s",
    "team": "team = ANY (%(teams)s)",
    "unassigned": "owner IS NULL",
}
"""The tabs in the order of the four ranks."""

_LATE_BUT_ANSWERED = "answered_at IS NOT NULL AND (breached_service OR breached_statutory)"
_GROUPS: Final[dict[Tab, _List]] = {
    "waiting": _List(f"{_OPEN} AND waiting_until IS NOT NULL", "waiting_until"),
    "paused": _List(f"{_OPEN} AND paused AND waiting_until IS NULL", "received_at"),
    "answered": _List(f"{_OPEN} AND {_LATE_BUT_ANSWERED}", "answered_at"),
    "after_close": _List("after_close_since IS NOT NULL", "after_close_since"),
    "all": _List("TRUE", "received_at", downwards=True),
    "law": _List(
        f"{_OPEN} AND answered_at IS NULL"
        " AND statutory_due > %(now)s AND statutory_due <= %(in_48_h)s",
        "statutory_due",
    ),
    "tonight": _List(
        f"{_OPEN} AND service_due > %(now)s AND service_due <= %(tonight)s", "service_due"
    ),
    "nobody": _List(f"{_OPEN} AND owner IS NULL", "received_at"),
}


@dataclass(frozen=True)
class Viewer:
    """Who looks, and when. ``soon``: the end of the next working day where they are.

    ``tonight``: the end of this day there, which the board asks.
    """

    scope: Scope
    now: datetime
    soon: datetime
    teams: tuple[str, ...] = ()
    tonight: datetime | None = None


def page(
    reading: Reading,
    viewer: Viewer,
    tab: Tab,
    *,
    filters: Filters = ANY,
    after: Cursor | None = None,
    size: int = PAGE,
    whose: Tab | None = None,
) -> Page:
    """The rows of a tab behind ``after``, and where the page after that begins.

    ``whose``: of a folded group, only what belongs to this tab.
    """
    condition, parameters = _narrowed(viewer, filters)
    lists = (_GROUPS[tab],) if tab in _GROUPS else _RANKS
    if (of := _WHOSE.get(whose or tab)) is not None:
        condition += sql.SQL(f" AND {of}")
    found: list[tuple[int, Row]] = []
    for rank, listed in enumerate(lists):
        if (after and rank < after.rank) or len(found) > size:
            continue
        behind, named = _behind(listed, after if after and rank == after.rank else None)
        query = sql.SQL(" AND ").join([condition, sql.SQL(listed.condition), behind])
        named = {**parameters, **named, "limit": size + 1 - len(found)}
        found += ((rank, row) for row in _rows(reading, listed, query, named))
    rows = [row for _, row in found[:size]]
    if len(found) <= size:
        return Page(rows, None)
    rank, last = found[size - 1]
    return Page(rows, Cursor(rank, getattr(last, lists[rank].key), last.stream))


def _behind(listed: _List, after: Cursor | None) -> Condition:
    """Behind the last row of the page before."""
    if after is None:
        return sql.SQL("TRUE"), {}
    condition = sql.SQL("({}, stream) {} (%(after_key)s, %(after_stream)s)").format(
        sql.Identifier(listed.key), sql.SQL("<" if listed.downwards else ">")
    )
    return condition, {"after_key": after.key, "after_stream": after.stream}


def _rows(
    reading: Reading, listed: _List, condition: sql.Composable, parameters: dict[str, Any]
) -> list[Row]:
    return reading.rows(
        Row,
        NAME,
        "SELECT {columns} FROM {table} WHERE {condition}"
        " ORDER BY {key} {direction}, stream {direction} LIMIT %(limit)s",
        parameters,
        columns=COLUMNS,
        condition=condition,
        key=sql.Identifier(listed.key),
        direction=sql.SQL("DESC" if listed.downwards else "ASC"),
    )


def condition_of(viewer: Viewer, tab: Tab) -> Condition:
    """What all rows of a group have in common, for counting them exactly."""
    condition, parameters = _narrowed(viewer, ANY)
    return condition + sql.SQL(f" AND {_GROUPS[tab].condition}"), parameters


def counts(
    reading: Reading, viewer: Viewer, filters: Filters = ANY, whose: Tab | None = None
) -> dict[Tab, Count]:
    """How many rows each tab has, counted to MOST_COUNTED; ``whose``: as for ``page``."""
    condition, parameters = _narrowed(viewer, filters)
    if (of := _WHOSE.get(whose or "all")) is not None:
        condition += sql.SQL(f" AND {of}")
    (row,) = reading.records(
        NAME,
        _COUNTS,
        {**parameters, "limit": MOST_COUNTED + 1},
        condition=condition,
        **{tab: sql.SQL(text) for tab, text in _IN_TAB.items()},
    )
    return {
        tab: Count(min(number, MOST_COUNTED), number > MOST_COUNTED)
        for tab, number in zip(TABS, row, strict=True)
    }


_IN_TAB: Final = {
    **{tab: f"{_AWAKE} AND {whose}" for tab, whose in _WHOSE.items()},
    **{tab: group.condition for tab, group in _GROUPS.items() if tab in TABS},
}
_COUNT: Final = (
    "(SELECT count(*) FROM (SELECT FROM {{table}} WHERE {{condition}} AND {{{0}}}"
    " LIMIT %(limit)s) AS n) AS {0}"
)
_COUNTS: Final = "SELECT " + ", ".join(_COUNT.format(tab) for tab in TABS)


def _narrowed(viewer: Viewer, filters: Filters) -> Condition:
    """In the scope, and as the filters say."""
    condition, parameters = cases_within(viewer.scope)
    parameters |= {"staff": viewer.scope.staff, "teams": list(viewer.teams)}
    parameters |= {"now": viewer.now, "soon": viewer.soon, "tonight": viewer.tonight}
    parameters["in_48_h"] = viewer.now + LAW_WITHIN
    for name in ("owner", "team", "legal_entity", "stage", "severity", "customer"):
        value = getattr(filters, name)
        if value is not None:
            parameters[f"filter_{name}"] = value
            condition += sql.SQL(" AND {} = {}").format(
                sql.Identifier(name), sql.Placeholder(f"filter_{name}")
            )
    if filters.among is not None:
        parameters["among"] = list(filters.among)
        condition += sql.SQL(" AND stream = ANY (%(among)s)")
    kinds: tuple[ClockKind, ...] = (filters.clock,) if filters.clock else ("service", "statutory")
    if filters.due_before is not None:
        parameters["due_before"] = filters.due_before
        condition += _either("{}_due <= %(due_before)s", kinds)
    if filters.breached is not None:
        parameters["breached"] = filters.breached
        condition += _either("breached_{}", kinds) + sql.SQL(" = %(breached)s")
    elif filters.clock and filters.due_before is None:
        condition += _either("{}_due IS NOT NULL", kinds)
    return condition, parameters


def _either(text: str, kinds: tuple[ClockKind, ...]) -> sql.Composable:
    return sql.SQL(" AND ({})").format(sql.SQL(" OR ".join(text.format(kind) for kind in kinds)))
