"""A complaint kept in time over weeks: letters, warnings, escalation, reminders, the archive."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from casework import AGENT, BOX, IMPORT, ME, terms
from stories import STREAM, story

from domain.clock_facts import ClockBreached, ClockWarned
from domain.complaint import complaint
from domain.complaint_facts import ComplaintAcknowledged, ComplaintEscalated
from domain.complaint_wishes import (
    AcknowledgeComplaint,
    AssessComplaint,
    CloseComplaint,
    LodgeComplaint,
    RecordStep,
    ReopenComplaint,
    WithdrawComplaint,
)
from domain.conversation import AskForInformation, RecordInformation
from domain.customer import RegisterCustomer, customer
from domain.decider import Words
from domain.document import PublishDocument, document
from domain.letter import LetterFailed, LetterWritten
from domain.link import PATH, Asked, asked_by
from domain.organisation import STREAM as HOUSES
from domain.organisation import DescribeLegalEntity, LegalEntity, organisation
from domain.ownership import AssignComplaint
from domain.personal import Personal
from domain.proposal import ProposeResolution, TellDecision
from workflows.activities import Tell, nobody
from workflows.letters import Letters, Templates
from workflows.mail import Delivery

DAY = timedelta(days=1)
CUSTOMER = "customer-0190a0b0-0000-7000-8000-000000000003"
SECRET = b"a secret of this test"
BODIES = {
    "acknowledgement": "Dear $customer, we have $number about your $product at $entity.",
    "reminder": "Dear $customer, we still need: $asked, by $answer_by.",
    "satisfaction": "Dear $customer, were you content? $link",
    "withdrawal_confirmed": "Dear $customer, $number is withdrawn.",
}


def publish_template(ledger, at, purpose, body, *, version=1, must_name=()) -> None:
    template = {
        "id": purpose,
        "version": version,
        "purpose": purpose,
        "subject": {"en": f"{purpose} $number", "zh": f"{purpose} $number"},
        "body": body,
        "must_name": list(must_name),
    }
    command = PublishDocument(
        command_id=uuid4(), at=at, actor=IMPORT, kind="template", body=template
    )
    ledger.handle(document, f"template-{purpose}", command)


def publish(ledger, at) -> None:
    """Templates, the legal entity and the customer that every story here has."""
    for purpose, body in BODIES.items():
        publish_template(ledger, at, purpose, {"en": body, "zh": body})
    entity = LegalEntity.model_validate(
        {
            "id": "larkmere-uk",
            "name": {"en": "Larkmere", "zh": "湖滨"},
            "zone": "Europe/London",
            "language": "en",
            "currency": "GBP",
            "calendar": "london",
            "products": {"account": {"en": "current account", "zh": "账户"}},
        }
    )
    described = DescribeLegalEntity(command_id=uuid4(), at=at, actor=IMPORT, entity=entity)
    ledger.handle(organisation, HOUSES, described)
    registered = RegisterCustomer(
        command_id=uuid4(),
        at=at,
        actor=AGENT,
        customer=CUSTOMER,
        number="K-2026-000001",
        legal_entity="larkmere-uk",
        language="en",
        name=Personal("Ada Example"),
        details={"email": Personal("ada@example.org")},
    )
    ledger.handle(customer, CUSTOMER, registered)


@asynccontextmanager
async def lodged(time_skipping, ledger, tell: Tell = nobody, **changes):
    letters = Letters(ledger, Templates(ledger), "https://desk.example/", SECRET)
    async with story(time_skipping, ledger, complaint, letters.render, tell) as case:
        publish(ledger, await case.now())
        wish = {
            "complaint": STREAM,
            "number": "C-2026-000001",
            "legal_entity": "larkmere-uk",
            "team": "first",
            "customer": CUSTOMER,
            "channel": "email",
            "product": "account",
            "category": "fees",
            "what_happened": BOX,
            "terms": terms(),
        }
        await do(case, LodgeComplaint, **(wish | changes))
        yield case


async def do(case, command, who=AGENT, **fields) -> None:
    await case.does(command(command_id=uuid4(), at=await case.now(), actor=who, **fields))


async def work_to_the_end(case) -> None:
    await do(case, AssignComplaint, to=ME)
    await do(case, AssessComplaint, severity="medium", category="fees")
    await investigate_to_the_end(case)


async def investigate_to_the_end(case) -> None:
    await do(case, RecordStep, step="investigate", answers={"finding": "ours"})
    await do(case, ProposeResolution, proposal=str(uuid4()), decision="upheld", reasons=BOX)
    await do(case, TellDecision, channel="phone", said=BOX)
    await do(case, CloseComplaint, reason_code="explained")


def facts(case, kind) -> list:
    return [event for event in case.events() if isinstance(event, kind)]


def purposes(case) -> list[str]:
    return [letter.purpose for letter in facts(case, LetterWritten)]


def test_nobody_does_anything_and_every_promise_is_kept_or_broken_in_the_open(
    time_skipping, ledger
):
    async def told():
        async with lodged(time_skipping, ledger) as case:
            await case.passes(21 * DAY)
            (acknowledged,) = facts(case, ComplaintAcknowledged)
            assert acknowledged.by == "automation"
            assert [given.address for given in case.post.given] == ["ada@example.org"]
            assert case.post.given[0].body == (
                "Dear Ada Example, we have C-2026-000001 about your current account at Larkmere.\n"
            )
            warned = [event.clock for event in facts(case, ClockWarned)]
            assert warned.count("ack/1") == 1
            broken = [event.clock for event in facts(case, ClockBreached)]
            assert {"first_reply/1", "update/1", "resolution/1"} <= set(broken)
            assert len(broken) == len(set(broken))
            climbed = [(event.clock, event.level) for event in facts(case, ComplaintEscalated)]
            assert [level for clock, level in climbed if clock == "first_reply/1"] == [1, 2]
            assert len(climbed) == len(set(climbed))
            assert await case.is_running()
            await case.record("unattended")

    asyncio.run(told())


def test_every_act_of_the_automation_names_workflow_rule_and_policy(time_skipping, ledger):
    async def told():
        async with lodged(time_skipping, ledger) as case:
            await case.passes(10 * DAY)
            acts = [r for r in ledger.history(STREAM) if r.actor.kind == "automation"]
            rules = {act.context.cause.rule for act in acts}
            assert {"acknowledge", "deliver", "warn", "breach", "escalate"} <= rules
            for act in acts:
                assert act.actor.id == act.context.cause.workflow == "handle-complaint"
                assert act.context.cause.version in ("house@1", "letters@1")

    asyncio.run(told())


def test_staff_who_acknowledge_first_leave_nothing_to_the_automation(time_skipping, ledger):
    async def told():
        async with lodged(time_skipping, ledger) as case:
            own = Words(template="free", language="en", subject=BOX, body=BOX)
            await do(
                case,
                AcknowledgeComplaint,
                channel="email",
                words=own,
                address=Personal("ada@example.org"),
            )
            await case.passes(7 * DAY)
            (acknowledged,) = facts(case, ComplaintAcknowledged)
            assert acknowledged.by == "person"
            assert purposes(case) == ["acknowledgement"]
            assert len(case.post.given) == 1

    asyncio.run(told())


def test_a_second_request_for_information_gets_its_own_reminders(time_skipping, ledger):
    async def told():
        async with lodged(time_skipping, ledger) as case:
            await do(
                case, AskForInformation, request="r1", channel="phone", what=Personal("a slip")
            )
            await case.passes(14 * DAY)
            assert purposes(case).count("reminder") == 2
            await do(case, RecordInformation, request="r1", channel="phone", text=BOX)
            await do(
                case, AskForInformation, request="r2", channel="phone", what=Personal("a date")
            )
            await case.passes(14 * DAY)
            reminders = [given.body for given in case.post.given if "still need" in given.body]
            assert ["a slip" in body for body in reminders] == [True, True, False, False]
            assert ["a date" in body for body in reminders] == [False, False, True, True]
            await case.record("two-requests")

    asyncio.run(told())


def test_a_closed_case_is_asked_about_archived_and_left(time_skipping, ledger):
    async def told():
        async with lodged(time_skipping, ledger) as case:
            await work_to_the_end(case)
            await case.ends()
            assert case.told()[-1] == "ComplaintArchived"
            (question,) = [given for given in case.post.given if PATH in given.body]
            token = question.body.split(PATH)[1].strip()
            asked = asked_by(SECRET, token)
            assert asked == Asked(STREAM, ledger.fold(complaint, STREAM).state.survey)
            await case.record("closed-and-archived")

    asyncio.run(told())


def test_a_reopened_case_is_driven_again_to_its_archive(time_skipping, ledger):
    async def told():
        async with lodged(time_skipping, ledger) as case:
            await work_to_the_end(case)
            await case.passes(7 * DAY)
            await do(case, ReopenComplaint, why=BOX)
            await case.passes(14 * DAY)
            again = [event.clock for event in facts(case, ClockBreached)]
            assert "first_reply/2" in again
            await investigate_to_the_end(case)
            await case.ends()
            assert case.told().count("ComplaintArchived") == 1
            assert purposes(case).count("satisfaction") == 2
            await case.record("reopened")

    asyncio.run(told())


def test_a_withdrawal_is_confirmed_on_its_day(time_skipping, ledger):
    async def told():
        async with lodged(time_skipping, ledger) as case:
            await do(case, WithdrawComplaint, channel="phone")
            await case.passes(timedelta(hours=1))
            assert purposes(case) == ["withdrawal_confirmed"]
            await case.ends()
            assert purposes(case) == ["withdrawal_confirmed"]
            await case.record("withdrawn")

    asyncio.run(told())


def test_an_import_never_writes_to_the_customer(time_skipping, ledger):
    async def told():
        async with lodged(time_skipping, ledger, letters="hold") as case:
            await do(case, AskForInformation, request="r1", channel="phone", what=BOX)
            await case.passes(14 * DAY)
            await do(case, RecordInformation, request="r1", without=True)
            await work_to_the_end(case)
            await case.ends()
            assert purposes(case) == []
            assert case.post.given == []
            assert facts(case, ClockBreached)

    asyncio.run(told())


@pytest.mark.parametrize(("refusals", "arrives"), [(3, True), (5, False)])
def test_a_mail_server_that_was_away_is_asked_again_five_times_in_all(
    time_skipping, ledger, refusals, arrives
):
    async def told():
        async with lodged(time_skipping, ledger, terms=terms(acknowledge_after=0)) as case:
            case.post.answers += [Delivery(letter="", sent=False)] * refusals
            await case.passes(3 * DAY)
            assert len(case.post.given) == min(refusals + 1, 5)
            assert len(facts(case, LetterFailed)) == refusals
            assert len(facts(case, ComplaintAcknowledged)) == (1 if arrives else 0)
            assert purposes(case) == ["acknowledgement"]
            await case.record(f"mail-away-{refusals}-times")

    asyncio.run(told())


def test_a_letter_that_lacks_what_the_law_demands_is_not_written(time_skipping, ledger):
    async def told():
        async with lodged(time_skipping, ledger) as case:
            now = await case.now()
            body = {"en": "You have until $limit. $decision", "zh": "$limit $decision"}
            published = partial(publish_template, ledger, now, "acknowledgement", body)
            await asyncio.to_thread(published, version=2, must_name=["decision"])
            await case.passes(5 * DAY)
            assert purposes(case) == []
            await asyncio.to_thread(published, version=3, must_name=["limit"])
            await case.passes(DAY)
            assert purposes(case) == ["acknowledgement"]
            (written,) = facts(case, LetterWritten)
            assert written.words.template == "acknowledgement@3"

    asyncio.run(told())
