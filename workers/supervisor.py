"""Run the whole house: the engines and our processes as children, each started again when it ends.

Everything here happens in the main thread: the kernel's promise that a child dies with its parent
is bound to the thread that started it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any, Final

from workers.embedded import child, engines, launcher, postgres, sockets, temporal
from workers.embedded.child import ChildFailed
from workers.embedded.home import Home, described
from workers.embedded.ports import LOOPBACK, answers, free_port
from workers.settings import Settings

OURS: Final = ("maildrop", "mailbox", "projector", "dispatcher", "worker", "webhooks", "desk")
STEADY_SECONDS: Final = 60
LONGEST_PAUSE_SECONDS: Final = 30
LARGEST_LOG_BYTES: Final = 20_000_000


@dataclass
class Member:
    """One child: how it is started (it returns once started), what ends it, how it has fared."""

    name: str
    log: Path
    start: Callable[[], subprocess.Popen[bytes]]
    end: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    failures: int = 0
    next_try: float = 0.0

    def pause(self) -> float:
        """Seconds until the next start: half a second, doubling."""
        return min(0.5 * 2.0 ** (self.failures - 1), LONGEST_PAUSE_SECONDS)


class Supervisor:
    """The children of one home. ``say`` tells the person at the console."""

    def __init__(self, home: Home, settings: Settings, say: Callable[[str], None]) -> None:
        self.home = home
        self.settings = settings
        self.say = say
        self.members: list[Member] = []
        self.state: dict[str, Any] = dict(described(os.getpid()))

    def start(self) -> None:
        """Start everything; returns when the desk answers. Raises ChildFailed and its like."""
        secrets = self.home.secrets()
        if self.settings.database_url is None:
            self.start_postgres(secrets)
        if self.settings.temporal_address is None:
            self.start_temporal()
        port = free_port(self.settings.port, self.settings.host)
        self.settings = self.settings.model_copy(update={"port": port})
        drops = "smtp_host" not in self.settings.model_fields_set
        if drops:
            drop = {"smtp_host": LOOPBACK, "smtp_port": free_port(self.settings.smtp_port)}
            self.settings = self.settings.model_copy(update=drop)
        lmtp = {"lmtp_port": free_port(self.settings.lmtp_port)}
        self.settings = self.settings.model_copy(update=lmtp)
        self.settings.refuse_default_secrets()
        for name in OURS if drops else OURS[1:]:
            self.add(Member(name, self.log(name), partial(self.start_ours, name)))
        self.wait_for_desk()
        self.tell(
            ready=True,
            address=self.settings.desk_address,
            port=self.settings.port,
            smtp_port=self.settings.smtp_port,
            lmtp_port=self.settings.lmtp_port,
            temporal=self.settings.temporal(),
            demo=self.settings.demo,
        )

    def start_postgres(self, secrets: dict[str, str]) -> None:
        self.say("Starting PostgreSQL …")
        password = secrets["POSTGRES_PASSWORD"]
        server = postgres.start(self.home.path, password)
        self.add(
            Member(
                "postgres",
                server.log,
                lambda: (
                    postgres.start(self.home.path, password, known_sockets=server.sockets).process
                ),
                signal.SIGINT,
                server.process,
            )
        )
        for name in engines.prepare_database(server, secrets):
            self.say(f"  applied {name}")
        self.settings = engines.with_engines(self.settings, secrets, server.sockets)
        self.tell(sockets=str(server.sockets))

    def start_temporal(self) -> None:
        self.say("Starting Temporal …")
        server = temporal.start(self.home.path)
        port = int(server.address.rpartition(":")[2])

        def again() -> subprocess.Popen[bytes]:
            return temporal.start(self.home.path, port=port, strictly=True).process

        self.add(Member("temporal", server.log, again, process=server.process))
        self.settings = self.settings.model_copy(update={"temporal_address": server.address})

    def start_ours(self, name: str) -> subprocess.Popen[bytes]:
        return child.start(
            [sys.executable, "-P", "-m", "workers", name],
            self.log(name),
            environment=environment(self.settings),
        )

    def log(self, name: str) -> Path:
        return self.home.path / f"{name}.log"

    def add(self, member: Member) -> None:
        """Take a member in, started unless it already is."""
        self.members.append(member)
        if member.process is None:
            turn_over(member.log)
            member.process = member.start()
        member.began = time.monotonic()
        self.tell()

    def tell(self, **more: Any) -> None:
        """Write what we know to ``state.json``."""
        processes = {
            member.name: described(member.process.pid)
            for member in self.members
            if member.process is not None
        }
        self.state |= {"processes": processes, **more}
        self.home.write_state(self.state)

    def tend(self) -> None:
        """Notice who ended, and start again whose pause is over."""
        now = time.monotonic()
        for member in self.members:
            if member.process is not None and member.process.poll() is not None:
                status = member.process.returncode
                member.failures = 1 if now - member.began > STEADY_SECONDS else member.failures + 1
                member.process, member.next_try = None, now + member.pause()
                self.say(
                    f"{member.name} ended ({ending(status)}); starting it again in "
                    f"{member.pause():g} s. Its log: {member.log}"
                )
            if member.process is None and now >= member.next_try:
                self.start_again(member)

    def start_again(self, member: Member) -> None:
        try:
            member.process = member.start()
        except ChildFailed as error:
            member.failures += 1
            member.next_try = time.monotonic() + member.pause()
            self.say(f"{member.name} did not start; again in {member.pause():g} s. {error}")
        else:
            member.began = time.monotonic()
            self.tell()
            self.say(f"{member.name} runs again")

    def wait_for_desk(self, patience: float = 90) -> None:
        deadline = time.monotonic() + patience
        while not answers(self.settings.host, self.settings.port):
            self.tend()
            if time.monotonic() > deadline:
                log = self.log("desk")
                raise ChildFailed(f"The desk does not answer:\n{child.last_lines(log)}")
            time.sleep(0.1)

    def tend_until(self, done: Event) -> None:
        """Tend until somebody else's work is ``done`` (or we are told to end)."""
        while not done.wait(0.2):
            self.tend()

    def stop(self) -> None:
        """End our processes together, then the engines they need. Being told twice is once."""
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, signal.SIG_IGN)
        ours = [member for member in self.members if member.name in OURS]
        for member in ours:
            if member.process is not None and member.process.poll() is None:
                with suppress(ProcessLookupError):
                    member.process.send_signal(member.end)
        for member in [*ours, *reversed(self.members)]:
            if member.process is not None:
                child.stop(member.process, member.end)
                member.process = None
        if "sockets" in self.state:
            sockets.forget(Path(self.state["sockets"]))


def environment(settings: Settings) -> dict[str, str]:
    """What our processes are told. The address that may migrate is not among it."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PG") and name != "MIGRATE_DATABASE_URL"
    }
    root = str(Path(__file__).resolve().parent.parent)
    known = ours.get("PYTHONPATH")
    return ours | {
        "PYTHONPATH": f"{root}{os.pathsep}{known}" if known else root,
        "DATABASE_URL": settings.database(),
        "TEMPORAL_ADDRESS": settings.temporal(),
        "EVERCASE_HOME": str(settings.home),
        "EVERCASE_DEMO": "true" if settings.demo else "false",
        "EVERCASE_MASTER_KEY": settings.master_key.get_secret_value(),
        "EVERCASE_SESSION_SECRET": settings.session_secret.get_secret_value(),
        "EVERCASE_HOST": settings.host,
        "EVERCASE_PORT": str(settings.port),
        "EVERCASE_ADDRESS": settings.desk_address,
        "EVERCASE_SMTP_HOST": settings.smtp_host,
        "EVERCASE_SMTP_PORT": str(settings.smtp_port),
        "EVERCASE_LMTP_PORT": str(settings.lmtp_port),
    }


def ending(status: int) -> str:
    """A process's exit status in words."""
    return f"signal {-status}" if status < 0 else f"status {status}"


def turn_over(log: Path) -> None:
    """Keep one older log, so that none grows for ever."""
    with suppress(FileNotFoundError):
        if log.stat().st_size > LARGEST_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))


@contextmanager
def politely_ended() -> Iterator[None]:
    """A polite kill and a closed terminal end the block as Ctrl-C does."""
    signs = [
        sign
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        # Who started us with nohup wants to be left alone by SIGHUP.
        if sign != signal.SIGHUP or signal.getsignal(sign) != signal.SIG_IGN
    ]
    before = {sign: signal.signal(sign, signal.default_int_handler) for sign in signs}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


@contextmanager
def standing(settings: Settings, say: Callable[[str], None]) -> Iterator[Supervisor]:
    """The house, up; it is down again when the block ends, however it ends.

    Raises AlreadyRunning, ChildFailed, OtherMajorVersion, SettingsRefused, and KeyboardInterrupt
    when it is told to end.
    """
    home = Home(settings.home)
    with politely_ended(), home.held():
        if settings.parent is not None and child.KERNEL_WATCHES:
            launcher.die_with_parent(settings.parent, signal.SIGTERM)
        house = Supervisor(home, settings, say)
        try:
            house.start()
            yield house
        finally:
            house.stop()
