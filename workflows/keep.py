"""The one waiting loop: ask what is owed, sleep until the earliest of it or a nudge, perform it.

A workflow is a name for this loop. Rules are asked through activities, so a changed rule never
contradicts a history that is already written.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.messages import Agenda, Item, Look, Nudge, PerformItem, Wait, Watch

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
LONGEST_HISTORY = 1_000
"""Events after which a run hands over to the next: a quarter of where the server begins to hint."""

ACTIVITY_TIMEOUT = timedelta(seconds=60)
UNTIL_THE_LEDGER_IS_BACK = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)
)
"""An activity fails only where the ledger cannot be reached; any other trouble it answers."""

UNSEEN = "heard of, not in the log yet"
"""The wait for a version that a nudge named and the log does not show (a restored copy)."""


def next_wait(before: Wait | None, now: datetime) -> Wait:
    """One minute, doubling to one hour."""
    tries = before.tries + 1 if before else 1
    return Wait(tries=tries, until=now + min(FIRST_WAIT * 2 ** min(tries - 1, 6), LONGEST_WAIT))


class Keeper:
    """One run: the agenda as last read, what was heard since, and what did not leave it."""

    def __init__(self, name: str, watch: Watch) -> None:
        self._name = name
        self._stream = watch.stream
        self._heard = watch.heard
        self._waits = dict(watch.waits)
        self._agenda = Agenda(version=0)
        self._news = True

    def hear(self, nudge: Nudge) -> None:
        self._heard = max(self._heard, nudge.version)
        if nudge.version > self._agenda.version:
            self._news = True

    def look_again(self, nudge: Nudge) -> None:
        self.hear(nudge)
        self._news = True

    async def keep(self) -> Watch | None:
        """Until nothing is owed (None), or the history is long: what the next run begins with."""
        while True:
            now = workflow.now()
            if self._is_long_enough():
                await workflow.wait_condition(workflow.all_handlers_finished)
                return Watch(stream=self._stream, heard=self._heard, waits=self._waits)
            if self._news or self._unseen_is_due(now):
                await self._look()
            elif item := self._first_due(now):
                await self._perform(item, now)
            elif moments := self._moments():
                await self._sleep(min(moments) - now)
            else:
                return None

    async def _look(self) -> None:
        self._news = False
        self._take(
            await workflow.execute_activity(
                "agenda",
                Look(stream=self._stream),
                result_type=Agenda,
                start_to_close_timeout=ACTIVITY_TIMEOUT,
                retry_policy=UNTIL_THE_LEDGER_IS_BACK,
            )
        )

    async def _perform(self, item: Item, now: datetime) -> None:
        before = self._waits.get(item.key)
        agenda = await workflow.execute_activity(
            "deliver" if item.rule == "deliver" else "perform",
            PerformItem(stream=self._stream, workflow=self._name, key=item.key, at=now),
            result_type=Agenda,
            start_to_close_timeout=ACTIVITY_TIMEOUT,
            retry_policy=UNTIL_THE_LEDGER_IS_BACK,
        )
        if any(owed.key == item.key and owed.at <= now for owed in agenda.items):
            self._waits[item.key] = next_wait(before, workflow.now())
        self._take(agenda)

    def _take(self, agenda: Agenda) -> None:
        """Believe the newest reading; forget the waits of what is owed no more."""
        self._agenda = agenda
        unseen = next_wait(self._waits.get(UNSEEN), workflow.now())
        owed = {item.key for item in agenda.items}
        self._waits = {key: wait for key, wait in self._waits.items() if key in owed}
        if self._heard > agenda.version and not self._news:
            self._waits[UNSEEN] = unseen

    async def _sleep(self, at_most: timedelta) -> None:
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._news, timeout=max(at_most, timedelta(milliseconds=1))
            )

    def _moment(self, item: Item) -> datetime:
        wait = self._waits.get(item.key)
        return max(item.at, wait.until) if wait else item.at

    def _moments(self) -> list[datetime]:
        unseen = self._waits.get(UNSEEN)
        return [self._moment(item) for item in self._agenda.items] + (
            [unseen.until] if unseen else []
        )

    def _first_due(self, now: datetime) -> Item | None:
        due = [item for item in self._agenda.items if self._moment(item) <= now]
        return min(due, key=lambda item: (item.at, item.key), default=None)

    def _unseen_is_due(self, now: datetime) -> bool:
        unseen = self._waits.get(UNSEEN)
        return unseen is not None and unseen.until <= now

    def _is_long_enough(self) -> bool:
        info = workflow.info()
        return (
            info.get_current_history_length() >= LONGEST_HISTORY
            or info.is_continue_as_new_suggested()
        )
