"""One line of promise beside what is said; what is promised in a case; who was asked in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from desk.acts.act import Making
from desk.case import Case
from desk.forms import Question
from desk.words.facts import Speaker
from domain.assist import ColleagueAnswered, ColleagueAsked
from domain.promise import Promised, PromiseMade

MOST: Final = 500


def promise_questions(say: Speaker, *, required: bool = False) -> list[Question]:
    """ "I promise … by …", beside a reply, a note or a call, or alone."""
    return [
        Question("promise", say("I promise"), required=required, most=MOST),
        Question(
            "promise_due",
            say("By when"),
            "moment",
            required=required,
            help=say("In the time of %(zone)s.", zone=say.zone_name(say.zone)),
        ),
    ]


def promised(making: Making) -> Promised | None:
    """What was typed into the line. Raises FormRefused where half of it is missing."""
    what, due = making.maybe("promise"), making.maybe("promise_due")
    if what is None and due is None:
        return None
    return Promised(
        what=making.private("promise"),
        due=making.later("promise_due"),
        to=making.maybe_private("promise_to"),
    )


@dataclass(frozen=True)
class Given:
    """An open promise of a case; ``to`` None: the customer. Staff by their streams."""

    name: str
    what: str
    to: str | None
    owner: str
    due: datetime
    moved: int
    broken: bool
    offered_to: str | None
    for_me: bool


def promises_of(case: Case, say: Speaker) -> list[Given]:
    """Earliest due first."""
    state, me = case.state, case.person.staff
    made = {it.event.promise: it.event for it in case.records if isinstance(it.event, PromiseMade)}
    texts = case.house.ledger.open_in([(made[name].what, made[name].to) for name in state.promises])
    found = [
        Given(
            name=name,
            what=say.shown(what),
            to=None if made[name].to is None else say.shown(to),
            owner=it.owner,
            due=it.due,
            moved=it.moved,
            broken=it.broken_at is not None,
            offered_to=it.offer.to if it.offer else None,
            for_me=it.offer is not None and it.offer.to == me,
        )
        for (name, it), (what, to) in zip(state.promises.items(), texts, strict=True)
    ]
    return sorted(found, key=lambda given: given.due)


@dataclass(frozen=True)
class Asked:
    """A task with a colleague."""

    name: str
    to: str
    what: str
    answer_by: datetime
    answer: str | None
    for_me: bool
    late: bool


def tasks_of(case: Case, say: Speaker) -> list[Asked]:
    """Those that wait first, then by when."""
    questions = {
        it.event.task: it.event.what for it in case.records if isinstance(it.event, ColleagueAsked)
    }
    answers = {
        it.event.task: it.event.answer
        for it in case.records
        if isinstance(it.event, ColleagueAnswered)
    }
    tasks = case.state.tasks
    texts = case.house.ledger.open_in([(questions[name], answers.get(name)) for name in tasks])
    found = [
        Asked(
            name=name,
            to=it.to,
            what=say.shown(what),
            answer_by=it.answer_by,
            answer=say.shown(answer) if it.answered_at else None,
            for_me=it.to == case.person.staff and it.answered_at is None,
            late=it.answered_at is None and it.answer_by < say.now,
        )
        for (name, it), (what, answer) in zip(tasks.items(), texts, strict=True)
    ]
    return sorted(found, key=lambda asked: (asked.answer is not None, asked.answer_by))
