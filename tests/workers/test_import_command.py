"""``evercase import complaints`` as people run it: killed, run again, told in JSON."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from houses import ROOT, eventually
from import_house import csv_text, furnish, log, mapping_file, table, write, xes_text

from domain.complaint_facts import ComplaintLodged
from domain.customer import CustomerRegistered
from ledger import Ledger
from workers.importing.entry import Fault
from workers.importing.report import Rejects

MASTER_KEY = bytes(range(32))
CASES = 1_500

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(database: Any, tmp_path: Path) -> Any:
    """Starts the command on this test's database; whatever still runs dies with the test."""
    started: list[subprocess.Popen[str]] = []

    def run(*words: str) -> subprocess.Popen[str]:
        environment = os.environ | {
            "DATABASE_URL": database.app_url,
            "EVERCASE_MASTER_KEY": MASTER_KEY.hex(),
            "EVERCASE_SESSION_SECRET": "a secret of tests, thirty-two bytes",
            "EVERCASE_HOME": str(tmp_path / "home"),
            "PYTHONPATH": str(ROOT),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "workers", "import", "complaints", *words],
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_killed_in_the_middle_it_goes_on(ledger: Ledger, start: Start, tmp_path: Path) -> None:
    furnish(ledger)
    rows = [(str(n), "in", "2026-01-05", "ann", "x") for n in range(CASES)]
    file = write(tmp_path / "a.csv", csv_text(rows))
    mapping = mapping_file(tmp_path / "m.json", table())
    words = (str(file), "--mapping", str(mapping), "--json")
    before = ledger.head()
    process = start(*words)
    eventually(lambda: ledger.head() > before + 500 or process.poll() is not None, "some are in")
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it was done before it could be killed"
    first = len(numbers(ledger))
    assert 0 < first < CASES

    process = start(*words)
    summary = json.loads(process.communicate()[0])
    assert process.returncode == 0
    assert (summary["cases"], summary["repeated"]) == (CASES - first, first)
    assert len(numbers(ledger)) == len(set(numbers(ledger))) == CASES
    kinds = Counter(type(r.event).__name__ for r in ledger.log(before, 100_000))
    assert kinds["CustomerRegistered"] == kinds["ComplaintLodged"] == CASES
    assert kinds["ClockBreached"] == 2 * CASES


def numbers(ledger: Ledger) -> list[str]:
    events = [r.event for r in ledger.log(0, 200_000, frozenset({ComplaintLodged.type_name}))]
    return [event.number for event in events if isinstance(event, ComplaintLodged)]


def test_the_summary_for_programs_and_for_people(
    ledger: Ledger, start: Start, tmp_path: Path
) -> None:
    furnish(ledger)
    text = xes_text(
        {
            "7": [("in", "2026-01-05T10:00:00Z", ""), ("rang", "2026-01-06T10:00:00Z", "")],
            "8": [("in", "one day", "")],
        }
    )
    file = write(tmp_path / "a.xes", text)
    mapping = mapping_file(tmp_path / "m.json", log())
    words = (str(file), "--mapping", str(mapping), "--on-error", "skip")
    out, err = start(*words, "--json").communicate()
    summary = json.loads(out)
    assert (summary["cases"], summary["events"], summary["rejected"]) == (1, 2, 1)
    assert summary["kept_as_history"] == 1
    assert summary["reject_file"] == f"{file}.rejected.csv"
    assert "Traceback" not in err
    out, _ = start(*words).communicate()
    assert "0 cases carried over" in out
    assert "1 were here already" in out
    assert "1 rows were rejected" in out


def test_no_row_becomes_a_formula_where_rejects_are_looked_at(tmp_path: Path) -> None:
    with Rejects(tmp_path / "r.csv", tmp_path / "a.csv") as rejects:
        rejects.add(Fault(2, "the time is none", '=HYPERLINK("https://evil.example"),7\n'))
    assert ",\"'=HYPERLINK(" in (tmp_path / "r.csv").read_text()


def test_a_stop_is_told_in_one_line_and_status_1(
    ledger: Ledger, start: Start, tmp_path: Path
) -> None:
    furnish(ledger)
    file = write(tmp_path / "a.csv", csv_text([("7", "in", "some day", "", "private words")]))
    mapping = mapping_file(tmp_path / "m.json", table())
    process = start(str(file), "--mapping", str(mapping), "--rejects", str(tmp_path / "r.csv"))
    out, err = process.communicate()
    assert process.returncode == 1
    assert err.splitlines()[-1] == "evercase: a.csv: line 2: time is no time written as iso"
    assert "private words" not in out + err
    assert "Traceback" not in err
    assert (tmp_path / "r.csv").exists()
    process = start(str(file), "--mapping", "nothing", "--json")
    told = json.loads(process.communicate()[0])
    assert process.returncode == 1
    assert "none of that name ships" in told["error"]


def test_the_house_can_be_named(ledger: Ledger, start: Start, tmp_path: Path) -> None:
    furnish(ledger)
    document = table().into("elsewhere", "nobody")
    file = write(tmp_path / "a.csv", csv_text([("7", "in", "2026-01-05", "", "")]))
    words = (str(file), "--mapping", str(mapping_file(tmp_path / "m.json", document)), "--json")
    assert "no legal entity elsewhere" in json.loads(start(*words).communicate()[0])["error"]
    process = start(*words, "--entity", "house", "--team", "first")
    assert json.loads(process.communicate()[0])["cases"] == 1
    (registered,) = [
        r.event for r in ledger.log(0, 1000) if isinstance(r.event, CustomerRegistered)
    ]
    assert registered.legal_entity == "house"
