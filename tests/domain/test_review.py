"""A second look at a decision: asked once, by somebody apart, owed until its outcome."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from casework import AGENT, BOX, HER, LEAD, ME, MONDAY, Case, days, terms

from domain.approval import AlreadyDecided, ApprovalGranted
from domain.complaint import complaint
from domain.complaint_facts import ComplaintClosed
from domain.complaint_life import CaseIsNotClosed, reopen_until
from domain.complaint_review import ReviewWindowOver, deciders, review_until
from domain.complaint_wishes import DecideNotAComplaint, ReopenComplaint, WithdrawComplaint
from domain.event import Actor, Context, Event, Recorded
from domain.ownership import AssignComplaint, Assignee, PersonAway, PersonRecused
from domain.proposal import ComplaintAnswered, ResolutionProposed
from domain.review import (
    AskForReview,
    DecideReview,
    HadAPart,
    NothingDecided,
    ReviewUnderWay,
    ReviewUnknown,
    waiting,
)

INVOLVED = frozenset({AGENT.id})
ASKED = {"review": "s1", "to": HER, "reason": BOX, "involved": INVOLVED}
STANDS = {"review": "s1", "outcome": "stands", "reasons": BOX, "involved": INVOLVED}
CHANGED = {**STANDS, "outcome": "changed"}


def closed(**changes: int) -> Case:
    case = Case(terms=terms(**changes))
    case.do(AssignComplaint, to=ME)
    case.do(DecideNotAComplaint, instead="praise", reason=BOX)
    return case


def owed(case: Case) -> set[str]:
    return {due.rule for due in complaint.agenda(case.state)}


def test_a_review_is_missed_once_holds_the_archive_and_may_still_be_decided() -> None:
    case = closed()
    assert case.do(AskForReview, **ASKED) == ["ReviewAsked"]
    assert case.do(AskForReview, **ASKED) == []
    review = case.state.reviews["s1"]
    assert review.reviewer == LEAD.id
    assert review.due == datetime(2026, 12, 3, tzinfo=UTC), "the end of the thirtieth day"
    assert "archive" not in owed(case)
    case.after(days(60))
    assert case.names().count("ReviewMissed") == 1
    assert "archive" not in owed(case)
    assert case.do(DecideReview, who=LEAD, **STANDS) == ["DecisionReviewed"]
    assert case.do(DecideReview, who=LEAD, **STANDS) == []
    with pytest.raises(AlreadyDecided):
        case.do(DecideReview, who=LEAD, **CHANGED)
    assert case.state.closed_at is not None
    assert "archive" in owed(case)


def test_a_decision_that_falls_opens_the_case_again_also_after_the_window() -> None:
    case = closed()
    case.do(AskForReview, **ASKED)
    case.after(days(45))
    names = case.do(DecideReview, who=LEAD, **CHANGED)
    assert names[:2] == ["DecisionReviewed", "ComplaintReopened"]
    assert case.state.closed_at is None
    assert waiting(case.state.reviews) == {}


def test_whoever_had_a_part_in_it_neither_is_asked_nor_decides() -> None:
    case = closed()
    with pytest.raises(HadAPart):
        case.do(AskForReview, **ASKED | {"to": ME})
    for person, error in (
        (Assignee(staff="staff-x", team="first", conflicted=True), PersonRecused),
        (Assignee(staff="staff-x", team="first", away=True), PersonAway),
    ):
        with pytest.raises(error):
            case.do(AskForReview, **ASKED | {"to": person})
    case.do(AskForReview, **ASKED)
    with pytest.raises(HadAPart):
        case.do(DecideReview, who=AGENT, **STANDS)
    other = Actor(kind="staff", id="staff-other", role="agent")
    assert case.do(DecideReview, who=other, **STANDS) == ["DecisionReviewed"]


def test_one_review_at_a_time_of_a_closed_case() -> None:
    case = Case()
    with pytest.raises(CaseIsNotClosed):
        case.do(AskForReview, **ASKED)
    with pytest.raises(ReviewUnknown):
        case.do(DecideReview, who=LEAD, **STANDS)
    case = closed()
    case.do(AskForReview, **ASKED)
    with pytest.raises(ReviewUnderWay):
        case.do(AskForReview, **ASKED | {"review": "s2"})
    case.do(DecideReview, who=LEAD, **STANDS)
    assert case.do(AskForReview, **ASKED | {"review": "s2"}) == ["ReviewAsked"]


def told_and_closed_later(**changes: int) -> Case:
    """Told on Monday, closed ten days later."""
    case = Case(terms=terms(**changes))
    case.do(AssignComplaint, to=ME)
    answered = ComplaintAnswered(at=case.now, decision="rejected", channel="phone")
    closed = ComplaintClosed(
        at=case.now + days(10), ending="resolved", outcome="rejected", reason_code="no_error"
    )
    for event in (answered, closed):
        case.state = complaint.evolve(case.state, event)
    case.now += days(10)
    return case


def test_it_can_be_asked_for_so_long_after_the_decision_was_told() -> None:
    case = told_and_closed_later(review_ask_days=20, reopen_days=30)
    assert review_until(case.state) == datetime(2026, 11, 23, tzinfo=UTC)
    case.now = review_until(case.state)
    assert case.do(AskForReview, **ASKED) == ["ReviewAsked"]
    case = told_and_closed_later(review_ask_days=20, reopen_days=30)
    case.now = review_until(case.state) + timedelta(microseconds=1)
    with pytest.raises(ReviewWindowOver) as over:
        case.do(AskForReview, **ASKED)
    assert over.value.facts == {"days": 20}
    case.do(ReopenComplaint, why=BOX)


@pytest.mark.parametrize(("ask", "reopen"), [(60, 5), (5, 60)])
def test_the_archive_waits_for_the_later_of_both_windows(ask: int, reopen: int) -> None:
    case = closed(review_ask_days=ask, reopen_days=reopen)
    (archive,) = (due for due in complaint.agenda(case.state) if due.rule == "archive")
    assert archive.at == max(review_until(case.state), reopen_until(case.state))


def test_a_withdrawn_case_waits_for_no_review() -> None:
    case = Case(terms=terms(review_ask_days=60, reopen_days=5))
    case.do(WithdrawComplaint, channel="phone")
    (archive,) = (due for due in complaint.agenda(case.state) if due.rule == "archive")
    assert archive.at == reopen_until(case.state)


def test_where_nothing_was_decided_there_is_nothing_to_look_at() -> None:
    case = Case()
    case.do(WithdrawComplaint, channel="phone")
    with pytest.raises(NothingDecided):
        case.do(AskForReview, **ASKED)


def test_a_case_reopened_meanwhile_ends_its_review() -> None:
    case = closed()
    case.do(AskForReview, **ASKED)
    case.do(ReopenComplaint, why=BOX)
    assert waiting(case.state.reviews) == {}
    assert "miss_review" not in owed(case)
    with pytest.raises(ReviewUnknown):
        case.do(DecideReview, who=LEAD, **STANDS)


def recorded(event: Event, who: str, kind: str = "staff") -> Recorded[Event]:
    return Recorded(
        position=1, stream="complaint-1", version=1, occurred_at=MONDAY, recorded_at=MONDAY,
        actor=Actor.model_validate({"kind": kind, "id": who}), command_id=UUID(int=0),
        context=Context(), event=event,
    )  # fmt: skip


def test_who_had_a_part_in_the_decision() -> None:
    proposed = ResolutionProposed(
        at=MONDAY, proposal="p", decision="rejected", reasons=BOX, redress=None, goods=None,
        needs_approval=True,
    )  # fmt: skip
    told = ComplaintAnswered(at=MONDAY, decision="rejected", channel="phone")

    def granted(approval: str, by: str) -> Recorded[Event]:
        return recorded(ApprovalGranted(at=MONDAY, approval=approval, decided_by=by), by)

    history = [
        granted("extension", "nobody"),
        recorded(proposed, "maker"),
        granted("p", "approver"),
        recorded(told, "teller"),
        recorded(told, "handle-complaint", "automation"),
    ]
    assert deciders(history) == {"maker", "approver", "teller"}
