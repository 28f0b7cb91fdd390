"""Notices for owners and leads: each stands as long as its reason does, and goes by itself.

What is about to be late, late, escalated; a hand-over, a promise, a question or an approval that
waits; a note that calls somebody; words of the customer, also after closing; a letter that could
not be sent. Grouped by case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from psycopg import sql

from domain.access import Person, scope
from domain.approval import ApprovalAsked, ApprovalGranted, ApprovalRefused
from domain.assist import ColleagueAnswered, ColleagueAsked
from domain.clock_facts import (
    ClockBreached,
    ClockCancelled,
    ClockExcused,
    ClockExtended,
    ClockFulfilled,
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
from projections.build import Projection, Rows, types_of
from projections.place import MOVES, keep_places
from projections.place import TABLE as PLACE_TABLE
from projections.reading import Reading
from projections.rows import Shelf
from projections.within import cases_within

NAME: Final = "notices"
TABLES: Final = (
    """
CREATE TABLE {table} (
    id text PRIMARY KEY,
    case_stream text NOT NULL,
    kind text NOT NULL,
    about text NOT NULL,
    detail text,
    at timestamptz NOT NULL,
    due timestamptz,
    for_person text,
    for_team text,
    not_for text,
    author text,
    by_import boolean NOT NULL,
    by_law boolean NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (case_stream);
"""
    + PLACE_TABLE
)

NoticeKind = Literal[
    "warned", "breached", "escalated", "called", "hand_over", "hand_over_back", "approval",
    "after_close", "letter_failed", "promise_due", "promise_broken", "promise_offered", "asked",
    "ordered", "order_missed", "nudged", "mentioned", "wrote",
    "review", "review_missed",
]  # fmt: skip
Hidden = Literal["pending", "promised"]
_CLOCKS: Final = frozenset({"warned", "breached", "escalated"})
_PASSING: Final = frozenset({"hand_over", "hand_over_back"})
_REVIEWS: Final = frozenset({"review", "review_missed"})
_WRITTEN: Final = frozenset({"wrote", "after_close"})
_PROMISES: Final = frozenset({"promised", "promise_due", "promise_broken", "promise_offered"})


@dataclass(slots=True)
class Notice:
    """One reason. ``about``: the clock, approval, letter, promise or task; ``detail``: by its kind.

    warned: the threshold. escalated: the role it goes to. approval: the matter.
    letter_failed: the letter's purpose. Not shown: ``pending``, a letter under way, and
    ``promised``, a promise that is not due yet.
    by_law: its clock is a limit of the law.
    by_import: an import told of it; of a case that it brought in, one line is shown for all.
    """

    id: str
    case_stream: str
    kind: NoticeKind | Hidden
    about: str
    detail: str | None
    at: datetime
    due: datetime | None = None
    for_person: str | None = None
    for_team: str | None = None
    not_for: str | None = None
    author: str | None = None
    by_import: bool = False
    by_law: bool = False
    position: int = 0


_NOTICES: Final = Shelf(Notice, "id")
_Standing = dict[str, Notice]
"""The notices of one case, by id."""


def apply(connection: Rows, table: str, batch: Sequence[Recorded[Any]]) -> None:
    keep_places(connection, table, batch)
    ours = [recorded for recorded in batch if isinstance(recorded.event, _MATTERS)]
    if not ours:
        return
    streams = {recorded.stream for recorded in ours}
    before = _NOTICES.read_by(connection, table, "case_stream", streams)
    cases: dict[str, _Standing] = {stream: {} for stream in streams}
    for notice in before:
        cases[notice.case_stream][notice.id] = notice
    for recorded in ours:
        _fold(cases[recorded.stream], recorded)
    standing = {id: notice for case in cases.values() for id, notice in case.items()}
    _NOTICES.delete(connection, table, [row.id for row in before if row.id not in standing])
    _NOTICES.write(connection, table, list(standing.values()))


def _fold(case: _Standing, recorded: Recorded[Any]) -> None:
    event = recorded.event
    sent = isinstance(event, LetterSent) and any(
        notice.about == event.letter and notice.author == "person" for notice in case.values()
    )
    for id in [id for id, notice in case.items() if _is_over(notice, recorded, sent)]:
        del case[id]
    match event:
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


def mention_id(stream: str, staff: str) -> str:
    return f"{stream}/mentioned/{staff}"


def _mention(case: _Standing, recorded: Recorded[Any], staff: str) -> None:
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


def _anew(case: _Standing, recorded: Recorded[Any], kind: NoticeKind, about: str) -> Notice:
    """In the place of an older one, which somebody may have cleared."""
    case.pop(f"{recorded.stream}/{kind}/{about}", None)
    return _add(case, recorded, kind, about)


def _add(
    case: _Standing,
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


_MATTERS: Final = (
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

PROJECTION: Final = Projection(
    NAME, TABLES, apply, on_error="park", types=types_of(*_MATTERS, *MOVES), version=7
)


# queries


class CaseNotices(NamedTuple):
    """What stands on one case, the newest first."""

    stream: str
    number: str
    customer: str
    owner: str | None
    notices: list[Notice]


@dataclass(slots=True)
class _Shown(Notice):
    number: str = ""
    customer: str = ""
    owner: str | None = None


_FOR: Final = """
  FROM {table} AS t JOIN {table_case} AS c ON c.stream = t.case_stream
 WHERE (t.by_import AND c.held) = %(carried_over)s AND {cases}
   AND t.kind NOT IN ('pending', 'promised') AND t.not_for IS DISTINCT FROM %(me)s AND (
        t.kind = 'hand_over'
        AND (t.for_person = %(me)s OR t.for_person IS NULL AND t.for_team = ANY (%(teams)s))
     OR t.kind = 'approval'
        AND CASE WHEN t.detail = 'excuse' THEN {excuses} ELSE {approvals} END
     OR t.kind = 'escalated'
        AND CASE WHEN t.detail = 'team_lead' THEN {leads} ELSE t.detail = ANY (%(roles)s) END
     OR t.kind = 'called' AND {leads}
     OR t.kind IN ('warned', 'ordered', 'wrote') AND c.owner = %(me)s
     OR t.kind = 'order_missed' AND (c.owner = %(me)s OR t.author = %(me)s OR {leads})
     OR t.kind IN ('promise_due', 'promise_offered', 'asked', 'nudged', 'mentioned', 'review')
        AND t.for_person = %(me)s
     OR t.kind IN ('promise_broken', 'review_missed') AND (t.for_person = %(me)s OR {leads})
     OR t.kind IN ('breached', 'after_close', 'letter_failed', 'hand_over_back')
        AND (c.owner = %(me)s OR {leads}))
"""
_LISTED: Final = (
    "SELECT t.*, c.number, c.customer, c.owner"
    + _FOR
    + " ORDER BY t.at DESC, t.position DESC LIMIT %(limit)s"
)
_COUNTED: Final = "SELECT count(DISTINCT t.case_stream)" + _FOR


def notices(reading: Reading, person: Person, limit: int = 500) -> list[CaseNotices]:
    """What the person should look at, by case, the case with the newest notice first."""
    parameters, parts = _for(person)
    parameters |= {"limit": limit, "carried_over": False}
    found = reading.rows(_Shown, NAME, _LISTED, parameters, **parts)
    by_case: dict[str, list[_Shown]] = {}
    for notice in found:
        by_case.setdefault(notice.case_stream, []).append(notice)
    return [
        CaseNotices(stream, rows[0].number, rows[0].customer, rows[0].owner, [*rows])
        for stream, rows in by_case.items()
    ]


def carried_over(reading: Reading, person: Person) -> int:
    """How many cases that an import brought in were late, or nearly so, when they came."""
    parameters, parts = _for(person)
    ((count,),) = reading.records(NAME, _COUNTED, parameters | {"carried_over": True}, **parts)
    return int(count)


def _for(person: Person) -> tuple[dict[str, Any], dict[str, sql.Composable]]:
    """What the conditions of a query say of the person, and the conditions themselves."""
    conditions = {
        "cases": cases_within(scope(person, "case"), "c", "cases"),
        "leads": cases_within(scope(person, "team", "write"), "c", "leads"),
        "approvals": cases_within(scope(person, "approval", "write"), "c", "approvals"),
        "excuses": cases_within(scope(person, "excuse", "write"), "c", "excuses"),
    }
    parameters: dict[str, Any] = {
        "me": person.staff,
        "teams": sorted({role.team for role in person.roles if role.team is not None}),
        "roles": sorted({role.name for role in person.roles}),
    }
    for _, named in conditions.values():
        parameters |= named
    return parameters, {name: condition for name, (condition, _) in conditions.items()}
