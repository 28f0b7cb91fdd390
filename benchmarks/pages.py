"""Whether the desk's pages care how many cases there are, and how they bear twenty people.

Two databases side by side, few cases and many, asked in turn by the same process through the
whole desk, so that a busy machine or a full heap disturbs both alike.
"""

from __future__ import annotations

import multiprocessing
import re
import socket
import statistics
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from tempfile import gettempdir
from time import perf_counter
from typing import Any, Final, Protocol, TypeVar
from uuid import uuid4

import uvicorn
from starlette.testclient import TestClient

from benchmarks.house import MASTER_KEY, STAFF, live_cases, lodge, step
from benchmarks.measure import Measure, of_rounds
from desk.app import create_app
from desk.authentication.session import set_password, start_session
from desk.house import SESSION_COOKIE
from domain.customer import RegisterCustomer, customer
from domain.event import Actor, Command
from domain.organisation import STREAM, DescribeLegalEntity, LegalEntity, organisation
from domain.personal import Personal
from domain.rulebooks import rulebook
from domain.staff import GiveRole, RegisterStaff, staff
from domain.staff_facts import Role
from domain.text import Text
from ledger import Ledger
from ledger.database import pool
from ledger.follow import catch_up
from projections.registry import followers, prepare

FEW: Final = 200
MANY: Final = 20_000
ROUNDS: Final = 3
TIMES: Final = 30
"""How often a page is asked of each database in a round."""
PEOPLE: Final = 20
CLICKS: Final = 15
"""Pages that each of them looks at."""
C = TypeVar("C", bound=Command)
SECRET: Final = b"a secret of benchmarks, 32 bytes"
LOGIN: Final = "bench"
_SETUP: Final = Actor(kind="import", id="setup")
_TEXT: Final = Text(en="Bench", zh="测试")


class Urls(Protocol):
    """A database that nobody else uses, and the way to another one."""

    @property
    def app_url(self) -> str: ...

    @property
    def beside(self) -> Callable[[], Urls]: ...


@dataclass(frozen=True)
class Desk:
    """One database with its desk; ``pages``: name -> address."""

    url: str
    client: TestClient
    cookie: str
    pages: dict[str, str]


def measure(database: Urls) -> list[Measure]:
    """Each page at 20,000 cases beside 200, and twenty people clicking at 20,000."""
    with ExitStack() as open_:
        few = open_.enter_context(_desk(database.app_url, FEW))
        many = open_.enter_context(_desk(database.beside().app_url, MANY))
        measures = [
            of_rounds(f"{name}, ms at 20,000 / at 200 cases", _side_by_side(name, few, many), 1.5,
                      "lower")
            for name in few.pages
        ]  # fmt: skip
        return [*measures, *_clicking(many)]


# --- two sizes ----------------------------------------------------------------------------------


def _side_by_side(name: str, few: Desk, many: Desk) -> list[tuple[float, float]]:
    """(milliseconds at many, at few) of each round: the medians of reads taken in turn."""
    for desk in (few, many):
        _ask(desk, name)
    rounds = []
    for _ in range(ROUNDS):
        took = [(_ask(many, name), _ask(few, name)) for _ in range(TIMES)]
        rounds.append(
            (statistics.median(m for m, _ in took), statistics.median(f for _, f in took))
        )
    return rounds


def _ask(desk: Desk, name: str) -> float:
    started = perf_counter()
    answer = desk.client.get(desk.pages[name])
    took = 1_000 * (perf_counter() - started)
    if answer.status_code != 200:
        raise RuntimeError(f"{name}: {answer.status_code}")
    return took


# --- twenty people ------------------------------------------------------------------------------


def _clicking(desk: Desk) -> list[Measure]:
    """Milliseconds of each page under load beside its time alone, the desk in its own process."""
    spawn = multiprocessing.get_context("spawn")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    serving = spawn.Process(target=_serve, args=(desk.url, port), daemon=True)
    serving.start()
    try:
        _until_up(port)
        alone = {name: _clicks(desk, port, [name] * CLICKS)[name] for name in desk.pages}
        took: dict[str, list[float]] = {name: [] for name in desk.pages}
        people = [
            threading.Thread(target=_person, args=(desk, port, number, took))
            for number in range(PEOPLE)
        ]
        for person in people:
            person.start()
        for person in people:
            person.join()
    finally:
        serving.terminate()
        serving.join()
    measures = []
    for name, times in took.items():
        cuts, reference = statistics.quantiles(times, n=100), statistics.median(alone[name])
        for label, value in (("p50", cuts[49]), ("p99", cuts[98])):
            words = f"{name} {label} under {PEOPLE} people, ms / alone"
            measures.append(Measure(words, value, reference, value / reference, None, "lower"))
    return measures


def _person(desk: Desk, port: int, number: int, took: dict[str, list[float]]) -> None:
    chosen = Random(number).choices(list(desk.pages), k=CLICKS)
    for name, times in _clicks(desk, port, chosen).items():
        took[name] += times


def _clicks(desk: Desk, port: int, names: list[str]) -> dict[str, list[float]]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    times: dict[str, list[float]] = {name: [] for name in names}
    for name in names:
        started = perf_counter()
        connection.request("GET", desk.pages[name], headers={"Cookie": desk.cookie})
        answer = connection.getresponse()
        answer.read()
        times[name].append(1_000 * (perf_counter() - started))
        if answer.status != 200:
            raise RuntimeError(f"{name}: {answer.status}")
    connection.close()
    return times


def _serve(url: str, port: int) -> None:
    with _app(url) as (_, app):
        uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)


def _until_up(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            threading.Event().wait(0.1)
        else:
            return
    raise RuntimeError("the desk did not come up")


# --- a desk over a database ---------------------------------------------------------------------


@contextmanager
def _app(url: str) -> Iterator[tuple[Ledger, Any]]:
    with (
        Ledger(url, master_key=MASTER_KEY) as ledger,
        pool(url, size=24, patience=10.0) as readers,
    ):
        home = Path(gettempdir())
        yield (
            ledger,
            create_app(ledger=ledger, pool=readers, home=home, secret=SECRET, secure=False),
        )


@contextmanager
def _desk(url: str, cases: int) -> Iterator[Desk]:
    number = _furnish(url, cases)
    with _app(url) as (_, app), pool(url, size=1, patience=10.0) as readers:
        with readers.connection() as db:
            set_password(db, LOGIN, str(uuid4()), STAFF)
            cookie = start_session(db, LOGIN, datetime.now(UTC))
        client = TestClient(app, cookies={SESSION_COOKIE: cookie})
        case = f"/complaints/{number}"
        pages = {
            "queue page": "/queue?tab=team",
            "case of 50 steps": case,
            "history of 50 steps": f"{case}/history",
        }
        yield Desk(url, client, f"{SESSION_COOKIE}={cookie}", pages)


def _furnish(url: str, cases: int) -> str:
    """A company, one person, so many cases, and one of fifty steps: its number."""
    with Ledger(url, master_key=MASTER_KEY) as ledger:
        prepare(ledger)
        _people(ledger)
        stream, command = lodge(0)
        ledger.handle(rulebook(stream), stream, command)
        for number in range(50):
            ledger.handle(rulebook(stream), stream, step(number))
        live_cases(ledger, range(1, cases), whole=cases == FEW)
        for each in followers(ledger):
            catch_up(ledger, each)
        found = re.search(r"C-\d{4}-\d+", str(ledger.fold(rulebook(stream), stream).state))
    assert found
    return found[0]


def _people(ledger: Ledger) -> None:
    entity = LegalEntity(
        id="bench", name=_TEXT, zone="Europe/London", language="en", currency="GBP",
        calendar="bench", branches={}, teams={"bench": _TEXT}, products={"parcel": _TEXT},
        categories={"delay": _TEXT},
    )  # fmt: skip
    ledger.handle(organisation, STREAM, _setup(DescribeLegalEntity, entity=entity))
    role = Role(name="agent", legal_entity="bench", team="bench", level=1)
    registered = _setup(
        RegisterStaff, staff=STAFF, login=LOGIN, name=_TEXT, language="en",
        email=Personal("bench@example.org"),
    )  # fmt: skip
    for command in (registered, _setup(GiveRole, role=role)):
        ledger.handle(staff, STAFF, command)
    registered_all = [
        ledger.submit(customer, f"customer-bench-{number}", _customer(number))
        for number in range(1_000)
    ]
    for each in registered_all:
        each.result()


def _customer(number: int) -> RegisterCustomer:
    return _setup(
        RegisterCustomer, customer=f"customer-bench-{number}", number=f"K-2024-{number:06}",
        sort="person", legal_entity="bench", language="en", preferred_channel="email",
        name=Personal(f"Customer {number}"), details={},
    )  # fmt: skip


def _setup(kind: type[C], **fields: Any) -> C:
    at = datetime(2024, 1, 1, 9, tzinfo=UTC)
    return kind(command_id=uuid4(), at=at, actor=_SETUP, **fields)
