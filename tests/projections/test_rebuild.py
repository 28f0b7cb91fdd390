"""Whatever happened: a read model is the fold of the whole log, built live or rebuilt."""

from __future__ import annotations

import pytest
from log_stories import Teller
from psycopg import sql
from small_house import World

from ledger.database import Connection
from ledger.follow import catch_up
from projections.build import live
from projections.rebuild import rebuild
from projections.registry import followers, projections

WHERE_BATCHES_SHOW = {"owed": ("changed",)}
"""Columns that say when a batch was folded, not what is so."""


def rows(connection: Connection, name: str) -> dict[str, list[dict[str, object]]]:
    """Everything that the live build of a read model holds, table by table."""
    build = live(connection, name)
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'read' AND tablename ~ %s",
        [f"^{name}_{build}(_|$)"],
    ).fetchall()
    found = {}
    for (table,) in sorted(tables):
        query = sql.SQL("SELECT to_jsonb(t) - %s::text[] FROM {} AS t ORDER BY 1").format(
            sql.Identifier("read", table)
        )
        hidden = list(WHERE_BATCHES_SHOW.get(name, ()))
        found[table.replace(f"_{build}", "")] = [
            row for (row,) in connection.execute(query, [hidden])
        ]
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_live_and_rebuilt_are_the_same_rows(world: World, seed: int) -> None:
    ledger = world.ledger

    def catch_up_all() -> None:
        for follower in followers(ledger):
            catch_up(ledger, follower)

    world.hire()
    Teller(world, seed).tell(200, between=catch_up_all)
    catch_up_all()
    for projection in projections(ledger):
        with ledger.reading() as connection:
            as_followed = rows(connection, projection.name)
        rebuilt = rebuild(ledger, projection)
        assert rebuilt.parked == 0
        assert rebuilt.events == ledger.head()
        with ledger.reading() as connection:
            assert live(connection, projection.name) == rebuilt.build == rebuilt.replaced + 1
            assert rows(connection, projection.name) == as_followed
