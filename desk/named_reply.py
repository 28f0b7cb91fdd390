"""A reply over the API that names a saved one: its words, and what it began as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from desk.api.bodies import LetterWords
from desk.case import Case
from desk.letters import SPOKEN, draft
from desk.saved_replies import origin, usable
from domain.conversation import ReplySaid, SavedReplyUsed
from domain.event import Event
from domain.letter import Channel, LetterWritten, as_channel


def from_saved(case: Case, given: Mapping[str, Any], name: str, id: UUID) -> Mapping[str, Any]:
    """The words of a saved reply, where none are given; and that they began as it.

    Sent again, the command has the words it had, whatever became of the reply and the case.
    """
    done = [it.event for it in case.records if it.command_id == id]
    used = next((it.reply for it in done if isinstance(it, SavedReplyUsed)), None)
    again = used is not None and name in (used.id, str(used))
    own = given["words"].body if "words" in given else given.get("said")
    if own is not None:
        return {"saved_reply": used} if again else origin(case, name, own)
    if again:
        return {**_told_before(case, done), "saved_reply": used}
    channel = as_channel(str(given.get("channel", "email")))
    reply = usable(case, name, channel)
    return {
        **_told(channel, draft(case, "reply").subject, reply.text),
        **origin(case, reply.reply, reply.text),
    }


def _told(channel: Channel, subject: str, text: str) -> Mapping[str, Any]:
    if channel in SPOKEN:
        return {"said": text}
    return {"words": LetterWords(subject=subject, body=text)}


def _told_before(case: Case, done: Sequence[Event]) -> Mapping[str, Any]:
    read = case.house.ledger.open
    for event in done:
        if isinstance(event, LetterWritten):
            words = event.words
            return _told(event.channel, read(words.subject) or "", read(words.body) or "")
        if isinstance(event, ReplySaid):
            return _told(event.channel, "", read(event.said) or "")
    return {}
