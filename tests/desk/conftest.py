"""The desk as a whole on real PostgreSQL, with its read models followed, and browsers for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from browsing import browser, log_in, served
from people import PASSWORD, PEOPLE, SECRET, furnish
from playwright.sync_api import Page, expect
from psycopg_pool import ConnectionPool
from visiting import House

from desk.app import create_app
from desk.authentication.session import set_password
from ledger import Ledger
from ledger.blind import blind_index
from ledger.follow import follow
from projections import registry


@pytest.fixture(scope="module")
def house(
    module_ledger: Ledger, module_database: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A house that the tests of one file share, with nothing in it that is not theirs."""
    yield from furnished(module_ledger, module_database.app_url, tmp_path_factory.mktemp("home"))


@pytest.fixture
def fresh_house(database: Any, tmp_path: Path) -> Iterator[House]:
    """A house for one test alone."""
    with Ledger(database.app_url, master_key=bytes(range(32))) as ledger:
        yield from furnished(ledger, database.app_url, tmp_path)


@pytest.fixture(scope="module")
def address(house: House) -> Iterator[str]:
    """Where a browser finds the desk."""
    with served(house.app) as found:
        yield found


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """A window in which Ellie is logged in."""
    with browser(address) as opened:
        log_in(opened, "ellie")
        expect(opened.locator("h1")).to_be_visible()
        yield opened


def furnished(ledger: Ledger, url: str, home: Path) -> Iterator[House]:
    stop = threading.Event()
    staff = furnish(ledger)
    registry.prepare(ledger)

    def followers() -> list[Any]:
        return [*registry.followers(ledger), blind_index(ledger.keys)]

    thread = threading.Thread(target=follow, args=(ledger, followers, stop))
    thread.start()
    with psycopg.connect(url, autocommit=True) as db:
        for login, (_, language, _) in PEOPLE.items():
            set_password(db, login, PASSWORD, staff[login], language)
    with ConnectionPool(
        url, min_size=1, max_size=8, open=True, kwargs={"autocommit": True}
    ) as pool:
        app = create_app(ledger=ledger, pool=pool, home=home, secret=SECRET, secure=False)
        yield House(app, ledger, home, staff, url)
    stop.set()
    thread.join()
