"""A promise is owed until it is kept; it travels with its case; a colleague can be asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from casework import AGENT, BOX, HER, LEAD, MAIL, ME, MONDAY, Case, days, hours, terms

from domain.assist import AnswerColleague, AskColleague, NotAskedOfYou, TaskUnknown
from domain.complaint_wishes import CloseComplaint, WithdrawComplaint
from domain.conversation import AddNote, RecordCustomerMessage, ReplyToCustomer
from domain.event import Actor
from domain.later import MomentHasPassed, MomentTooFar
from domain.letter import PullBackLetter
from domain.ownership import (
    AcceptHandOver,
    AssignComplaint,
    Assignee,
    NoHandOverOffered,
    OfferedToSomebodyElse,
    OfferHandOver,
    PersonAway,
    ReturnHandOver,
)
from domain.promise import (
    AcceptPromise,
    KeepPromise,
    MakePromise,
    MovePromise,
    OfferPromise,
    Promised,
    PromiseNeedsReason,
    PromiseUnknown,
    ReturnPromise,
)

DUE = MONDAY + days(1)
THIRD = Actor(kind="staff", id="staff-third", role="agent")


def promised(due: datetime = DUE) -> Promised:
    return Promised(what=BOX, due=due)


def with_promise(due: datetime = DUE, **changes: Any) -> Case:
    case = Case(terms=terms(**changes))
    case.do(AssignComplaint, to=ME)
    assert case.do(MakePromise, promise="w", promised=promised(due)) == ["PromiseMade"]
    return case


def of(case: Case, *names: str) -> list[str]:
    return [name for name in case.names() if name in names]


PASSING = ("PromiseFellDue", "PromiseBroken")


def test_the_promiser_is_told_before_it_is_due_and_it_breaks_once() -> None:
    case = with_promise().after(hours(22))
    assert of(case, *PASSING) == []
    case.after(hours(1))
    assert of(case, *PASSING) == ["PromiseFellDue"]
    case.after(days(20))
    assert of(case, *PASSING) == ["PromiseFellDue", "PromiseBroken"]
    broken = next(e for e in case.events if e.type_name == "PromiseBroken")
    assert broken.at == DUE
    assert case.state.promises["w"].broken_at == DUE


def test_the_policy_says_how_long_before_and_a_near_one_is_told_halfway() -> None:
    assert with_promise(promise_notice=hours(5)).state.promises["w"].tell_at == DUE - hours(5)
    case = with_promise(MONDAY + hours(4), promise_notice=hours(3))
    assert case.state.promises["w"].tell_at == MONDAY + hours(2)
    case.do(MovePromise, promise="w", due=DUE)
    assert case.state.promises["w"].tell_at == DUE - hours(3)


def test_what_is_kept_in_time_is_never_broken() -> None:
    case = with_promise()
    assert case.do(KeepPromise, promise="w", how=BOX) == ["PromiseKept"]
    case.after(days(5))
    assert of(case, *PASSING) == []
    with pytest.raises(PromiseUnknown):
        case.do(KeepPromise, promise="w")


def test_a_broken_promise_can_still_be_kept_or_moved() -> None:
    case = with_promise().after(days(2))
    due = case.now + days(1)
    assert case.do(MovePromise, promise="w", due=due) == ["PromiseMoved"]
    assert case.state.promises["w"].broken_at is None
    case.after(days(2))
    assert of(case, "PromiseBroken") == ["PromiseBroken"] * 2
    assert case.do(KeepPromise, promise="w") == ["PromiseKept"]


def test_moving_asks_a_reason_after_the_second_time() -> None:
    case = with_promise()
    for n in (2, 3):
        assert case.do(MovePromise, promise="w", due=MONDAY + days(n)) == ["PromiseMoved"]
    with pytest.raises(PromiseNeedsReason):
        case.do(MovePromise, promise="w", due=MONDAY + days(4))
    moved = case.do(MovePromise, promise="w", due=MONDAY + days(4), reason=BOX)
    assert moved == ["PromiseMoved"]
    assert case.do(MovePromise, promise="w", due=MONDAY + days(4)) == []


def test_the_policy_says_how_often_a_promise_is_moved_without_a_reason() -> None:
    case = with_promise(promise_free_moves=0)
    with pytest.raises(PromiseNeedsReason):
        case.do(MovePromise, promise="w", due=MONDAY + days(4))


def test_a_promise_is_for_later() -> None:
    case = with_promise()
    with pytest.raises(MomentHasPassed):
        case.do(MakePromise, promise="x", promised=promised(case.now))
    with pytest.raises(MomentHasPassed):
        case.do(MovePromise, promise="w", due=case.now)
    with pytest.raises(MomentTooFar):
        case.do(MakePromise, promise="x", promised=promised(case.now + days(3000)))
    assert case.do(MakePromise, promise="w", promised=promised()) == []


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (AddNote, {"text": BOX}),
        (ReplyToCustomer, {"channel": "phone", "said": BOX}),
        (ReplyToCustomer, MAIL),
        (RecordCustomerMessage, {"message": "m", "channel": "phone", "text": BOX}),
    ],
)
def test_one_line_beside_what_is_said_or_written(command: type, fields: dict) -> None:
    case = Case()
    assert "PromiseMade" in case.do(command, promise=promised(), **fields)
    (promise,) = case.state.promises.values()
    assert (promise.owner, promise.due) == (AGENT.id, DUE)


def test_a_letter_pulled_back_takes_its_promise_along() -> None:
    case = Case()
    case.do(ReplyToCustomer, promise=promised(), **MAIL)
    (letter,) = case.state.promises
    assert case.do(PullBackLetter, letter=letter) == ["LetterPulledBack", "PromiseTakenBack"]
    assert not case.state.promises


def test_promises_travel_with_the_case_to_whoever_accepts() -> None:
    case = with_promise()
    case.do(MakePromise, who=THIRD, promise="theirs", promised=promised())
    case.do(OfferHandOver, to=HER, team="first", known=BOX, next=BOX)
    assert case.state.promises["w"].owner == AGENT.id, "the sender owes it until then"
    accepted = case.do(AcceptHandOver, who=LEAD, by=HER)
    assert accepted == ["HandOverAccepted", "PromisePassedOn"]
    owners = {name: it.owner for name, it in case.state.promises.items()}
    assert owners == {"w": LEAD.id, "theirs": THIRD.id}
    assert case.do(AssignComplaint, who=LEAD, to=ME) == ["OwnerAssigned", "PromisePassedOn"]


def test_of_two_who_accept_one_offer_one_gets_it() -> None:
    case = with_promise()
    case.do(OfferHandOver, to=None, team="first", known=BOX, next=BOX)
    case.do(AcceptHandOver, who=LEAD, by=HER)
    with pytest.raises(NoHandOverOffered):
        case.do(AcceptHandOver, who=THIRD, by=Assignee(staff=THIRD.id, team="first"))
    assert case.state.promises["w"].owner == LEAD.id


def test_a_promise_alone_is_offered_accepted_or_sent_back() -> None:
    case = with_promise()
    with pytest.raises(NoHandOverOffered):
        case.do(AcceptPromise, who=LEAD, promise="w", by=HER)
    assert case.do(OfferPromise, promise="w", to=HER) == ["PromiseOffered"]
    assert case.do(OfferPromise, promise="w", to=HER) == []
    with pytest.raises(OfferedToSomebodyElse):
        case.do(AcceptPromise, who=THIRD, promise="w", by=Assignee(staff=THIRD.id, team="first"))
    with pytest.raises(OfferedToSomebodyElse):
        case.do(ReturnPromise, who=THIRD, promise="w")
    assert case.do(ReturnPromise, who=LEAD, promise="w", word=BOX) == ["PromiseReturned"]
    case.do(OfferPromise, promise="w", to=HER)
    assert case.do(AcceptPromise, who=LEAD, promise="w", by=HER) == ["PromisePassedOn"]
    assert case.state.promises["w"].owner == LEAD.id


def test_what_nobody_accepts_goes_back() -> None:
    case = with_promise(MONDAY + days(9))
    case.do(OfferPromise, promise="w", to=HER)
    case.do(OfferHandOver, to=HER, team="first", known=BOX, next=BOX)
    case.after(hours(3))
    assert of(case, "PromiseReturned", "HandOverReturned") == [
        "HandOverReturned",
        "PromiseReturned",
    ]
    assert case.state.promises["w"].offer is None
    with pytest.raises(NoHandOverOffered):
        case.do(ReturnHandOver)


def test_nothing_new_is_given_to_whoever_is_away() -> None:
    case = with_promise()
    away = HER.model_copy(update={"away": True})
    with pytest.raises(PersonAway):
        case.do(AssignComplaint, who=LEAD, to=ME.model_copy(update={"staff": "x", "away": True}))
    with pytest.raises(PersonAway):
        case.do(OfferHandOver, to=away, team="first", known=BOX, next=BOX)
    with pytest.raises(PersonAway):
        case.do(OfferPromise, promise="w", to=away)
    with pytest.raises(PersonAway):
        case.do(AskColleague, task="t", to=away, what=BOX, answer_by=DUE)
    case.do(OfferHandOver, to=HER, team="first", known=BOX, next=BOX)
    assert "HandOverAccepted" in case.do(AcceptHandOver, who=LEAD, by=away), "back early"


def test_a_closed_case_still_owes_what_was_promised() -> None:
    case = with_promise(MONDAY + days(60))
    case.do(WithdrawComplaint, channel="phone")
    case.after(days(100))
    assert case.state.archived_at is None
    assert of(case, "PromiseBroken")
    case.do(KeepPromise, promise="w")
    case.after(hours(1))
    assert case.state.archived_at is not None
    assert case.do(CloseComplaint, reason_code="x") == []


def test_a_colleague_is_asked_and_answers() -> None:
    case = Case()
    with pytest.raises(TaskUnknown):
        case.do(AnswerColleague, task="t", answer=BOX)
    asked = case.do(AskColleague, task="t", to=HER, what=BOX, answer_by=DUE)
    assert asked == ["ColleagueAsked"]
    with pytest.raises(NotAskedOfYou):
        case.do(AnswerColleague, task="t", answer=BOX)
    assert case.do(AnswerColleague, who=LEAD, task="t", answer=BOX) == ["ColleagueAnswered"]
    assert case.do(AnswerColleague, who=LEAD, task="t", answer=BOX) == []
    assert case.state.ownership.owner is None
