"""What Temporal stores: plain where no key is set, unreadable where one is."""

from __future__ import annotations

import asyncio

import pytest
from servers import DAY, house
from temporalio.api.common.v1 import Payload

from workers.embedded.ports import free_port
from workflows.client import EncryptedPayloads, PayloadUnreadable, connect, converter
from workflows.messages import Nudge

KEY = bytes(range(32))


def test_what_is_encoded_is_decoded():
    async def told():
        kept = await converter(KEY).encode([Nudge(version=7)])
        assert b"version" not in kept[0].SerializeToString()
        assert await converter(KEY).decode(kept, [Nudge]) == [Nudge(version=7)]

    asyncio.run(told())


def test_equal_payloads_do_not_look_equal():
    async def told():
        first, second = await EncryptedPayloads(KEY).encode([Payload(data=b"a")] * 2)
        assert first.data != second.data

    asyncio.run(told())


def test_what_was_stored_before_the_key_was_set_still_reads():
    async def told():
        plain = await converter().encode([Nudge(version=7)])
        assert await converter(KEY).decode(plain, [Nudge]) == [Nudge(version=7)]

    asyncio.run(told())


@pytest.mark.parametrize("other", [bytes(32), None], ids=["another", "none"])
def test_another_key_or_a_changed_payload_is_refused(other):
    async def told():
        (kept,) = await EncryptedPayloads(KEY).encode([Payload(data=b"a")])
        if other is None:
            kept.data = kept.data[:-1] + bytes([kept.data[-1] ^ 1])
        with pytest.raises(PayloadUnreadable):
            await EncryptedPayloads(other or KEY).decode([kept])

    asyncio.run(told())


def test_a_whole_run_under_a_key_shows_no_stream_in_its_payloads(ledger, temporal):
    async def told():
        async with house(ledger, temporal, key=KEY) as our:
            case = our.opens(warn=-DAY, end=-DAY)
            await our.dispatches()
            await our.completes(case)
            history = await our.client.get_workflow_handle(case).fetch_history()
            inputs = [
                event.activity_task_scheduled_event_attributes.input.SerializeToString()
                for event in history.events
            ]
            assert any(inputs)
            assert not any(case.encode() in given for given in inputs)

    asyncio.run(told())


def test_where_no_server_answers_it_is_said():
    with pytest.raises(RuntimeError):
        asyncio.run(connect(f"127.0.0.1:{free_port()}"))
