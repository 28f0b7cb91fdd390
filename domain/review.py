"""A second look at a decision: somebody who had no part in it says whether it stands.

Who decided, who approved, and everybody who reports to them is too close to it; whoever they
report to is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal, assert_never

from pydantic import AwareDatetime

from domain.approval import AlreadyDecided
from domain.decider import DomainError
from domain.event import Command, Event, Frozen
from domain.ownership import Assignee, check_can_help
from domain.personal import Personal

Outcome = Literal["stands", "changed"]

# events


class ReviewAsked(Event, type="ReviewAsked"):
    """``reviewer`` is a staff stream, who must say by ``due`` whether the decision stands."""

    review: str
    reason: Personal
    reviewer: str
    due: AwareDatetime


class ReviewMissed(Event, type="ReviewMissed"):
    """The moment passed without an outcome; the review stays owed."""

    review: str


class DecisionReviewed(Event, type="DecisionReviewed"):
    """``changed``: it did not stand, and the case is open again."""

    review: str
    outcome: Outcome
    by: str
    reasons: Personal


ReviewEvent = ReviewAsked | ReviewMissed | DecisionReviewed

# commands


class AskForReview(Command):
    """``involved``: whoever had a part in the decision, and those who report to them."""

    review: str
    to: Assignee
    reason: Personal
    involved: frozenset[str] = frozenset()

    resolved: ClassVar[frozenset[str]] = Command.resolved | {"involved"}


class DecideReview(Command):
    """By whoever was asked, or by another who is not ``involved``."""

    review: str
    outcome: Outcome
    reasons: Personal
    involved: frozenset[str] = frozenset()

    resolved: ClassVar[frozenset[str]] = Command.resolved | {"involved"}


ReviewCommand = AskForReview | DecideReview

# state


class Review(Frozen):
    """``ended``: its outcome, or that the case was opened again before there was one."""

    reviewer: str
    due: datetime
    version: int
    missed_at: datetime | None = None
    ended: Outcome | Literal["reopened"] | None = None


Reviews = Mapping[str, Review]


class NothingDecided(DomainError):
    """There is no decision that could be looked at again."""


class ReviewUnderWay(DomainError):
    """One review of a case at a time."""


class ReviewUnknown(DomainError):
    """No review of this case waits for an outcome."""


class HadAPart(DomainError):
    """Whoever decided, and those who report to them, do not look at it again."""


def waiting(reviews: Reviews) -> dict[str, Review]:
    """The reviews without an outcome."""
    return {name: it for name, it in reviews.items() if it.ended is None}


def decide_review(command: ReviewCommand, reviews: Reviews, due: datetime) -> list[ReviewEvent]:
    """``due``: by when one that is asked for now must have its outcome."""
    review = reviews.get(command.review)
    match command:
        case AskForReview(to=to):
            if review is not None:
                return []
            if waiting(reviews):
                raise ReviewUnderWay()
            if to.staff in command.involved:
                raise HadAPart(field="to")
            check_can_help(to, command)
            return [
                ReviewAsked(
                    at=command.at,
                    review=command.review,
                    reason=command.reason,
                    reviewer=to.staff,
                    due=due,
                )
            ]
        case DecideReview(outcome=outcome):
            if review is None or review.ended == "reopened":
                raise ReviewUnknown()
            if review.ended == outcome:
                return []
            if review.ended is not None:
                raise AlreadyDecided()
            if command.actor.id in command.involved:
                raise HadAPart()
            return [
                DecisionReviewed(
                    at=command.at,
                    review=command.review,
                    outcome=outcome,
                    by=command.actor.id,
                    reasons=command.reasons,
                )
            ]
        case _:
            assert_never(command)


def evolve_reviews(reviews: Reviews, event: ReviewEvent, version: int) -> Reviews:
    """``version`` is the stream's version with this event."""
    match event:
        case ReviewAsked():
            review = Review(reviewer=event.reviewer, due=event.due, version=version)
        case ReviewMissed():
            review = reviews[event.review].model_copy(update={"missed_at": event.at})
        case DecisionReviewed():
            review = reviews[event.review].model_copy(update={"ended": event.outcome})
        case _:
            assert_never(event)
    return {**reviews, event.review: review}


def overtaken(reviews: Reviews) -> Reviews:
    """With the case open again there is nothing left to look at."""
    left = waiting(reviews).items()
    return {**reviews, **{name: it.model_copy(update={"ended": "reopened"}) for name, it in left}}
