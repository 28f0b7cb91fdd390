"""The vocabulary: what the domain's short names are called in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from desk.language import say
from desk.words.clock_terms import CLOCK_TERMS
from desk.words.complaint_terms import COMPLAINT_TERMS
from desk.words.page_terms import PAGE_TERMS
from desk.words.people_terms import PEOPLE_TERMS

TERMS: Final[Mapping[str, Mapping[str, str]]] = {
    **COMPLAINT_TERMS,
    **CLOCK_TERMS,
    **PEOPLE_TERMS,
    **PAGE_TERMS,
}
"""Kind of word -> short name -> English; Chinese is in the catalogue."""


def term(language: str, kind: str, value: str) -> str:
    """The word for a short name; a name that a company added itself stands as it is."""
    words = TERMS[kind].get(value)
    return say(language, words) if words else value.replace("_", " ")


def choices(language: str, kind: str, *, among: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(value, term(language, kind, value)) for value in among or TERMS[kind]]
