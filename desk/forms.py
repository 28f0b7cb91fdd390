"""Forms: questions, what was typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID, uuid5

NOT_TYPED: Final = frozenset(
    {"csrf", "command_id", "version", "next", "draft", "anyway", "pick", "use"}
)
"""What a form carries besides the words: the same wish, whatever these hold."""

Kind = Literal[
    "text", "long_text", "choice", "yes_no", "moment", "date", "number", "email", "phone",
    "files", "pick", "ticks",
]  # fmt: skip


@dataclass(frozen=True)
class Question:
    """One field of a form, in the reader's words; ``choices`` are (value, words).

    accept: endings of the files that may be chosen. calls: ``@`` and a name calls a colleague.
    pick: a saved reply; ``source``: the case it is filled for, ``value``: the one in the box.
    ticks: any of ``choices``; ``value``: those, with commas between.
    """

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
    accept: str = ""
    calls: bool = False
    source: str = ""


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


class FormRefused(Exception):
    """What was typed does not make a command: field -> what is wrong with it, in words."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("form refused")
        self.fields = fields


class Unsure(Exception):
    """It is done when the person says yes to ``words``, by the field ``anyway``."""

    def __init__(self, words: str) -> None:
        super().__init__("unsure")
        self.words = words


def form_id(typed: Mapping[str, str]) -> UUID:
    """The id a form was given when it was made. Raises FormRefused for what is no form of ours."""
    try:
        return UUID(typed.get("command_id", ""))
    except ValueError:
        raise FormRefused({}) from None


def command_id(form: UUID, typed: Mapping[str, str]) -> UUID:
    """The same form with the same words is the same wish, however often it is sent."""
    content = "\n".join(f"{k}={v}" for k, v in sorted(typed.items()) if k not in NOT_TYPED)
    return uuid5(form, content)


def version_seen(typed: Mapping[str, str]) -> int | None:
    """The version of the stream that the form was made from; None where it says none of ours."""
    said = typed.get("version", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 9 else None


def version_needed(typed: Mapping[str, str]) -> int:
    """As ``version_seen``: what is published is what was read. Raises: FormRefused."""
    version = version_seen(typed)
    if version is None:
        raise FormRefused({})
    return version


def stream_for(kind: str, form: UUID, command: UUID) -> str:
    """The stream that a wish begins: the same for the same wish, in order of when it was asked."""
    moment, chance = form.int >> 80 << 80, command.int & ((1 << 80) - 1)
    fixed = ~(0xF << 76 | 0b11 << 62)
    return f"{kind}-{UUID(int=(moment | chance) & fixed | 0x7 << 76 | 0b10 << 62)}"
