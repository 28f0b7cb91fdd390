"""Who is looking at which case just now: no lock, no fact, gone soon after the page is.

Kept in a table, so that all desk processes agree; its clock is the database's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, assert_never
from uuid import UUID

from psycopg import Connection

from desk.words.facts import Speaker
from domain.access import Place

if TYPE_CHECKING:
    from desk.case import Case

GONE_AFTER: Final = timedelta(seconds=45)
"""A page that was silent for so long is no longer open; pages say so every 20 seconds."""

CHANNEL: Final = "evercase_presence"
"""Notified when somebody came, went or does something else."""

Doing = Literal["reading", "noting", "writing"]
"""``writing`` to the customer, ``noting`` for colleagues; the last one counts most."""

RANK: Final[tuple[Doing, ...]] = ("reading", "noting", "writing")
Everyone = Mapping[str, Mapping[str, Doing]]
"""Case -> who is there -> what they do."""

_STAY: Final = """
WITH before AS (
    SELECT stream, doing FROM desk.presence
     WHERE page = %(page)s AND seen_at > clock_timestamp() - %(gone_after)s
), now AS (
    INSERT INTO desk.presence (page, staff, stream, doing, seen_at)
    VALUES (%(page)s, %(staff)s, %(stream)s, %(doing)s, clock_timestamp())
    ON CONFLICT (page) DO UPDATE
       SET stream = excluded.stream, doing = excluded.doing, seen_at = excluded.seen_at
     WHERE presence.staff = excluded.staff
    RETURNING stream, doing
)
SELECT pg_notify(%(channel)s, '') FROM now
 WHERE NOT EXISTS (SELECT FROM before WHERE (before.stream, before.doing) = (now.stream, now.doing))
"""
_LEAVE: Final = """
WITH gone AS (DELETE FROM desk.presence WHERE page = %s AND staff = %s RETURNING page)
SELECT pg_notify(%s, '') FROM gone
"""


def stay(db: Connection[Any], page: UUID, staff: str, stream: str, doing: Doing) -> None:
    """The page is open on that case; said again before ``GONE_AFTER`` is over."""
    db.execute(
        "DELETE FROM desk.presence WHERE seen_at < clock_timestamp() - 20 * %s", (GONE_AFTER,)
    )
    values = {"page": page, "staff": staff, "stream": stream, "doing": doing}
    db.execute(_STAY, {**values, "gone_after": GONE_AFTER, "channel": CHANNEL})


def leave(db: Connection[Any], page: UUID, staff: str) -> None:
    db.execute(_LEAVE, (page, staff, CHANNEL))


def everyone(db: Connection[Any], streams: Iterable[str] | None = None) -> Everyone:
    """Who is on these cases; None: on any."""
    rows = db.execute(
        "SELECT stream, staff, doing FROM desk.presence"
        " WHERE seen_at > clock_timestamp() - %s AND (%s::text[] IS NULL OR stream = ANY (%s))",
        (GONE_AFTER, *(2 * (None if streams is None else list(streams),))),
    )
    found: dict[str, dict[str, Doing]] = {}
    for stream, staff, doing in rows:
        there = found.setdefault(stream, {})
        there[staff] = max(there.get(staff, doing), doing, key=RANK.index)
    return found


def on(case: Case, say: Speaker) -> str:
    """The others who are on the case that somebody looks at."""
    with case.house.pool.connection() as db:
        there = everyone(db, [case.stream])
    return words(there.get(case.stream, {}), case.place, say, case.person.staff)


def others(there: Mapping[str, Doing], place: Place, me: str) -> Mapping[str, Doing]:
    """Who else is on a case: never the reader, never who is recused from it."""
    return {
        staff: doing for staff, doing in there.items() if staff != me and staff not in place.recused
    }


def words(there: Mapping[str, Doing], place: Place, say: Speaker, me: str) -> str:
    """The others who are on a case, in words."""
    named = {say.name(staff): doing for staff, doing in others(there, place, me).items()}
    return " · ".join(_words(name, doing, say) for name, doing in sorted(named.items()))


def _words(name: str, doing: Doing, say: Speaker) -> str:
    match doing:
        case "reading":
            return say("%(name)s is reading", name=name)
        case "noting":
            return say("%(name)s is writing a note", name=name)
        case "writing":
            return say("%(name)s is writing to the customer", name=name)
        case _:
            assert_never(doing)
