"""Given a case, when something is wished or time passes, then these facts and no others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from casework import (
    ADDRESS,
    AGENT,
    AUTOMATION,
    BOX,
    IMPORT,
    LEAD,
    LETTER,
    ME,
    MONDAY,
    Case,
    days,
    hours,
    terms,
)

from domain.approval import (
    ApprovalUnknown,
    AskApproval,
    BeyondYourLimit,
    Correction,
    Excuse,
    Extension,
    GrantApproval,
    MakerCannotApprove,
    Money,
    Redress,
    RefuseApproval,
)
from domain.complaint import complaint
from domain.complaint_decision import (
    ApprovalStillWaiting,
    DecisionUnderWay,
    NothingProposed,
    PaymentDiffers,
)
from domain.complaint_facts import RequestReceived
from domain.complaint_life import ReopenWindowOver, SatisfactionAlreadyGiven
from domain.complaint_standing import CaseIsClosed, standings
from domain.complaint_wishes import (
    AcknowledgeComplaint,
    AssessComplaint,
    CloseComplaint,
    DecideNotAComplaint,
    GiveSatisfaction,
    RecordRequest,
    RecordStep,
    RecusePerson,
    ReopenComplaint,
    WithdrawComplaint,
)
from domain.conversation import (
    AskForInformation,
    DecideNoReplyNeeded,
    RecordCustomerMessage,
    RecordInformation,
    ReplyToCustomer,
)
from domain.decider import Perform
from domain.letter import LetterAlreadyLeft, PullBackLetter, RecordDelivery
from domain.ownership import (
    AcceptHandOver,
    AlreadyTaken,
    AssignComplaint,
    Assignee,
    OfferHandOver,
    OverCapacity,
    PersonRecused,
)
from domain.procedure import FieldMissing, FieldRefused, StepNotAvailable
from domain.proposal import (
    AcceptProposal,
    OfferProposal,
    ProposeResolution,
    RecordPayment,
    TellDecision,
)
from domain.timekeeping import CorrectionOutOfDate

PENNIES = Money(amount="10.00", currency="GBP")


def decided(**lodged: object) -> Case:
    """A case that was assessed and looked into, with a resolution proposed."""
    case = Case(**lodged)
    case.do(AssignComplaint, to=ME)
    case.do(AssessComplaint, severity="medium", category="fees")
    case.do(RecordStep, step="investigate", answers={"finding": "both debits are ours"})
    case.do(ProposeResolution, proposal="p1", decision="upheld", reasons=BOX, redress=PENNIES)
    return case


def answered() -> Case:
    case = decided()
    case.do(TellDecision, channel="phone", said=BOX)
    return case


def closed() -> Case:
    case = answered()
    case.do(RecordPayment, money=PENNIES, proof=BOX)
    case.do(CloseComplaint, reason_code="fee_refunded")
    return case


# acknowledgement


def test_the_letter_goes_by_itself_when_staff_have_not_sent_it() -> None:
    case = Case().after(hours(2.9))
    assert "LetterWritten" not in case.names()
    case.after(hours(0.2))
    assert case.names()[-3:] == ["LetterSent", "ComplaintAcknowledged", "ClockFulfilled ack/1"]
    assert "ClockFulfilled first_reply/1" not in case.names()


def test_staff_may_acknowledge_first_and_the_letter_is_never_written_twice() -> None:
    case = Case()
    case.do(AcknowledgeComplaint, channel="email", words=LETTER, address=ADDRESS)
    assert case.do(AcknowledgeComplaint, channel="email", words=LETTER, address=ADDRESS) == []
    case.after(days(1))
    assert case.names().count("LetterWritten") == 1
    assert "ClockFulfilled first_reply/1" in case.names()


def test_an_acknowledgement_in_words_counts_when_it_was_said() -> None:
    made = Case().do(AcknowledgeComplaint, channel="phone", said=BOX)
    assert made[:2] == ["ComplaintAcknowledged", "ClockFulfilled ack/1"]


def test_an_import_never_writes_to_customers() -> None:
    case = Case(letters="hold").after(days(3))
    assert "LetterWritten" not in case.names()
    assert "ClockBreached ack/1" in case.names()


def test_a_letter_that_cannot_be_delivered_is_tried_and_then_given_up() -> None:
    case = Case()
    case.do(AcknowledgeComplaint, channel="email", words=LETTER, address=ADDRESS)
    attempts = 0
    while "deliver" in case.rules_owed():
        due = next(due for due in complaint.agenda(case.state) if due.rule == "deliver")
        case.now = max(case.now, due.at)
        case.do(RecordDelivery, who=AUTOMATION, letter=due.facts["letter"], sent=False, code=450)
        attempts += 1
    assert attempts == 5
    assert case.names().count("LetterFailed") == 5
    assert case.state.acknowledged_at is None


def test_the_automation_does_not_write_again_to_an_address_that_refuses() -> None:
    case = Case()
    case.now += hours(3)
    (due,) = (due for due in complaint.agenda(case.state) if due.rule == "acknowledge")
    case.do(Perform, who=AUTOMATION, key=due.key, words=LETTER, address=ADDRESS)
    (letter,) = case.state.letters
    refused = {"letter": letter, "sent": False, "code": 550, "permanent": True}
    case.do(RecordDelivery, who=AUTOMATION, **refused)
    assert {"acknowledge", "deliver"}.isdisjoint(case.rules_owed())


def test_a_letter_is_pulled_back_before_it_left_and_not_after() -> None:
    case = Case()
    case.do(AcknowledgeComplaint, channel="email", words=LETTER, address=ADDRESS)
    (letter,) = case.state.letters
    case.do(PullBackLetter, letter=letter)
    assert "deliver" not in case.rules_owed()
    case.do(ReplyToCustomer, channel="email", words=LETTER, address=ADDRESS)
    case.after(hours(0))
    sent = next(name for name, letter in case.state.letters.items() if letter.sent_at)
    with pytest.raises(LetterAlreadyLeft):
        case.do(PullBackLetter, letter=sent)


def test_what_left_while_it_was_pulled_back_is_recorded_as_sent() -> None:
    case = decided()
    case.do(TellDecision, channel="email", words=LETTER, address=ADDRESS)
    (letter,) = case.state.letters
    case.do(PullBackLetter, letter=letter)
    made = case.do(RecordDelivery, who=AUTOMATION, letter=letter, sent=True, message_id="<1@x>")
    assert made[:2] == ["LetterSent", "ComplaintAnswered"]
    assert case.do(RecordDelivery, who=AUTOMATION, letter=letter, sent=True) == []
    with pytest.raises(LetterAlreadyLeft):
        case.do(PullBackLetter, letter=letter)


def test_what_was_pulled_back_does_not_fail_any_more() -> None:
    case = Case()
    case.do(AcknowledgeComplaint, channel="email", words=LETTER, address=ADDRESS)
    (letter,) = case.state.letters
    case.do(PullBackLetter, letter=letter)
    assert case.do(RecordDelivery, who=AUTOMATION, letter=letter, sent=False, code=450) == []


@pytest.mark.parametrize(("before", "waits"), [(180, True), (120, False), (1, False)])
def test_a_letter_that_keeps_a_limit_in_its_last_minutes_does_not_wait(
    before: int, waits: bool
) -> None:
    case = decided()
    case.now = case.state.clocks["final_response/1"].due - timedelta(seconds=before)
    later = case.now + timedelta(seconds=10)
    mail = {"channel": "email", "words": LETTER, "address": ADDRESS, "leaves_at": later}
    case.do(ReplyToCustomer, **mail)
    case.do(TellDecision, **mail)
    reply, decision = case.state.letters.values()
    assert reply.leaves_at == later
    assert decision.leaves_at == (later if waits else case.now)


def test_a_request_about_ones_data_opens_the_case_for_the_days_of_the_policy() -> None:
    case = Case(terms=terms(request_days=15))
    case.do(RecordRequest, kind="access", reason=BOX)
    (request,) = (event for event in case.events if isinstance(event, RequestReceived))
    assert request.until == case.now + timedelta(days=15)


# the guided steps


def test_each_step_says_why_it_is_not_available_yet() -> None:
    case = Case()
    stand = {s.step: s for s in standings(case.state)}
    assert stand["investigate"].state == "waiting"
    assert stand["investigate"].missing == ("step:assess", "owned")
    with pytest.raises(StepNotAvailable) as refused:
        case.do(RecordStep, step="investigate", answers={"finding": "x"})
    assert refused.value.facts["missing"] == ("step:assess", "owned")


@pytest.mark.parametrize(
    ("answers", "error", "field"),
    [
        ({}, FieldMissing, "finding"),
        ({"finding": " "}, FieldMissing, "finding"),
        ({"finding": "x", "cause": "nobody"}, FieldRefused, "cause"),
        ({"finding": "x", "colour": "red"}, FieldRefused, "colour"),
    ],
)
def test_a_form_is_answered_as_it_asks(
    answers: dict[str, str], error: type[Exception], field: str
) -> None:
    case = Case()
    case.do(AssignComplaint, to=ME)
    case.do(AssessComplaint, severity="medium", category="fees")
    with pytest.raises(error) as refused:
        case.do(RecordStep, step="investigate", answers=answers)
    assert refused.value.facts["field"] == field  # type: ignore[attr-defined]


def test_only_countable_answers_are_stored_clear() -> None:
    case = Case()
    case.do(AssignComplaint, to=ME)
    case.do(AssessComplaint, severity="medium", category="fees")
    case.do(RecordStep, step="investigate", answers={"finding": "x", "cause": "ours"})
    assert case.events[-1].model_dump()["answers"]["cause"] == "ours"
    assert type(case.events[-1].model_dump()["answers"]["finding"]).__name__ == "Personal"


# clocks


def test_a_request_for_information_pauses_the_promise_and_not_the_law() -> None:
    case = Case()
    made = case.do(
        AskForInformation, request="r1", channel="email", what=BOX, words=LETTER, address=ADDRESS
    )
    assert made == [
        "LetterWritten",
        "InformationRequested",
        "ClockPaused resolution/1",
        "ClockPaused total_resolution/1",
    ]
    before = case.state.clocks["resolution/1"].due
    case.after(days(1))
    case.do(RecordInformation, request="r1", channel="email", text=BOX)
    assert case.state.clocks["resolution/1"].due == before + days(1)
    assert case.state.clocks["final_response/1"].paused_at is None


def test_each_request_has_its_own_reminders() -> None:
    case = Case()
    case.do(AskForInformation, request="r1", channel="phone", what=BOX)
    case.after(days(3))
    case.do(RecordInformation, request="r1", without=True)
    case.do(AskForInformation, request="r2", channel="phone", what=BOX)
    case.after(days(10))
    reminded = [e for e in case.events if e.type_name == "InformationReminded"]
    assert [(e.request, e.reminder) for e in reminded] == [("r1", 1), ("r2", 1), ("r2", 2)]  # type: ignore[union-attr]


def test_nobody_is_reminded_who_has_just_written() -> None:
    case = Case()
    case.do(AskForInformation, request="r1", channel="phone", what=BOX)
    case.do(RecordCustomerMessage, message="m1", channel="email", text=BOX)
    assert "remind" not in case.rules_owed()
    assert case.state.clocks["resolution/1"].paused_at is None


def test_a_next_reply_counts_from_the_oldest_unanswered_message() -> None:
    case = Case()
    case.do(RecordCustomerMessage, message="m1", channel="email", text=BOX)
    case.now += hours(2)
    case.do(RecordCustomerMessage, message="m2", channel="email", text=BOX)
    assert case.state.clocks["next_reply/1"].started_at == MONDAY
    assert "next_reply/2" not in case.state.clocks
    assert "ClockFulfilled next_reply/1" in case.do(DecideNoReplyNeeded)


def test_a_limit_is_warned_of_and_broken_once_and_climbs_the_ladder() -> None:
    case = Case(letters="hold").after(days(4))
    names = case.names()
    assert names.count("ClockWarned ack/1") == 1
    assert names.count("ClockBreached ack/1") == 1
    assert names.count("ComplaintEscalated ack/1") == 2
    breach = next(e for e in case.events if e.type_name == "ClockBreached")
    assert breach.at == MONDAY + hours(4)


def test_a_limit_long_past_is_broken_at_its_true_time_when_it_is_noticed() -> None:
    case = Case(at=MONDAY - days(30), letters="hold")
    case.now = MONDAY
    due = next(due for due in complaint.agenda(case.state) if due.rule == "breach")
    case.do(Perform, who=AUTOMATION, key=due.key)
    breach = case.events[-1]
    assert (breach.type_name, breach.at) == ("ClockBreached", due.at)
    assert breach.at < MONDAY


def test_a_new_severity_reckons_from_the_origin_and_keeps_the_old_clock_in_view() -> None:
    case = Case()
    made = case.do(AssessComplaint, severity="high", category="fees")
    assert made == [
        "ComplaintAssessed",
        "ClockSuperseded resolution/1",
        "ClockStarted resolution/2",
    ]
    assert case.state.clocks["resolution/2"].started_at == MONDAY


def test_a_corrected_receipt_reckons_both_ways_and_excuses_a_false_breach() -> None:
    case = Case(letters="hold").after(hours(5))
    later = (MONDAY + hours(4)).isoformat()
    matter = Correction(field="received_at", was=MONDAY.isoformat(), is_=later)
    case.do(AskApproval, approval="a1", matter=matter, reason=BOX)
    with pytest.raises(MakerCannotApprove):
        case.do(GrantApproval, approval="a1")
    made = case.do(GrantApproval, who=LEAD, approval="a1")
    assert made[:2] == ["ApprovalGranted", "ComplaintCorrected"]
    assert "ClockExcused ack/1" in made
    assert case.state.clocks["ack/2"].breached_at is None
    assert case.state.clocks["ack/2"].due == MONDAY + days(1)
    with pytest.raises(CorrectionOutOfDate):
        case.do(AskApproval, approval="a2", matter=matter, reason=BOX)


def test_more_time_needs_a_second_person_and_a_letter_that_left() -> None:
    case = Case()
    case.do(
        AskApproval, approval="a1", matter=Extension(clock="final_response/1", step=0), reason=BOX
    )
    before = case.state.clocks["final_response/1"].due
    case.do(GrantApproval, who=LEAD, approval="a1", notice=LETTER, channel="email", address=ADDRESS)
    assert case.state.clocks["final_response/1"].due == before
    case.after(hours(0))
    assert case.state.clocks["final_response/1"].due == before + days(14)


def test_an_excuse_is_a_second_fact_beside_the_breach() -> None:
    case = Case(letters="hold").after(days(1))
    case.do(AskApproval, approval="a1", matter=Excuse(clock="ack/1"), reason=BOX)
    assert case.do(GrantApproval, who=LEAD, approval="a1") == [
        "ApprovalGranted",
        "ClockExcused ack/1",
    ]
    assert case.state.clocks["ack/1"].breached_at is not None


# ownership


def test_the_old_owner_answers_until_the_next_one_accepts() -> None:
    case = Case()
    case.do(AssignComplaint, to=ME)
    other = Assignee(staff="staff-other", team="first")
    case.do(OfferHandOver, to=other, team="first", known=BOX, next=BOX)
    assert case.state.ownership.owner == AGENT.id
    case.do(AcceptHandOver, by=other)
    assert case.state.ownership.owner == "staff-other"


def test_a_hand_over_nobody_accepts_comes_back() -> None:
    case = Case()
    case.do(AssignComplaint, to=ME)
    case.do(OfferHandOver, to=None, team="second", known=BOX, next=BOX)
    case.after(hours(3))
    assert "HandOverReturned" in case.names()
    assert case.state.ownership.owner == AGENT.id


def test_an_offer_ends_with_the_case() -> None:
    case = Case()
    case.do(AssignComplaint, to=ME)
    case.do(OfferHandOver, to=None, team="second", known=BOX, next=BOX)
    case.do(WithdrawComplaint, channel="phone")
    assert case.state.ownership.offer is None
    assert case.state.ownership.owner == AGENT.id


def test_who_is_full_recused_or_too_late_is_refused_in_words() -> None:
    case = Case()
    with pytest.raises(OverCapacity):
        case.do(AssignComplaint, to=Assignee(staff="s", team="t", open_cases=2, capacity=2))
    case.do(RecusePerson, who=LEAD, staff="staff-named", reason=BOX)
    with pytest.raises(PersonRecused):
        case.do(AssignComplaint, who=LEAD, to=Assignee(staff="staff-named", team="t"))
    case.do(AssignComplaint, to=ME)
    rival = AGENT.model_copy(update={"id": "staff-rival"})
    with pytest.raises(AlreadyTaken):
        case.do(AssignComplaint, who=rival, to=Assignee(staff="staff-rival", team="first"))


# decision, answer, close


def test_redress_beyond_ones_limit_waits_for_somebody_who_may() -> None:
    case = Case()
    case.do(AssignComplaint, to=ME)
    case.do(AssessComplaint, severity="medium", category="fees")
    case.do(RecordStep, step="investigate", answers={"finding": "x"})
    none = Money(amount="0", currency="GBP")
    made = case.do(
        ProposeResolution, proposal="p1", decision="upheld", reasons=BOX, redress=PENNIES,
        limit=none,
    )  # fmt: skip
    assert made == ["ResolutionProposed", "ApprovalAsked"]
    with pytest.raises(ApprovalStillWaiting):
        case.do(TellDecision, channel="phone", said=BOX)
    with pytest.raises(BeyondYourLimit):
        case.do(GrantApproval, who=LEAD, approval="p1", limit=none)
    case.do(GrantApproval, who=LEAD, approval="p1", limit=PENNIES)
    assert "ComplaintAnswered" in case.do(TellDecision, channel="phone", said=BOX)


def test_a_refused_approval_leaves_the_proposal_waiting() -> None:
    case = Case(letters="hold").after(days(1))
    case.do(AskApproval, approval="a1", matter=Excuse(clock="ack/1"), reason=BOX)
    assert case.do(RefuseApproval, who=LEAD, approval="a1", reason=BOX) == ["ApprovalRefused"]
    assert case.state.clocks["ack/1"].excused is None


def test_silence_is_a_fact_and_never_an_acceptance() -> None:
    case = decided()
    case.do(OfferProposal, channel="phone", said=BOX)
    case.after(days(16))
    assert "CustomerStayedSilent" in case.names()
    assert case.state.proposal is not None
    assert case.state.proposal.answer == "silent"


def test_the_answer_ends_the_law_s_limit_and_closing_ends_our_promise() -> None:
    case = decided()
    made = case.do(TellDecision, channel="phone", said=BOX)
    assert "ClockFulfilled final_response/1" in made
    assert "ClockFulfilled resolution/1" not in made
    with pytest.raises(StepNotAvailable) as refused:
        case.do(CloseComplaint, reason_code="x")
    assert refused.value.facts["missing"] == ("redress_paid",)
    with pytest.raises(PaymentDiffers):
        case.do(RecordPayment, money=Money(amount="9.99", currency="GBP"), proof=BOX)
    case.do(RecordPayment, money=PENNIES, proof=BOX)
    assert "ClockFulfilled resolution/1" in case.do(CloseComplaint, reason_code="x")
    assert case.do(CloseComplaint, reason_code="x") == []


def test_one_question_is_asked_after_closing_and_answered_once() -> None:
    case = closed().after(days(3))
    assert case.names().count("SatisfactionAsked") == 1
    survey = case.state.survey
    case.do(GiveSatisfaction, survey=survey, score=4)
    with pytest.raises(SatisfactionAlreadyGiven):
        case.do(GiveSatisfaction, survey=survey, score=5)


def test_a_case_is_archived_when_its_window_is_over_and_nothing_is_owed() -> None:
    case = closed().after(days(31))
    assert case.names()[-1] == "ComplaintArchived"
    assert complaint.agenda(case.state) == []
    with pytest.raises(ReopenWindowOver):
        case.do(ReopenComplaint, why=BOX)


def test_a_reopened_case_is_driven_again_and_its_first_resolution_stays() -> None:
    case = closed().after(days(10))
    made = case.do(ReopenComplaint, why=BOX)
    assert "ClockStarted first_reply/2" in made
    assert "ClockStarted total_resolution/2" in made
    assert case.state.clocks["resolution/1"].fulfilled_at is not None
    assert not [
        c for c in case.state.clocks.values() if c.name == "final_response" and not c.ended_at
    ]
    assert "breach" in case.rules_owed()


def test_mail_after_closing_waits_and_never_reopens() -> None:
    case = closed()
    case.do(RecordCustomerMessage, message="m1", channel="email", text=BOX)
    assert case.state.closed_at is not None
    assert "after_close/1" in case.state.clocks
    assert "archive" not in case.rules_owed()
    case.do(DecideNoReplyNeeded)
    assert "archive" in case.rules_owed()


def test_a_withdrawal_ends_the_case_that_day_and_is_confirmed() -> None:
    case = Case()
    case.do(WithdrawComplaint, channel="phone")
    assert not [clock for clock in case.state.clocks.values() if clock.ended_at is None]
    assert "ClockFulfilled resolution/1" not in case.names()
    case.after(hours(1))
    assert case.names()[-2:] == ["LetterWritten", "LetterSent"]
    with pytest.raises(CaseIsClosed):
        case.do(AcceptProposal, channel="phone")


def test_what_is_not_a_complaint_is_decided_and_recorded() -> None:
    assert Case().do(DecideNotAComplaint, instead="suggestion", reason=BOX)[:2] == [
        "NotAComplaint",
        "ComplaintClosed",
    ]


def test_what_an_import_tells_of_left_long_ago() -> None:
    case = Case()
    made = case.do(AcknowledgeComplaint, who=IMPORT, channel="email", words=LETTER, address=ADDRESS)
    assert made[:3] == ["LetterWritten", "LetterSent", "ComplaintAcknowledged"]


def test_without_a_rule_to_acknowledge_nothing_is_written() -> None:
    case = Case(terms=terms(acknowledge_after=None)).after(timedelta(days=2))
    assert "LetterWritten" not in case.names()


# what must not slip through


def second_proposal(case: Case, limit: Money) -> None:
    case.do(
        ProposeResolution,
        proposal="p2",
        decision="upheld",
        reasons=BOX,
        redress=Money(amount="100000", currency="GBP"),
        limit=limit,
    )


def test_an_approval_is_of_its_own_proposal_and_of_no_other() -> None:
    case = Case()
    case.do(AssignComplaint, to=ME)
    case.do(AssessComplaint, severity="medium", category="fees")
    case.do(RecordStep, step="investigate", answers={"finding": "x"})
    small = Money(amount="5.00", currency="GBP")
    case.do(
        ProposeResolution, proposal="p1", decision="upheld", reasons=BOX, redress=PENNIES,
        limit=small,
    )  # fmt: skip
    second_proposal(case, small)
    with pytest.raises(ApprovalUnknown):
        case.do(GrantApproval, who=LEAD, approval="p1", limit=PENNIES)
    assert case.state.proposal is not None
    assert not case.state.proposal.approved
    with pytest.raises(NothingProposed):
        case.do(AskApproval, approval="own", matter=Redress(money=small), reason=BOX)


def test_nothing_is_decided_anew_while_the_final_answer_is_on_its_way() -> None:
    case = decided()
    case.do(TellDecision, channel="email", words=LETTER, address=ADDRESS)
    assert case.do(TellDecision, channel="email", words=LETTER, address=ADDRESS) == []
    with pytest.raises(DecisionUnderWay):
        second_proposal(case, PENNIES)
    (letter,) = case.state.letters
    case.do(PullBackLetter, letter=letter)
    second_proposal(case, PENNIES)


def test_a_withdrawal_keeps_back_what_was_on_its_way() -> None:
    case = decided()
    case.do(TellDecision, channel="email", words=LETTER, address=ADDRESS)
    assert case.do(WithdrawComplaint, channel="phone")[0] == "LetterPulledBack"
    case.after(days(1))
    assert "ComplaintAnswered" not in case.names()
    assert case.state.redress_owed is None


def test_a_withdrawal_that_proves_untrue_stops_no_limit_of_the_law() -> None:
    case = Case()
    limit = case.state.clocks["final_response/1"].due
    case.do(WithdrawComplaint, channel="phone")
    case.now += hours(1)
    made = case.do(ReopenComplaint, why=BOX)
    for name in ("final_response/2", "resolution/2", "total_resolution/2", "ack/2"):
        assert f"ClockStarted {name}" in made
    assert case.state.clocks["final_response/2"].due == limit
    assert case.state.clocks["resolution/2"].started_at == MONDAY
    case.after(days(70))
    assert "ClockBreached final_response/2" in case.names()


def test_a_receipt_cannot_be_corrected_into_the_future() -> None:
    case = Case()
    later = (MONDAY + days(365)).isoformat()
    matter = Correction(field="received_at", was=MONDAY.isoformat(), is_=later)
    with pytest.raises(FieldRefused):
        case.do(AskApproval, approval="a1", matter=matter, reason=BOX)


def test_whoever_wrote_is_not_silent() -> None:
    case = decided()
    case.do(OfferProposal, channel="phone", said=BOX)
    case.now += days(3)
    case.do(RecordCustomerMessage, message="m1", channel="email", text=BOX)
    case.after(days(30))
    assert "CustomerStayedSilent" not in case.names()


def test_nobody_is_reminded_of_what_was_asked_before_the_case_ended() -> None:
    case = Case()
    case.do(AskForInformation, request="r1", channel="phone", what=BOX)
    case.do(WithdrawComplaint, channel="phone")
    case.now += days(10)
    case.do(ReopenComplaint, why=BOX)
    assert "remind" not in case.rules_owed()
