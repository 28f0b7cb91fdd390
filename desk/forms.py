"""Forms: questions, what was typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal[
    "text", "long_text", "choice", "yes_no", "moment", "date", "number", "email", "phone"
]


@dataclass(frozen=True)
class Question:
    """One field of a form, in the reader's words; ``choices`` are (value, words)."""

    name: str
    title: str
    kind: Kind = "text"
    required: bool = True
    choices: Sequence[tuple[str, str]] = ()
    help: str = ""
    rows: int = 3
    most: int = 500
    value: str = ""
    wrong: str = ""


def filled(
    questions: Sequence[Question], typed: Mapping[str, str], wrong: Mapping[str, str] | None = None
) -> list[Question]:
    """The same questions holding what was typed, and what is wrong with it."""
    return [
        replace(
            question,
            value=typed.get(question.name, question.value),
            wrong=(wrong or {}).get(question.name, ""),
        )
        for question in questions
    ]
