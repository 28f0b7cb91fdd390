"""Who may do what to the log: the app adds and reads, nobody changes, nobody is fooled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from small_book import Note, book, new_stream, wish

from ledger import (
    DatabaseNewer,
    Ledger,
    TooManyRights,
    create_roles,
    excess_rights,
    migrate,
    pending,
    refuse_to_run_with_rights,
)

REFUSED_TO_THE_APP = [
    "INSERT INTO ledger.event SELECT * FROM ledger.event",
    "UPDATE ledger.event SET type = 'x'",
    "DELETE FROM ledger.event",
    "TRUNCATE ledger.event",
    "ALTER TABLE ledger.event DISABLE TRIGGER ALL",
    "ALTER TABLE ledger.event ADD COLUMN x text",
    "DROP TABLE ledger.event",
    "INSERT INTO ledger.command SELECT * FROM ledger.command",
    "DELETE FROM ledger.command",
    "UPDATE ledger.command SET digest = 'x'",
    "UPDATE keys.subject SET wrapped = NULL",
    "DELETE FROM keys.subject",
    "UPDATE keys.epoch SET epoch = 0",
    "DELETE FROM keys.blind",
    "DELETE FROM keys.secret",
    "INSERT INTO ledger.migration VALUES ('9999_x.sql')",
    "CREATE TABLE ledger.mine (x int)",
    "CREATE OR REPLACE FUNCTION ledger.refuse() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NEW; END'",
    "SELECT ledger.keep_keys('{}', '{}', '{}', now())",
    "SELECT setval('ledger.number_complaint', 1)",
    "SET ROLE evercase_owner",
    "SET ROLE evercase_migrate",
    "SET session_replication_role = replica",
]

CHANGES = [
    "UPDATE ledger.event SET type = 'x'",
    "DELETE FROM ledger.event",
    "TRUNCATE ledger.event",
    "UPDATE ledger.command SET digest = 'x'",
    "DELETE FROM ledger.command",
    "TRUNCATE ledger.command",
    "INSERT INTO ledger.event SELECT * FROM ledger.event"
    " ON CONFLICT (position) DO UPDATE SET type = 'x'",
]


@pytest.fixture(scope="module")
def filled(module_ledger: Ledger, module_database: Any) -> Any:
    module_ledger.handle(book, "book-of-rights", Note(**wish()))
    return module_database


@pytest.mark.parametrize("statement", REFUSED_TO_THE_APP)
def test_refused_to_the_app(filled: Any, statement: str) -> None:
    with (
        psycopg.connect(filled.app_url, autocommit=True) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute(statement)


@pytest.mark.parametrize("statement", CHANGES)
@pytest.mark.parametrize("replica", [False, True])
def test_changes_are_refused_even_to_the_owner(
    filled: Any, statement: str, *, replica: bool
) -> None:
    with psycopg.connect(filled.owner_url, autocommit=True) as owner:
        if replica:
            owner.execute("SET session_replication_role = replica")
        else:
            owner.execute("SET ROLE evercase_owner")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only added"):
            owner.execute(statement)


def test_a_stranger_cannot_read_or_append(filled: Any) -> None:
    with psycopg.connect(filled.owner_url, autocommit=True) as superuser:
        superuser.execute(
            "DO $$ BEGIN IF to_regrole('stranger') IS NULL THEN"
            " CREATE ROLE stranger; END IF; END $$"
        )
        superuser.execute("GRANT USAGE ON SCHEMA ledger, keys TO stranger")
        superuser.execute("SET ROLE stranger")
        empty = ", ".join(["'{}'"] * 18)
        for statement in (
            f"SELECT * FROM ledger.append({empty})",
            "SELECT * FROM ledger.destroy_key('s', gen_random_uuid(), '', 'x', 'x', 1::int2,"
            " now(), '', '')",
            "SELECT keys.keep_secret('x', '')",
            "SELECT keys.index_terms('{}', '{}', '{}', '{}', '{}')",
            "SELECT FROM ledger.event",
            "SELECT FROM keys.subject",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                superuser.execute(statement)


APPEND_ONE = (
    "SELECT outcome FROM ledger.append(ARRAY[gen_random_uuid()], ARRAY['x'::bytea],"
    " ARRAY[true], ARRAY[1], ARRAY[%(stream)s], ARRAY[0::bigint], ARRAY[1], ARRAY[%(stream)s],"
    " ARRAY[1::bigint], ARRAY['BookReopened'], ARRAY[1::smallint], ARRAY[now()],"
    """ ARRAY['{"actor":{"kind":"staff","id":"a"}}'::bytea], ARRAY['{}'::bytea],"""
    " '{}'::int[], '{}'::text[], '{}'::uuid[], '{}'::bytea[])"
)


def test_nothing_temporary_shadows_the_log(ledger: Ledger, database: Any) -> None:
    stream = new_stream()
    with psycopg.connect(database.app_url, autocommit=True) as app:
        app.execute("CREATE TEMP TABLE event (LIKE ledger.event)")
        app.execute("CREATE TEMP TABLE command (LIKE ledger.command)")
        app.execute("CREATE TEMP TABLE subject (LIKE keys.subject)")
        app.execute(
            "CREATE FUNCTION pg_temp.pg_advisory_xact_lock(integer) RETURNS void"
            " LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''shadowed''; END'"
        )
        app.execute("SET search_path = pg_temp, ledger, keys, pg_catalog")
        row = app.execute(APPEND_ONE, {"stream": stream}).fetchone()
        assert row == ("stored",)
        assert app.execute("SELECT count(*) FROM pg_temp.event").fetchone() == (0,)
    assert len(ledger.history(stream)) == 1


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_an_append_that_would_not_see_the_newest_is_refused(database: Any, level: str) -> None:
    with psycopg.connect(database.app_url, autocommit=True) as app:
        app.execute(f"BEGIN ISOLATION LEVEL {level}")
        with pytest.raises(psycopg.errors.InvalidTransactionState):
            app.execute(APPEND_ONE, {"stream": new_stream()})


def test_the_app_may_run(database: Any) -> None:
    with psycopg.connect(database.app_url, autocommit=True) as app:
        refuse_to_run_with_rights(app)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("ALTER ROLE evercase_app SUPERUSER", "superuser"),
        ("ALTER ROLE evercase_app CREATEROLE", "make roles"),
        ("GRANT evercase_owner TO evercase_app", "member of evercase_owner"),
        ("GRANT pg_write_all_data TO evercase_app", "member of pg_write_all_data"),
        ("GRANT DELETE ON ledger.event TO evercase_app", "DELETE on ledger.event"),
        ("GRANT UPDATE (type) ON ledger.event TO evercase_app", "UPDATE on ledger.event"),
        ("GRANT INSERT ON keys.subject TO PUBLIC", "INSERT on keys.subject"),
        ("GRANT CREATE ON SCHEMA ledger TO evercase_app", "create in ledger"),
        ("ALTER TABLE ledger.event DISABLE TRIGGER no_change", "not all in force"),
        ("ALTER TABLE ledger.command ENABLE TRIGGER no_truncate", "not all in force"),
    ],
)
def test_a_login_that_could_change_the_log_is_refused(
    database: Any, given: str, words: str
) -> None:
    """In a transaction that is rolled back: roles belong to the server that all tests share."""
    with psycopg.connect(database.owner_url) as superuser:
        superuser.execute(given)
        superuser.execute("SET SESSION AUTHORIZATION evercase_app")
        assert any(words in reason for reason in excess_rights(superuser))
        with pytest.raises(TooManyRights, match=words):
            refuse_to_run_with_rights(superuser)
        superuser.rollback()


def test_whoever_migrates_or_owns_does_not_run(database: Any) -> None:
    for url in (database.owner_url, database.migrate_url):
        with psycopg.connect(url) as connection, pytest.raises(TooManyRights):
            refuse_to_run_with_rights(connection)


def test_migrating_again_changes_nothing(database: Any) -> None:
    assert migrate(database.migrate_url) == []
    assert pending(database.app_url) == []
    create_roles(database.owner_url, {})


def test_two_that_migrate_at_once_do_it_once(server: Any) -> None:
    name = "migrated_by_two"
    with psycopg.connect(server.url, autocommit=True) as superuser:
        superuser.execute(f"CREATE DATABASE {name}")
    try:
        create_roles(server.on(name), {"evercase_migrate": "migrate-of-tests"})
        url = server.on(name, "evercase_migrate", "migrate-of-tests")
        with ThreadPoolExecutor(2) as pool:
            applied = sorted(pool.map(migrate, [url, url]))
        assert applied[0] == []
        assert applied[1] == sorted(applied[1])
        assert "0001_log.sql" in applied[1]
    finally:
        with psycopg.connect(server.url, autocommit=True) as superuser:
            superuser.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_newer_database_is_refused(database: Any) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as superuser:
        superuser.execute("INSERT INTO ledger.migration VALUES ('9999_from_the_future.sql')")
    for refused in (migrate, pending):
        with pytest.raises(DatabaseNewer, match="9999_from_the_future"):
            refused(database.migrate_url if refused is migrate else database.app_url)


def test_only_the_two_logins_get_passwords(database: Any) -> None:
    with pytest.raises(ValueError, match="no such login"):
        create_roles(database.owner_url, {"evercase_owner": "x"})
    with psycopg.connect(database.owner_url) as superuser:
        rows = superuser.execute(
            "SELECT rolname, rolcanlogin, rolpassword LIKE 'SCRAM-SHA-256$%'"
            " FROM pg_authid WHERE rolname LIKE 'evercase_%' ORDER BY rolname"
        ).fetchall()
    assert rows == [
        ("evercase_app", True, True),
        ("evercase_migrate", True, True),
        ("evercase_owner", False, None),
        ("evercase_read", False, None),
    ]
