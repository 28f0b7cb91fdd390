"""The rules of a second look at the decision of a closed case, and who had a part in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from domain.approval import ApprovalGranted
from domain.complaint_facts import ComplaintEvent, ComplaintReopened, NotAComplaint
from domain.complaint_life import check_reopenable
from domain.complaint_standing import check_kept, terms_of, with_conflicts
from domain.complaint_state import Complaint
from domain.event import Event, Recorded
from domain.letter import LetterWritten
from domain.proposal import ComplaintAnswered, ResolutionProposed
from domain.review import AskForReview, DecideReview, NothingDecided, ReviewCommand, decide_review

_DECIDES: Final = (ResolutionProposed, ComplaintAnswered, NotAComplaint)


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
    """Asked for as long as the case can be reopened; a decision that falls reopens it."""
    check_kept(state)
    terms = terms_of(state)
    calendar = terms.calendar()
    last = calendar.local_date(command.at) + timedelta(days=terms.policy.review_days)
    if isinstance(command, AskForReview) and command.review not in state.reviews:
        check_reopenable(command.at, state)
        if state.ending == "withdrawn":
            raise NothingDecided()
    conflicts = with_conflicts(command, state)
    decided = decide_review(conflicts, state.reviews, calendar.end_of_day(last))
    if decided and isinstance(command, DecideReview) and command.outcome == "changed":
        return [*decided, ComplaintReopened(at=command.at, why=command.reasons)]
    return [*decided]
