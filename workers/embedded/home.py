"""EVERCASE_HOME: one folder with everything of one installation, held by one process at a time."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from workers.embedded import sockets
from workers.trouble import Trouble

SECRETS = (
    "POSTGRES_PASSWORD",
    "MIGRATE_PASSWORD",
    "APP_PASSWORD",
    "EVERCASE_MASTER_KEY",
    "EVERCASE_SESSION_SECRET",
)


class AlreadyRunning(Trouble):
    """Another process holds this home; ``address`` is where its desk is, "" if it has none."""

    def __init__(self, home: Path, address: str) -> None:
        super().__init__(f"Evercase already runs in {home}")
        self.address = address


@dataclass(frozen=True)
class Home:
    """The folder and what lies in it."""

    path: Path

    @property
    def state_file(self) -> Path:
        return self.path / "state.json"

    @contextmanager
    def held(self, patience: float = 120) -> Iterator[None]:
        """Hold the lock; the kernel gives it back when we end, however we end.

        Raises AlreadyRunning, after waiting for the holder to say its address.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            deadline = time.monotonic() + patience
            while not taken(descriptor):
                address = self.address()
                if address or time.monotonic() > deadline:
                    raise AlreadyRunning(self.path, address)
                time.sleep(0.1)
            self.wait_for_orphans()
            self.write_state(dict(described(os.getpid())))
            yield
            self.write_state({})
        finally:
            os.close(descriptor)

    def is_held(self) -> bool:
        """Whether some process runs here now."""
        try:
            descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            return not taken(descriptor)
        finally:
            os.close(descriptor)

    def state(self) -> dict[str, Any]:
        """What the holder says of itself; {} when there is nothing or nothing readable."""
        try:
            state = json.loads(self.state_file.read_text())
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def address(self) -> str:
        """Where the desk of the running holder is; "" while it has none."""
        state = self.state()
        return str(state.get("address", "")) if same_process(state) is not None else ""

    def write_state(self, state: dict[str, Any]) -> None:
        """Replace ``state.json`` in one step."""
        write_private(self.state_file, json.dumps(state, indent=2) + "\n")

    def secrets(self) -> dict[str, str]:
        """The secrets of this installation, made at the first start, in a file of mode 0600."""
        file = self.path / "secrets"
        known = {}
        if file.exists():
            file.chmod(0o600)
            pairs = (line.partition("=") for line in file.read_text().splitlines() if line)
            known = {name: value for name, _, value in pairs}
        missing = {name: secrets.token_hex(32) for name in SECRETS if name not in known}
        if missing:
            known |= missing
            write_private(file, "".join(f"{name}={value}\n" for name, value in known.items()))
        return known

    def wait_for_orphans(self, patience: float = 20) -> None:
        """Children of a holder that was killed are ending: let them, then make them."""
        left = [
            process
            for entry in self.state().get("processes", {}).values()
            if (process := same_process(entry)) is not None
        ]
        _, stubborn = psutil.wait_procs(left, timeout=patience)
        for process in stubborn:
            process.kill()
        psutil.wait_procs(stubborn, timeout=patience)
        if "sockets" in self.state():
            sockets.forget(Path(self.state()["sockets"]))


def taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_private(file: Path, text: str) -> None:
    """Write ``file`` with mode 0600 in one step: a reader sees the old text or the new."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)


def described(pid: int) -> dict[str, float]:
    """A process in ``state.json``: its id alone could be another's by the next start."""
    try:
        return {"pid": pid, "started": psutil.Process(pid).create_time()}
    except psutil.NoSuchProcess:
        return {"pid": pid, "started": 0}


def same_process(entry: dict[str, Any]) -> psutil.Process | None:
    try:
        process = psutil.Process(int(entry["pid"]))
        if abs(process.create_time() - entry["started"]) < 1:
            return process
    except (psutil.NoSuchProcess, KeyError, TypeError, ValueError):
        pass
    return None
