"""A child dies with its parent, however the parent dies, by either way of watching."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from houses import ROOT, eventually, gone

from workers.embedded import child

PARENT = """
import sys, time
from pathlib import Path
from workers.embedded import child
grandchild = child.start(
    [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)"],
    Path(sys.argv[1]),
    by_pipe=sys.argv[2] == "pipe",
)
time.sleep(600)
"""


@pytest.mark.parametrize("way", ["kernel", "pipe"])
def test_a_child_dies_with_a_parent_that_is_killed(tmp_path, way):
    log = tmp_path / "log"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(log), way], env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    pid = int(eventually(lambda: log.exists() and log.read_text().strip(), "the child runs"))
    assert not gone(pid)
    parent.kill()
    parent.wait()
    eventually(lambda: gone(pid), "the child has died")


def test_the_launcher_becomes_the_child_so_that_its_id_is_the_same(tmp_path):
    started = child.start(["/bin/sh", "-c", "echo $$; exec sleep 600"], tmp_path / "log")
    printed = eventually(lambda: (tmp_path / "log").read_text().strip(), "it printed its id")
    assert int(printed) == started.pid
    assert child.stop(started) == -15


def test_a_child_whose_parent_is_already_gone_does_not_run(tmp_path):
    command = child.launched(["/bin/echo", "ran"], by_pipe=False)
    command[command.index("--parent") + 1] = "1"
    late = subprocess.run(command, capture_output=True, check=False, text=True)
    assert late.returncode != 0
    assert "ran" not in late.stdout
