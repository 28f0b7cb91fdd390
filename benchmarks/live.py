"""What 300 open pages cost the desk: memory and CPU of its process, idle and at 50 events a second.

Half of the pages show a list, half a case. The pages only listen: what a browser asks for after a
message is an ordinary page, measured elsewhere. Everything is on loopback and ends by itself.
"""

from __future__ import annotations

import multiprocessing
import secrets
import selectors
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Protocol, cast
from uuid import uuid4

import psutil
import psycopg

from benchmarks.house import ACTOR, MASTER_KEY, START, live_cases
from benchmarks.measure import Measure
from desk.authentication.session import set_password, start_session
from desk.house import SESSION_COOKIE
from desk.newsroom import MOST_PER_PERSON
from domain.conversation import AddNote
from domain.personal import Personal
from domain.rulebooks import rulebook
from domain.staff import GiveRole, RegisterStaff, staff, stream_of
from domain.staff_facts import Role
from domain.text import Text
from ledger import Ledger
from ledger.follow import follow
from projections import queue, registry
from projections.reading import look, wait_for
from workers import desk_process
from workers.events import know_all_events
from workers.settings import Settings

PAGES: Final = 300
CASES: Final = 150
A_SECOND: Final = 50
IDLE_SECONDS: Final = 5.0
BUSY_SECONDS: Final = 10.0
LONGEST_WAIT: Final = 60.0
FROM_NOW: Final = 10**12
LEAST_CPU: Final = 0.1
"""Percent: below it one cannot measure, and a ratio means nothing."""


class Urls(Protocol):
    """A database that nobody else uses, as ``evercase_app`` reaches it."""

    @property
    def app_url(self) -> str: ...


def measure(database: Urls) -> list[Measure]:
    """The desk with every page open beside the desk with none."""
    with Ledger(database.app_url, master_key=MASTER_KEY) as ledger, _followed(ledger):
        streams = live_cases(ledger, range(CASES), whole=False)
        cookies = _log_in(ledger, database.app_url)
        _settled(database.app_url, ledger.head())
        with _desk(database.app_url) as (port, process):
            without = _load(process, IDLE_SECONDS)
            with Pages(port, cookies, _numbers(database.app_url, streams)) as pages:
                idle = _load(process, IDLE_SECONDS)
                with _events(ledger, streams):
                    busy = _load(process, BUSY_SECONDS)
                heard = pages.heard / BUSY_SECONDS
    at = f"with {PAGES} open pages"
    return [
        _less(f"desk, MiB {at} / with none", idle[0], without[0]),
        _less(f"desk, MiB {at}, {A_SECOND} events/s / with none", busy[0], without[0]),
        _less(f"desk, % of a CPU {at} / with none", idle[1], without[1]),
        _less(f"desk, % of a CPU {at}, {A_SECOND} events/s / idle", busy[1], idle[1]),
        Measure(f"desk, messages/s {at} / events/s", heard, A_SECOND, heard / A_SECOND, None),
    ]


def _less(name: str, ours: float, reference: float) -> Measure:
    return Measure(name, ours, reference, ours / max(reference, LEAST_CPU), None, "lower")


def _load(process: psutil.Process, seconds: float) -> tuple[float, float]:
    """(MiB, percent of one CPU) over so many seconds."""
    process.cpu_percent()
    time.sleep(seconds)
    return process.memory_info().rss / 2**20, process.cpu_percent()


# --- a house with people, its read models followed, and a desk in a process of its own


@contextmanager
def _followed(ledger: Ledger) -> Iterator[None]:
    registry.prepare(ledger)
    stop = threading.Event()
    thread = threading.Thread(
        target=follow, args=(ledger, lambda: registry.followers(ledger), stop)
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _log_in(ledger: Ledger, url: str) -> list[str]:
    """A cookie for each page: as many people as the pages of one person allow."""
    now = ledger.log(0, 1)[0].recorded_at
    cookies: list[str] = []
    with psycopg.connect(url, autocommit=True) as db:
        for number in range(PAGES // MOST_PER_PERSON):
            login = f"agent{number}"
            stream = stream_of(login)
            base = {"at": START, "actor": ACTOR}
            role = Role(name="agent", legal_entity="bench", team="bench", level=1)
            for command in (
                RegisterStaff(
                    **base, command_id=uuid4(), staff=stream, login=login, language="en",
                    name=Text(en=login, zh=login), email=Personal(f"{login}@bench.example"),
                ),
                GiveRole(**base, command_id=uuid4(), role=role),
            ):  # fmt: skip
                ledger.handle(staff, stream, command)
            set_password(db, login, secrets.token_hex(), stream)
            cookies += [start_session(db, login, now)] * MOST_PER_PERSON
    return cookies


def _settled(url: str, head: int) -> None:
    with psycopg.connect(url, autocommit=True) as db:
        if wait_for(db, queue.NAME, head, LONGEST_WAIT).as_of < head:
            raise RuntimeError("the queue has not caught up")


def _numbers(url: str, streams: list[str]) -> list[str]:
    with psycopg.connect(url, autocommit=True) as db, look(db) as reading:
        query = "SELECT number FROM {table} WHERE stream = ANY (%s)"
        return [number for (number,) in reading.records(queue.NAME, query, [streams])]


@contextmanager
def _desk(url: str) -> Iterator[tuple[int, psutil.Process]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="evercase-bench-") as home:
        process = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(url, port, home), daemon=True
        )
        process.start()
        try:
            _answers(port)
            yield port, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.join(LONGEST_WAIT)


def _serve(url: str, port: int, home: str) -> None:
    know_all_events()
    values: dict[str, Any] = {
        "home": Path(home),
        "database_url": url,
        "port": port,
        "master_key": MASTER_KEY.hex(),
        "session_secret": secrets.token_hex(32),
    }
    desk_process.run(Settings(**values))


def _answers(port: int) -> None:
    until = time.monotonic() + LONGEST_WAIT
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


# --- open pages, and what happens meanwhile


class Pages:
    """Open pages that count what they hear, in a thread of their own."""

    def __init__(self, port: int, cookies: list[str], numbers: list[str]) -> None:
        self.heard = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._pages = selectors.DefaultSelector()
        for n, cookie in enumerate(cookies):
            shown = f"case={numbers[n % len(numbers)]}&version=1" if n % 2 else "rows=case"
            page = _opened(port, cookie, f"/live?{shown}&at={FROM_NOW}")
            self._pages.register(page, selectors.EVENT_READ)

    def __enter__(self) -> Pages:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        for key in list(self._pages.get_map().values()):
            cast("socket.socket", key.fileobj).close()
        self._pages.close()

    def _listen(self) -> None:
        while not self._over.is_set():
            for key, _ in self._pages.select(timeout=0.1):
                got = cast("socket.socket", key.fileobj).recv(65_536)
                if not got:
                    raise RuntimeError("a stream has ended")
                self.heard += got.count(b"data: ")


def _opened(port: int, cookie: str, path: str) -> socket.socket:
    page = socket.create_connection(("127.0.0.1", port), timeout=LONGEST_WAIT)
    head = f"GET {path} HTTP/1.1\r\nHost: desk\r\nCookie: {SESSION_COOKIE}={cookie}\r\n\r\n"
    page.sendall(head.encode())
    got = b""
    while b"retry:" not in got:
        more = page.recv(65_536)
        if not more or not got.startswith(b"HTTP/1.1 200"[: len(got)]):
            raise RuntimeError("a page did not open")
        got += more
    return page


@contextmanager
def _events(ledger: Ledger, streams: list[str]) -> Iterator[None]:
    """Notes at an even pace, on one case after the other."""
    over = threading.Event()

    def write() -> None:
        began, number = time.monotonic(), 0
        while not over.wait(max(0.0, began + number / A_SECOND - time.monotonic())):
            stream = streams[number % len(streams)]
            note = AddNote(
                command_id=uuid4(),
                at=START + timedelta(days=30),
                actor=ACTOR,
                text=Personal("The carrier lost it."),
            )
            ledger.handle(rulebook(stream), stream, note)
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
