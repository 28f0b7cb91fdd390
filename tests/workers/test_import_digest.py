"""Colleagues hear of a batch once, whatever the mail server makes of it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from colleagues import LEAD, hire, show
from import_house import NOW, csv_text, furnish, mapping_file, table, write

from domain.complaint import complaint
from domain.event import Actor
from domain.ownership import AssignComplaint, Assignee
from ledger import Ledger
from workers.importing import command
from workers.importing.batch import BatchUnknown, carried_by
from workers.importing.command import import_complaints
from workers.importing.digest import send_digests
from workers.importing.report import Summary
from workers.settings import Settings
from workflows.mail import Delivery, Outgoing

ROWS = [
    ("1", "in", "2026-02-27 10:00", "ann", "warm"),
    ("2", "in", "2026-03-02 08:00", "ann", "fresh"),
    ("3", "in", "2026-02-26 10:00", "ann", "shut"),
    ("3", "end", "2026-02-28 10:00", "ann", ""),
    ("4", "in", "2026-02-20 10:00", "bob", "back"),
    ("4", "end", "2026-02-21 10:00", "bob", ""),
    ("4", "again", "2026-02-22 10:00", "bob", ""),
]


class Box:
    """Takes every letter, or none."""

    def __init__(self, *, open_: bool = True) -> None:
        self.given: list[Outgoing] = []
        self._open = open_

    async def send(self, letter: Outgoing) -> Delivery:
        self.given.append(letter)
        return Delivery(letter=letter.letter, sent=self._open)


@pytest.fixture
def house(ledger: Ledger) -> Ledger:
    furnish(ledger)
    return ledger


def bring(ledger: Ledger, folder: Path, rows=ROWS) -> Summary:
    return import_complaints(ledger, write(folder / "a.csv", csv_text(rows)), table(), now=NOW)


def test_owners_and_leads_get_one_letter_each_for_the_whole_batch(
    house: Ledger, tmp_path: Path
) -> None:
    hire(house, "lead", LEAD)
    ann = hire(house, "ann")
    summary = bring(house, tmp_path)
    (taken,) = [case for case in carried_by(house, summary.batch) if case.open and case.broken]
    to = Assignee(staff=ann, team="first")
    lead = Actor(kind="staff", id="staff-lead", role="team_lead")
    assign = AssignComplaint(command_id=uuid4(), at=NOW, actor=lead, to=to)
    house.handle(complaint, taken.stream, assign)
    show(house)
    box = Box()
    send_digests(house, "http://desk.example", box, summary, NOW)
    told = {letter.address: letter.body for letter in box.given}
    assert set(told) == {"ann@house.example", "lead@house.example"}
    assert "yours: 1, of which 1 past a time limit" in told["ann@house.example"]
    assert "First, without an owner: 2, of which 0 past" in told["lead@house.example"]
    assert (summary.digests, summary.digests_failed) == (2, 0)
    names = {letter.letter for letter in box.given}
    later = Box()
    send_digests(house, "http://desk.example", later, summary, NOW + timedelta(days=1))
    assert {letter.letter for letter in later.given} == names


def test_mail_that_is_away_and_staff_nobody_can_see_yet_are_counted(
    house: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hire(house, "lead", LEAD)
    summary = bring(house, tmp_path)
    send_digests(house, "http://desk.example", Box(), summary, NOW)
    assert (summary.digests, summary.digests_failed) == (0, 1)
    show(house)
    send_digests(house, "http://desk.example", Box(open_=False), summary, NOW)
    assert (summary.digests, summary.digests_failed) == (0, 2)
    assert "house.example" not in capsys.readouterr().err


def test_a_batch_that_is_not_there_is_told_with_those_that_are(
    house: Ledger, tmp_path: Path
) -> None:
    batch = bring(house, tmp_path).batch
    with pytest.raises(BatchUnknown, match=f"there is: {batch}"):
        carried_by(house, "no-such")


def test_the_same_file_again_tells_nobody(
    house: Ledger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hire(house, "lead", LEAD)
    show(house)
    box = Box()
    monkeypatch.setattr(command, "mail_server", lambda settings: box)
    file = write(tmp_path / "a.csv", csv_text(ROWS))
    mapping = str(mapping_file(tmp_path / "m.json", table()))
    settings = Settings(database_url=house.url, master_key=bytes(range(32)).hex())
    capsys.readouterr()
    for _ in range(2):
        run = command.run(settings, file, mapping, on_error="stop", rejects=None, as_json=True)
        assert run == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["cases"], first["digests"]) == (4, 1)
    assert (second["cases"], second["digests"]) == (0, 0)
    assert len(box.given) == 1
