"""What each fact of a complaint does to its clocks, and what the case owes next.

Which happening starts, stops or pauses a clock is the policy's to say (``starts_on``,
``fulfilled_by``, ``pauses_on``); here stands which facts make which happening.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, Literal

from domain import clock_algebra as algebra
from domain import clock_succession as succession
from domain.approval import ApprovalGranted, Correction, Excuse, Extension
from domain.calendar import Calendar
from domain.clock import Clock, current, due_agenda, evolve_clock, next_instance
from domain.clock_facts import ClockEvent
from domain.complaint_facts import (
    ComplaintAcknowledged,
    ComplaintAssessed,
    ComplaintClosed,
    ComplaintCorrected,
    ComplaintEvent,
    ComplaintReopened,
    TermsAgreed,
    TermsSwitched,
)
from domain.complaint_state import Complaint
from domain.conversation import (
    CustomerWrote,
    InformationReceived,
    InformationRequested,
    NoReplyNeeded,
    ReplySaid,
)
from domain.decider import DomainError, Due
from domain.letter import LetterSent
from domain.policy import Terms
from domain.procedure import FieldRefused
from domain.proposal import ComplaintAnswered, ProposalOffered
from domain.target import Limit, Target

Happening = Literal[
    "lodged", "acknowledged", "replied", "answered", "holding", "customer_wrote",
    "wrote_after_close", "no_reply_needed", "closed", "reopened",
]  # fmt: skip
"""What a policy's clocks may start on and be fulfilled by."""

WAITING = "waiting_for_customer"
"""The ground on which a request for information pauses what the policy lets it pause."""

_SPOKEN = frozenset({"reply", "information_request", "holding", "proposal"})
"""Letters that are a reply of a person; the others become a fact of their own when they leave."""


def happenings(state: Complaint, event: ComplaintEvent) -> tuple[Happening, ...]:
    """What the event means to clocks; ``state`` is the one after it."""
    match event:
        case TermsAgreed():
            return ("lodged",)
        case ComplaintAcknowledged(by="person") if _personal(state):
            return ("acknowledged", "replied")
        case ComplaintAcknowledged():
            return ("acknowledged",)
        case LetterSent(letter=name):
            letter = state.letters[name]
            if letter.author == "automation" or letter.purpose not in _SPOKEN:
                return ()
            holding = letter.purpose == "holding" and name not in state.approvals
            return ("replied", "holding") if holding else ("replied",)
        case ReplySaid():
            return ("replied",)
        case ProposalOffered(said=said):
            return () if said is None else ("replied",)
        case ComplaintAnswered():
            return ("answered", "replied")
        case CustomerWrote(after_close=True):
            return ("wrote_after_close",)
        case CustomerWrote():
            return ("customer_wrote",)
        case NoReplyNeeded():
            return ("no_reply_needed",)
        case ComplaintClosed():
            return ("closed",)
        case ComplaintReopened():
            return ("reopened",)
        case _:
            return ()


def _personal(state: Complaint) -> bool:
    return state.terms is not None and state.terms.policy.personal_acknowledgement_is_reply


_MOVERS: Final = frozenset(
    {
        *(TermsAgreed, TermsSwitched, ComplaintAcknowledged, ComplaintAssessed, ProposalOffered),
        *(ComplaintAnswered, ComplaintClosed, ComplaintReopened, ComplaintCorrected),
        *(ReplySaid, CustomerWrote, NoReplyNeeded, InformationRequested, InformationReceived),
        *(LetterSent, ApprovalGranted),
    }
)
"""The events that ``happenings`` and ``_moved`` know: clocks do not heed any other."""


def clocks_after(state: Complaint, event: ComplaintEvent) -> list[ClockEvent]:
    """The clock facts that follow from an event; ``state`` is the one after it."""
    if type(event) not in _MOVERS or state.terms is None:
        return []
    return [*_moved(state, event, state.terms), *_ended(state, event), *_begun(state, event)]


def _moved(state: Complaint, event: ComplaintEvent, terms: Terms) -> Iterator[ClockEvent]:
    """Pauses, resumptions and new reckonings of clocks that go on."""
    match event:
        case InformationRequested():
            for clock in running(state):
                if isinstance(clock.terms, Limit) and clock.terms.article_for(WAITING) is None:
                    continue
                yield from algebra.pause(clock, _calendar(state, clock), event.at, WAITING)
        case InformationReceived() if not state.conversation.waiting:
            yield from _resumed(state, event.at)
        case CustomerWrote():
            yield from _resumed(state, event.at)
        case ComplaintAssessed() if event.severity != event.was:
            targets = {t.name: t for t in terms.targets(state.severity, state.tier)}
            for clock in running(state):
                target = targets.get(clock.name)
                if target is None or target == clock.terms:
                    continue
                yield from succession.retarget(
                    clock,
                    _calendar(state, clock),
                    event.at,
                    instance=next_instance(state.clocks, clock.name),
                    terms=target,
                    new_calendar=terms.calendar(target.calendar),
                    policy=terms.policy.ref,
                    reason="severity_changed",
                )
        case ComplaintCorrected(field="received_at"):
            approval = state.approvals[event.approval]
            receipt = datetime.fromisoformat(event.was)
            for clock in standing(state):
                if "lodged" not in clock.terms.starts_on or clock.started_at != receipt:
                    continue
                yield from succession.recompute(
                    clock,
                    _calendar(state, clock),
                    event.at,
                    instance=next_instance(state.clocks, clock.name),
                    started_at=datetime.fromisoformat(event.is_),
                    approver=approval.decided_by or "",
                )
            yield from _added(state, terms, event.at)
        case TermsSwitched():
            yield from _switched(state, terms, event.at)
            yield from _added(state, terms, event.at)
        case ApprovalGranted(approval=name):
            matter = state.approvals[name].matter
            if isinstance(matter, Excuse):
                clock = successor(state, matter.clock)
                yield from algebra.excuse(
                    clock, event.at, reason="approved", approver=event.decided_by
                )
        case LetterSent(letter=name):
            yield from _extended(state, name, event.at)
        case _:
            return


def _switched(state: Complaint, terms: Terms, at: datetime) -> Iterator[ClockEvent]:
    """What runs goes on by the terms that hold now, or ends where they do not know it."""
    rows = {row.name: row for row in _in_force(state, terms)}
    for clock in running(state):
        row = rows.get(clock.name)
        if row is None:
            calendar = _calendar(state, clock)
            yield from algebra.supersede(clock, calendar, at, reason="policy_changed")
        elif row != clock.terms:
            yield from succession.retarget(
                clock,
                _calendar(state, clock),
                at,
                instance=next_instance(state.clocks, clock.name),
                terms=row,
                new_calendar=terms.calendar(row.calendar),
                policy=terms.policy.ref,
                reason="policy_changed",
            )


def _added(state: Complaint, terms: Terms, at: datetime) -> Iterator[ClockEvent]:
    """What counts from the receipt and is not there yet, done where it was done before."""
    there = {clock.name for clock in standing(state)}
    held = max((clock.pauses for clock in standing(state)), key=len, default=())
    assert state.received_at is not None
    if state.closed_at is not None:
        return
    for row in _in_force(state, terms):
        if row.name in there or "lodged" not in row.starts_on:
            continue
        calendar = terms.calendar(row.calendar)
        instance = next_instance(state.clocks, row.name)
        started = algebra.begun(
            row,
            calendar,
            instance,
            terms.policy.ref,
            started_at=state.received_at,
            at=at,
            pauses=[it for it in held if it.ground == WAITING and succession.knows(row, WAITING)],
        )
        yield started
        if (done_at := _done_before(state, row)) is not None:
            yield from algebra.fulfil(evolve_clock(None, started), calendar, done_at)


def _in_force(state: Complaint, terms: Terms) -> Iterator[Target | Limit]:
    """What the terms promise such a case, and the limits in force when it was received."""
    yield from terms.targets(state.severity, state.tier)
    assert state.received_at is not None
    for limit in terms.policy.limits:
        if limit.in_force(terms.calendar(limit.calendar).local_date(state.received_at)):
            yield limit


def _done_before(state: Complaint, row: Target | Limit) -> datetime | None:
    done = {"acknowledged": state.acknowledged_at, "answered": state.answered_at}
    replied = (it.fulfilled_at for it in standing(state) if "replied" in it.terms.fulfilled_by)
    done["replied"] = min(filter(None, replied), default=None)
    return min(filter(None, (done.get(name) for name in row.fulfilled_by)), default=None)


def _resumed(state: Complaint, at: datetime) -> Iterator[ClockEvent]:
    for clock in running(state):
        if clock.paused_at is not None and clock.pauses[-1].ground == WAITING:
            yield from algebra.resume(clock, _calendar(state, clock), at)


def _extended(state: Complaint, letter: str, at: datetime) -> Iterator[ClockEvent]:
    """An approved extension holds from the moment its notice has left (the letter has its name)."""
    approval = state.approvals.get(letter)
    if approval is None or not isinstance(approval.matter, Extension):
        return
    try:
        yield from extension(state, approval.matter, approval.asked_by, approval.decided_by, at)
    except (algebra.ExtensionTooLate, ExtensionTaken):
        return


def extension(
    state: Complaint, matter: Extension, maker: str, approver: str | None, at: datetime
) -> list[ClockEvent]:
    """What the extension would do at ``at``. Raises what ``clock_algebra.extend`` raises.

    ``matter`` speaks of one step of the law's list: once taken it is not taken again.
    """
    clock = successor(state, matter.clock)
    if clock.ended_at is not None:
        raise algebra.ExtensionTooLate(clock=clock.name)
    if matter.step != len(clock.extensions):
        raise ExtensionTaken(clock=clock.name)
    return algebra.extend(
        clock, _calendar(state, clock), at, maker=maker, approver=approver, notice="sent"
    )


def _ended(state: Complaint, event: ComplaintEvent) -> Iterator[ClockEvent]:
    """Clocks that the happening fulfils; when the case ends, whatever else still runs."""
    happened = happenings(state, event)
    for clock in running(state):
        calendar = _calendar(state, clock)
        by = [name for name in happened if name in clock.terms.fulfilled_by]
        if isinstance(event, ComplaintClosed) and event.ending != "resolved":
            yield from algebra.cancel(clock, calendar, event.at, reason=event.ending)
        elif by:
            how = "holding" if by == ["holding"] else "done"
            yield from algebra.fulfil(clock, calendar, event.at, how)
        elif isinstance(event, ComplaintClosed):
            yield from algebra.cancel(clock, calendar, event.at, reason=event.ending)


def _begun(state: Complaint, event: ComplaintEvent) -> Iterator[ClockEvent]:
    terms = state.terms
    assert terms is not None
    happened = happenings(state, event)
    if not happened or (state.closed_at is not None and "wrote_after_close" not in happened):
        return
    yield from _resumed_by_reopening(state, event)
    started = _origin(state, event)
    rows: list[Target | Limit] = [*terms.targets(state.severity, state.tier), *terms.policy.limits]
    for row in rows:
        if not set(happened) & set(row.starts_on):
            continue
        calendar = terms.calendar(row.calendar)
        if isinstance(row, Limit) and not row.in_force(calendar.local_date(started)):
            continue
        last = current(state.clocks, row.name)
        if last is not None and last.ended_at is None and not _ends_now(last, happened):
            continue
        instance = next_instance(state.clocks, row.name)
        total = "lodged" in row.starts_on and "replied" not in row.fulfilled_by
        if "reopened" in happened and last is not None and total:
            yield from succession.reopen(last, calendar, event.at, instance=instance)
            continue
        yield from algebra.start(
            row, calendar, instance=instance, policy=terms.policy.ref, started_at=started,
            at=event.at,
        )  # fmt: skip


def _resumed_by_reopening(state: Complaint, event: ComplaintEvent) -> Iterator[ClockEvent]:
    """What an ending that proves untrue had cancelled counts on, as if it had never ended."""
    if not isinstance(event, ComplaintReopened) or state.reopened_from == "resolved":
        return
    for clock in standing(state):
        starts = clock.terms.starts_on
        if clock.cancelled_at is None or "lodged" not in starts or "reopened" in starts:
            continue
        instance = next_instance(state.clocks, clock.name)
        yield from succession.reopen(clock, _calendar(state, clock), event.at, instance=instance)


def _ends_now(clock: Clock, happened: tuple[Happening, ...]) -> bool:
    return bool(set(happened) & set(clock.terms.fulfilled_by))


def _origin(state: Complaint, event: ComplaintEvent) -> datetime:
    """A clock counts from the receipt, from the oldest unanswered message, or from the event."""
    match event:
        case TermsAgreed():
            return state.received_at or event.at
        case CustomerWrote(after_close=True):
            return state.conversation.after_close_since or event.at
        case CustomerWrote():
            return state.conversation.unanswered_since or event.at
        case _:
            return event.at


class ClockUnknown(DomainError):
    """The case has no such clock."""


def successor(state: Complaint, name: str) -> Clock:
    """The clock of that name, or the one that counts in its place now. Raises: ClockUnknown."""
    if name not in state.clocks:
        raise ClockUnknown(clock=name)
    clock = state.clocks[name]
    while clock.superseded_by is not None:
        clock = state.clocks[clock.superseded_by]
    return clock


def standing(state: Complaint) -> list[Clock]:
    """The clocks that nothing has replaced."""
    return [clock for clock in state.clocks.values() if clock.superseded_at is None]


def running(state: Complaint) -> list[Clock]:
    """The clocks that still count or stand still."""
    return [clock for clock in standing(state) if clock.ended_at is None]


def _calendar(state: Complaint, clock: Clock) -> Calendar:
    assert state.terms is not None
    return state.terms.calendar(clock.terms.calendar)


def perform_clock(state: Complaint, due: Due, at: datetime) -> list[ClockEvent]:
    """The warning or breach that is owed, at its true moment."""
    clock = state.clocks[due.facts["clock"]]
    move = algebra.breach if due.rule == "breach" else algebra.warn
    return move(clock, _calendar(state, clock), at)


def owed_by_clocks(state: Complaint) -> Iterator[Due]:
    for clock in running(state):
        for owed in due_agenda(clock):
            tail = f"/{owed.threshold}" if owed.threshold else ""
            yield Due(
                key=f"{state.stream}/{owed.rule}/{clock.id}/r{clock.revision}{tail}",
                at=owed.at,
                rule=owed.rule,
                version=str(clock.policy),
                facts={"clock": clock.id},
            )


def check_correction(matter: Correction, state: Complaint, at: datetime) -> None:
    """Raises: CorrectionOutOfDate where the fact is not what the person saw; FieldRefused."""
    stands = {
        "received_at": state.received_at.isoformat() if state.received_at else "",
        "customer": state.customer or "",
        "product": state.product,
        "channel": state.channel,
    }[matter.field]
    if matter.was != stands:
        raise CorrectionOutOfDate(field=matter.field)
    if matter.field == "received_at" and datetime.fromisoformat(matter.is_) > at:
        raise FieldRefused(field="received_at")


class ExtensionTaken(DomainError):
    """This extension is granted already (facts: clock)."""


class CorrectionOutOfDate(DomainError):
    """The fact was changed meanwhile; look again."""
