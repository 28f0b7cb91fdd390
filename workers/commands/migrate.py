"""``evercase migrate``: bring the database up to date."""

from __future__ import annotations

import ledger
from workers.console import AsJson, print_json, say
from workers.embedded.engines import reached
from workers.settings import Settings, SettingsRefused


def migrate(as_json: AsJson = False) -> None:
    """Bring the database up to date; run again it changes nothing.

    MIGRATE_DATABASE_URL is the address of the role evercase_migrate; no other process needs it.
    Without any address, the database in EVERCASE_HOME is made and migrated.
    """
    given = Settings()
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


def in_home(given: Settings) -> list[str]:
    """Migrate the database that comes along; a start of it has often done so already."""
    with reached(given) as settings:
        url = settings.migrate_database_url
        return ledger.migrate(url) if url is not None else []
