"""``evercase demo --once`` from an empty folder, and again."""

from __future__ import annotations

import json

from houses import Command

PATIENCE = 280
FIELDS = {
    *("complaints", "events", "letters", "warned", "breached", "escalated", "closed"),
    *("lag", "seconds", "home"),
}


def told(command: Command) -> dict:
    """The summary: the last line, after everything has ended."""
    assert command.process.wait(PATIENCE) == 0, command.text()
    return json.loads(command.text().splitlines()[-1])


def test_the_demo_tells_its_story_once_and_leaves_nothing_undone(evercase, tmp_path):
    home = tmp_path / "home"
    first = told(evercase.start("demo", home=home, DEMO="once"))
    assert set(first) == FIELDS
    assert first["lag"] == 0
    assert first["complaints"] >= 11
    assert first["home"] == str(home)
    assert min(first[name] for name in ("letters", "warned", "breached", "escalated")) > 0
    assert list((home / "mail").glob("*.eml"))

    second = told(evercase.start("demo", "--once", home=home))
    assert second | {"seconds": 0} == first | {"seconds": 0}

    doctor = evercase.start("doctor", "--json", home=home)
    doctor.process.wait(PATIENCE)
    report = json.loads(doctor.text().splitlines()[-1])
    ill = [check["words"] for check in report["checks"] if not check["well"]]
    assert [words for words in ill if "No Temporal" not in words] == []


def test_a_demo_that_cannot_be_told_says_why_and_fails(evercase, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "postgres").mkdir(mode=0o700)
    (home / "postgres" / "PG_VERSION").write_text("16\n")
    refused = evercase.start("demo", home=home, DEMO="once")
    assert refused.process.wait(PATIENCE) == 1
    assert "PostgreSQL 16" in refused.text()
