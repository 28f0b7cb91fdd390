"""``evercase rebuild``: one, all, none of that name; what it tells people and programs."""

from __future__ import annotations

import json

import pytest
from small_house import World, cases_of

from projections import queue
from projections.reading import look
from projections.registry import projections
from workers.rebuilding import run
from workers.settings import Settings


@pytest.fixture
def settings(world: World) -> Settings:
    return Settings(database_url=world.ledger.url, master_key=bytes(range(32)).hex())


def test_all_read_models_are_rebuilt_for_a_program(
    world: World, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = world.lodge()
    assert run(settings, "all", as_json=True) == 0
    told = capsys.readouterr()
    rebuilt = json.loads(told.out)["rebuilt"]
    assert [each["name"] for each in rebuilt] == [p.name for p in projections(world.ledger)]
    assert {each["events"] for each in rebuilt} == {world.ledger.head()}
    assert {each["build"] for each in rebuilt} == {2}
    with world.ledger.reading() as connection, look(connection) as reading:
        assert reading.table("queue") == "read.queue_2"
        assert queue.case(reading, cases_of("ann"), stream) is not None


def test_one_is_rebuilt_for_a_person(
    world: World, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    world.lodge()
    assert run(settings, "queue") == 0
    told = capsys.readouterr()
    assert "queue: build 2 instead of 1" in told.out
    assert "queue" in told.err, "the progress is shown beside the report"


def test_names_are_listed_and_others_refused(
    world: World, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(settings, None, as_json=True) == 0
    names = json.loads(capsys.readouterr().out)["read_models"]
    assert names == sorted(projection.name for projection in projections(world.ledger))
    assert run(settings, "nothing") == 2
    assert "there is no read model nothing" in capsys.readouterr().err
