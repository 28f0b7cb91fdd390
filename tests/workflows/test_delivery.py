"""A letter that falls due: written in the case, sent by mail, and what became of it recorded."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from servers import house
from small_rules import CUSTOMER, RewriteSmall
from stories import PERSON, story, words

from domain.decider import Due
from ledger import DestroyKey, LedgerUnavailable
from workflows.activities import Activities
from workflows.mail import Delivery

DAY = timedelta(days=1)


def tell(time_skipping, ledger, *answers):
    async def told():
        async with story(time_skipping, ledger) as case:
            case.post.answers.extend(answers)
            await case.opens(write=DAY, warn=2 * DAY, end=3 * DAY)
            await case.ends()
            return case, await case.run.fetch_history()

    return asyncio.run(told())


def test_a_letter_is_written_once_and_sent_once(time_skipping, ledger):
    case, _ = tell(time_skipping, ledger)
    assert case.told() == [
        *("SmallOpened", "LetterWritten", "LetterSent", "SmallWarned", "SmallEnded")
    ]
    (given,) = case.post.given
    assert (given.address, given.body) == ("ada@example.org", "Dear Ada,\n\nwe have it.\n")
    sent = case.events()[2]
    assert sent.message_id == f"<{given.letter}@test>"


def test_nothing_of_a_person_is_told_to_temporal(time_skipping, ledger):
    case, history = tell(time_skipping, ledger)
    (given,) = case.post.given
    stored = b"".join(event.SerializeToString() for event in history.events)
    assert f"{case.stream}/deliver/".encode() in stored
    for personal in (given.address, given.subject, "Dear Ada", "we have it"):
        assert personal.encode() not in stored


@pytest.mark.parametrize("code", [None, 421, 451])
def test_a_server_that_cannot_now_is_asked_again_later(time_skipping, ledger, code):
    case, _ = tell(time_skipping, ledger, *[Delivery(letter="", sent=False, code=code)] * 2)
    assert case.told()[1:5] == ["LetterWritten", "LetterFailed", "LetterFailed", "LetterSent"]
    written, first, second, sent = (event.at for event in case.events()[1:5])
    assert first - written < timedelta(minutes=1)
    assert timedelta(minutes=1) <= second - first < timedelta(minutes=2)
    assert timedelta(minutes=10) <= sent - second < timedelta(minutes=11)


def test_a_refused_address_is_not_tried_again(time_skipping, ledger):
    refused = Delivery(letter="", sent=False, code=550, permanent=True)
    case, _ = tell(time_skipping, ledger, refused)
    assert case.told()[1:] == ["LetterWritten", "LetterFailed", "SmallWarned", "SmallEnded"]
    assert len(case.post.given) == 1


def test_a_letter_to_an_erased_customer_ends_undelivered(time_skipping, ledger):
    async def told():
        async with story(time_skipping, ledger) as case:
            case.post.answers.append(Delivery(letter="", sent=False))
            await case.opens(write=DAY, warn=2 * DAY, end=3 * DAY)
            await case.passes(DAY + timedelta(seconds=30))
            assert case.told()[-1] == "LetterFailed"
            await asyncio.to_thread(
                ledger.destroy_key,
                DestroyKey(command_id=uuid4(), at=await case.now(), actor=PERSON, subject=CUSTOMER),
            )
            await case.ends()
            assert case.told()[1:4] == ["LetterWritten", "LetterFailed", "LetterFailed"]
            assert case.events()[3].permanent
            assert len(case.post.given) == 1

    asyncio.run(told())


def test_an_attempt_that_was_made_is_not_made_again_whatever_a_rule_owes(time_skipping, ledger):
    async def told():
        async with story(time_skipping, ledger) as case:
            await case.opens(write=DAY, warn=2 * DAY, end=9 * DAY)
            await case.passes(3 * DAY)
            (sent,) = case.post.given
            text, _ = words(None, Due(key="", at=await case.now(), rule="", version=""))
            await case.does(
                RewriteSmall(
                    command_id=uuid4(),
                    at=await case.now(),
                    actor=PERSON,
                    letter=sent.letter,
                    words=text,
                )
            )
            await case.passes(7 * DAY)
            assert case.post.given == [sent]
            assert case.told()[-1] == "SmallEnded"

    asyncio.run(told())


def test_what_was_sent_and_could_not_be_recorded_is_not_sent_again(ledger, temporal):
    """The ledger goes away between the two; the heartbeat tells the next attempt."""
    failures = [LedgerUnavailable("away")]

    @dataclass(frozen=True)
    class Interrupted(Activities):
        def _record(self, item, due, delivery):
            if failures:
                raise failures.pop()
            super()._record(item, due, delivery)

    async def told():
        async with house(ledger, temporal, activities=Interrupted) as our:
            case = our.opens(write=-DAY, warn=-DAY, end=DAY)
            await our.dispatches()
            while "LetterSent" not in our.told(case):
                await asyncio.sleep(0.02)
            assert failures == []
            assert len(our.post.given) == 1
            await our.client.get_workflow_handle(case).terminate()

    asyncio.run(told())
