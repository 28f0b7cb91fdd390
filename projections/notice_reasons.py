"""Which facts give a reason for a notice, and which take it away."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from domain.approval import ApprovalAsked, ApprovalGranted, ApprovalRefused
from domain.assist import ColleagueAnswered, ColleagueAsked
from domain.clock_facts import (
    ClockBreached,
    ClockCancelled,
    ClockExcused,
    ClockExtended,
    ClockFulfilled,
    ClockStarted,
    ClockSuperseded,
    ClockWarned,
)
from domain.complaint_facts import (
    ComplaintClosed,
    ComplaintEscalated,
    ComplaintReopened,
    StepRecorded,
)
from domain.conversation import CustomerWrote, NoReplyNeeded, NoteAdded, ReplySaid
from domain.escalation import LeadCalled
from domain.event import Event, Recorded
from domain.letter import LetterFailed, LetterPulledBack, LetterSent, LetterWritten
from domain.oversight import (
    FollowThroughAnswered,
    FollowThroughMissed,
    FollowThroughOrdered,
    OwnerNudged,
)
from domain.ownership import HandOverAccepted, HandOverOffered, HandOverReturned, OwnerAssigned
from domain.promise import (
    PromiseBroken,
    PromiseFellDue,
    PromiseKept,
    PromiseMade,
    PromiseMoved,
    PromiseOffered,
    PromisePassedOn,
    PromiseReturned,
    PromiseTakenBack,
)
from domain.review import DecisionReviewed, ReviewAsked, ReviewMissed
from projections.notice import Hidden, Notice, NoticeKind, Standing

_CLOCKS: Final = frozenset({"warned", "breached", "escalated"})


_PASSING: Final = frozenset({"hand_over", "hand_over_back"})


_REVIEWS: Final = frozenset({"review", "review_missed"})


_WRITTEN: Final = frozenset({"wrote", "after_close"})


_PROMISES: Final = frozenset({"promised", "promise_due", "promise_broken", "promise_offered"})


def fold(case: Standing, recorded: Recorded[Any]) -> None:
    event = recorded.event
    sent = isinstance(event, LetterSent) and any(
        notice.about == event.letter and notice.author == "person" for notice in case.values()
    )
    for id in [id for id, notice in case.items() if _is_over(notice, recorded, sent)]:
        del case[id]
    match event:
        case ClockStarted(replaces=before) if before is not None:
            _succeed(case, recorded.stream, before, event)
        case ClockWarned():
            notice = _add(case, recorded, "warned", event.clock, event.threshold, due=event.due)
            notice.by_law = event.kind == "statutory"
        case ClockBreached():
            notice = _add(case, recorded, "breached", event.clock, due=event.due)
            notice.by_law = event.kind == "statutory"
        case ComplaintEscalated():
            broken = case.get(f"{recorded.stream}/breached/{event.clock}")
            notice = _add(case, recorded, "escalated", event.clock, event.role, level=event.level)
            notice.by_import = broken is not None and broken.by_import
            notice.by_law = broken is not None and broken.by_law
        case LeadCalled():
            _add(case, recorded, "called", "lead").not_for = recorded.actor.id
        case HandOverOffered():
            notice = _add(case, recorded, "hand_over", "offer")
            notice.for_person, notice.for_team = event.to, event.team
        case HandOverReturned():
            _add(case, recorded, "hand_over_back", "offer")
        case PromiseMade():
            notice = _add(case, recorded, "promised", event.promise, due=event.due)
            notice.for_person = event.owner
        case PromiseOffered():
            _add(case, recorded, "promise_offered", event.promise).for_person = event.to
        case PromiseFellDue() | PromiseBroken() | PromiseMoved() | PromisePassedOn():
            _promise(case[f"{recorded.stream}/promised/{event.promise}"], event)
        case ColleagueAsked():
            notice = _add(case, recorded, "asked", event.task, due=event.answer_by)
            notice.for_person = event.to
        case FollowThroughOrdered():
            notice = _add(case, recorded, "ordered", event.order, due=event.answer_by)
            notice.author = event.by
        case FollowThroughMissed():
            notice = case[f"{recorded.stream}/ordered/{event.order}"]
            notice.kind, notice.at = "order_missed", event.at
        case ReviewAsked():
            notice = _add(case, recorded, "review", event.review, due=event.due)
            notice.for_person = event.reviewer
        case ReviewMissed():
            notice = case[f"{recorded.stream}/review/{event.review}"]
            notice.kind, notice.at = "review_missed", event.at
        case OwnerNudged():
            notice = _add(case, recorded, "nudged", event.by)
            notice.for_person, notice.author = event.owner, event.by
        case NoteAdded():
            for staff in event.mentions:
                _mention(case, recorded, staff)
        case ApprovalAsked():
            _add(
                case, recorded, "approval", event.approval, event.matter.kind
            ).not_for = event.asked_by
        case CustomerWrote(after_close=True):
            _anew(case, recorded, "after_close", "mail")
        case CustomerWrote() if recorded.actor.kind != "import":
            _anew(case, recorded, "wrote", "mail").not_for = recorded.actor.id
        case LetterWritten():
            _add(case, recorded, "pending", event.letter, event.purpose).author = event.author
        case LetterFailed(permanent=True):
            for notice in case.values():
                if notice.kind == "pending" and notice.about == event.letter:
                    notice.kind, notice.at = "letter_failed", event.at


def _succeed(case: Standing, stream: str, before: str, now: ClockStarted) -> None:
    """What was told of a clock and still holds is told of the one that counts in its place."""
    ahead = {warn.label for warn in now.warns}
    for id, notice in [*case.items()]:
        if notice.kind not in _CLOCKS or notice.about != before:
            continue
        del case[id]
        told = now.breached_at is None if notice.kind == "warned" else now.breached_at is not None
        if told and notice.detail not in ahead:
            tail = id.removeprefix(f"{stream}/{notice.kind}/{before}")
            kept = f"{stream}/{notice.kind}/{now.clock}{tail}"
            due = now.due if notice.due else None
            case[kept] = replace(notice, id=kept, about=now.clock, due=due)


def mention_id(stream: str, staff: str) -> str:
    return f"{stream}/mentioned/{staff}"


def _mention(case: Standing, recorded: Recorded[Any], staff: str) -> None:
    """The last note that calls them is told; nobody is told of their own."""
    if staff == recorded.actor.id:
        return
    notice = _anew(case, recorded, "mentioned", staff)
    notice.for_person, notice.author = staff, recorded.actor.id


def _promise(notice: Notice, event: Event) -> None:
    """A promise is a row from the first, which is shown once it falls due."""
    match event:
        case PromiseFellDue():
            notice.kind, notice.at = "promise_due", event.at
        case PromiseBroken():
            notice.kind, notice.at = "promise_broken", event.at
        case PromiseMoved():
            notice.kind, notice.due = "promised", event.due
        case PromisePassedOn():
            notice.for_person = event.owner


def _anew(case: Standing, recorded: Recorded[Any], kind: NoticeKind, about: str) -> Notice:
    """In the place of an older one, which somebody may have cleared."""
    case.pop(f"{recorded.stream}/{kind}/{about}", None)
    return _add(case, recorded, kind, about)


def _add(
    case: Standing,
    recorded: Recorded[Any],
    kind: NoticeKind | Hidden,
    about: str,
    detail: str | None = None,
    *,
    level: int = 0,
    due: datetime | None = None,
) -> Notice:
    id = f"{recorded.stream}/{kind}/{about}" + (f"/{level}" if level else "")
    notice = Notice(
        id=id,
        case_stream=recorded.stream,
        kind=kind,
        about=about,
        detail=detail,
        at=recorded.occurred_at,
        due=due,
        by_import=recorded.actor.kind == "import",
        position=recorded.position,
    )
    return case.setdefault(id, notice)


def _is_over(notice: Notice, recorded: Recorded[Any], sent: bool) -> bool:
    """Whether the event takes the notice's reason away. ``sent``: a person's letter has left."""
    kind = notice.kind
    if sent and kind in _WRITTEN:
        return True
    if kind == "nudged" and recorded.actor.id == notice.for_person:
        return True
    match event := recorded.event:
        case ClockSuperseded(by=by) if by is not None:
            return False
        case ClockFulfilled() | ClockSuperseded() | ClockCancelled() | ClockExtended():
            return kind in _CLOCKS and notice.about == event.clock
        case ClockExcused():
            return kind in _CLOCKS and notice.about == event.clock
        case ClockBreached():
            return kind == "warned" and notice.about == event.clock
        case ComplaintClosed():
            passing = ("asked", "called", "nudged", "wrote")
            return kind in _CLOCKS or kind in _PASSING or kind in passing
        case OwnerAssigned() | HandOverAccepted():
            return kind in _PASSING or kind in ("called", "nudged")
        case HandOverOffered():
            return kind in _PASSING
        case HandOverReturned():
            return kind == "hand_over"
        case StepRecorded():
            return kind == "hand_over_back"
        case NoteAdded():
            called = kind == "called" and notice.not_for != recorded.actor.id
            answered = kind == "mentioned" and notice.for_person == recorded.actor.id
            return called or answered or kind == "hand_over_back"
        case PromiseKept() | PromiseTakenBack():
            return kind in _PROMISES and notice.about == event.promise
        case PromisePassedOn() | PromiseReturned():
            return kind == "promise_offered" and notice.about == event.promise
        case FollowThroughAnswered():
            return kind in ("ordered", "order_missed") and notice.about == event.order
        case ColleagueAnswered():
            return kind == "asked" and notice.about == event.task
        case ApprovalGranted() | ApprovalRefused():
            return kind == "approval" and notice.about == event.approval
        case DecisionReviewed():
            return kind in _REVIEWS and notice.about == event.review
        case ComplaintReopened():
            return kind == "after_close" or kind in _REVIEWS
        case NoReplyNeeded():
            return kind in _WRITTEN
        case ReplySaid():
            return kind in _WRITTEN or kind == "hand_over_back"
        case LetterSent():
            return kind == "pending" and notice.about == event.letter
        case LetterPulledBack():
            return kind == "pending" and notice.about == event.letter
        case LetterWritten():
            return kind == "letter_failed" and notice.detail == event.purpose
        case _:
            return False


MATTERS: Final = (
    ApprovalAsked,
    ApprovalGranted,
    ApprovalRefused,
    ColleagueAnswered,
    ColleagueAsked,
    ClockBreached,
    ClockCancelled,
    ClockExcused,
    ClockExtended,
    ClockFulfilled,
    ClockStarted,
    ClockSuperseded,
    ClockWarned,
    ComplaintClosed,
    ComplaintEscalated,
    ComplaintReopened,
    CustomerWrote,
    DecisionReviewed,
    FollowThroughAnswered,
    FollowThroughMissed,
    FollowThroughOrdered,
    HandOverAccepted,
    HandOverOffered,
    HandOverReturned,
    LeadCalled,
    LetterFailed,
    LetterPulledBack,
    LetterSent,
    LetterWritten,
    NoReplyNeeded,
    NoteAdded,
    OwnerAssigned,
    OwnerNudged,
    PromiseBroken,
    PromiseFellDue,
    PromiseKept,
    PromiseMade,
    PromiseMoved,
    PromiseOffered,
    PromisePassedOn,
    PromiseReturned,
    PromiseTakenBack,
    ReplySaid,
    ReviewAsked,
    ReviewMissed,
    StepRecorded,
)
