"""A whole house for a test, ended with it; finds what stands around the desk in its tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from houses import Commands

sys.path.append(str(Path(__file__).parents[1] / "desk"))


@pytest.fixture
def evercase(tmp_path: Path) -> Iterator[Commands]:
    """Starts commands of ``evercase``; what still runs at the end of the test is ended."""
    commands = Commands(tmp_path)
    yield commands
    for command in commands.started:
        command.end()
