"""Start a child that dies with us, talks to a file only, and is stopped in good order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workers.trouble import Trouble

LAUNCHER = Path(__file__).with_name("launcher.py")
KERNEL_WATCHES = sys.platform == "linux"


class ChildFailed(Trouble):
    """A child could not be started or ended too early; the text says which, and why."""


@dataclass(frozen=True)
class Identity:
    """As whom a child runs: as we are, seen as another in a namespace, or as another."""

    kind: Literal["same", "mapped", "other"] = "same"
    uid: int = 0
    gid: int = 0

    def options(self) -> list[str]:
        match self.kind:
            case "same":
                return []
            case "mapped":
                return ["--map-to", f"{self.uid}:{self.gid}"]
            case "other":
                return ["--become", f"{self.uid}:{self.gid}"]


SAME = Identity()


def launched(
    command: Sequence[str],
    *,
    death: signal.Signals = signal.SIGTERM,
    identity: Identity = SAME,
    by_pipe: bool = not KERNEL_WATCHES,
) -> list[str]:
    """``command`` behind the launcher. The kernel's watch is bound to the calling *thread*."""
    watch = ["--watch"] if by_pipe else []
    parent = ["--parent", str(os.getpid()), "--death", str(int(death))]
    # -S would save a moment, but hides the libraries of a virtual environment from nobody: the
    # launcher needs none.
    return [
        *(sys.executable, "-I", "-S", str(LAUNCHER)),
        *(*parent, *identity.options(), *watch, "--", *command),
    ]


def start(
    command: Sequence[str],
    log: Path,
    *,
    death: signal.Signals = signal.SIGTERM,
    identity: Identity = SAME,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    by_pipe: bool = not KERNEL_WATCHES,
) -> subprocess.Popen[bytes]:
    """Start ``command``, its output appended to ``log``. Call from the main thread only.

    ``death`` is what it receives when we die. A session of its own keeps the terminal's Ctrl-C
    from it: we stop our children ourselves, in order.
    """
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(
            launched(command, death=death, identity=identity, by_pipe=by_pipe),
            stdin=subprocess.PIPE if by_pipe else subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            env=dict(environment) if environment is not None else None,
            cwd=folder,
            start_new_session=True,
            umask=0o077,
        )
    finally:
        os.close(descriptor)


def stop(
    child: subprocess.Popen[bytes], sign: signal.Signals = signal.SIGTERM, patience: float = 20
) -> int:
    """Ask with ``sign``, wait ``patience`` seconds, then kill. Return the exit status."""
    if child.poll() is None:
        child.send_signal(sign)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            child.kill()
    status = child.wait()
    if child.stdin is not None:
        child.stdin.close()
    return status


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log, for a message about a child that failed."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return ""
