"""Whole houses as processes of their own, for tests that kill and watch."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from workers.embedded import child
from workers.embedded.child import SAME, Identity

PATIENCE = 120
ROOT = Path(__file__).resolve().parent.parent.parent


def eventually(fact: Callable[[], Any], what: str) -> Any:
    """Wait for a fact, as long as it takes (within reason); return its truth."""
    deadline = time.monotonic() + PATIENCE
    while not (found := fact()):
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.05)
    return found


@dataclass
class Command:
    """One ``evercase ...`` as a process; ``output`` is a file."""

    home: Path
    output: Path
    process: subprocess.Popen[bytes]

    def text(self) -> str:
        return self.output.read_text()

    def state(self) -> dict[str, Any]:
        try:
            return json.loads((self.home / "state.json").read_text())
        except (OSError, ValueError):
            return {}

    def ready(self) -> dict[str, Any]:
        """The state once the house is up."""

        def up() -> dict[str, Any] | None:
            assert self.process.poll() is None, self.text()
            state = self.state()
            mine = state.get("pid") == self.process.pid
            return state if mine and "Evercase is at" in self.text() else None

        return eventually(up, "the house is up")

    def pids(self) -> dict[str, int]:
        return {name: entry["pid"] for name, entry in self.state()["processes"].items()}

    def end(self, sign: signal.Signals = signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(PATIENCE)


@dataclass
class Commands:
    folder: Path
    started: list[Command] = field(default_factory=list)

    def start(
        self, *words: str, home: Path, identity: Identity = SAME, **environment: str
    ) -> Command:
        """Start ``evercase words`` on ``home``; it dies with the test."""
        output = self.folder / f"output-{len(self.started)}"
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("EVERCASE_", "DATABASE_", "MIGRATE_", "TEMPORAL_", "DEMO"))
        }
        process = child.start(
            [sys.executable, "-P", "-m", "workers", *words],
            output,
            identity=identity,
            environment=kept
            | {"PYTHONPATH": str(ROOT), "EVERCASE_HOME": str(home), "COLUMNS": "200"}
            | environment,
            folder=self.folder,
        )
        self.started.append(Command(home, output, process))
        return self.started[-1]


def gone(pid: int) -> bool:
    """Whether that process has ended (a zombie has)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
