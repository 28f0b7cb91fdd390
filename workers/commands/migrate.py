"""``evercase migrate``: bring the database up to date."""

from __future__ import annotations

from typing import Annotated

import typer
from psycopg.conninfo import conninfo_to_dict

import ledger
from workers.console import AsJson, print_json, say
from workers.embedded.engines import reached
from workers.settings import Settings, SettingsRefused

Roles = Annotated[
    bool,
    typer.Option(
        "--roles",
        help="First make the four roles, as SUPERUSER_DATABASE_URL, with the passwords that "
        "MIGRATE_DATABASE_URL and DATABASE_URL hold.",
    ),
]


def migrate(roles: Roles = False, as_json: AsJson = False) -> None:
    """Bring the database up to date; run again it changes nothing.

    MIGRATE_DATABASE_URL is the address of the role evercase_migrate; no other process needs it.
    Without any address, the database in EVERCASE_HOME is made and migrated.
    """
    given = Settings()
    if roles:
        make_roles(given)
    if given.migrate_database_url is not None:
        applied = ledger.migrate(given.migrate_database_url)
    elif given.database_url is not None:
        raise SettingsRefused(
            "Set MIGRATE_DATABASE_URL to the address of the role evercase_migrate: "
            "DATABASE_URL may not change tables."
        )
    else:
        applied = in_home(given)
    if as_json:
        print_json({"applied": applied})
        return
    for name in applied:
        say(f"applied {name}")
    say("The database is up to date.")


def make_roles(given: Settings) -> None:
    """Raises SettingsRefused where one of the three addresses is missing."""
    addresses = {
        "SUPERUSER_DATABASE_URL": given.superuser_database_url,
        "MIGRATE_DATABASE_URL": given.migrate_database_url,
        "DATABASE_URL": given.database_url,
    }
    missing = [name for name, address in addresses.items() if not address]
    if missing:
        raise SettingsRefused(f"--roles needs {', '.join(missing)}")
    superuser, *others = (address or "" for address in addresses.values())
    logins = [conninfo_to_dict(address) for address in others]
    ledger.create_roles(
        superuser, {str(login["user"]): str(login.get("password", "")) for login in logins}
    )


def in_home(given: Settings) -> list[str]:
    """Migrate the database that comes along; a first start of it has done so already."""
    with reached(given) as settings:
        url = settings.migrate_database_url
        return ledger.migrate(url) if url is not None else []
