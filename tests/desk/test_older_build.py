"""Behind an upgrade a read model is an older version's until it is rebuilt."""

from __future__ import annotations

from typing import Any

import psycopg
from visiting import House


def test_pages_tell_of_it_and_the_others_go_on(fresh_house: House, database: Any) -> None:
    ellie = fresh_house.visitor("ellie")
    assert ellie.get("/customers").status_code == 200
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        (build,) = connection.execute(
            "SELECT build FROM read.live WHERE name = 'inbox'"
        ).fetchone() or (0,)
        connection.execute(f"ALTER TABLE read.inbox_{build} DROP COLUMN state")
    page = ellie.get("/inbox")
    assert page.status_code == 503
    assert "Please try again in a minute." in page.text
    assert ellie.get("/customers").status_code == 200
