"""What is said in a case: replies, notes, messages from the customer, requests for information.

A reply by e-mail is a letter and counts when it leaves; one said on the phone or at the
counter counts when it was said. The words of a letter stand in ``LetterWritten``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final, assert_never

from pydantic import AwareDatetime

from domain.attachment import AttachmentEvent, AttachmentKept, AttachmentLeftOut, WithFiles
from domain.decider import DomainError, Words
from domain.event import Command, Event, Frozen
from domain.letter import Channel
from domain.personal import Personal
from domain.promise import Promised
from domain.target import Ref

# events


class ReplySaid(Event, type="ReplySaid"):
    """The customer was told something in person or by telephone."""

    channel: Channel
    said: Personal


class NoteAdded(Event, type="NoteAdded"):
    """For colleagues only."""

    text: Personal
    mentions: tuple[str, ...] = ()


class CustomerWrote(Event, type="CustomerWrote"):
    """Something came in from the customer, on any channel."""

    message: str
    channel: Channel
    text: Personal
    after_close: bool = False
    """On a closed case it waits as after-close mail and never reopens by itself."""


class NoReplyNeeded(Event, type="NoReplyNeeded"):
    """A person read the customer's messages and decided that they ask for nothing."""


class InformationRequested(Event, type="InformationRequested"):
    """The customer was asked for something and has until ``answer_by``."""

    request: str
    channel: Channel
    what: Personal
    answer_by: AwareDatetime
    reminders: tuple[AwareDatetime, ...]


class InformationReminded(Event, type="InformationReminded"):
    request: str
    reminder: int
    """1 for the first one."""


class InformationReceived(Event, type="InformationReceived"):
    """The answer came, or the case goes on without it."""

    request: str
    channel: Channel | None = None
    text: Personal | None = None
    without: bool = False


class SavedReplyUsed(Event, type="SavedReplyUsed"):
    """What the customer was told began as a saved reply; ``changed``: and was changed by hand."""

    reply: Ref
    changed: bool


ConversationEvent = (
    ReplySaid
    | SavedReplyUsed
    | NoteAdded
    | CustomerWrote
    | NoReplyNeeded
    | InformationRequested
    | InformationReminded
    | InformationReceived
    | AttachmentEvent
)


# commands


class ReplyToCustomer(WithFiles):
    """In writing with ``words`` (then a letter is written), or ``said`` in person."""

    channel: Channel
    words: Words | None = None
    address: Personal | None = None
    said: Personal | None = None
    holding: bool = False
    """A holding letter: why there is no answer yet, and when there will be one."""
    leaves_at: AwareDatetime | None = None
    promise: Promised | None = None
    saved_reply: Ref | None = None
    changed: bool = False
    """By hand, since the saved reply was filled."""

    resolved: ClassVar[frozenset[str]] = Command.resolved | {"address", "leaves_at", "changed"}


class AddNote(WithFiles):
    """``mentions``: colleagues whom it calls; ``readers``: those who may see the case."""

    text: Personal
    mentions: tuple[str, ...] = ()
    promise: Promised | None = None
    readers: frozenset[str] = frozenset()

    resolved: ClassVar[frozenset[str]] = WithFiles.resolved | {"readers"}


class RecordCustomerMessage(WithFiles):
    """``answers``: what the customer was asked for counts as answered by it."""

    message: str
    channel: Channel
    text: Personal
    answers: bool = False
    promise: Promised | None = None


class DecideNoReplyNeeded(Command):
    pass


class AskForInformation(Command):
    """``words`` where it is asked in writing; said otherwise."""

    request: str
    channel: Channel
    what: Personal
    words: Words | None = None
    address: Personal | None = None
    leaves_at: AwareDatetime | None = None
    answer_by: AwareDatetime | None = None
    """None: by the policy's working time."""

    resolved: ClassVar[frozenset[str]] = Command.resolved | {"address", "leaves_at"}


class RemindCustomer(Command):
    """Ask again now, in a letter; it takes the place of the next reminder."""

    request: str
    channel: Channel
    words: Words
    address: Personal | None = None
    leaves_at: AwareDatetime | None = None

    resolved: ClassVar[frozenset[str]] = Command.resolved | {"address", "leaves_at"}


class RecordInformation(Command):
    """The customer's answer, or ``without``: go on without it."""

    request: str
    channel: Channel | None = None
    text: Personal | None = None
    without: bool = False


ConversationCommand = (
    ReplyToCustomer
    | AddNote
    | RecordCustomerMessage
    | DecideNoReplyNeeded
    | AskForInformation
    | RemindCustomer
    | RecordInformation
)


# state

REMEMBERED: Final = 100
"""So many of the customer's last messages are known by name: what comes again comes soon."""


class Request(Frozen):
    asked_at: datetime
    answer_by: datetime
    reminders: tuple[datetime, ...]
    version: int
    reminded: int = 0
    answered_at: datetime | None = None


class Conversation(Frozen):
    requests: Mapping[str, Request] = {}
    unanswered_since: datetime | None = None
    """The oldest message of the customer that nobody has answered."""
    after_close_since: datetime | None = None
    wrote_at: datetime | None = None
    """When the customer last wrote."""
    messages: tuple[str, ...] = ()
    """The last ones, by name."""

    @property
    def waiting(self) -> dict[str, Request]:
        """The requests that the customer has not answered."""
        return {name: r for name, r in self.requests.items() if r.answered_at is None}


INITIAL = Conversation()


class RequestUnknown(DomainError):
    """No such request for information in this case."""


class NothingSaid(DomainError):
    """A reply needs its words."""


class NothingUnanswered(DomainError):
    """There is no message that waits for a reply."""


def evolve_conversation(
    state: Conversation, event: ConversationEvent, version: int
) -> Conversation:
    """``version`` is the stream's version with this event."""
    match event:
        case NoteAdded() | SavedReplyUsed() | AttachmentKept() | AttachmentLeftOut():
            return state
        case ReplySaid() | NoReplyNeeded():
            return replied(state)
        case CustomerWrote():
            since = state.unanswered_since or event.at
            after = state.after_close_since or (event.at if event.after_close else None)
            heard = {
                "unanswered_since": since,
                "after_close_since": after,
                "wrote_at": event.at,
                "messages": (*state.messages, event.message)[-REMEMBERED:],
            }
            return state.model_copy(update=heard)
        case InformationRequested():
            request = Request(
                asked_at=event.at,
                answer_by=event.answer_by,
                reminders=event.reminders,
                version=version,
            )
            return _with(state, event.request, request)
        case InformationReminded():
            request = state.requests[event.request]
            return _with(
                state, event.request, request.model_copy(update={"reminded": event.reminder})
            )
        case InformationReceived():
            request = state.requests[event.request]
            return _with(state, event.request, request.model_copy(update={"answered_at": event.at}))
        case _:
            assert_never(event)


def replied(state: Conversation) -> Conversation:
    """Everything the customer wrote so far has been answered."""
    return state.model_copy(update={"unanswered_since": None, "after_close_since": None})


def ended(state: Conversation, at: datetime) -> Conversation:
    """With the case every request ends, so that nobody is reminded of it when it is reopened.

    Nor does what was left without a reply count against a message that comes later.
    """
    over = {name: r.model_copy(update={"answered_at": at}) for name, r in state.waiting.items()}
    ended = {"requests": {**state.requests, **over}, "unanswered_since": None}
    return state.model_copy(update=ended)


def _with(state: Conversation, name: str, request: Request) -> Conversation:
    return state.model_copy(update={"requests": {**state.requests, name: request}})
