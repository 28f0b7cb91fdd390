"""Procedures: guided work as a versioned document, and what it says of a case's next step.

A procedure names stages and steps. Each step has its words in both languages, the fields
of its form, who may do it, and gates: what must be true first. ``standing`` answers for
every step whether it is done, available, or why not; desk and API show that answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal, Self

from pydantic import Field as Limit
from pydantic import model_validator

from domain.decider import DomainError
from domain.event import Frozen
from domain.personal import Personal
from domain.text import Text

Act = Literal[
    "lodge", "acknowledge", "assess", "record", "propose", "answer", "close", "follow_up"
]  # fmt: skip
"""Which command completes the step; ``record`` is any step a company adds for itself."""

Gate = str
"""``step:<id>`` (that step is done), or one of FACT_GATES."""

FACT_GATES = frozenset(
    {"owned", "decided", "approved", "answered", "customer_decided", "redress_paid", "not_waiting"}
)


class Choice(Frozen):
    id: str
    title: Text


class FormField(Frozen):
    """One question of a step's form. What is typed is personal unless it is ``countable``."""

    id: str = Limit(pattern=r"^[a-z][a-z0-9_]*$")
    title: Text
    kind: Literal["text", "long_text", "choice", "number", "date", "yes_no"] = "long_text"
    choices: tuple[Choice, ...] = ()
    required: bool = True
    countable: bool = False

    @model_validator(mode="after")
    def _choices_fit(self) -> Self:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError(f"field {self.id}: choices belong to a choice, and a choice has them")
        return self


class Step(Frozen):
    id: str = Limit(pattern=r"^[a-z][a-z0-9_]*$")
    stage: str
    title: Text
    guidance: Text
    more: Text | None = None
    act: Act = "record"
    fields: tuple[FormField, ...] = ()
    roles: tuple[str, ...] = ("agent", "team_lead")
    gates: tuple[Gate, ...] = ()
    repeatable: bool = False


class Stage(Frozen):
    id: str
    title: Text


class Procedure(Frozen):
    """Published as a document; a case is pinned to the version it began with."""

    kind: Literal["procedure"] = "procedure"
    id: str
    version: int = Limit(ge=1)
    title: Text
    source: str
    """Standard or law it follows, with the words on what is the company's own."""
    stages: tuple[Stage, ...] = Limit(min_length=1)
    steps: tuple[Step, ...] = Limit(min_length=1)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        stages = {stage.id for stage in self.stages}
        steps = [step.id for step in self.steps]
        if len(set(steps)) < len(steps) or len(stages) < len(self.stages):
            raise ValueError("a stage or step is named twice")
        before: set[str] = set()
        for step in self.steps:
            if step.stage not in stages:
                raise ValueError(f"step {step.id} is in no stage")
            for gate in step.gates:
                if gate in FACT_GATES or gate.removeprefix("step:") in before:
                    continue
                raise ValueError(f"step {step.id}: gate {gate} is no fact and no earlier step")
            before.add(step.id)
        for act in ("lodge", "acknowledge", "assess", "propose", "answer", "close"):
            if sum(step.act == act for step in self.steps) != 1:
                raise ValueError(f"exactly one step must {act}")
        return self

    def step(self, name: str) -> Step:
        for step in self.steps:
            if step.id == name:
                return step
        raise StepUnknown(step=name)

    def step_for(self, act: Act) -> Step | None:
        return next((step for step in self.steps if step.act == act), None)


class StepUnknown(DomainError):
    """The procedure of this case has no such step."""


class StepNotAvailable(DomainError):
    """A gate of the step is not open; ``missing`` names the gates."""


class FieldMissing(DomainError):
    """A question that must be answered was not; ``field`` names it."""


class FieldRefused(DomainError):
    """An answer does not fit its question; ``field`` names it."""


class Standing(Frozen):
    """Where one step stands: done, available, or waiting for the gates in ``missing``."""

    step: str
    state: Literal["done", "available", "waiting"]
    missing: tuple[Gate, ...] = ()


def standing(procedure: Procedure, done: Set[str], facts: Set[str]) -> list[Standing]:
    """Where every step stands, given the steps done and the gates of fact that are open."""
    answers = []
    for step in procedure.steps:
        missing = closed_gates(step, done, facts)
        state: Literal["done", "available", "waiting"]
        if step.id in done and not (step.repeatable and not missing):
            state = "done"
        else:
            state = "waiting" if missing else "available"
        answers.append(Standing(step=step.id, state=state, missing=missing))
    return answers


def closed_gates(step: Step, done: Set[str], facts: Set[str]) -> tuple[Gate, ...]:
    return tuple(
        gate
        for gate in step.gates
        if gate not in facts and gate.removeprefix("step:") not in done
    )  # fmt: skip


Answer = Personal | str
"""What a form field holds when stored: clear only where the field is countable."""


def parse_answers(step: Step, values: Mapping[str, str]) -> dict[str, Answer]:
    """Form texts as stored answers.

    Raises: FieldMissing, FieldRefused (also for a field the step does not have).
    """
    known = {field.id: field for field in step.fields}
    for name in values:
        if name not in known:
            raise FieldRefused(field=name)
    answers: dict[str, Answer] = {}
    for field in step.fields:
        text = values.get(field.id, "").strip()
        if not text:
            if field.required:
                raise FieldMissing(field=field.id)
            continue
        if not _fits(field, text):
            raise FieldRefused(field=field.id)
        answers[field.id] = text if field.countable else Personal(text)
    return answers


def _fits(field: FormField, text: str) -> bool:
    match field.kind:
        case "choice":
            return text in {choice.id for choice in field.choices}
        case "yes_no":
            return text in {"yes", "no"}
        case "number":
            try:
                return Decimal(text).is_finite()
            except InvalidOperation:
                return False
        case "date":
            return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text)) and _is_date(text)
        case "text":
            return len(text) <= 500
        case "long_text":
            return len(text) <= 20_000


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
