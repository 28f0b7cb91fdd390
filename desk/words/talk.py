"""Letters, conversation, ownership and approvals, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from desk.words.facts import Said, Speaker
from domain.approval import (
    ApprovalAsked,
    ApprovalEvent,
    ApprovalGranted,
    ApprovalRefused,
    Correction,
    Excuse,
    Extension,
    LetterRelease,
    Matter,
    Redress,
)
from domain.attachment import AttachmentKept, AttachmentLeftOut
from domain.conversation import (
    ConversationEvent,
    CustomerWrote,
    InformationReceived,
    InformationReminded,
    InformationRequested,
    NoReplyNeeded,
    NoteAdded,
    ReplySaid,
    SavedReplyUsed,
)
from domain.letter import LetterEvent, LetterFailed, LetterPulledBack, LetterSent, LetterWritten
from domain.ownership import (
    HandOverAccepted,
    HandOverOffered,
    HandOverReturned,
    OwnerAssigned,
    OwnershipEvent,
)


def letter_words(event: LetterEvent, opened: Mapping[str, Any], say: Speaker) -> Said:
    match event:
        case LetterWritten():
            by = say.term("by", event.channel)
            purpose = say.term("purpose", event.purpose)
            words = say("Letter written: %(purpose)s, %(by)s", purpose=purpose, by=by)
            if event.leaves_at is None and event.channel != "email":
                words += " · " + say("sent by hand")
            return Said(words, say.shown(opened["words"]["body"]))
        case LetterSent():
            return Said(say("Letter sent"))
        case LetterFailed():
            if event.permanent:
                return Said(say("The letter cannot be delivered"), None, "breach")
            words = say("Attempt %(attempt)s to send the letter failed", attempt=event.attempt)
            return Said(words)
        case LetterPulledBack():
            return Said(say("Letter pulled back before it left"))
        case _:
            assert_never(event)


def conversation_words(event: ConversationEvent, opened: Mapping[str, Any], say: Speaker) -> Said:
    match event:
        case ReplySaid():
            words = say("Told the customer %(by)s", by=say.term("by", event.channel))
            return Said(words, say.shown(opened["said"]))
        case SavedReplyUsed():
            return Said(origin_words(event, say))
        case NoteAdded():
            words = say("Note for colleagues")
            if event.mentions:
                names = say.listed([say.name(staff) for staff in event.mentions])
                words = say("Note that calls %(names)s", names=names)
            return Said(words, say.shown(opened["text"]))
        case CustomerWrote():
            words = say("The customer said %(by)s", by=say.term("by", event.channel))
            if event.after_close:
                words += " · " + say("after closing")
            return Said(words, say.shown(opened["text"]), "customer")
        case AttachmentKept():
            return Said(say("File: %(name)s", name=say.shown(opened["file"]["name"])))
        case AttachmentLeftOut(file=file):
            name = say.shown(opened["file"]["name"])
            why = say.term("left_out", file.why)
            return Said(say("File not kept: %(name)s (%(why)s)", name=name, why=why))
        case NoReplyNeeded():
            return Said(say("Decided: no reply is needed"))
        case InformationRequested():
            words = say(
                "Asked the customer %(by)s, to be answered by %(at)s",
                by=say.term("by", event.channel),
                at=say.at(event.answer_by),
            )
            return Said(words, say.shown(opened["what"]))
        case InformationReminded():
            return Said(say("Reminder %(number)s to the customer", number=event.reminder))
        case InformationReceived():
            if event.without:
                return Said(say("Going on without the customer's information"), opened["text"])
            by = say.term("by", event.channel) if event.channel else ""
            words = say("The customer gave the information %(by)s", by=by).strip()
            return Said(words, opened["text"], "customer")
        case _:
            assert_never(event)


def origin_words(event: SavedReplyUsed, say: Speaker) -> str:
    title = say.saved_reply(event.reply)
    words = say("From the saved reply “%(title)s”, version %(version)s", title=title,
                version=event.reply.version)  # fmt: skip
    return words + " · " + say("changed by hand") if event.changed else words


def ownership_words(event: OwnershipEvent, opened: Mapping[str, Any], say: Speaker) -> Said:
    match event:
        case OwnerAssigned():
            return Said(say("%(name)s answers for it", name=say.name(event.owner)))
        case HandOverOffered():
            to = say.name(event.to) if event.to else event.team.replace("_", " ")
            lines = [
                say("What I know: %(words)s", words=say.shown(opened["known"])),
                say("What is next: %(words)s", words=say.shown(opened["next"])),
            ]
            if opened["promised"]:
                lines.insert(1, say("What I promised: %(words)s", words=opened["promised"]))
            return Said(say("Hand-over offered to %(name)s", name=to), "\n".join(lines))
        case HandOverAccepted():
            return Said(say("%(name)s accepted the hand-over", name=say.name(event.owner)))
        case HandOverReturned():
            return Said(say("Hand-over sent back"), opened["word"])
        case _:
            assert_never(event)


def approval_words(event: ApprovalEvent, opened: Mapping[str, Any], say: Speaker) -> Said:
    match event:
        case ApprovalAsked(matter=matter):
            words = say("Approval asked: %(matter)s", matter=matter_words(matter, say))
            return Said(words, say.shown(opened["reason"]))
        case ApprovalGranted():
            return Said(say("Approved by %(name)s", name=say.name(event.decided_by)))
        case ApprovalRefused():
            words = say("Not approved by %(name)s", name=say.name(event.decided_by))
            return Said(words, say.shown(opened["reason"]))
        case _:
            assert_never(event)


def matter_words(matter: Matter, say: Speaker) -> str:
    """What is to be approved, in a few words."""
    head = say.term("matter", matter.kind)
    match matter:
        case Extension() | Excuse():
            value = say.clock(matter.clock)
        case Correction():
            value = say.term("field", matter.field)
        case Redress(money=money):
            value = say.money(money.amount, money.currency)
        case LetterRelease():
            return head
        case _:
            assert_never(matter)
    return say("%(title)s: %(value)s", title=head, value=value)
