"""What happened with a customer, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from desk.words.facts import Said, Speaker
from domain.customer import (
    ContactDetailGiven,
    CustomerAssigned,
    CustomerErased,
    CustomerEvent,
    CustomerRegistered,
    NeedEnded,
    NeedNoted,
    PreferencesChanged,
    TierChanged,
)
from domain.interaction import InteractionEvent, InteractionLinked, InteractionRecorded


def customer_words(event: CustomerEvent, opened: Mapping[str, Any], say: Speaker) -> Said:
    match event:
        case CustomerRegistered():
            words = say("Registered as a prospect") if event.prospect else say("Registered")
            return Said(words)
        case ContactDetailGiven():
            detail = say.term("detail", event.detail)
            if event.value is None:
                return Said(say("Taken back: %(detail)s", detail=detail))
            return Said(say("New %(detail)s", detail=detail), say.shown(opened["value"]))
        case PreferencesChanged():
            words = say(
                "Prefers %(language)s, %(channel)s",
                language=say.term("language", event.language),
                channel=say.term("channel", event.preferred_channel),
            )
            return Said(words)
        case TierChanged():
            words = say(
                "Now a %(tier)s, was a %(was)s",
                tier=say.term("tier", event.tier),
                was=say.term("tier", event.was),
            )
            return Said(words)
        case CustomerAssigned():
            if event.owner is None:
                words = say("Nobody answers for this customer now")
            else:
                words = say("%(name)s answers for this customer now", name=say.name(event.owner))
            return Said(words, say.shown(opened["why"]) if event.why is not None else None)
        case NeedNoted():
            return Said(say("A need was noted"), say.shown(opened["words"]))
        case NeedEnded():
            return Said(say("A need ended"))
        case CustomerErased():
            approved = say.name(event.approved_by)
            return Said(say("Personal data erased, approved by %(name)s", name=approved))
        case _:
            assert_never(event)


def interaction_words(event: InteractionEvent, opened: Mapping[str, Any], say: Speaker) -> Said:
    match event:
        case InteractionRecorded():
            by = say.term("by", event.channel)
            if event.direction == "in":
                words = say("The customer was in touch %(by)s", by=by)
            else:
                words = say("We were in touch %(by)s", by=by)
            if event.lasted is not None:
                words += " · " + say.span(event.lasted)
            return Said(words, say.shown(opened["summary"]))
        case InteractionLinked():
            return Said(say("Linked to a case"))
        case _:
            assert_never(event)
