"""Acts of a second review: somebody apart from the decision looks at it again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, cast

from desk.act import Act, Making
from desk.case import Case
from desk.colleagues import assignable, resolved
from desk.forms import Question
from desk.language import N_
from desk.questions import pick
from desk.terms import TERMS, choices
from desk.words import Speaker
from domain.access import Right, Thing
from domain.complaint_review import deciders
from domain.complaint_wishes import ComplaintCommand
from domain.review import AskForReview, DecideReview, Outcome, Review, ReviewAsked, waiting

MOST: Final = 2_000


def involved(case: Case) -> frozenset[str]:
    """Who had a part in the decision, and everybody above and below them."""
    decided = deciders(case.records)
    lines = (case.house.directory.line(staff) for staff in decided)
    return decided.union(*lines)


def right_to_ask(case: Case) -> tuple[Right, Thing]:
    """Whoever works the case asks for the customer; compliance asks by its own right."""
    return "write", "case" if case.may("write") else "oversight"


def _ask_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    to = replace(assignable(case, say, *involved(case)), title=say("Who looks at it again"))
    why = Question("reason", say("Why it is to be looked at again"), "long_text", most=MOST)
    return [why, to]


def _ask(making: Making) -> ComplaintCommand:
    return AskForReview(
        **making.base(),
        review=str(making.command_id),
        to=resolved(making, making.need("to")),
        reason=making.private("reason"),
        involved=involved(making.case),
    )


def _decide_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    outcome = choices(say.language, "review")
    return [
        Question("outcome", say("What came of it"), "choice", choices=outcome),
        Question("reasons", say("Reasons"), "long_text", most=MOST),
    ]


def _decide(making: Making) -> ComplaintCommand:
    return DecideReview(
        **making.base(),
        review=making.about,
        outcome=cast(Outcome, pick(making, "outcome", list(TERMS["review"]))),
        reasons=making.private("reasons"),
        involved=involved(making.case),
    )


@dataclass(frozen=True)
class AskedReview:
    """A review in the words of whoever asked for it; ``ended`` None: it has no outcome yet."""

    name: str
    asked_by: str
    reason: str
    reviewer: str
    due: datetime
    late: bool
    ended: str | None


def reviews_of(case: Case, say: Speaker) -> list[AskedReview]:
    """In the order in which they were asked for."""
    asked = {
        entry.event.review: say.shown(entry.quote)
        for entry in case.entries
        if isinstance(entry.event, ReviewAsked)
    }
    return [
        AskedReview(
            name=name,
            asked_by=it.asked_by,
            reason=asked[name],
            reviewer=it.reviewer,
            due=it.due,
            late=it.missed_at is not None,
            ended=it.ended,
        )
        for name, it in case.state.reviews.items()
    ]


def open_review(case: Case) -> tuple[str, Review] | None:
    return next(iter(waiting(case.state.reviews).items()), None)


def offered_reviews(case: Case) -> Iterator[tuple[str, str]]:
    """Acts of a closed case that can be reopened: slug, and which review."""
    standing = open_review(case)
    if standing is None and case.state.ending != "withdrawn":
        yield "review", ""
    elif standing is not None:
        yield "decide-review", standing[0]


ACTS: Final = (
    Act("review", N_("Ask for a second review"), N_("Second review"), _ask, _ask_questions,
        kind="internal", done=N_("Done: the decision is looked at again.")),
    Act("decide-review", N_("Say whether the decision stands"), N_("Record the outcome"), _decide,
        _decide_questions, kind="internal", guarded=True,
        done=N_("Done: the review has its outcome.")),
)  # fmt: skip
