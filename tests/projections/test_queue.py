"""The queue: what a row says, in which order, and to whom."""

from __future__ import annotations

from datetime import timedelta

from small_house import World, cases_of, person

from projections import queue
from projections.queue_page import Viewer, counts, page


def viewer(world: World, login: str) -> Viewer:
    return Viewer(
        cases_of(login),
        now=world.at,
        soon=world.at + timedelta(days=1),
        teams=tuple(role.team for role in person(login).roles if role.team),
    )


def test_a_new_case_stands_in_the_queue(world, current):
    stream = world.lodge()
    with current() as reading:
        row = queue.case(reading, cases_of("ann"), stream)
        assert row is not None
        assert (row.stage, row.next_act, row.owner) == ("received", "take", None)
        assert row.service_clock == "ack"
        assert row.statutory_clock == "final_response"
        assert world.ledger.open(row.own_words) == "You charged me twice."
        assert reading.freshness("queue").behind == 0
        found = page(reading, viewer(world, "ann"), "unassigned")
        assert [each.stream for each in found.rows] == [stream]
        assert found.next is None
        assert counts(reading, viewer(world, "ann"))["unassigned"].number == 1
