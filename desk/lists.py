"""Lists remember: what a person saw where, and the filters they saved. Schema ``desk``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from desk.house import House

Db = Connection[Any]

KEPT: Final = 20
"""Lists that are remembered of one person."""
MOST_SAVED: Final = 30


@dataclass(frozen=True)
class Shown:
    """A page of a list as it was last shown: its address (a query) and its cases in order."""

    id: str
    address: str
    streams: tuple[str, ...] = ()


def list_id(house: House, login: str, address: str) -> str:
    """What names a list in other pages' addresses, saying nothing of it."""
    return house.keyed("list", f"{login}?{address}")[:16]


def keep(db: Db, login: str, shown: Shown, now: datetime) -> None:
    with db.transaction():
        db.execute(
            "INSERT INTO desk.list_shown (login, id, address, streams, shown_at)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (login, id) DO UPDATE"
            " SET streams = excluded.streams, shown_at = excluded.shown_at",
            (login, shown.id, shown.address, list(shown.streams), now),
        )
        db.execute(
            "DELETE FROM desk.list_shown WHERE login = %(login)s AND shown_at < (SELECT shown_at"
            " FROM desk.list_shown WHERE login = %(login)s"
            " ORDER BY shown_at DESC OFFSET %(kept)s LIMIT 1)",
            {"login": login, "kept": KEPT - 1},
        )


def shown(db: Db, login: str, id: str) -> Shown | None:
    row = db.execute(
        "SELECT id, address, streams FROM desk.list_shown WHERE (login, id) = (%s, %s)",
        (login, id),
    ).fetchone()
    return Shown(row[0], row[1], tuple(row[2])) if row else None


def last(db: Db, login: str, holding: str | None = None) -> Shown | None:
    """The list that the person looked at last; ``holding``: with this case in it."""
    row = db.execute(
        "SELECT id, address, streams FROM desk.list_shown WHERE login = %s"
        " AND (%s::text IS NULL OR %s = ANY (streams)) ORDER BY shown_at DESC LIMIT 1",
        (login, holding, holding),
    ).fetchone()
    return Shown(row[0], row[1], tuple(row[2])) if row else None


def saved(db: Db, login: str) -> Sequence[tuple[str, str]]:
    """(name, address) of the filters the person saved, by name."""
    return db.execute(
        "SELECT name, address FROM desk.list_saved WHERE login = %s ORDER BY name", (login,)
    ).fetchall()


def save(db: Db, login: str, name: str, address: str) -> bool:
    """False where the person has saved as many as may be. The same name is saved anew."""
    with db.transaction():
        others = db.execute(
            "SELECT count(*) FROM desk.list_saved WHERE login = %s AND name <> %s", (login, name)
        ).fetchone()
        if others and others[0] >= MOST_SAVED:
            return False
        db.execute(
            "INSERT INTO desk.list_saved (login, name, address) VALUES (%s, %s, %s)"
            " ON CONFLICT (login, name) DO UPDATE SET address = excluded.address",
            (login, name, address),
        )
        return True


def forget(db: Db, login: str, name: str) -> None:
    db.execute("DELETE FROM desk.list_saved WHERE (login, name) = (%s, %s)", (login, name))
