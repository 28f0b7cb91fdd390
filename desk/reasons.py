"""Why the rules said no, in plain words: the class name of a DomainError is the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from desk.language import N_, say
from domain.decider import DomainError

REASONS: Final[Mapping[str, tuple[int, str]]] = {
    "AlreadyTaken": (409, N_("Somebody else took it first.")),
}


def reason_of(error: DomainError, language: str) -> tuple[int, str, str | None]:
    """Status, words, and the field they are about."""
    status, words = REASONS.get(type(error).__name__, (409, N_("This is not possible now.")))
    return status, say(language, words, **error.facts), error.facts.get("field")
