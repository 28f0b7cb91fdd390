"""Where the socket of PostgreSQL lies: a path longer than the system's limit cannot be bound."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Final

PORT: Final = 5432
"""Names the socket's file only: no TCP port is opened."""

LONGEST_FOLDER: Final = 100 - len(f"/.s.PGSQL.{PORT}")
PREFIX: Final = "evercase-sockets-"


def folder_for(home: Path) -> Path:
    """``home/sockets``, or a temporary folder where that path is too long; 0700 either way."""
    folder = home.resolve() / "sockets"
    if len(os.fsencode(folder)) > LONGEST_FOLDER:
        return Path(mkdtemp(prefix=PREFIX))
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def forget(folder: Path) -> None:
    """Remove a temporary socket folder of ours; any other stays."""
    if folder.name.startswith(PREFIX) and folder.parent == Path(gettempdir()):
        shutil.rmtree(folder, ignore_errors=True)
