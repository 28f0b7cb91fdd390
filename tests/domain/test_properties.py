"""What holds whatever is wished, in whatever order, by whomever."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from casework import (
    ADDRESS,
    AGENT,
    AUTOMATION,
    BOX,
    HER,
    IMPORT,
    LEAD,
    LETTER,
    MAIL,
    ME,
    MONDAY,
    Case,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.approval import AskApproval, Excuse, Extension, GrantApproval, Money, RefuseApproval
from domain.assist import AnswerColleague, AskColleague
from domain.complaint import complaint
from domain.complaint_wishes import (
    AcknowledgeComplaint,
    AssessComplaint,
    CloseComplaint,
    DecideNotAComplaint,
    NameColleague,
    RecordStep,
    ReopenComplaint,
    WithdrawComplaint,
)
from domain.conversation import (
    AddNote,
    AskForInformation,
    DecideNoReplyNeeded,
    RecordCustomerMessage,
    RecordInformation,
    RemindCustomer,
    ReplyToCustomer,
)
from domain.decider import DomainError, Perform
from domain.escalation import CallLead, ExplainBreach
from domain.event import Command
from domain.letter import RecordDelivery
from domain.oversight import AnswerFollowThrough, NudgeOwner, OrderFollowThrough, SkipComplaint
from domain.ownership import AcceptHandOver, AssignComplaint, OfferHandOver, ReturnHandOver
from domain.promise import (
    AcceptPromise,
    KeepPromise,
    MakePromise,
    MovePromise,
    OfferPromise,
    Promised,
    ReturnPromise,
)
from domain.proposal import (
    AcceptProposal,
    OfferProposal,
    ProposeResolution,
    RecordPayment,
    RejectProposal,
    TellDecision,
)
from domain.review import AskForReview, DecideReview
from domain.target import Ref

FILES: dict[str, Any] = {
    "files": [
        {
            "stream": "complaint-1",
            "id": "f1",
            "digest": "0" * 64,
            "size": 3,
            "media": "text/csv",
            "name": BOX,
        }
    ],
    "left_out": [{"name": BOX, "size": 9, "why": "type"}],
}
PROMISED = Promised(what=BOX, due=MONDAY + timedelta(days=3))
PENNIES = Money(amount="10.00", currency="GBP")

WISHES: list[tuple[type[Command], dict[str, Any]]] = [
    (AcknowledgeComplaint, MAIL),
    (AcknowledgeComplaint, {"channel": "phone", "said": BOX}),
    (AssignComplaint, {"to": ME}),
    (OfferHandOver, {"to": None, "team": "first", "known": BOX, "next": BOX}),
    (AcceptHandOver, {"by": ME}),
    (ReturnHandOver, {}),
    (AssessComplaint, {"severity": "high", "category": "fees"}),
    (AssessComplaint, {"severity": "low", "category": "fees"}),
    (RecordStep, {"step": "investigate", "answers": {"finding": "x"}}),
    (AddNote, {"text": BOX}),
    (AddNote, {"text": BOX, "mentions": ("staff-a",), "readers": frozenset({"staff-a"})}),
    (ReplyToCustomer, MAIL),
    (ReplyToCustomer, {"channel": "phone", "said": BOX}),
    (ReplyToCustomer, MAIL | {"holding": True}),
    (ReplyToCustomer, MAIL | {"saved_reply": Ref(id="late", version=1), "changed": True}),
    (RecordCustomerMessage, {"message": "m", "channel": "email", "text": BOX}),
    (RecordCustomerMessage, {"message": "n", "channel": "email", "text": BOX} | FILES),
    (RecordCustomerMessage, {"message": "o", "channel": "email", "text": BOX, "answers": True}),
    (AddNote, {"text": BOX} | FILES),
    (DecideNoReplyNeeded, {}),
    (AskForInformation, {"request": "r1", "channel": "phone", "what": BOX}),
    (AskForInformation, {"request": "r2", "what": BOX} | MAIL),
    (RemindCustomer, {"request": "r2"} | MAIL),
    (ExplainBreach, {"clock": "ack/1", "cause": "workload"}),
    (CallLead, {"why": BOX}),
    (OrderFollowThrough, {"order": "o1", "words": BOX, "answer_by": PROMISED.due}),
    (AnswerFollowThrough, {"order": "o1", "answer": BOX}),
    (NudgeOwner, {}),
    (SkipComplaint, {"reason": "skill"}),
    (RecordInformation, {"request": "r1", "without": True}),
    (RecordInformation, {"request": "r2", "channel": "email", "text": BOX}),
    (ProposeResolution, {"proposal": "p1", "decision": "upheld", "reasons": BOX}),
    (
        ProposeResolution,
        {"proposal": "p2", "decision": "rejected", "reasons": BOX, "redress": PENNIES},
    ),
    (OfferProposal, {"channel": "phone", "said": BOX}),
    (AcceptProposal, {"channel": "phone"}),
    (RejectProposal, {"channel": "phone"}),
    (TellDecision, MAIL),
    (TellDecision, {"channel": "visit", "said": BOX}),
    (RecordPayment, {"money": PENNIES, "proof": BOX}),
    (CloseComplaint, {"reason_code": "done"}),
    (ReopenComplaint, {"why": BOX}),
    (AskForReview, {"review": "s1", "to": ME, "reason": BOX}),
    (DecideReview, {"review": "s1", "outcome": "stands", "reasons": BOX}),
    (DecideReview, {"review": "s1", "outcome": "changed", "reasons": BOX}),
    (WithdrawComplaint, {"channel": "phone"}),
    (NameColleague, {"staff": "staff-other", "reason": BOX}),
    (DecideNotAComplaint, {"instead": "praise", "reason": BOX}),
    (AskApproval, {"approval": "x1", "matter": Excuse(clock="ack/1"), "reason": BOX}),
    (
        AskApproval,
        {"approval": "x2", "matter": Extension(clock="final_response/1", step=0), "reason": BOX},
    ),
    (GrantApproval, {"approval": "x1"}),
    (GrantApproval, {"approval": "x2", "notice": LETTER, "channel": "email", "address": ADDRESS}),
    (RefuseApproval, {"approval": "x1", "reason": BOX}),
    (MakePromise, {"promise": "w1", "promised": PROMISED}),
    (AddNote, {"text": BOX, "promise": PROMISED}),
    (ReplyToCustomer, MAIL | {"promise": PROMISED}),
    (MovePromise, {"promise": "w1", "due": PROMISED.due + timedelta(days=1)}),
    (MovePromise, {"promise": "w1", "due": PROMISED.due, "reason": BOX}),
    (KeepPromise, {"promise": "w1", "how": BOX}),
    (OfferPromise, {"promise": "w1", "to": HER}),
    (AcceptPromise, {"promise": "w1", "by": HER}),
    (ReturnPromise, {"promise": "w1"}),
    (AskColleague, {"task": "t1", "to": HER, "what": BOX, "answer_by": PROMISED.due}),
    (AnswerColleague, {"task": "t1", "answer": BOX}),
]

wishes = st.tuples(
    st.sampled_from(WISHES), st.sampled_from([AGENT, LEAD, IMPORT]), st.integers(0, 60)
)
stories = st.lists(wishes, max_size=25)
calm = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def play(story: list[Any]) -> Case:
    """Each wish after some hours; what is due in between is done in time."""
    case = Case()
    for (command, fields), who, hours in story:
        case.after(timedelta(hours=hours))
        try:
            case.do(command, who=who, **fields)
        except DomainError:
            continue
    return case


@calm
@given(stories)
def test_a_complaint_is_acknowledged_at_most_once(story: list[Any]) -> None:
    facts = Counter(play(story).names())
    assert facts["ComplaintAcknowledged"] <= 1


@calm
@given(stories)
def test_no_clock_breaks_or_ends_twice(story: list[Any]) -> None:
    facts = Counter(play(story).names())
    for name, times in facts.items():
        kind = name.partition(" ")[0]
        if kind in {"ClockBreached", "ClockFulfilled", "ClockSuperseded", "ClockCancelled"}:
            assert times == 1, name


@calm
@given(stories)
def test_the_law_s_limit_is_never_moved_but_by_an_approved_extension(story: list[Any]) -> None:
    case = play(story)
    limits = [e for e in case.events if getattr(e, "clock", "").startswith("final_response")]
    first = limits[0].due  # type: ignore[union-attr]
    extended = any(event.type_name == "ClockExtended" for event in limits)
    assert extended or all(event.due == first for event in limits)  # type: ignore[union-attr]
    assert not any(event.type_name == "ClockPaused" for event in limits)


@calm
@given(stories)
def test_what_is_due_leaves_the_agenda_when_it_is_performed(story: list[Any]) -> None:
    state = play(story).state
    for due in complaint.agenda(state):
        wish: RecordDelivery | Perform
        command_id = uuid5(UUID(int=1), due.key)
        if due.rule == "deliver":
            wish = RecordDelivery(
                command_id=command_id,
                at=due.at,
                actor=AUTOMATION,
                letter=due.facts["letter"],
                sent=True,
            )
        else:
            words = {"words": LETTER, "address": ADDRESS} if due.letter else {}
            wish = Perform(command_id=command_id, at=due.at, actor=AUTOMATION, key=due.key, **words)
        after = state
        for event in complaint.decide(wish, state):
            after = complaint.evolve(after, event)
        assert after.version > state.version
        assert due.key not in {owed.key for owed in complaint.agenda(after)}


@calm
@given(stories)
def test_nothing_is_performed_before_it_is_due(story: list[Any]) -> None:
    case = play(story)
    for due in complaint.agenda(case.state):
        early = Perform(
            command_id=uuid5(UUID(int=2), due.key),
            at=due.at - timedelta(seconds=1),
            actor=AUTOMATION,
            key=due.key,
            words=LETTER,
        )
        assert complaint.decide(early, case.state) == []


@calm
@given(stories)
def test_a_fold_is_the_same_however_often_it_is_made(story: list[Any]) -> None:
    case = play(story)
    state = complaint.initial
    for event in case.events:
        state = complaint.evolve(state, event)
    assert state == case.state
    assert complaint.agenda(state) == complaint.agenda(case.state)


@calm
@given(stories)
def test_state_holds_no_text_and_events_carry_their_moment(story: list[Any]) -> None:
    case = play(story)
    assert all(event.at.tzinfo is not None for event in case.events)
    assert "Personal(" not in repr(case.state)
