"""The waiting loop, driven by a small rule book over weeks of skipped time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise

from small_rules import SmallReminded
from stories import story

from workflows.activities import command_id
from workflows.keep import LONGEST_HISTORY
from workflows.nudge import look_again

DAY = timedelta(days=1)


def test_what_is_owed_is_performed_at_its_moment_and_the_workflow_ends(time_skipping, ledger):
    async def told():
        async with story(time_skipping, ledger) as case:
            begun = await case.now()
            await case.opens(warn=20 * DAY, end=56 * DAY)
            await case.ends()
            assert case.told() == ["SmallOpened", "SmallWarned", "SmallEnded"]
            for name, span in (("SmallWarned", 20 * DAY), ("SmallEnded", 56 * DAY)):
                late = case.moment(name) - begun - span
                assert timedelta(0) <= late < timedelta(minutes=1)

    asyncio.run(told())


def test_a_performed_item_says_who_acted_by_which_rule(time_skipping, ledger):
    async def told():
        async with story(time_skipping, ledger) as case:
            await case.opens(warn=DAY, end=2 * DAY)
            await case.ends()
            warned = ledger.history(case.stream)[1]
            assert (warned.actor.kind, warned.actor.id) == ("automation", "handle-complaint")
            cause = warned.context.cause
            assert (cause.workflow, cause.rule, cause.version) == (
                "handle-complaint",
                "warn",
                "small@1",
            )
            assert warned.context.correlation == case.stream

    asyncio.run(told())


def test_each_request_for_information_gets_its_own_reminder(time_skipping, ledger):
    async def told():
        async with story(time_skipping, ledger) as case:
            await case.opens(warn=50 * DAY, end=56 * DAY)
            first = await case.asks()
            await case.passes(7 * DAY)
            second = await case.asks()
            await case.ends()
            reminded = [e.asked_version for e in case.events() if isinstance(e, SmallReminded)]
            assert reminded == [first, second]

    asyncio.run(told())


def test_a_case_that_owes_again_is_driven_again(time_skipping, ledger):
    async def told():
        async with story(time_skipping, ledger) as case:
            await case.opens(warn=DAY, end=2 * DAY)
            await case.ends()
            await case.moves_end(30 * DAY)
            assert await case.is_running()
            await case.ends()
            assert case.told() == [
                *("SmallOpened", "SmallWarned", "SmallEnded"),
                *("SmallMoved", "SmallEnded"),
            ]

    asyncio.run(told())


def test_a_moment_that_moves_is_kept_where_it_moved_to(time_skipping, ledger):
    async def told():
        async with story(time_skipping, ledger) as case:
            await case.opens(warn=DAY, end=10 * DAY)
            await case.passes(5 * DAY)
            moved = await case.now()
            await case.moves_end(20 * DAY)
            await case.ends()
            assert case.told().count("SmallEnded") == 1
            assert case.moment("SmallEnded") >= moved + 20 * DAY

    asyncio.run(told())


def test_late_and_doubled_nudges_do_nothing(time_skipping, ledger):
    async def told():
        async with story(time_skipping, ledger) as case:
            await case.opens(warn=DAY, end=3 * DAY)
            for version in (1, 1, 0, 1):
                await case.nudge(version)
            await case.passes(2 * DAY)
            await case.nudge(1)
            await case.ends()
            told = case.told()
            await case.nudge(2)
            await case.ends()
            await case.record("late-nudge")
            assert case.told() == told == ["SmallOpened", "SmallWarned", "SmallEnded"]

    asyncio.run(told())


def test_what_stays_owed_waits_longer_each_time_while_others_go_on(time_skipping, ledger):
    async def told():
        async with story(time_skipping, ledger) as case:
            begun = await case.now()
            await case.opens(warn=DAY, stubborn=DAY, end=15 * DAY)
            await case.ends()
            assert case.told() == ["SmallOpened", "SmallWarned", "SmallEnded"]
            assert case.moment("SmallEnded") - begun < 15 * DAY + timedelta(minutes=1)
            tries = [item.at for item in case.performed("stubborn")]
            waits = [after - before for before, after in pairwise(tries)]
            minutes = [round(wait / timedelta(minutes=1)) for wait in waits]
            assert minutes[:7] == [1, 2, 4, 8, 16, 32, 60]
            assert set(minutes[7:]) == {60}
            await case.record("handed-over")

    asyncio.run(told())


def test_a_long_history_is_handed_over_and_nothing_is_forgotten(time_skipping, ledger):
    async def told():
        async with story(time_skipping, ledger) as case:
            await case.opens(warn=DAY, stubborn=DAY, end=15 * DAY)
            first = (await case.run.describe()).run_id
            await case.ends()
            last = await case.run.describe()
            assert last.run_id != first
            assert last.history_length < 2 * LONGEST_HISTORY
            tries = [item.at for item in case.performed("stubborn")]
            waits = [after - before for before, after in pairwise(tries)]
            assert min(waits[6:]) >= timedelta(minutes=60)

    asyncio.run(told())


def test_a_nudge_ahead_of_the_log_is_not_forgotten_and_does_not_spin(time_skipping, ledger):
    async def told():
        async with story(time_skipping, ledger) as case:
            await case.opens(warn=DAY, end=2 * DAY)
            await case.nudge(5)
            await case.passes(3 * DAY)
            assert case.told() == ["SmallOpened", "SmallWarned", "SmallEnded"]
            assert await case.is_running()
            assert len(case.activities.looked) < 100
            await case.moves_end(DAY)
            await case.ends()
            await case.record("ahead-of-log")

    asyncio.run(told())


def test_a_resync_makes_a_waiting_workflow_look(time_skipping, ledger):
    async def told():
        async with story(time_skipping, ledger) as case:
            await case.opens(warn=DAY, end=2 * DAY)
            await case.passes(timedelta(hours=1))
            looked = len(case.activities.looked)
            await case.nudge(1)
            await case.passes(timedelta(hours=1))
            assert len(case.activities.looked) == looked
            await look_again(case.environment.client, case.stream, 1)
            await case.passes(timedelta(hours=1))
            assert len(case.activities.looked) == looked + 1
            await case.record("resynced")

    asyncio.run(told())


def test_what_a_person_did_unseen_is_not_done_again(time_skipping, ledger):
    """The nudge of the second move was lost: the rules have the last word at the old moment."""

    async def told():
        async with story(time_skipping, ledger) as case:
            await case.opens(warn=DAY, end=2 * DAY)
            await case.passes(timedelta(hours=30))
            await case.moves_end(20 * DAY, nudge=False)
            await case.passes(5 * DAY)
            assert case.told() == ["SmallOpened", "SmallWarned", "SmallMoved"]
            await case.ends()
            assert case.told()[-1] == "SmallEnded"

    asyncio.run(told())


def test_a_rule_that_owes_what_it_does_not_do_uses_up_no_command(time_skipping, ledger):
    """So that a mended rule can still perform it."""

    async def told():
        async with story(time_skipping, ledger) as case:
            await case.opens(idle=DAY, warn=DAY, end=2 * DAY)
            await case.ends()
            assert len(case.performed("idle")) > 5
            assert case.told() == ["SmallOpened", "SmallWarned", "SmallEnded"]
            with ledger.reading() as connection:
                kept = connection.execute("SELECT id FROM ledger.command").fetchall()
            assert (command_id(f"{case.stream}/warn/v1"),) in kept
            assert (command_id(f"{case.stream}/idle/v1"),) not in kept
            await case.record("stays-owed")

    asyncio.run(told())
