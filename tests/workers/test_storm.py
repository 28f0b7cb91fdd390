"""Everything is killed in the middle of the work: each fact stands once, nothing due is left."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import pytest
from houses import eventually
from storm import Cases, ledger_of, prepare, spoken_of, terms, told, wrongs

from workers.settling import Horizon, wait_until_settled

PATIENCE = timedelta(minutes=8)
SECOND = timedelta(seconds=1)


@pytest.mark.timeout(900)
def test_kill_9_of_every_process_loses_nothing_and_doubles_nothing(evercase, tmp_path) -> None:
    home = tmp_path / "home"
    house = evercase.start("up", home=home)
    house.ready()
    with ledger_of(house) as ledger:
        prepare(ledger)
        cases = Cases(ledger, terms(reply_within=4))
        lodging = cases.aside(300, per_second=12)
        for name in ("worker", "desk", "temporal", "dispatcher", "projector", "postgres"):
            before = house.pids()[name]
            os.kill(before, signal.SIGKILL)
            eventually(lambda name=name, before=before: house.pids()[name] != before, f"{name} up")
            seen = len(cases.streams)
            eventually(lambda seen=seen: len(cases.streams) >= min(seen + 20, 300), "cases come")
        lodging.join()
        wait_until_settled(ledger, horizon=Horizon(all=SECOND * 6), patience=PATIENCE)
        assert len(cases.streams) == 300
        assert wrongs(ledger, cases.streams) == []
        assert len([*(home / "mail").glob("*.eml")]) == 300
    assert spoken_of(home) == []
    assert house.end() == 0


@pytest.mark.timeout(900)
def test_temporal_s_data_can_be_lost_and_made_again_from_the_log(evercase, tmp_path) -> None:
    home = tmp_path / "home"
    house = evercase.start("up", home=home)
    house.ready()
    with ledger_of(house) as ledger:
        prepare(ledger)
        cases = Cases(ledger, terms(reply_within=15))
        cases.lodge(40, per_second=40)
        streams = cases.streams
    house.end()
    lost = [*home.glob("temporal.db*")]
    assert lost
    for file in lost:
        file.unlink()

    again = evercase.start("up", home=home)
    again.ready()
    environment = {"DATABASE_URL", "TEMPORAL_ADDRESS", "EVERCASE_MASTER_KEY", "EVERCASE_DEMO"}
    with ledger_of(again) as ledger:
        of_house = {k: v for k, v in told(again.pids()["desk"]).items() if k in environment}
        resync = evercase.start("resync", "--json", home=home, **of_house)
        assert resync.process.wait(60) == 0, resync.text()
        wait_until_settled(ledger, horizon=Horizon(all=SECOND * 16), patience=PATIENCE)
        assert wrongs(ledger, streams) == []
    assert len([*(home / "mail").glob("*.eml")]) == 40
    assert again.end() == 0
