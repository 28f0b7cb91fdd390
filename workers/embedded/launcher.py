"""Stand between a parent and its child so that the child never outlives the parent.

Run by path (``python -I launcher.py ...``); the standard library only, and nothing of Evercase.
On Linux it asks the kernel for a signal at the parent's death and then *becomes* the child, so the
process id is the same. Elsewhere it stays, watches the pipe on its standard input and passes
signals on. It changes user first, because a change of user takes that request away again.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import subprocess
import sys
import threading

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000


def enter_namespace(uid: int, gid: int) -> None:
    """Be seen as ``uid``/``gid`` in a user namespace of our own; outside nothing changes."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {outer_uid} 1"),
        ("gid_map", f"{gid} {outer_gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def become(uid: int, gid: int) -> None:
    """Give up root for good."""
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with_parent(parent: int, death: int) -> None:
    """Ask for signal ``death`` when ``parent`` (our real one) ends; leave if it already has."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, death, 0, 0, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    if os.getppid() != parent:
        sys.exit("launcher: the parent is gone")


def watch(command: list[str], death: int) -> int:
    """Run ``command``; send it ``death`` when standard input ends. Return its exit status."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def pass_on(number: int, _frame: object) -> None:
        child.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, pass_on)

    def wait_for_the_end_of_input() -> None:
        while os.read(0, 4096):
            pass
        child.send_signal(death)

    threading.Thread(target=wait_for_the_end_of_input, daemon=True).start()
    return child.wait()


def pair(text: str) -> tuple[int, int]:
    uid, gid = text.split(":")
    return int(uid), int(gid)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--death", type=int, required=True, help="signal at the parent's death")
    parser.add_argument("--map-to", type=pair, help="uid:gid to be seen as in a user namespace")
    parser.add_argument("--become", type=pair, help="uid:gid to change to")
    parser.add_argument("--watch", action="store_true", help="watch a pipe instead of the kernel")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if options.become:
        become(*options.become)
    if options.map_to:
        enter_namespace(*options.map_to)
    if options.watch:
        sys.exit(watch(command, options.death))
    die_with_parent(options.parent, options.death)
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
