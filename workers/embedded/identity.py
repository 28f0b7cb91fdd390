"""As whom PostgreSQL may run: it refuses root, and a user without a name."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from functools import cache

from workers.embedded.child import SAME, Identity, launched
from workers.trouble import Trouble


class NoUnprivilegedUser(Trouble):
    """Neither a namespace nor an account to run PostgreSQL as."""


def for_postgres() -> Identity:
    """Ourselves when we are an ordinary user; else a namespace; else an unprivileged account."""
    if os.geteuid() != 0 and named(os.geteuid()):
        return SAME
    account = unprivileged_account()
    mapped = Identity("mapped", account.pw_uid, account.pw_gid)
    if namespaces_work(mapped):
        return mapped
    if os.geteuid() != 0:
        raise NoUnprivilegedUser(
            f"user {os.geteuid()} has no entry in /etc/passwd and this system refuses user "
            "namespaces: PostgreSQL cannot run. Give the user a name, or set DATABASE_URL."
        )
    return Identity("other", account.pw_uid, account.pw_gid)


def named(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def unprivileged_account() -> pwd.struct_passwd:
    """An account that exists and is not root: initdb looks its own name up."""
    for name in ("postgres", "nobody", "daemon"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        if account.pw_uid != 0:
            return account
    raise NoUnprivilegedUser(
        "PostgreSQL refuses to run as root and there is no account postgres, nobody or daemon "
        "to run it as. Run as an ordinary user, or set DATABASE_URL."
    )


@cache
def namespaces_work(identity: Identity) -> bool:
    """Whether this system lets us have a user namespace (containers often refuse)."""
    if sys.platform != "linux":
        return False
    trial = subprocess.run(
        launched(["/bin/true"], identity=identity, by_pipe=False),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return trial.returncode == 0
