"""Procedures: guided work as a versioned document, and what it says of a case's next step.

A procedure names stages and steps. Each step has the fields of its form, who may do it, and
gates: what must be true first; beside these rules stand the words in both languages.
``standing`` says of every step whether it is done, available, or why not; desk and API show it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal, Self

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


class Field(Frozen):
    """One question of a step's form. What is typed is personal unless it is ``countable``."""

    id: str = Limit(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["text", "long_text", "choice", "number", "date", "yes_no"] = "long_text"
    choices: tuple[str, ...] = ()
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
    act: Act = "record"
    fields: tuple[Field, ...] = ()
    roles: tuple[str, ...] = ("agent", "team_lead")
    gates: tuple[Gate, ...] = ()
    repeatable: bool = False


class Rules(Frozen):
    """The part of a procedure that decides; a case carries it from its first day."""

    id: str
    version: int = Limit(ge=1)
    stages: tuple[str, ...] = Limit(min_length=1)
    steps: tuple[Step, ...] = Limit(min_length=1)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        steps = [step.id for step in self.steps]
        if len(set(steps)) < len(steps) or len(set(self.stages)) < len(self.stages):
            raise ValueError("a stage or step is named twice")
        before: set[str] = set()
        for step in self.steps:
            if step.stage not in self.stages:
                raise ValueError(f"step {step.id} is in no stage")
            for gate in step.gates:
                if gate not in FACT_GATES and gate.removeprefix("step:") not in before:
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


class StepWords(Frozen):
    """What a step is called and how it is done; ``choices`` are keyed ``field.choice``."""

    title: Text
    guidance: Text
    more: Text | None = None
    fields: Mapping[str, Text] = {}
    choices: Mapping[str, Text] = {}


class Procedure(Frozen):
    """Published as a document; a case is pinned to the version it began with.

    ``source``: the standard or law it follows, and what of it is the company's own.
    """

    kind: Literal["procedure"] = "procedure"
    id: str
    version: int = Limit(ge=1)
    title: Text
    source: Text
    stages: Mapping[str, Text]
    rules: Rules
    words: Mapping[str, StepWords]

    @model_validator(mode="after")
    def _every_step_has_words(self) -> Self:
        if (self.rules.id, self.rules.version) != (self.id, self.version):
            raise ValueError("the rules are of another procedure or version")
        if set(self.stages) != set(self.rules.stages):
            raise ValueError("each stage needs its title, and no other")
        if set(self.words) != {step.id for step in self.rules.steps}:
            raise ValueError("each step needs its words, and no other")
        for step in self.rules.steps:
            words = self.words[step.id]
            if set(words.fields) != {field.id for field in step.fields}:
                raise ValueError(f"step {step.id}: each field needs its words, and no other")
            choices = {f"{field.id}.{choice}" for field in step.fields for choice in field.choices}
            if set(words.choices) != choices:
                raise ValueError(f"step {step.id}: each choice needs its words, and no other")
        return self


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


def standing(rules: Rules, done: Set[str], facts: Set[str]) -> list[Standing]:
    """Where every step stands, given the steps done and the gates of fact that are open."""
    answers = []
    for step in rules.steps:
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


Answer = Annotated[str | Personal, Limit(union_mode="left_to_right")]
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


def _fits(field: Field, text: str) -> bool:
    match field.kind:
        case "choice":
            return text in field.choices
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
