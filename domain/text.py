"""A text in the two languages of the house."""

from __future__ import annotations

from typing import Literal

from domain.event import Frozen

Language = Literal["en", "zh"]


class Text(Frozen):
    en: str
    zh: str

    def in_(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en
