"""Who is asked for a case, and reads it for as long: to take it over, to look at it again."""

from __future__ import annotations

from typing import Final, Protocol

from domain.complaint_facts import ComplaintClosed, ComplaintReopened
from domain.event import Event
from domain.ownership import HandOverAccepted, HandOverOffered, HandOverReturned, OwnerAssigned
from domain.review import DecisionReviewed, ReviewAsked


class Asked(Protocol):
    """What a row of a case says of it; the columns that ``projections.within`` asks for."""

    offered_to: str | None
    offered_team: str | None
    reviewer: str | None


def note_asked(row: Asked, event: Event) -> None:
    match event:
        case HandOverOffered():
            row.offered_to, row.offered_team = event.to, event.team
        case OwnerAssigned() | HandOverAccepted() | HandOverReturned() | ComplaintClosed():
            row.offered_to = row.offered_team = None
        case ReviewAsked():
            row.reviewer = event.reviewer
        case DecisionReviewed() | ComplaintReopened():
            row.reviewer = None


ASKING: Final = (
    HandOverOffered,
    OwnerAssigned,
    HandOverAccepted,
    HandOverReturned,
    ComplaintClosed,
    ReviewAsked,
    DecisionReviewed,
    ComplaintReopened,
)
