"""What tests share: one PostgreSQL per run, a fresh migrated database per test, Temporal."""

from __future__ import annotations

import secrets
import shlex
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog
from psycopg import sql
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from ledger import Ledger, create_roles, migrate
from workers.embedded import child, postgres
from workers.embedded import temporal as temporal_server

MASTER_KEY = bytes(range(32))
TEMPLATE = "evercase_template"
PASSWORDS = {"evercase_migrate": "migrate-of-tests", "evercase_app": "app-of-tests"}


@dataclass(frozen=True)
class Server:
    """A PostgreSQL that tests make databases in. ``url`` is the superuser's, on "postgres"."""

    url: str
    sockets: str

    def on(self, database: str, user: str = "", password: str = "") -> str:
        parts = psycopg.conninfo.conninfo_to_dict(self.url, dbname=database)
        if user:
            parts |= {"user": user, "password": password}
        return psycopg.conninfo.make_conninfo("", **parts)


@dataclass(frozen=True)
class Database:
    """A database of one test: as the app, as the one who migrates, as the superuser (attacks)."""

    name: str
    app_url: str = field(repr=False)
    migrate_url: str = field(repr=False)
    owner_url: str = field(repr=False)


@pytest.fixture(autouse=True)
def logs_as_shipped() -> Iterator[None]:
    """A test that ran a command in this process leaves logging to the next as it found it."""
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


# --- one server per run ---------------------------------------------------------------------


def start_server(config: pytest.Config) -> Server:
    """Start it in the main thread of this process, with which it dies."""
    home = Path(tempfile.mkdtemp(prefix="evercase-tests-"))
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    running = postgres.start(home, secrets.token_hex(16), {"max_connections": "400"}, durable=False)
    config.add_cleanup(running.stop)
    return Server(running.url(), str(running.sockets))


SERVER = pytest.StashKey[Server]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Under xdist the controller owns the one server and hands its address to the workers."""
    if SERVER not in node.config.stash:
        node.config.stash[SERVER] = start_server(node.config)
    server = node.config.stash[SERVER]
    node.workerinput["postgres"] = {"url": server.url, "sockets": server.sockets}


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Server:
    given = getattr(request.config, "workerinput", None)
    if given is not None:
        return Server(**given["postgres"])
    if SERVER not in request.config.stash:
        request.config.stash[SERVER] = start_server(request.config)
    return request.config.stash[SERVER]


# --- a database per test, copied from a migrated template ------------------------------------


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """The migrated database that others are copied from; made once per server."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('evercase template'))")
        found = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", [TEMPLATE]
        ).fetchone()
        if found is None:
            connection.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
            database = of_name(server, TEMPLATE)
            create_roles(database.owner_url, PASSWORDS)
            migrate(database.migrate_url)
            connection.execute(f"ALTER DATABASE {TEMPLATE} IS_TEMPLATE true")
    return TEMPLATE


def of_name(server: Server, name: str) -> Database:
    return Database(
        name,
        server.on(name, "evercase_app", PASSWORDS["evercase_app"]),
        server.on(name, "evercase_migrate", PASSWORDS["evercase_migrate"]),
        server.on(name),
    )


def make_database(server: Server, template: str) -> Iterator[Database]:
    name = f"t_{secrets.token_hex(8)}"
    quoted = sql.Identifier(name)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(quoted, sql.Identifier(template))
        )
    database = of_name(server, name)
    # Rights on the database itself are not copied from the template.
    create_roles(database.owner_url, PASSWORDS)
    try:
        yield database
    finally:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(quoted))


@pytest.fixture
def database(server: Server, template: str) -> Iterator[Database]:
    """A fresh migrated database for this test alone."""
    yield from make_database(server, template)


@pytest.fixture(scope="module")
def module_database(server: Server, template: str) -> Iterator[Database]:
    """A fresh migrated database that the tests of one file share."""
    yield from make_database(server, template)


@pytest.fixture(scope="session")
def session_database(server: Server, template: str) -> Iterator[Database]:
    """A fresh migrated database that all tests of this process may share."""
    yield from make_database(server, template)


@pytest.fixture
def ledger(database: Database) -> Iterator[Ledger]:
    """A Ledger on ``database``, closed afterwards."""
    with Ledger(database.app_url, master_key=MASTER_KEY) as opened:
        yield opened


@pytest.fixture(scope="module")
def module_ledger(module_database: Database) -> Iterator[Ledger]:
    """A Ledger on ``module_database``."""
    with Ledger(module_database.app_url, master_key=MASTER_KEY) as opened:
        yield opened


# --- Temporal ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Temporal development server, in memory, for all tests of this process."""
    running = temporal_server.start(tmp_path_factory.mktemp("temporal"), port=0, kept=False)
    yield running.address
    running.stop()


@pytest.fixture
def time_skipping(tmp_path: Path) -> Callable[..., Awaitable[WorkflowEnvironment]]:
    """Starts time-skipping servers: ``async with await time_skipping() as environment``.

    Behind the launcher and writing to a file, so that none outlives this process or holds the
    pipe that somebody reads our output from.
    """
    command = child.launched([str(temporal_server.binary("temporal-test-server"))], by_pipe=False)
    script = tmp_path / "temporal-test-server"
    log = shlex.quote(str(tmp_path / "temporal-test-server.log"))
    script.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@" </dev/null >>{log} 2>&1\n')
    script.chmod(0o700)

    def start(**options: Any) -> Awaitable[WorkflowEnvironment]:
        return WorkflowEnvironment.start_time_skipping(
            **{
                "data_converter": pydantic_data_converter,
                "test_server_existing_path": str(script),
                **options,
            }
        )

    return start
