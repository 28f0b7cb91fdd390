"""Roles and tables: plain numbered SQL files, applied in order under one lock."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Final

import psycopg
from psycopg import sql

from ledger.errors import DatabaseNewer

ROLES_FILE: Final = "0000_roles.sql"
ROLES: Final = ("evercase_owner", "evercase_migrate", "evercase_app", "evercase_read")
_LOCK: Final = 7305505
_ATTEMPTS: Final = 20

_FIRST = """
CREATE SCHEMA IF NOT EXISTS ledger AUTHORIZATION evercase_owner;
CREATE TABLE IF NOT EXISTS ledger.migration (
    name text PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""


def migration_names() -> list[str]:
    """The files of this version of the code, in the order they are applied."""
    folder = files("ledger") / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [name for name in names if name != ROLES_FILE]


def create_roles(superuser_url: str, passwords: Mapping[str, str]) -> None:
    """Make the four roles, let the owner make schemas here, and set passwords (role -> password).

    Done again it changes nothing but the passwords. Roles belong to the whole server, so a
    rival on another database may be at the same rows: such a clash is tried again.
    """
    unknown = set(passwords) - {"evercase_migrate", "evercase_app"}
    if unknown:
        raise ValueError(f"no such login: {', '.join(sorted(unknown))}")
    statements = _read(ROLES_FILE)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for attempt in range(_ATTEMPTS):
            try:
                with connection.transaction():
                    _run_file(connection, statements)
                    for role, password in passwords.items():
                        _set_password(connection, role, password)
                return
            except (
                psycopg.errors.InternalError_,
                psycopg.errors.IntegrityError,
                psycopg.errors.DuplicateObject,
            ):
                if attempt == _ATTEMPTS - 1:
                    raise


def migrate(migrate_url: str) -> list[str]:
    """Apply what is missing, as ``evercase_migrate`` on behalf of the owner; the names applied."""
    known = migration_names()
    with psycopg.connect(migrate_url, autocommit=True) as connection, _alone(connection):
        with connection.transaction():
            connection.execute("SET LOCAL ROLE evercase_owner")
            connection.execute(_FIRST)
            applied = {row[0] for row in connection.execute("SELECT name FROM ledger.migration")}
        _refuse_newer(applied, known)
        missing = [name for name in known if name not in applied]
        for name in missing:
            with connection.transaction():
                connection.execute("SET LOCAL ROLE evercase_owner")
                _run_file(connection, _read(name))
                connection.execute("SET LOCAL ROLE evercase_owner")
                connection.execute("INSERT INTO ledger.migration (name) VALUES (%s)", [name])
        return missing


def pending(url: str) -> list[str]:
    """The files this database still lacks; raises ``DatabaseNewer`` where it is ahead of us."""
    known = migration_names()
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT to_regclass('ledger.migration')").fetchone()
        if found is None or found[0] is None:
            return known
        applied = {row[0] for row in connection.execute("SELECT name FROM ledger.migration")}
    _refuse_newer(applied, known)
    return [name for name in known if name not in applied]


def _refuse_newer(applied: set[str], known: list[str]) -> None:
    foreign = sorted(applied - set(known))
    if foreign:
        raise DatabaseNewer(
            f"this database was migrated by a newer Evercase ({', '.join(foreign)});"
            " run that version, or restore a backup made before it"
        )


def _read(name: str) -> str:
    return (files("ledger") / "migrations" / name).read_text(encoding="utf-8")


def _run_file(connection: psycopg.Connection[Any], statements: str) -> None:
    """A whole file in one message: no parameters, so several statements are allowed."""
    connection.execute(statements.encode())


def _set_password(connection: psycopg.Connection[Any], role: str, password: str) -> None:
    """The password leaves us as its SCRAM verifier, so no log of the server can hold it."""
    verifier = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    connection.execute(
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier))
    )


@contextlib.contextmanager
def _alone(connection: psycopg.Connection[Any]) -> Iterator[None]:
    connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
