"""A kind evening: whom one answered today, and what is promised for the next days. Own figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from desk.house import House
from desk.person import Person
from desk.queue import viewer_of
from projections import history_page, promises
from projections.promises import Listed
from projections.reading import look


@dataclass(frozen=True)
class Evening:
    """``answered``: people told something today; ``ahead``: promises until the next working day."""

    answered: int
    ahead: list[tuple[Listed, str | None]]


def evening(house: House, person: Person) -> Evening:
    now = house.now()
    zone = ZoneInfo(person.zone)
    morning = datetime.combine(now.astimezone(zone).date(), time(), zone)
    soon = viewer_of(house, person, now).soon
    with house.pool.connection() as db, look(db) as reading:
        answered = history_page.answered(reading, person.staff, morning)
        mine = promises.promises(reading, person.scope("case"), owner=person.staff)
    ahead = [it for it in mine if it.due <= soon]
    words = house.ledger.open_in([it.words for it in ahead])
    return Evening(answered, list(zip(ahead, words, strict=True)))


def asks_to_stay(house: House, person: Person) -> bool:
    """Whether something is promised that the person has not been shown today when leaving."""
    if not person.reaches("case") or not evening(house, person).ahead:
        return False
    today = house.now().astimezone(ZoneInfo(person.zone)).date()
    with house.pool.connection() as db:
        shown = db.execute(
            "INSERT INTO desk.evening_shown AS t (login, day) VALUES (%s, %s)"
            " ON CONFLICT (login) DO UPDATE SET day = excluded.day WHERE t.day < excluded.day",
            (person.login, today),
        )
    return shown.rowcount == 1
