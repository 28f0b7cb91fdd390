"""Callers in processes of their own, for tests of what happens between them.

``python rivals.py URL KIND ...`` prints one JSON value and ends. Run by ``start``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

from small_book import AT, Close, Note, Reopen, book, wish

from domain.decider import DomainError
from ledger import Ledger, LedgerUnavailable, RivalWrote

MASTER_KEY = bytes(range(32))


def start(url: str, kind: str, *arguments: object) -> subprocess.Popen[str]:
    """Run ``kind`` in a process; read its answer with ``answer``."""
    return subprocess.Popen(
        [sys.executable, __file__, url, kind, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )


def answer(process: subprocess.Popen[str]) -> Any:
    text, _ = process.communicate()
    assert process.returncode == 0
    return json.loads(text)


def repeat(ledger: Ledger, stream: str, id: str, times: str, threads: str) -> list[Any]:
    """The same command from many threads; every receipt."""

    def send(number: int) -> list[Any]:
        at = AT + timedelta(seconds=number)
        command = Note(**(wish(UUID(id)) | {"at": at}), line="once")
        return list(ledger.handle(book, stream, command))

    with ThreadPoolExecutor(int(threads)) as pool:
        return list(pool.map(send, range(int(times))))


def rival(ledger: Ledger, seed: str, times: str, *streams: str) -> dict[str, int]:
    """Notes, closings and reopenings on hot streams; how often each outcome came."""
    counted: dict[str, int] = {}

    def send(number: int) -> str:
        stream = streams[number % len(streams)]
        kind = (Note, Note, Note, Close, Reopen)[(number * 7 + int(seed)) % 5]
        try:
            receipt = ledger.handle(book, stream, kind(**wish()))
        except (DomainError, RivalWrote) as error:
            return type(error).__name__
        return "nothing" if receipt.first is None else "stored"

    with ThreadPoolExecutor(16) as pool:
        for outcome in pool.map(send, range(int(times))):
            counted[outcome] = counted.get(outcome, 0) + 1
    return counted


def survive(ledger: Ledger, times: str, *streams: str) -> list[Any]:
    """Notes that must all be stored, whatever happens to our connections; the positions."""

    def send(number: int) -> Any:
        command = Note(**wish())
        for _ in range(5):
            try:
                return ledger.handle(book, streams[number % len(streams)], command).first
            except LedgerUnavailable:
                continue
        return None

    with ThreadPoolExecutor(32) as pool:
        return list(pool.map(send, range(int(times))))


if __name__ == "__main__":
    with Ledger(sys.argv[1], master_key=MASTER_KEY) as opened:
        work = {"repeat": repeat, "rival": rival, "survive": survive}[sys.argv[2]]
        print(json.dumps(work(opened, *sys.argv[3:])))
