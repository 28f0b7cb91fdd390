"""Histories of real runs, one for each path, replayed against the workflows as they are now.

After a change that is meant, ``RECORD_HISTORIES=1 python -m pytest tests/workflows`` writes new
ones; those that runs in the field may still hold are kept beside them.
"""

from __future__ import annotations

import asyncio

import pytest
from stories import HISTORIES
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from workflows import keep
from workflows.hosting import WORKFLOWS

PATHS = sorted(HISTORIES.glob("*.json"))


def replay(path) -> None:
    history = WorkflowHistory.from_json(path.stem, path.read_text())
    replayer = Replayer(workflows=WORKFLOWS, data_converter=pydantic_data_converter)
    asyncio.run(replayer.replay_workflow(history))


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
def test_a_history_is_replayed_without_a_difference(path):
    replay(path)


def test_every_path_has_a_history():
    assert {path.stem for path in PATHS} >= {
        *("unattended", "two-requests", "closed-and-archived", "reopened", "withdrawn"),
        *("mail-away-3-times", "mail-away-5-times", "stays-owed", "handed-over", "ahead-of-log"),
        *("late-nudge", "resynced", "swept", "lead-told", "with-files"),
    }


def test_a_workflow_that_does_something_else_is_noticed(monkeypatch):
    monkeypatch.setattr(keep.Keeper, "_first_due", lambda *_: None)
    with pytest.raises(NondeterminismError):
        replay(HISTORIES / "closed-and-archived.json")
