"""Second reviews, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from desk.words.facts import Said, Speaker
from domain.review import DecisionReviewed, ReviewAsked, ReviewEvent, ReviewMissed


def review_words(event: ReviewEvent, opened: Mapping[str, Any], say: Speaker) -> Said:
    match event:
        case ReviewAsked():
            words = say(
                "Second review asked for: %(name)s looks at the decision again by %(at)s",
                name=say.name(event.reviewer),
                at=say.at(event.due),
            )
            return Said(words, say.shown(opened["reason"]))
        case ReviewMissed():
            return Said(say("The second review had no outcome in time"), None, "breach")
        case DecisionReviewed():
            words = say("Second review: %(outcome)s", outcome=say.term("review", event.outcome))
            return Said(words, say.shown(opened["reasons"]))
        case _:
            assert_never(event)
