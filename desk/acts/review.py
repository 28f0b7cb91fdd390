"""Acts of a second review: somebody apart from the decision looks at it again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, cast

from desk.acts.act import Act, Making
from desk.acts.questions import pick
from desk.case import Case
from desk.colleagues import assignable, resolved
from desk.forms import Question
from desk.language import N_
from desk.words.facts import Speaker
from desk.words.terms import TERMS, choices
from domain.complaint_life import reopen_until
from domain.complaint_review import deciders, review_until
from domain.complaint_wishes import ComplaintCommand
from domain.review import AskForReview, DecideReview, Outcome, Review, ReviewAsked, waiting

MOST: Final = 2_000


def involved(case: Case) -> frozenset[str]:
    """Who had a part in the decision, and everybody who reports to them."""
    decided = deciders(case.records)
    return decided.union(*(case.house.directory.below(staff) for staff in decided))


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


def after_closing(case: Case) -> Iterator[tuple[str, str]]:
    """What a closed case can be opened again by, each within its window: slug, and which review."""
    state, now = case.state, case.house.now()
    if state.archived_at is not None:
        return
    if now <= reopen_until(state):
        yield "reopen", ""
    if (standing := open_review(case)) is not None:
        yield "decide-review", standing[0]
    elif state.ending != "withdrawn" and now <= review_until(state):
        yield "review", ""


ACTS: Final = (
    Act("review", N_("Ask for a second review"), N_("Second review"), _ask, _ask_questions,
        kind="internal", done=N_("Done: the decision is looked at again.")),
    Act("decide-review", N_("Say whether the decision stands"), N_("Record the outcome"), _decide,
        _decide_questions, kind="internal", guarded=True,
        done=N_("Done: the review has its outcome.")),
)  # fmt: skip
