"""The owed rows: what each stream's agenda says, folded in batches, never going back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from uuid import uuid4

import pytest
from servers import DAY, RULES, fold_owed, rows
from small_rules import AskSmall, MoveSmallEnd, OpenSmall, small
from stories import PERSON

from domain.decider import Perform
from ledger.follow import catch_up
from projections import owed
from projections.build import follower, live
from projections.reading import look
from projections.rebuild import rebuild

NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)


def handle(ledger, case, command, **fields):
    fields = {"at": NOW, "command_id": uuid4(), "actor": PERSON} | fields
    return ledger.handle(small, case, command(**fields))


def opened(ledger, days: int = 10) -> str:
    stream = f"complaint-{uuid4()}"
    warn, end = NOW + days * DAY, NOW + (days + 1) * DAY
    handle(ledger, stream, OpenSmall, stream=stream, warn_at=warn, end_at=end)
    return stream


def some_life(ledger, seed: int, cases: int = 12, steps: int = 60) -> None:
    random = Random(seed)
    streams = [opened(ledger, random.randint(1, 30)) for _ in range(cases)]
    for _ in range(steps):
        stream = random.choice(streams)
        owes = small.agenda(ledger.fold(small, stream).state)
        match random.randint(0, 2):
            case 0:
                handle(ledger, stream, AskSmall)
            case 1:
                end = NOW + random.randint(1, 60) * DAY
                handle(ledger, stream, MoveSmallEnd, end_at=end)
            case _ if owes:
                handle(ledger, stream, Perform, at=owes[0].at, key=owes[0].key)


def expected(ledger) -> dict[str, tuple[int, datetime | None]]:
    found = {}
    for stream in {recorded.stream for recorded in ledger.log(0, 10_000)}:
        fold = ledger.fold(small, stream)
        moments = [due.at for due in small.agenda(fold.state)]
        found[stream] = (fold.version, min(moments, default=None))
    return found


def shown(ledger) -> dict[str, tuple[int, datetime | None]]:
    return {stream: (row.version, row.next_due) for stream, row in rows(ledger).items()}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("batch", [1, 7, 500])
def test_the_rows_are_the_agendas_of_the_whole_log(ledger, seed, batch):
    fold_owed(ledger)
    some_life(ledger, seed)
    projection = owed.projection(ledger, RULES)
    with ledger.reading() as connection:
        build = live(connection, owed.NAME)
    catch_up(ledger, replace(follower(projection, build), batch=batch))
    assert shown(ledger) == expected(ledger)


def test_a_rebuild_shows_the_same_as_what_was_folded_live(ledger):
    for seed in range(3):
        some_life(ledger, seed)
        fold_owed(ledger)
    live_rows = shown(ledger)
    rebuild(ledger, owed.projection(ledger, RULES))
    assert shown(ledger) == live_rows == expected(ledger)


def test_an_old_batch_folded_again_takes_no_row_back(ledger):
    stream = opened(ledger)
    handle(ledger, stream, AskSmall)
    fold_owed(ledger)
    before = rows(ledger)
    first = ledger.log(0, 1)
    with ledger.reading() as connection:
        table = f"read.{owed.NAME}_{live(connection, owed.NAME)}"
        owed.OwedRows(ledger, RULES).fold(connection, table, first)
    assert rows(ledger) == before


def test_streams_whose_rules_owe_nothing_have_no_row(ledger):
    stream = f"customer-{uuid4()}"
    handle(ledger, stream, OpenSmall, stream=stream, warn_at=NOW, end_at=NOW)
    fold_owed(ledger)
    assert rows(ledger) == {}


def test_what_is_overdue_is_found_longest_first(ledger):
    late, later, future = opened(ledger, 2), opened(ledger, 1), opened(ledger, 30)
    fold_owed(ledger)
    with ledger.reading() as connection, look(connection) as reading:
        found = owed.overdue(reading, NOW + 5 * DAY, 10)
        assert [row.stream for row in found] == [later, late]
        assert [row.stream for row in owed.overdue(reading, NOW + 5 * DAY, 1)] == [later]
        owing = [row.stream for row in owed.owing(reading, "", 10)]
        assert owing == sorted([late, later, future])
        assert [row.stream for row in owed.owing(reading, owing[0], 1)] == [owing[1]]
