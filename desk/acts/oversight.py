"""Acts of those who look after a team: order an answer, nudge, move; and passing a case over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from zoneinfo import ZoneInfo

from desk.acts.act import Act, Making
from desk.acts.questions import pick
from desk.case import Case
from desk.colleagues import assignable, resolved
from desk.forms import FormRefused, Question
from desk.language import N_
from desk.words.facts import Speaker
from desk.words.terms import TERMS, choices
from domain.complaint_wishes import ComplaintCommand
from domain.oversight import (
    AnswerFollowThrough,
    FollowThroughOrdered,
    NudgeOwner,
    OrderFollowThrough,
    SkipComplaint,
    SkipReason,
)
from domain.ownership import AssignComplaint

MOST: Final = 2_000


def _order_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    zone = say("In the time of %(zone)s.", zone=say.zone_name(say.zone))
    return [
        Question("words", say("What must be answered"), "long_text", most=MOST),
        Question("answer_by", say("Answer by"), "moment", help=zone),
    ]


def _order(making: Making) -> ComplaintCommand:
    try:
        by = datetime.fromisoformat(making.need("answer_by"))
    except ValueError:
        raise FormRefused({"answer_by": making.say("A date and time is needed.")}) from None
    by = by if by.tzinfo else by.replace(tzinfo=ZoneInfo(making.case.zone))
    return OrderFollowThrough(
        **making.base(),
        order=str(making.command_id),
        words=making.private("words"),
        answer_by=by,
    )


def _answer_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return [Question("answer", say("How it stands and what happens next"), "long_text", most=MOST)]


def _answer(making: Making) -> ComplaintCommand:
    return AnswerFollowThrough(**making.base(), order=making.about, answer=making.private("answer"))


def _skip_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return [
        Question("reason", say("Why not you?"), "choice", choices=choices(say.language, "skip"))
    ]


def _skip(making: Making) -> ComplaintCommand:
    reason = pick(making, "reason", list(TERMS["skip"]))
    return SkipComplaint(**making.base(), reason=cast(SkipReason, reason))


def _move_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    why = Question("reason", say("Reason"), most=500)
    return [assignable(case, say, case.state.ownership.owner), why]


def _move(making: Making) -> ComplaintCommand:
    making.need("reason")
    return AssignComplaint(**making.base(), to=resolved(making, making.need("to")))


@dataclass(frozen=True)
class OpenOrder:
    """An order without an answer, in the words of whoever gave it."""

    name: str
    words: str
    answer_by: datetime
    missed: bool


def orders_of(case: Case, say: Speaker) -> list[OpenOrder]:
    given = {
        entry.event.order: say.shown(entry.quote)
        for entry in case.entries
        if isinstance(entry.event, FollowThroughOrdered)
    }
    return [
        OpenOrder(name, given.get(name, ""), order.answer_by, order.missed_at is not None)
        for name, order in case.state.oversight.orders.items()
    ]


ACTS: Final = (
    Act("order", N_("Order an answer"), N_("Order"), _order, _order_questions,
        right=("write", "oversight"), kind="internal", key="o",
        done=N_("Done: the owner is asked to answer.")),
    Act("answer-order", N_("Answer the order"), N_("Answer"), _answer, _answer_questions,
        kind="internal", done=N_("Done: the order is answered.")),
    Act("nudge", N_("Nudge the owner"), N_("Nudge"), lambda making: NudgeOwner(**making.base()),
        done=N_("Done: the owner is nudged.")),
    Act("reassign", N_("Move it to somebody else"), N_("Move"), _move, _move_questions,
        right=("write", "team"), because="reason", done=N_("Done: assigned.")),
    Act("skip", N_("Pass it over"), N_("Pass over"), _skip, _skip_questions,
        done=N_("Done: passed over.")),
)  # fmt: skip
