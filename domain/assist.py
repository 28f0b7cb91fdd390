"""A task with a colleague: one question on a case, who is asked, by when, what they answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

from pydantic import AwareDatetime

from domain.decider import DomainError
from domain.event import Command, Event, Frozen
from domain.later import check_later
from domain.ownership import Assignee, check_can_help
from domain.personal import Personal

# events


class ColleagueAsked(Event, type="ColleagueAsked"):
    """``to`` is a staff stream. The case stays with its owner."""

    task: str
    to: str
    what: Personal
    answer_by: AwareDatetime


class ColleagueAnswered(Event, type="ColleagueAnswered"):
    task: str
    answer: Personal


AssistEvent = ColleagueAsked | ColleagueAnswered


# commands


class AskColleague(Command):
    task: str
    to: Assignee
    what: Personal
    answer_by: AwareDatetime


class AnswerColleague(Command):
    task: str
    answer: Personal


AssistCommand = AskColleague | AnswerColleague


# state


class Task(Frozen):
    to: str
    asked_at: datetime
    answer_by: datetime
    answered_at: datetime | None = None


Tasks = Mapping[str, Task]


class TaskUnknown(DomainError):
    """No colleague was asked this in the case."""


class NotAskedOfYou(DomainError):
    """Only whoever was asked can answer."""


def decide_assist(command: AssistCommand, tasks: Tasks) -> list[AssistEvent]:
    task = tasks.get(command.task)
    match command:
        case AskColleague(to=to):
            if task is not None:
                return []
            check_can_help(to, command)
            check_later(command.at, command.answer_by, "answer_by")
            return [
                ColleagueAsked(
                    at=command.at,
                    task=command.task,
                    to=to.staff,
                    what=command.what,
                    answer_by=command.answer_by,
                )
            ]
        case AnswerColleague():
            if task is None:
                raise TaskUnknown()
            if task.to != command.actor.id:
                raise NotAskedOfYou()
            if task.answered_at is not None:
                return []
            return [ColleagueAnswered(at=command.at, task=command.task, answer=command.answer)]
        case _:
            assert_never(command)


def evolve_tasks(tasks: Tasks, event: AssistEvent) -> Tasks:
    match event:
        case ColleagueAsked():
            task = Task(to=event.to, asked_at=event.at, answer_by=event.answer_by)
        case ColleagueAnswered():
            task = tasks[event.task].model_copy(update={"answered_at": event.at})
        case _:
            assert_never(event)
    return {**tasks, event.task: task}
