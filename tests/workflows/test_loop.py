"""The waiting loop, driven by a small rule book over weeks of skipped time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

from small_rules import AskSmall
from stories import PERSON, story

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
