"""The engines of one installation: ours as children, or somebody else's by their address."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from pydantic import SecretStr

import ledger
from workers.embedded import postgres
from workers.embedded.home import Home
from workers.embedded.postgres import Postgres
from workers.events import know_all_events
from workers.settings import Settings, SettingsRefused

DATABASE: Final = "evercase"
MIGRATE: Final = "evercase_migrate"
APP: Final = "evercase_app"


@contextmanager
def reached(settings: Settings) -> Iterator[Settings]:
    """Settings whose database answers, for a command that runs beside or without ``up``.

    A given DATABASE_URL is taken as it is. Else the engines that run in this home are used;
    where none run, PostgreSQL is started for as long as the command takes.
    Raises SettingsRefused, ChildFailed, OtherMajorVersion. Call from the main thread.
    """
    know_all_events()
    if settings.database_url is not None:
        yield settings
        return
    home = Home(settings.home)
    if home.is_held():
        yield attached(settings, home)
        return
    with home.held():
        secrets = home.secrets()
        server = postgres.start(home.path, secrets["POSTGRES_PASSWORD"])
        try:
            prepare_database(server, secrets)
            yield with_engines(settings, secrets, server.sockets)
        finally:
            server.stop()


def attached(settings: Settings, home: Home, patience: float = 60) -> Settings:
    """Settings that reach the engines that ``up`` runs in this home.

    Raises SettingsRefused when they are not up within ``patience`` seconds.
    """
    deadline = time.monotonic() + patience
    while not (state := home.state()).get("ready"):
        if not home.is_held() or time.monotonic() > deadline:
            raise SettingsRefused(f"Evercase in {home.path} is not up; see its logs there.")
        time.sleep(0.1)
    return with_engines(
        settings,
        home.secrets(),
        Path(state["sockets"]),
        temporal_address=state["temporal"],
        smtp_port=state["smtp_port"],
        port=state["port"],
        demo=settings.demo or bool(state["demo"]),
    )


def prepare_database(server: Postgres, secrets: Mapping[str, str]) -> list[str]:
    """Make the database and its roles where missing, and bring it up to date.

    Returns the names of the migrations that were applied. A newer database is refused.
    """
    with psycopg.connect(server.url(), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if found.fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    words = {MIGRATE: secrets["MIGRATE_PASSWORD"], APP: secrets["APP_PASSWORD"]}
    ledger.create_roles(server.url(DATABASE), words)
    return ledger.migrate(server.url(DATABASE, MIGRATE, words[MIGRATE]))


def with_engines(
    settings: Settings, secrets: Mapping[str, str], sockets: Path, **more: Any
) -> Settings:
    """``settings`` with our engines' addresses and, where none were given, our own secrets."""
    own: dict[str, Any] = {
        "master_key": SecretStr(secrets["EVERCASE_MASTER_KEY"]),
        "session_secret": SecretStr(secrets["EVERCASE_SESSION_SECRET"]),
    }
    update = {name: value for name, value in own.items() if name not in settings.model_fields_set}
    update["database_url"] = postgres.url(sockets, DATABASE, APP, secrets["APP_PASSWORD"])
    update["migrate_database_url"] = postgres.url(
        sockets, DATABASE, MIGRATE, secrets["MIGRATE_PASSWORD"]
    )
    return settings.model_copy(update=update | more)
