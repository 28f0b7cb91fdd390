"""What happens to the clocks of a case when something happens to the case: one row each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from casework import (
    ADDRESS,
    BOX,
    LEAD,
    LETTER,
    MAIL,
    ME,
    MONDAY,
    Case,
    days,
    hours,
    terms,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_properties import wishes

from domain.approval import AskApproval, Correction, Extension, GrantApproval
from domain.clock import Clock, current, state_of
from domain.clock_algebra import ExtensionTooLate
from domain.complaint_wishes import (
    AssessComplaint,
    CloseComplaint,
    RecordStep,
    ReopenComplaint,
    WithdrawComplaint,
)
from domain.conversation import (
    AskForInformation,
    DecideNoReplyNeeded,
    RecordCustomerMessage,
    RemindCustomer,
    ReplyToCustomer,
)
from domain.decider import DomainError
from domain.letter import PullBackLetter, RecordDelivery
from domain.ownership import AssignComplaint
from domain.policy import Terms
from domain.proposal import OfferProposal, ProposeResolution, TellDecision
from domain.timekeeping import ExtensionTaken

LIMIT = "final_response/1"
SOON = timedelta(seconds=10)


def clock(case: Case, name: str) -> Clock:
    found = current(case.state.clocks, name)
    assert found is not None
    return found


def wrote(case: Case, name: str) -> None:
    case.do(RecordCustomerMessage, message=name, channel="email", text=BOX)


def corrected(case: Case, receipt: datetime) -> list[str]:
    was = case.state.received_at
    assert was is not None
    matter = Correction(field="received_at", was=was.isoformat(), is_=receipt.isoformat())
    name = f"correction-{case.state.version}"
    case.do(AskApproval, approval=name, matter=matter, reason=BOX)
    return case.do(GrantApproval, who=LEAD, approval=name)


def asked_for_more_time(case: Case, name: str) -> None:
    case.do(AskApproval, approval=name, matter=Extension(clock=LIMIT, step=0), reason=BOX)


def granted(case: Case, name: str, leaves_at: datetime | None = None) -> list[str]:
    return case.do(
        GrantApproval,
        who=LEAD,
        approval=name,
        notice=LETTER,
        address=ADDRESS,
        leaves_at=leaves_at or case.now,
    )


def proposed(case: Case) -> Case:
    case.do(AssignComplaint, to=ME)
    case.do(AssessComplaint, severity="medium", category="fees")
    case.do(RecordStep, step="investigate", answers={"finding": "x"})
    case.do(ProposeResolution, proposal="p1", decision="upheld", reasons=BOX)
    return case


def closed(case: Case) -> Case:
    proposed(case).do(TellDecision, channel="phone", said=BOX)
    case.do(CloseComplaint, reason_code="done")
    return case


# the receipt corrected


def test_a_correction_leaves_alone_what_does_not_count_from_the_receipt() -> None:
    case = Case().after(days(3))
    case.do(ReplyToCustomer, channel="phone", said=BOX)
    update = case.after(days(1)).state.clocks["update/2"]
    made = corrected(case, MONDAY - days(10))
    assert case.state.clocks["update/2"] == update
    assert made.count("ClockStarted update/3") == 1
    assert case.state.clocks["update/3"].fulfilled_at == MONDAY + days(3)
    assert clock(case, "update") == update


def test_a_correction_after_a_reopening_does_not_touch_the_new_first_reply() -> None:
    case = closed(Case()).after(days(5))
    case.do(ReopenComplaint, why=BOX)
    again = case.state.clocks["first_reply/2"]
    corrected(case, MONDAY - days(1))
    assert clock(case, "first_reply") == again
    assert clock(case, "total_resolution").started_at == MONDAY - days(1)


def test_a_correction_over_a_pause_keeps_the_pause() -> None:
    case = Case().after(hours(1))
    case.do(AskForInformation, request="r", channel="phone", what=BOX)
    case.after(days(2))
    corrected(case, MONDAY - days(7))
    assert clock(case, "resolution").paused_at == MONDAY + hours(1)
    case.do(RecordCustomerMessage, message="m", channel="email", text=BOX, answers=True)
    assert clock(case, "resolution").due == MONDAY + days(7) + days(2)


def test_a_correction_makes_a_breach_true_at_its_own_moment() -> None:
    case = Case().after(days(50))
    assert clock(case, "final_response").breached_at is None
    corrected(case, MONDAY - days(20))
    case.after(hours(0))
    limit = clock(case, "final_response")
    assert limit.breached_at == limit.due < case.now
    assert case.names().count("ClockBreached final_response/2") == 1


def test_a_limit_that_was_not_in_force_on_the_true_day_ends() -> None:
    row: dict[str, Any] = terms().policy.limits[0].model_dump()
    new = row | {"valid_from": MONDAY.date(), "count": 1}
    case = Case(terms=terms(limits=[new])).after(days(9))
    made = corrected(case, MONDAY - days(3))
    assert {f"ClockExcused {LIMIT}", f"ClockSuperseded {LIMIT}"} <= set(made)
    assert current(case.state.clocks, "final_response") is None


def test_a_limit_that_was_in_force_on_the_true_day_begins() -> None:
    row: dict[str, Any] = terms().policy.limits[0].model_dump()
    old = row | {"name": "old_rule", "valid_to": (MONDAY - days(1)).date(), "count": 1}
    case = Case(terms=terms(limits=[row, old]))
    assert current(case.state.clocks, "old_rule") is None
    corrected(case, MONDAY - days(3))
    case.after(days(5))
    assert clock(case, "old_rule").breached_at == clock(case, "old_rule").due
    corrected(case, MONDAY)
    assert current(case.state.clocks, "old_rule") is None


# another product, another policy


PAYMENTS: dict[str, Any] = {
    "id": "payments",
    "promises": [it.model_dump() for it in terms().policy.promises if it.target.name != "update"],
    "limits": [
        terms().policy.limits[0].model_dump()
        | {"name": "payment_response", "count": 15, "unit": "business_days"},
        terms().policy.limits[0].model_dump()
        | {"name": "written_acknowledgement", "count": 2, "fulfilled_by": ("acknowledged",)},
    ],
}


def switched(case: Case, to: Terms) -> list[str]:
    name = f"product-{case.state.version}"
    matter = Correction(field="product", was=case.state.product, is_=to.policy.id)
    case.do(AskApproval, approval=name, matter=matter, reason=BOX)
    return case.do(GrantApproval, who=LEAD, approval=name, terms=to)


def of_payments(case: Case, **changes: Any) -> list[str]:
    return switched(case, terms(**(PAYMENTS | changes)))


def test_with_another_product_the_limits_of_its_policy_count_from_the_receipt() -> None:
    case = Case().after(days(30))
    acknowledged = case.state.acknowledged_at
    made = of_payments(case)
    assert made[:3] == ["ApprovalGranted", "ComplaintCorrected", "TermsSwitched"]
    assert state_of(case.state.clocks[LIMIT], case.now) == "superseded"
    limit, written = clock(case, "payment_response"), clock(case, "written_acknowledgement")
    assert limit.started_at == written.started_at == MONDAY
    assert written.fulfilled_at == acknowledged
    assert case.state.terms is not None
    assert str(case.state.terms.policy.ref) == str(limit.policy) == "payments@1"
    case.after(hours(0))
    assert clock(case, "payment_response").breached_at == limit.due < case.now


def test_with_another_policy_what_it_promises_too_goes_on_and_the_rest_ends() -> None:
    case = Case().after(hours(1))
    before = clock(case, "resolution"), clock(case, "total_resolution")
    longer = [
        it | {"target": it["target"] | {"working_time": hours(200)}}
        if it["target"]["name"] == "total_resolution"
        else it
        for it in PAYMENTS["promises"]
    ]
    made = of_payments(case, promises=longer)
    assert clock(case, "resolution") == before[0], "promised as before"
    assert clock(case, "total_resolution").due > before[1].due
    assert "ClockSuperseded update/1" in made
    assert current(case.state.clocks, "update") is None
    case.after(days(60))


def test_what_another_policy_adds_waits_for_the_customer_as_the_rest_does() -> None:
    case = Case().after(hours(1))
    case.do(AskForInformation, request="r", channel="phone", what=BOX)
    asked_at = case.now
    case.after(hours(3))
    added = [
        *PAYMENTS["promises"],
        {
            "target": next(
                it["target"] for it in PAYMENTS["promises"] if it["target"]["name"] == "resolution"
            )
            | {"name": "refund"}
        },
    ]
    of_payments(case, promises=added)
    assert clock(case, "refund").paused_at == asked_at
    assert clock(case, "payment_response").paused_at is None
    wrote(case, "m")
    assert clock(case, "refund").paused_at is None
    assert clock(case, "refund").due == clock(case, "resolution").due


def test_the_steps_of_a_case_stay_when_its_policy_is_another() -> None:
    case = Case()
    before = case.state.terms
    of_payments(case)
    assert before is not None
    assert case.state.terms is not None
    assert case.state.terms.rules == before.rules


def test_a_channel_under_the_same_policy_changes_no_terms() -> None:
    case = Case()
    case.do(
        AskApproval,
        approval="c",
        matter=Correction(field="channel", was="email", is_="letter"),
        reason=BOX,
    )
    made = case.do(GrantApproval, who=LEAD, approval="c", terms=terms())
    assert made == ["ApprovalGranted", "ComplaintCorrected"]


# more time


def test_more_time_granted_in_the_last_minute_leaves_at_once() -> None:
    case = Case()
    due = case.state.clocks[LIMIT].due
    case.after(due - case.now - timedelta(minutes=1))
    asked_for_more_time(case, "a")
    granted(case, "a", leaves_at=case.now + timedelta(seconds=90))
    case.after(days(1))
    assert case.state.clocks[LIMIT].due == due + days(14)
    assert case.state.clocks[LIMIT].breached_at is None


def test_one_step_of_the_law_is_taken_once() -> None:
    row: dict[str, Any] = terms().policy.limits[0].model_dump()
    steps = [{"count": 2, "unit": "weeks"}, {"count": 4, "unit": "weeks"}]
    case = Case(terms=terms(limits=[row | {"extensions": steps}]))
    due = case.state.clocks[LIMIT].due
    for name in ("a", "b", "c"):
        asked_for_more_time(case, name)
    granted(case, "a")
    with pytest.raises(ExtensionTaken):
        granted(case, "b")
    case.after(hours(1))
    with pytest.raises(ExtensionTaken):
        granted(case, "c")
    assert case.state.clocks[LIMIT].due == due + days(14)


def test_more_time_holds_for_the_clock_that_counts_now() -> None:
    case = Case()
    asked_for_more_time(case, "a")
    corrected(case, MONDAY - days(1))
    due = clock(case, "final_response").due
    granted(case, "a")
    case.after(hours(1))
    assert clock(case, "final_response").due == due + days(14)


def test_nobody_is_told_of_more_time_once_the_answer_was_given() -> None:
    case = proposed(Case())
    asked_for_more_time(case, "a")
    case.do(TellDecision, channel="phone", said=BOX)
    with pytest.raises(ExtensionTooLate):
        granted(case, "a")


# what was pulled back, or came back


def test_a_question_pulled_back_was_not_asked() -> None:
    case = Case()
    due = clock(case, "resolution").due
    case.do(AskForInformation, request="r", what=BOX, leaves_at=case.now + SOON, **MAIL)
    (letter,) = case.state.letters
    assert case.do(PullBackLetter, letter=letter)[:2] == ["LetterPulledBack", "InformationReceived"]
    assert clock(case, "resolution").due == due
    assert "remind" not in case.rules_owed()


def test_a_question_that_came_back_stops_no_clock() -> None:
    case = Case()
    case.do(AskForInformation, request="r", what=BOX, **MAIL)
    (letter,) = case.state.letters
    case.do(RecordDelivery, letter=letter, sent=True)
    case.after(hours(1))
    case.do(RecordDelivery, letter=letter, sent=False, code=550, permanent=True)
    assert clock(case, "resolution").paused_at is None
    assert "remind" not in case.rules_owed()


def test_an_offer_pulled_back_was_not_made_and_can_be_made_again() -> None:
    case = proposed(Case())
    case.do(OfferProposal, leaves_at=case.now + SOON, **MAIL)
    case.do(PullBackLetter, letter=next(iter(case.state.letters)))
    case.after(days(20))
    assert "CustomerStayedSilent" not in case.names()
    assert case.do(OfferProposal, **MAIL) == ["LetterWritten", "ProposalOffered"]
    case.after(days(20))
    assert "CustomerStayedSilent" in case.names()


# after the case has ended


def test_mail_after_closing_counts_from_its_own_arrival() -> None:
    case = proposed(Case())
    case.do(TellDecision, channel="phone", said=BOX)
    wrote(case, "thanks")
    case.do(CloseComplaint, reason_code="done")
    case.after(days(10))
    wrote(case, "one more thing")
    assert clock(case, "after_close").started_at == MONDAY + days(10)


def test_an_old_message_does_not_count_against_one_after_a_reopening() -> None:
    case = Case()
    wrote(case, "first")
    case.do(WithdrawComplaint, channel="phone")
    case.after(days(10))
    case.do(ReopenComplaint, why=BOX)
    wrote(case, "second")
    assert clock(case, "next_reply").started_at == MONDAY + days(10)


def test_mail_to_an_archived_case_is_kept_in_time() -> None:
    case = closed(Case()).after(days(90))
    assert case.state.archived_at is not None
    wrote(case, "late")
    case.after(days(3))
    assert state_of(clock(case, "after_close"), case.now) == "breached"
    case.do(DecideNoReplyNeeded)
    assert case.rules_owed() == []


def test_a_rung_climbed_before_a_reopening_is_not_owed_again() -> None:
    case = closed(Case()).after(days(1))
    wrote(case, "anything more")
    case.after(days(3))
    case.do(ReopenComplaint, why=BOX)
    case.after(days(3))
    assert case.names().count("ComplaintEscalated after_close/1") == 2


# a new severity


def test_a_breach_climbs_the_ladder_once_whatever_the_severity_becomes() -> None:
    case = Case().after(days(1))
    case.do(AssignComplaint, to=ME)
    case.after(days(14))
    for severity in ("high", "low", "high"):
        case.do(AssessComplaint, severity=severity, category="fees")
        case.after(days(2))
    assert clock(case, "resolution").id == "resolution/4"
    climbed = [name for name in case.names() if name.startswith("ComplaintEscalated resolution")]
    assert climbed == ["ComplaintEscalated resolution/1"] * 2


# after an outage


def test_reminders_that_were_missed_come_as_one() -> None:
    case = Case()
    case.do(AskForInformation, request="r", channel="phone", what=BOX)
    case.now += days(30)
    case.after(hours(1))
    assert case.names().count("InformationReminded") == 1
    assert "remind" not in case.rules_owed()


def test_a_reminder_by_hand_is_no_answer_to_what_the_customer_wrote() -> None:
    case = Case()
    case.do(AskForInformation, request="r", channel="phone", what=BOX)
    wrote(case, "what do you mean")
    case.do(RemindCustomer, request="r", **MAIL)
    case.after(hours(1))
    case.do(DecideNoReplyNeeded)
    assert clock(case, "next_reply").ended_at is not None


# whatever happens

moves = st.one_of(
    wishes,
    st.tuples(st.just("pull back"), st.just(None), st.integers(0, 60)),
    st.tuples(st.just("correct"), st.integers(-30, 30), st.integers(0, 60)),
    st.tuples(st.just("switch"), st.booleans(), st.integers(0, 60)),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(moves, max_size=25))
def test_whatever_happens_one_clock_of_a_name_counts_and_nothing_is_owed_twice(
    story: list[Any],
) -> None:
    case = Case()
    for what, how, later in story:
        case.after(hours(later))
        try:
            match what:
                case "pull back":
                    for letter in [*case.state.letters][-1:]:
                        case.do(PullBackLetter, letter=letter)
                case "correct":
                    corrected(case, MONDAY + days(how))
                case "switch":
                    switched(case, terms(**PAYMENTS) if how else terms())
                case (command, fields):
                    case.do(command, who=how, **fields)
        except DomainError:
            pass
        counting = [it.name for it in case.state.clocks.values() if it.ended_at is None]
        assert len(counting) == len(set(counting))
    started = [name for name in case.names() if name.startswith("ClockStarted")]
    assert len(started) == len(set(started))
    case.after(days(200))
