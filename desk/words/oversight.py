"""Orders, nudges and skipped cases, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from desk.words.facts import Said, Speaker
from domain.oversight import (
    ComplaintSkipped,
    FollowThroughAnswered,
    FollowThroughMissed,
    FollowThroughOrdered,
    OversightEvent,
    OwnerNudged,
)


def oversight_words(event: OversightEvent, opened: Mapping[str, Any], say: Speaker) -> Said:
    match event:
        case FollowThroughOrdered():
            words = say("Ordered: to be answered by %(at)s", at=say.at(event.answer_by))
            return Said(words, say.shown(opened["words"]))
        case FollowThroughAnswered():
            return Said(say("Answered the order"), say.shown(opened["answer"]))
        case FollowThroughMissed():
            return Said(say("The order was not answered in time"), None, "breach")
        case OwnerNudged():
            return Said(say("Nudged %(name)s", name=say.name(event.owner)))
        case ComplaintSkipped():
            reason = say.term("skip", event.reason)
            return Said(say("Passed it over: %(reason)s", reason=reason))
        case _:
            assert_never(event)
