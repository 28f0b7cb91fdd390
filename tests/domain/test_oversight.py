"""An order is owed until it is answered, a nudge is once a day, a skip moves nothing."""

from __future__ import annotations

import pytest
from casework import AGENT, BOX, LEAD, ME, MONDAY, Case, days, hours

from domain.complaint import complaint
from domain.complaint_standing import CaseIsClosed
from domain.complaint_wishes import WithdrawComplaint
from domain.later import MomentHasPassed
from domain.oversight import (
    AnswerFollowThrough,
    NobodyToNudge,
    NudgedToday,
    NudgeOwner,
    OrderFollowThrough,
    OrderUnknown,
    SkipComplaint,
    SkippedIsTaken,
)
from domain.ownership import AssignComplaint

ORDER = {"order": "o1", "words": BOX, "answer_by": MONDAY + hours(5)}


def owned() -> Case:
    case = Case()
    case.do(AssignComplaint, to=ME)
    return case


def missed(case: Case) -> list[str]:
    return [name for name in case.names() if name.startswith("FollowThroughMissed")]


def test_an_order_is_missed_once_and_stays_owed_until_its_answer() -> None:
    case = owned()
    assert case.do(OrderFollowThrough, who=LEAD, **ORDER) == ["FollowThroughOrdered"]
    assert case.do(OrderFollowThrough, who=LEAD, **ORDER) == []
    case.after(days(2))
    assert len(missed(case)) == 1
    assert case.state.oversight.orders["o1"].missed_at == MONDAY + hours(5)
    case.do(AnswerFollowThrough, order="o1", answer=BOX)
    assert case.state.oversight.orders == {}
    assert case.do(AnswerFollowThrough, order="o1", answer=BOX) == []
    with pytest.raises(OrderUnknown):
        case.do(AnswerFollowThrough, order="o2", answer=BOX)


def test_an_order_answered_in_time_is_not_missed() -> None:
    case = owned()
    case.do(OrderFollowThrough, who=LEAD, **ORDER)
    case.do(AnswerFollowThrough, order="o1", answer=BOX)
    case.after(days(2))
    assert missed(case) == []


def test_an_order_is_for_a_moment_to_come_and_for_an_open_case() -> None:
    case = owned()
    with pytest.raises(MomentHasPassed):
        case.do(OrderFollowThrough, who=LEAD, order="o1", words=BOX, answer_by=MONDAY - hours(1))
    case.do(OrderFollowThrough, who=LEAD, **ORDER)
    case.do(WithdrawComplaint, channel="phone")
    with pytest.raises(CaseIsClosed):
        case.do(OrderFollowThrough, who=LEAD, **ORDER | {"order": "o2"})
    assert "archive" not in {due.rule for due in complaint.agenda(case.state)}
    case.do(AnswerFollowThrough, order="o1", answer=BOX)
    assert "archive" in {due.rule for due in complaint.agenda(case.state)}


def test_one_person_nudges_once_a_day() -> None:
    case = Case()
    with pytest.raises(NobodyToNudge):
        case.do(NudgeOwner, who=LEAD)
    case.do(AssignComplaint, to=ME)
    case.do(NudgeOwner, who=LEAD)
    with pytest.raises(NudgedToday):
        case.do(NudgeOwner, who=LEAD)
    case.do(NudgeOwner, who=AGENT)
    case.after(days(1))
    case.do(NudgeOwner, who=LEAD)


def test_passing_a_case_over_moves_no_clock() -> None:
    case = Case()
    before = case.state.clocks
    case.do(SkipComplaint, reason="skill")
    assert case.state.clocks == before
    case.do(AssignComplaint, to=ME)
    with pytest.raises(SkippedIsTaken):
        case.do(SkipComplaint, reason="skill")
