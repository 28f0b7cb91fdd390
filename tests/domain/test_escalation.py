"""Why a limit was missed is said once; the lead is called; a person reminds the customer."""

from __future__ import annotations

import pytest
from casework import BOX, LETTER, ME, Case, hours

from domain.conversation import AskForInformation, RecordInformation, RemindCustomer, RequestUnknown
from domain.escalation import CallLead, ExplainBreach, NothingBreached
from domain.ownership import AssignComplaint

REMINDER = {"channel": "letter", "words": LETTER}


def test_the_cause_of_a_breach_is_said_once_and_excuses_nothing() -> None:
    case = Case()
    with pytest.raises(NothingBreached):
        case.do(ExplainBreach, clock="first_reply/1", cause="workload")
    case.after(hours(60))
    assert case.state.clocks["first_reply/1"].breached_at is not None
    said = case.do(ExplainBreach, clock="first_reply/1", cause="workload")
    assert said == ["BreachExplained first_reply/1"]
    assert case.do(ExplainBreach, clock="first_reply/1", cause="other") == []
    assert case.state.clocks["first_reply/1"].excused is None


def test_the_lead_is_called_with_a_word() -> None:
    assert Case().do(CallLead, why=BOX) == ["LeadCalled"]


def test_a_reminder_of_a_person_takes_the_place_of_the_next_one() -> None:
    case = Case()
    case.do(AssignComplaint, to=ME)
    case.do(AskForInformation, request="r1", channel="phone", what=BOX)
    reminded = case.do(RemindCustomer, request="r1", **REMINDER)
    assert reminded == ["InformationReminded", "LetterWritten"]
    case.after(hours(24 * 14))
    numbers = [e.reminder for e in case.events if e.type_name == "InformationReminded"]
    assert numbers == [1, 2]
    case.do(RecordInformation, request="r1", channel="phone", text=BOX)
    with pytest.raises(RequestUnknown):
        case.do(RemindCustomer, request="r1", **REMINDER)
