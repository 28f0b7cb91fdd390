"""The rules of a second look at the decision of a closed case, and who had a part in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from domain.approval import ApprovalGranted
from domain.complaint_facts import ComplaintEvent, ComplaintReopened, NotAComplaint
from domain.complaint_life import CaseIsNotClosed
from domain.complaint_standing import check_kept, terms_of, with_conflicts
from domain.complaint_state import Complaint
from domain.decider import DomainError
from domain.event import Event, Recorded
from domain.letter import LetterWritten
from domain.proposal import ComplaintAnswered, ResolutionProposed
from domain.review import AskForReview, DecideReview, NothingDecided, ReviewCommand, decide_review

_DECIDES: Final = (ResolutionProposed, ComplaintAnswered, NotAComplaint)


class ReviewWindowOver(DomainError):
    """The days in which a second review can be asked for are over (facts: days)."""


def deciders(records: Iterable[Recorded[Event]]) -> frozenset[str]:
    """The members of staff who decided: proposed, approved, wrote or said the answer."""
    found, proposals = set(), set()
    for it in records:
        event = it.event
        if isinstance(event, ResolutionProposed):
            proposals.add(event.proposal)
        granted = isinstance(event, ApprovalGranted) and event.approval in proposals
        wrote = isinstance(event, LetterWritten) and event.purpose == "decision"
        if it.actor.kind == "staff" and (granted or wrote or isinstance(event, _DECIDES)):
            found.add(it.actor.id)
    return frozenset(found)


def review(command: ReviewCommand, state: Complaint) -> list[ComplaintEvent]:
    """A decision that falls opens its case again."""
    check_kept(state)
    if isinstance(command, AskForReview) and command.review not in state.reviews:
        _check_askable(command.at, state)
    terms = terms_of(state)
    due = terms.calendar().end_of_day_after(command.at, terms.policy.review_days)
    decided = decide_review(with_conflicts(command, state), state.reviews, due)
    if decided and isinstance(command, DecideReview) and command.outcome == "changed":
        return [*decided, ComplaintReopened(at=command.at, why=command.reasons)]
    return [*decided]


def _check_askable(at: datetime, state: Complaint) -> None:
    if state.closed_at is None:
        raise CaseIsNotClosed()
    if state.ending == "withdrawn":
        raise NothingDecided()
    if at > review_until(state):
        raise ReviewWindowOver(days=terms_of(state).policy.review_ask_days)


def review_until(state: Complaint) -> datetime:
    """The end of the last day on which a review of the closed case can be asked for."""
    terms = terms_of(state)
    told = state.answered_at or state.closed_at
    assert told is not None
    return terms.calendar().end_of_day_after(told, terms.policy.review_ask_days)
