"""Held letters of a batch: asked for by one, approved by another, for every case they may."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest
from colleagues import AGENT, LEAD, do, hire
from import_house import NOW, csv_text, furnish, table, write
from typer.testing import CliRunner

from domain.approval import ApprovalAsked, ApprovalGranted, RefuseApproval
from domain.complaint import complaint
from domain.complaint_wishes import RecusePerson
from domain.event import Actor
from domain.personal import Personal
from domain.staff import LeaveStaff
from ledger import Ledger
from workers.command_line import command_line, main
from workers.importing.batch import CarriedCase, carried_by
from workers.importing.command import import_complaints

KEY = bytes(range(32)).hex()
OPEN = 5
ROWS = [
    *((str(n), "in", "2026-03-01 10:00", "ann", "leaks") for n in range(OPEN)),
    ("shut", "in", "2026-02-26 10:00", "ann", ""),
    ("shut", "end", "2026-02-28 10:00", "ann", ""),
]
runner = CliRunner()
app = command_line(["letters"])


class Batch:
    """One import and those who may release its letters: two leads and an agent."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self.ledger = ledger
        # A share of the acknowledgement's clock after which the letter goes by itself.
        furnish(ledger, acknowledge_after=0.5)
        file = write(folder / "a.csv", csv_text(ROWS))
        self.name = import_complaints(ledger, file, table(), now=NOW).batch
        for login, role in (("lea", LEAD), ("leo", LEAD), ("ann", AGENT)):
            hire(ledger, login, role)

    def does(self, act: str, by: str, *words: str, batch: str = "") -> tuple[int, dict]:
        given = ("--batch", batch or self.name, "--by", by, "--json")
        done = runner.invoke(app, ["letters", "release", act, *given, *words])
        assert not done.exception or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, json.loads(done.output.splitlines()[-1])

    def asks(self, by: str = "ann") -> tuple[int, dict]:
        return self.does("ask", by, "--reason", "They may hear of us")

    def approves(self, by: str = "lea") -> tuple[int, dict]:
        return self.does("approve", by)

    def cases(self) -> list[CarriedCase]:
        return [case for case in carried_by(self.ledger, self.name) if case.open]

    def holding(self) -> int:
        states = (self.ledger.fold(complaint, case.stream).state for case in self.cases())
        return sum(state.hold_letters for state in states)

    def times(self, kind) -> int:
        return sum(isinstance(r.event, kind) for r in self.ledger.log(0, 10_000))


def counts(told: dict) -> dict:
    return {name: count for name, count in told.items() if isinstance(count, int) and count}


@pytest.fixture
def batch(ledger, tmp_path, monkeypatch) -> Batch:
    monkeypatch.setenv("DATABASE_URL", ledger.url)
    monkeypatch.setenv("EVERCASE_MASTER_KEY", KEY)
    monkeypatch.setenv("EVERCASE_SESSION_SECRET", KEY)
    monkeypatch.setenv("EVERCASE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    return Batch(ledger, tmp_path)


def test_one_asks_another_approves_and_the_cases_write_again(batch: Batch):
    assert batch.asks() == (0, {"batch": batch.name, "act": "ask"} | zeros(open=OPEN, done=OPEN))
    assert batch.holding() == OPEN
    status, told = batch.approves()
    assert (status, counts(told)) == (0, {"open": OPEN, "done": OPEN})
    assert batch.holding() == 0
    for case in batch.cases():
        owed = complaint.agenda(batch.ledger.fold(complaint, case.stream).state)
        assert "acknowledgement" in [due.letter for due in owed]
    granted = [r for r in batch.ledger.log(0, 10_000) if isinstance(r.event, ApprovalGranted)]
    assert {(r.actor.id, r.actor.role) for r in granted} == {("staff-lea", "team_lead")}


def zeros(**counted: int) -> dict:
    names = ("open", "done", "before", "not_asked", "own", "not_allowed", "failed")
    return dict.fromkeys(names, 0) | counted


def test_again_changes_nothing(batch: Batch):
    batch.asks()
    assert counts(batch.asks()[1]) == {"open": OPEN, "before": OPEN}
    assert counts(batch.asks("leo")[1]) == {"open": OPEN, "before": OPEN}
    batch.approves()
    head = batch.ledger.head()
    for told in (batch.approves(), batch.approves("leo"), batch.asks()):
        assert (told[0], counts(told[1])) == (0, {"open": OPEN, "before": OPEN})
    assert batch.ledger.head() == head
    assert batch.times(ApprovalAsked) == batch.times(ApprovalGranted) == OPEN


def test_whoever_asked_cannot_approve(batch: Batch):
    batch.asks("lea")
    status, told = batch.approves("lea")
    assert (status, counts(told)) == (1, {"open": OPEN, "own": OPEN})
    assert batch.holding() == OPEN
    assert batch.approves("leo")[0] == 0
    assert batch.holding() == 0


def test_what_nobody_asked_for_is_not_approved(batch: Batch):
    status, told = batch.approves()
    assert (status, counts(told)) == (1, {"open": OPEN, "not_asked": OPEN})
    assert batch.times(ApprovalGranted) == 0


def test_rights_are_those_of_the_place_of_each_case(batch: Batch):
    second = {"team": "second"}
    hire(batch.ledger, "far", LEAD.model_copy(update=second))
    hire(batch.ledger, "foe", AGENT.model_copy(update=second))
    assert counts(batch.asks("foe")[1]) == {"open": OPEN, "not_allowed": OPEN}
    named = batch.cases()[0].stream
    recuse = RecusePerson(
        command_id=uuid4(), at=NOW, actor=actor("leo"), staff="staff-lea", reason=Personal("named")
    )
    batch.ledger.handle(complaint, named, recuse)
    batch.asks()
    for login in ("ann", "far"):
        status, told = batch.approves(login)
        assert (status, told["not_allowed"], told["done"]) == (1, OPEN, 0)
    status, told = batch.approves("lea")
    assert (status, counts(told)) == (1, {"open": OPEN, "done": OPEN - 1, "not_allowed": 1})
    assert counts(batch.approves("leo")[1]) == {"open": OPEN, "done": 1, "before": OPEN - 1}


def actor(login: str) -> Actor:
    return Actor(kind="staff", id=f"staff-{login}", role="team_lead")


def test_what_was_sent_back_can_be_asked_for_again(batch: Batch):
    batch.asks()
    for case in batch.cases():
        state = batch.ledger.fold(complaint, case.stream).state
        (name,) = state.approvals
        refuse = RefuseApproval(
            command_id=uuid4(), at=NOW, actor=actor("lea"), approval=name, reason=Personal("later")
        )
        batch.ledger.handle(complaint, case.stream, refuse)
    assert counts(batch.approves()[1]) == {"open": OPEN, "not_asked": OPEN}
    assert counts(batch.asks()[1]) == {"open": OPEN, "done": OPEN}
    assert counts(batch.approves()[1]) == {"open": OPEN, "done": OPEN}


def test_what_cannot_be_is_told_in_one_line(batch: Batch, monkeypatch, capsys):
    do(batch.ledger, "staff-leo", LeaveStaff)
    release = ["evercase", "letters", "release", "approve"]
    for words, told in (
        (["--batch", "none-such", "--by", "lea"], batch.name),
        (["--batch", batch.name, "--by", "nobody"], "nobody who works here logs in as nobody"),
        (["--batch", batch.name, "--by", "leo"], "logs in as leo"),
    ):
        monkeypatch.setattr("sys.argv", [*release, *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
        assert told in capsys.readouterr().err


def test_people_are_told_what_is_left_and_what_comes_next(batch: Batch):
    given = ("--batch", batch.name, "--by")
    said = runner.invoke(app, ["letters", "release", "ask", *given, "lea", "--reason", "why"])
    assert said.exit_code == 0
    assert f"{OPEN} open cases" in said.output
    assert "letters release approve" in said.output
    said = runner.invoke(app, ["letters", "release", "approve", *given, "lea"])
    assert said.exit_code == 1
    assert "somebody else must approve them" in said.output
    empty = runner.invoke(app, ["letters", "release", "ask", *given, "lea", "--reason", " "])
    assert empty.exit_code == 2
