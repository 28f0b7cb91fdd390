"""Letter templates: the words of a letter per language, with named places to fill."""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Template as Placeholders
from typing import Literal, Self

from pydantic import Field, model_validator

from domain.decider import LetterPurpose
from domain.event import Frozen
from domain.text import Text

PLACES = frozenset(
    {
        "customer", "number", "received", "product", "entity", "limit", "promise", "asked",
        "answer_by", "decision", "reasons", "redress", "link", "owner", "new_limit",
    }
)  # fmt: skip
"""What a letter may speak of; everything else in a template is refused when it is published."""
OF_ONE_LETTER = frozenset({"answer_by", "asked", "link", "new_limit"})
"""Known of some letters only, such as what was asked; the other places are known of a case."""


class Template(Frozen):
    """``subject`` and ``body`` hold places as ``$name``."""

    kind: Literal["template"] = "template"
    id: str
    version: int = Field(ge=1)
    purpose: LetterPurpose
    legal_entity: str | None = None
    subject: Text
    body: Text
    must_name: frozenset[str] = frozenset()
    """Places that the law demands of this letter (DISP 1.6.1: the limit)."""

    @model_validator(mode="after")
    def _places_are_known(self) -> Self:
        check_places(self.subject.en, self.subject.zh, self.body.en, self.body.zh)
        for body in (self.body.en, self.body.zh):
            missing = self.must_name - places_in(body)
            if missing:
                raise ValueError(f"places that must be named: {', '.join(sorted(missing))}")
        return self


def check_places(*texts: str, among: frozenset[str] = PLACES) -> None:
    """Raises: ValueError."""
    for text in texts:
        if not well_formed(text):
            raise ValueError("a $ must begin a place, or be written $$")
        if unknown := sorted(places_in(text) - among):
            raise ValueError(f"unknown places: {', '.join(unknown)}")


def well_formed(text: str) -> bool:
    """Whether every $ begins a place, or is written $$."""
    return Placeholders(text).is_valid()


def places_in(text: str) -> set[str]:
    return set(Placeholders(text).get_identifiers())


def fill(text: str, places: Mapping[str, str]) -> str:
    """The text with its places filled; a line whose places all lack a value is left out."""
    said = dict.fromkeys(PLACES, "") | dict(places)
    lines = [
        line
        for line in text.split("\n")
        if not (named := places_in(line)) or any(said[name] for name in named)
    ]
    filled = Placeholders("\n".join(lines)).substitute(said)
    return re.sub(r"\n{3,}", "\n\n", filled).strip() + "\n"
