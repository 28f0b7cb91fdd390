"""What the bell tells a person: what stands for them, without what they have cleared."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from desk.person import Person
from projections import notice_reasons, notices_page
from projections.notice import Notice
from projections.notices_page import CaseNotices
from projections.reading import Reading

Db = Connection[Any]


def told(db: Db, reading: Reading, person: Person, limit: int = 500) -> list[CaseNotices]:
    """By case. What the law wants stands until its reason is gone, cleared or not."""
    rows = db.execute(
        "SELECT notice, position FROM desk.notice_cleared WHERE login = %s", (person.login,)
    ).fetchall()
    cleared = dict(rows)
    left = [
        case._replace(
            notices=[it for it in case.notices if it.by_law or cleared.get(it.id) != it.position]
        )
        for case in notices_page.notices(reading, person.rights, limit)
    ]
    return [case for case in left if case.notices]


def opened(db: Db, person: Person, stream: str, position: int) -> None:
    """A note that calls the person, and its case that they have opened since."""
    db.execute(
        "INSERT INTO desk.notice_cleared (login, notice, position) VALUES (%s, %s, %s)"
        " ON CONFLICT (login, notice) DO UPDATE SET position = excluded.position"
        " WHERE notice_cleared.position < excluded.position",
        (person.login, notice_reasons.mention_id(stream, person.staff), position),
    )


def clear(db: Db, login: str, standing: list[Notice], seen: int) -> None:
    """Take from the bell what stood when the person saw it, and forget what stands no more."""
    gone = [(it.id, it.position) for it in standing if it.position <= seen and not it.by_law]
    with db.transaction():
        db.execute(
            "DELETE FROM desk.notice_cleared WHERE login = %s AND NOT notice = ANY (%s)",
            (login, [it.id for it in standing]),
        )
        db.execute(
            "INSERT INTO desk.notice_cleared (login, notice, position)"
            " SELECT %s, * FROM unnest(%s::text[], %s::bigint[])"
            " ON CONFLICT (login, notice) DO UPDATE SET position = excluded.position",
            (login, [id for id, _ in gone], [position for _, position in gone]),
        )
