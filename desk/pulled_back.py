"""Letters that wait before they leave, and the words of one pulled back, in their draft again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

from desk.acts.every import ACTS, leaving
from desk.case import Case
from desk.drafts import add
from domain.conversation import InformationReminded, InformationRequested, SavedReplyUsed
from domain.decider import LetterPurpose
from domain.letter import LetterWritten
from domain.saved_reply import FIELD
from ledger.naming import uuid7

BOXES: Final[Mapping[LetterPurpose, str]] = {
    "reply": "reply",
    "acknowledgement": "acknowledge",
    "information_request": "ask",
    "reminder": "remind",
    "proposal": "offer",
    "decision": "tell",
}
"""Where the words of a letter were typed."""


@dataclass(frozen=True)
class Waiting:
    """A letter that can be pulled back; ``seconds`` 0: it is leaving."""

    letter: str
    seconds: int


def waiting(case: Case) -> list[Waiting]:
    now, letters = case.house.now(), case.state.letters
    found = []
    for name in leaving(case):
        left = letters[name].leaves_at
        assert left is not None
        found.append(Waiting(name, max(0, ceil((left - now).total_seconds()))))
    return found


def return_words(case: Case, name: str) -> None:
    """Into the draft of the box they came from, as words of a form that was never sent."""
    written = next(
        it for it in case.records if isinstance(it.event, LetterWritten) and it.event.letter == name
    )
    event, read = written.event, case.house.ledger.open
    assert isinstance(event, LetterWritten)
    box = BOXES.get(event.purpose)
    if box is None:
        return
    typed = {
        "channel": event.channel,
        "subject": read(event.words.subject) or "",
        "text": read(event.words.body) or "",
    }
    about = ""
    for it in case.records:
        if it.command_id != written.command_id:
            continue
        if isinstance(it.event, InformationRequested):
            typed["what"] = read(it.event.what) or ""
        elif isinstance(it.event, InformationReminded):
            about = it.event.request
        elif isinstance(it.event, SavedReplyUsed):
            typed[FIELD] = str(it.event.reply)
    add(case, ACTS[box], about, typed, uuid7())
