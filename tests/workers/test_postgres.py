from __future__ import annotations

import psycopg


def test_a_test_gets_a_database_of_its_own_on_postgresql_18(database):
    with psycopg.connect(database.owner_url) as connection:
        name, version = connection.execute(
            "SELECT current_database(), current_setting('server_version_num')::int"
        ).fetchone()
    assert name == database.name
    assert version // 10000 == 18


def test_a_test_gets_a_ledger_on_it(ledger):
    assert ledger.head() == 0
