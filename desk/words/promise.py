"""Promises and tasks with colleagues, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from desk.words.facts import Said, Speaker
from domain.assist import AssistEvent, ColleagueAnswered, ColleagueAsked
from domain.promise import (
    PromiseBroken,
    PromiseEvent,
    PromiseFellDue,
    PromiseKept,
    PromiseMade,
    PromiseMoved,
    PromiseOffered,
    PromisePassedOn,
    PromiseReturned,
    PromiseTakenBack,
)


def promise_words(event: PromiseEvent, opened: Mapping[str, Any], say: Speaker) -> Said:
    match event:
        case PromiseMade():
            due = say.at(event.due)
            if event.to is not None:
                to = say.shown(opened["to"])
                words = say("Promised %(name)s, by %(at)s", name=to, at=due)
            else:
                words = say("Promised the customer, by %(at)s", at=due)
            return Said(words, say.shown(opened["what"]))
        case PromiseFellDue():
            return Said(say("A promise falls due soon"))
        case PromiseBroken():
            return Said(say("A promise was broken"), None, "breach")
        case PromiseMoved():
            return Said(
                say("A promise was moved to %(at)s", at=say.at(event.due)), opened["reason"]
            )
        case PromiseKept():
            return Said(say("A promise was kept"), opened["how"])
        case PromiseTakenBack():
            return Said(say("A promise was taken back with its letter"))
        case PromiseOffered():
            return Said(say("A promise was offered to %(name)s", name=say.name(event.to)))
        case PromisePassedOn():
            return Said(say("%(name)s keeps the promise from now on", name=say.name(event.owner)))
        case PromiseReturned():
            return Said(say("A promise was sent back"), opened["word"])
        case _:
            assert_never(event)


def assist_words(event: AssistEvent, opened: Mapping[str, Any], say: Speaker) -> Said:
    match event:
        case ColleagueAsked():
            words = say(
                "Asked %(name)s, to be answered by %(at)s",
                name=say.name(event.to),
                at=say.at(event.answer_by),
            )
            return Said(words, say.shown(opened["what"]))
        case ColleagueAnswered():
            return Said(say("Answered a colleague's question"), say.shown(opened["answer"]))
        case _:
            assert_never(event)
