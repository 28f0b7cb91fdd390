"""Letters that leave in time: to a lead when a case escalates, to the customer with files."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

from casework import LETTER
from stories import STREAM
from test_complaint_in_time import CUSTOMER, DAY, do, facts, lodged
from test_staff_letters import LEAD
from test_staff_letters import House as Staffing

from desk.keeping import Handed, keep
from domain.conversation import ReplyToCustomer
from domain.letter import LetterSent
from domain.personal import Personal
from workflows.staff_letters import StaffLetters

PDF = b"%PDF-1.7 receipt"


def test_a_lead_is_told_by_mail_of_each_escalation_once(time_skipping, ledger):
    staffing = Staffing(ledger)
    staffing.hire("lead", LEAD)
    staffing.shows_staff()
    letters = StaffLetters(ledger, "https://desk.example/")

    async def told():
        async with lodged(time_skipping, ledger, letters.escalated) as case:
            await case.passes(7 * DAY)
            to_lead = [it for it in case.post.given if it.address == "lead@house.example"]
            assert {it.letter.split("/")[1] for it in to_lead} >= {"first_reply"}
            assert len({it.letter for it in to_lead}) == len(to_lead)
            assert all("C-2026-000001" in it.subject for it in to_lead)
            await case.record("lead-told")

    asyncio.run(told())


def test_a_letter_leaves_with_its_files(time_skipping, ledger):
    async def told():
        async with lodged(time_skipping, ledger) as case:
            kept = await asyncio.to_thread(
                keep, ledger, [Handed("receipt.pdf", PDF, len(PDF))],
                subject=CUSTOMER, stream=STREAM, command=uuid4(), largest=1_000,
            )  # fmt: skip
            await do(
                case, ReplyToCustomer, channel="email", words=LETTER, files=kept.files,
                address=Personal("ada@example.org"),
                leaves_at=await case.now() + timedelta(seconds=10),
            )  # fmt: skip
            await case.passes(timedelta(minutes=5))
            (letter,) = [it for it in case.post.given if it.files]
            assert [(it.name, it.content) for it in letter.files] == [("receipt.pdf", PDF)]
            assert letter.letter in {event.letter for event in facts(case, LetterSent)}
            await case.record("with-files")

    asyncio.run(told())
