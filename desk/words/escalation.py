"""Why a limit was missed, and the call for the lead, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from desk.words.facts import Said, Speaker
from domain.escalation import BreachExplained, EscalationEvent, LeadCalled


def escalation_words(event: EscalationEvent, opened: Mapping[str, Any], say: Speaker) -> Said:
    match event:
        case BreachExplained():
            cause = say.term("delay", event.cause)
            clock = say.clock(event.clock)
            words = say("Why “%(clock)s” was missed: %(cause)s", clock=clock, cause=cause)
            return Said(words, opened["words"])
        case LeadCalled():
            return Said(say("Called the team lead"), say.shown(opened["why"]))
        case _:
            assert_never(event)
