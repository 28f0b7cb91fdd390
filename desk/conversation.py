"""The conversation of a case: who said what, oldest first, in the tabs of its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from desk.acts.every import ACTS, allowed
from desk.called import marked
from desk.case import Case, File
from desk.quoted import Part, parts
from desk.words.facts import Entry
from domain.complaint_facts import ComplaintLodged
from domain.conversation import (
    CustomerWrote,
    InformationReceived,
    NoteAdded,
    ReplySaid,
    SavedReplyUsed,
)
from domain.letter import LetterWritten

TABS: Final = ("all", "customer", "notes", "system")
OUT: Final = (LetterWritten, ReplySaid)
IN: Final = (ComplaintLodged, CustomerWrote, InformationReceived)


class Message(NamedTuple):
    """``side``: in, out, internal, automatic or system; ``files``: what came with it.

    more: the automatic steps that came right behind this one.
    called: the words of a note that calls somebody, in pieces.
    origin: the saved reply it began as, in words.
    """

    side: str
    entry: Entry
    files: Sequence[File] = ()
    more: Sequence[Entry] = ()
    called: Sequence[tuple[str, bool]] = ()
    origin: str = ""

    @property
    def parts(self) -> Sequence[Part]:
        """Its words, what it quotes of earlier letters apart."""
        words = self.entry.quote or ""
        by_mail = self.side == "in" and getattr(self.entry.event, "channel", None) == "email"
        return parts(words) if by_mail else [Part(quoted=False, text=words)]


SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "all": ("in", "out", "internal", "automatic"),
    "customer": ("in", "out"),
    "notes": ("internal",),
}


def messages(case: Case, tab: str) -> list[Message]:
    """The conversation of a tab, oldest first."""
    if tab == "system":
        return [Message("system", entry) for entry in case.entries if not _side(entry)]
    files = dict(case.files)
    origins = {
        record.command_id: entry.words
        for record, entry in zip(case.records, case.entries, strict=True)
        if isinstance(record.event, SavedReplyUsed)
    }
    rows: list[Message] = []
    for record, entry in zip(case.records, case.entries, strict=True):
        side = _side(entry) or ("automatic" if entry.kind == "automation" else "system")
        if side not in SHOWN[tab]:
            continue
        if side == "automatic" and rows and rows[-1].side == side:
            rows[-1] = rows[-1]._replace(more=(*rows[-1].more, entry))
        else:
            kept = () if side == "automatic" else files.pop(record.command_id, ())
            origin = origins.get(record.command_id, "") if side == "out" else ""
            called = _called(case, entry)
            rows.append(Message(side, entry, kept, called=called, origin=origin))
    return rows


def _called(case: Case, entry: Entry) -> list[tuple[str, bool]]:
    if not isinstance(entry.event, NoteAdded) or not entry.event.mentions or not entry.quote:
        return []
    return marked(case, entry.quote, entry.event.mentions)


def unanswered(case: Case) -> Entry | None:
    """The customer's last message, while it waits for a reply."""
    if not case.state.conversation.unanswered_since or not allowed(case, ACTS["no-reply"]):
        return None
    return next((entry for entry in reversed(case.entries) if _side(entry) == "in"), None)


def _side(entry: Entry) -> str:
    if isinstance(entry.event, OUT):
        return "out"
    if isinstance(entry.event, IN):
        return "in"
    return "internal" if isinstance(entry.event, NoteAdded) else ""
