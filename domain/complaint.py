"""Complaint handling, ISO 10002: which wish is granted, what follows from it, what is owed.

``decide`` answers a command with facts; each fact is followed through (a letter that left
tells the customer, a clock is fulfilled) before the next, so a stream never stands half done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from domain import complaint_agenda, complaint_life, complaint_review
from domain.approval import ApprovalCommand
from domain.assist import AssistCommand, decide_assist
from domain.attachment import kept
from domain.clock_facts import ClockExtended, ClockFulfilled
from domain.complaint_evolution import evolve
from domain.complaint_facts import ComplaintAcknowledged, ComplaintEvent
from domain.complaint_life import decide_life
from domain.complaint_standing import (
    ComplaintUnknown,
    check_kept,
    check_open,
    terms_of,
    with_conflicts,
)
from domain.complaint_state import INITIAL, Complaint
from domain.complaint_talk import decide_conversation, decide_matter
from domain.complaint_wishes import ComplaintCommand, LodgeComplaint
from domain.conversation import ConversationCommand, InformationReceived
from domain.decider import Decider, Perform
from domain.escalation import EscalationCommand, decide_escalation
from domain.letter import (
    LetterFailed,
    LetterPulledBack,
    LetterSent,
    LetterWritten,
    PullBackLetter,
    RecordDelivery,
    decide_letter,
)
from domain.oversight import (
    AnswerFollowThrough,
    OversightCommand,
    OversightEvent,
    decide_oversight,
)
from domain.ownership import (
    HandOverAccepted,
    OwnerAssigned,
    OwnershipCommand,
    OwnershipEvent,
    decide_ownership,
)
from domain.policy import UNDO_MOST
from domain.promise import PromiseCommand, PromiseTakenBack, decide_promise, passed_on
from domain.proposal import ComplaintAnswered
from domain.review import ReviewCommand
from domain.timekeeping import clocks_after


def decide(command: ComplaintCommand, state: Complaint) -> list[ComplaintEvent]:
    """Raises the DomainErrors of the rules it asks; no event where the wish is already fact."""
    decided = _hurried(_decided(command, state), state)
    return followed([*decided, *kept(command)] if decided else [], state)


def _decided(command: ComplaintCommand, state: Complaint) -> list[ComplaintEvent]:
    if isinstance(command, LodgeComplaint):
        return complaint_life.lodge(command, state)
    if not state.stream:
        raise ComplaintUnknown()
    if isinstance(command, Perform):
        return complaint_agenda.perform(command, state)
    if isinstance(command, RecordDelivery | PullBackLetter):
        return [*decide_letter(command, state.letters)]
    if isinstance(command, ApprovalCommand):
        return decide_matter(command, state)
    if isinstance(command, OwnershipCommand):
        check_open(state)
        return _owned(decide_ownership(with_conflicts(command, state), state.ownership), state)
    if isinstance(command, PromiseCommand):
        check_kept(state)
        policy = terms_of(state).policy
        return [*decide_promise(with_conflicts(command, state), state.promises, policy)]
    if isinstance(command, AssistCommand):
        check_open(state)
        return [*decide_assist(with_conflicts(command, state), state.tasks)]
    if isinstance(command, OversightCommand):
        return [*_overseen(command, state)]
    if isinstance(command, ReviewCommand):
        return complaint_review.review(command, state)
    if isinstance(command, EscalationCommand):
        return [*decide_escalation(command, state.clocks, state.explained)]
    if isinstance(command, ConversationCommand):
        return decide_conversation(command, state)
    return decide_life(command, state)


def _hurried(events: Sequence[ComplaintEvent], state: Complaint) -> list[ComplaintEvent]:
    """The events; a letter that keeps or extends a limit of the law does not wait to miss it."""
    hurried: list[ComplaintEvent] = []
    for event in events:
        if isinstance(event, LetterWritten) and event.leaves_at is not None:
            hurried.append(_at_once(event, hurried, state))
        else:
            hurried.append(event)
    return hurried


def _at_once(
    letter: LetterWritten, before: Sequence[ComplaintEvent], state: Complaint
) -> LetterWritten:
    """The letter; leaving now where a limit ends soon and would be fulfilled or extended by it."""
    ending = {
        clock.id
        for clock in state.clocks.values()
        if clock.kind == "statutory"
        and clock.ended_at is None
        and timedelta() <= clock.due - letter.at <= UNDO_MOST
    }
    if not ending:
        return letter
    told = followed([*before, letter, LetterSent(at=letter.at, letter=letter.letter)], state)
    kept = {it.clock for it in told if isinstance(it, ClockFulfilled | ClockExtended)}
    return letter.model_copy(update={"leaves_at": letter.at}) if kept & ending else letter


def _overseen(command: OversightCommand, state: Complaint) -> list[OversightEvent]:
    """An order may still be answered after closing; all else is said of open cases."""
    if isinstance(command, AnswerFollowThrough):
        check_kept(state)
    else:
        check_open(state)
    day = terms_of(state).calendar().local_date(command.at)
    return decide_oversight(command, state.oversight, state.ownership.owner, day)


def _owned(events: Sequence[OwnershipEvent], state: Complaint) -> list[ComplaintEvent]:
    """What was promised goes along with a case to its new owner."""
    before = state.ownership.owner
    passed = [
        it
        for event in events
        if isinstance(event, OwnerAssigned | HandOverAccepted)
        for it in passed_on(state.promises, before, event.owner, event.at)
    ]
    return [*events, *passed]


def followed(events: list[ComplaintEvent], state: Complaint) -> list[ComplaintEvent]:
    """The events, each with what follows from it right behind it."""
    return follow(events, state)[0]


def follow(
    events: Sequence[ComplaintEvent], state: Complaint
) -> tuple[list[ComplaintEvent], Complaint]:
    """``followed``, and the state after all of them."""
    all_events: list[ComplaintEvent] = []
    for event in events:
        all_events.append(event)
        state = evolve(state, event)
        for consequences in (_follows, clocks_after):
            if owed := consequences(state, event):
                tail, state = follow(owed, state)
                all_events += tail
    return all_events, state


def _follows(state: Complaint, event: ComplaintEvent) -> list[ComplaintEvent]:
    """What else became true with the event; ``state`` is the one after it."""
    if isinstance(event, LetterPulledBack | LetterFailed):
        return _never_read(state, event)
    if not isinstance(event, LetterSent):
        return []
    letter = state.letters[event.letter]
    match letter.purpose:
        case "acknowledgement":
            told = ComplaintAcknowledged(at=event.at, channel=letter.channel, by=letter.author)
            return [] if state.acknowledged_at else [told]
        case "decision" if state.proposal is not None and state.closed_at is None:
            answered = ComplaintAnswered(
                at=event.at, decision=state.proposal.decision, channel=letter.channel
            )
            return [answered]
        case _:
            return []


def _never_read(state: Complaint, event: LetterPulledBack | LetterFailed) -> list[ComplaintEvent]:
    """The customer had no such letter: it promised nothing, and nobody waits for its answer."""
    if not state.letters[event.letter].ended:
        return []
    asked = state.letters[event.letter].written_version + 1
    taken_back: list[ComplaintEvent] = [
        InformationReceived(at=event.at, request=name, without=True)
        for name, request in state.conversation.waiting.items()
        if request.version == asked
    ]
    if isinstance(event, LetterPulledBack) and event.letter in state.promises:
        taken_back.append(PromiseTakenBack(at=event.at, promise=event.letter))
    return taken_back


def subject(state: Complaint) -> str | None:
    return state.customer


complaint: Decider[Complaint, ComplaintCommand, ComplaintEvent] = Decider(
    name="complaint",
    initial=INITIAL,
    decide=decide,
    evolve=evolve,
    subject=subject,
    agenda=complaint_agenda.agenda,
)
