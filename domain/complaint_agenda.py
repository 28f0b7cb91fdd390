"""What a case owes next, and how it is done when it is due: one predicate for both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from domain.clock import Clock
from domain.complaint_facts import (
    ComplaintArchived,
    ComplaintEscalated,
    ComplaintEvent,
    SatisfactionAsked,
)
from domain.complaint_life import acknowledgement_begun, reopen_until
from domain.complaint_review import review_until
from domain.complaint_standing import letter
from domain.complaint_state import Complaint
from domain.conversation import InformationReminded
from domain.decider import Due, LetterPurpose, Perform
from domain.letter import owed_letters
from domain.oversight import FollowThroughMissed
from domain.ownership import HandOverReturned
from domain.policy import Policy, Terms
from domain.promise import PromiseBroken, PromiseFellDue, PromiseReturned
from domain.proposal import CustomerStayedSilent
from domain.review import ReviewMissed
from domain.review import waiting as waiting_reviews
from domain.timekeeping import owed_by_clocks, perform_clock, running


def agenda(state: Complaint) -> list[Due]:
    """Everything owed, earliest first; once archived only what the customer wrote since then."""
    if state.terms is None:
        return []
    letters = owed_letters(state.stream, state.letters)
    owed = [*letters, *owed_by_clocks(state), *_escalations(state, state.terms)]
    if state.archived_at is None:
        owed += _promises(state, state.terms)
        owed += _orders(state)
        owed += _reviews(state)
        owed += _open(state, state.terms) if state.closed_at is None else _closed(state, letters)
    return sorted(owed, key=lambda due: (due.at, due.key))


def _open(state: Complaint, terms: Terms) -> Iterator[Due]:
    policy = terms.policy
    by_itself = policy.acknowledge_after is not None and not state.hold_letters
    # Written once: what could not be delivered, or was pulled back, is a person's to do.
    by_itself = by_itself and "acknowledge/v1" not in state.letters
    if by_itself and not acknowledgement_begun(state):
        at = _acknowledge_at(state, policy)
        yield _due(state, "acknowledge", at, "v1", letter="acknowledgement")
    if state.ownership.offer is not None:
        offer = state.ownership.offer
        until = terms.calendar().add(offer.offered_at, policy.hand_over_within)
        yield _due(state, "return_hand_over", until, f"v{offer.version}")
    yield from _reminders(state)
    proposal = state.proposal
    if proposal is not None and proposal.offered_at and proposal.answer is None and _quiet(state):
        at = terms.calendar().end_of_day_after(proposal.offered_at, policy.silent_after_days)
        yield _due(state, "silent", at, f"v{proposal.version}")


def _quiet(state: Complaint) -> bool:
    """Nothing came from the customer since the resolution was proposed."""
    wrote = state.conversation.wrote_at
    return state.proposal is not None and (wrote is None or wrote < state.proposal.proposed_at)


def _acknowledge_at(state: Complaint, policy: Policy) -> datetime:
    """At a share of the acknowledgement's clock; at once where there is no such clock."""
    assert state.terms is not None
    assert state.received_at is not None
    rows = state.terms.targets(state.severity, state.tier)
    row = next((row for row in rows if row.name == "ack"), None)
    if row is None or not policy.acknowledge_after:
        return state.received_at
    share = row.working_time * policy.acknowledge_after
    return state.terms.calendar(row.calendar).add(state.received_at, share)


def _reminders(state: Complaint) -> Iterator[Due]:
    """Of each request the next reminder; none while a message of the customer is unread."""
    if state.hold_letters or state.conversation.unanswered_since is not None:
        return
    for name, request in state.conversation.waiting.items():
        if request.reminded < len(request.reminders):
            number = request.reminded + 1
            yield _due(
                state, "remind", request.reminders[request.reminded],
                f"v{request.version}/{number}", letter="reminder",
                facts={"request": name, "reminder": number},
            )  # fmt: skip


def _escalations(state: Complaint, terms: Terms) -> Iterator[Due]:
    """The rungs still to climb for each broken clock that nothing has ended or excused."""
    for clock in running(state):
        if clock.breached_at is None or clock.excused is not None:
            continue
        calendar, breach = terms.calendar(clock.terms.calendar), _instances_of_breach(state, clock)
        for rung in terms.policy.ladder:
            if any(f"{instance}/{rung.level}" in state.escalations for instance in breach):
                continue
            yield _due(
                state, "escalate", calendar.add(clock.breached_at, rung.after),
                f"{clock.id}/{rung.level}",
                facts={"clock": clock.id, "level": rung.level, "role": rung.role},
            )  # fmt: skip


def _instances_of_breach(state: Complaint, clock: Clock) -> list[str]:
    """The clock, and those before it that it took the breach over from while they still counted."""
    instances = [clock.id]
    while clock.replaces is not None:
        before = state.clocks[clock.replaces]
        ended = before.fulfilled_at or before.cancelled_at
        if ended is not None or before.breached_at != clock.breached_at:
            break
        instances.append(before.id)
        clock = before
    return instances


def _promises(state: Complaint, terms: Terms) -> Iterator[Due]:
    """Of each promise: a word to the promiser, then the fact that it was broken."""
    for name, promise in state.promises.items():
        facts = {"promise": name}
        cause = f"{name}/v{promise.version}"
        if promise.broken_at is None:
            rule, at = ("break", promise.due) if promise.told else ("fall_due", promise.tell_at)
            yield _due(state, f"{rule}_promise", at, cause, facts=facts)
        if promise.offer is not None:
            until = terms.calendar().add(promise.offer.offered_at, terms.policy.hand_over_within)
            cause = f"{name}/v{promise.offer.version}"
            yield _due(state, "return_promise", until, cause, facts=facts)


def _orders(state: Complaint) -> Iterator[Due]:
    """Of each order without an answer: the fact that its moment has passed."""
    for name, order in state.oversight.orders.items():
        if order.missed_at is None:
            cause, facts = f"{name}/v{order.version}", {"order": name}
            yield _due(state, "miss_order", order.answer_by, cause, facts=facts)


def _reviews(state: Complaint) -> Iterator[Due]:
    """Of each review without an outcome: the fact that its moment has passed."""
    for name, review in waiting_reviews(state.reviews).items():
        if review.missed_at is None:
            cause, facts = f"{name}/v{review.version}", {"review": name}
            yield _due(state, "miss_review", review.due, cause, facts=facts)


def _closed(state: Complaint, letters: list[Due]) -> Iterator[Due]:
    """After closing: the confirmation of a withdrawal, the one question, the archive."""
    assert state.terms is not None
    assert state.closed_at is not None
    policy, cause = state.terms.policy, f"v{state.closed_version}"
    if not state.hold_letters:
        if state.ending == "withdrawn" and not _written_since_closing(
            state, "withdrawal_confirmed"
        ):
            yield _due(
                state, "confirm_withdrawal", state.closed_at, cause, letter="withdrawal_confirmed"
            )
        asked = state.survey is not None
        if state.ending == "resolved" and policy.satisfaction_after is not None and not asked:
            yield _due(
                state, "ask_satisfaction",
                state.terms.calendar().add(state.closed_at, policy.satisfaction_after),
                cause, letter="satisfaction", facts={"survey": f"s{state.closed_version}"},
            )  # fmt: skip
    waiting = any(approval.waiting for approval in state.approvals.values())
    mail = state.conversation.after_close_since is not None
    promised = state.promises or state.oversight.orders or running(state)
    if not (letters or waiting or mail or promised or waiting_reviews(state.reviews)):
        yield _due(state, "archive", _archive_at(state), cause)


def _archive_at(state: Complaint) -> datetime:
    """When nothing can be asked of the closed case any more."""
    until = reopen_until(state)
    return until if state.ending == "withdrawn" else max(until, review_until(state))


def _written_since_closing(state: Complaint, purpose: LetterPurpose) -> bool:
    return any(
        letter.purpose == purpose and letter.written_version > state.closed_version
        for letter in state.letters.values()
    )


def _due(
    state: Complaint,
    rule: str,
    at: datetime,
    cause: str,
    *,
    letter: LetterPurpose | None = None,
    facts: Mapping[str, object] | None = None,
) -> Due:
    assert state.terms is not None
    return Due(
        key=f"{state.stream}/{rule}/{cause}",
        at=at,
        rule=rule,
        version=str(state.terms.policy.ref),
        letter=letter,
        facts=facts or {},
    )


def perform(command: Perform, state: Complaint) -> list[ComplaintEvent]:
    """The facts of one due item; none where the agenda does not hold it at that moment."""
    for due in agenda(state):
        if due.key == command.key and due.at <= command.at:
            return _PERFORM[due.rule](command, state, due)
    return []


_Performance = Callable[[Perform, Complaint, Due], list[ComplaintEvent]]


def _letter(command: Perform, due: Due) -> list[ComplaintEvent]:
    if command.words is None or due.letter is None:
        return []
    return letter(
        command,
        due.letter,
        command.words,
        channel="email" if command.address is not None else "letter",
        address=command.address,
        name=due.key.partition("/")[2],
    )


def _remind(command: Perform, state: Complaint, due: Due) -> list[ComplaintEvent]:
    """One letter for all reminders whose moment has come meanwhile."""
    written = _letter(command, due)
    if not written:
        return []
    request = state.conversation.requests[due.facts["request"]]
    reminder = sum(at <= command.at for at in request.reminders)
    reminded = InformationReminded(
        at=command.at,
        request=due.facts["request"],
        reminder=max(reminder, due.facts["reminder"]),
    )
    return [reminded, *written]


def _satisfaction(command: Perform, state: Complaint, due: Due) -> list[ComplaintEvent]:
    written = _letter(command, due)
    if not written:
        return []
    return [SatisfactionAsked(at=command.at, survey=due.facts["survey"]), *written]


def _escalate(command: Perform, state: Complaint, due: Due) -> list[ComplaintEvent]:
    return [
        ComplaintEscalated(
            at=command.at,
            level=due.facts["level"],
            role=due.facts["role"],
            clock=due.facts["clock"],
        )
    ]


def _silent(command: Perform, state: Complaint, due: Due) -> list[ComplaintEvent]:
    assert state.proposal is not None
    return [CustomerStayedSilent(at=due.at, proposal=state.proposal.id)]


def _promise(kind: type[PromiseFellDue | PromiseBroken | PromiseReturned]) -> _Performance:
    return lambda command, state, due: [kind(at=due.at, promise=due.facts["promise"])]


_PERFORM: Final[Mapping[str, _Performance]] = {
    "acknowledge": lambda command, _, due: _letter(command, due),
    "confirm_withdrawal": lambda command, _, due: _letter(command, due),
    "remind": _remind,
    "ask_satisfaction": _satisfaction,
    "escalate": _escalate,
    "silent": _silent,
    "warn": lambda command, state, due: [*perform_clock(state, due, command.at)],
    "breach": lambda command, state, due: [*perform_clock(state, due, command.at)],
    "return_hand_over": lambda command, *_: [HandOverReturned(at=command.at)],
    "fall_due_promise": _promise(PromiseFellDue),
    "break_promise": _promise(PromiseBroken),
    "return_promise": _promise(PromiseReturned),
    "miss_order": lambda command, _, due: [
        FollowThroughMissed(at=due.at, order=due.facts["order"])
    ],
    "miss_review": lambda command, _, due: [ReviewMissed(at=due.at, review=due.facts["review"])],
    "archive": lambda command, *_: [ComplaintArchived(at=command.at)],
    "deliver": lambda *_: [],
}
"""A delivery is the worker's to do; it comes back as ``RecordDelivery``."""
