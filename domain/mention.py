"""Colleagues called in a note: ``@`` and a login or a name, in letters or in Chinese signs.

A Chinese name runs on into the next word, a name in letters ends with its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final, NamedTuple

from domain.decider import DomainError
from domain.event import Frozen

_AT: Final = re.compile(r"(?<![A-Za-z0-9._%+-])@(?=\w)")
_CHINESE: Final = r"\u3400-\u9fff"
_WORD: Final = re.compile(rf"[{_CHINESE}]{{1,4}}|[^\W\d{_CHINESE}][^\s@{_CHINESE}]{{0,39}}")
_RUNS_ON: Final = re.compile(rf"[^\W{_CHINESE}]")
MOST_MEANT: Final = 3


class Colleague(Frozen):
    """Somebody who can be called; ``reads``: whether they may see the case."""

    staff: str
    login: str
    names: frozenset[str]
    reads: bool

    @property
    def called(self) -> frozenset[str]:
        return self.names | {self.login}


class Call(NamedTuple):
    """Where it stands in the text, ``@`` included, and everybody who is called so."""

    start: int
    end: int
    whom: tuple[Colleague, ...]


class CannotBeCalled(DomainError):
    """A note calls somebody who may not see the case."""


def check_called(mentions: Iterable[str], readers: frozenset[str]) -> None:
    """Raises: CannotBeCalled."""
    if not readers.issuperset(mentions):
        raise CannotBeCalled(field="mentions")


def calls(text: str, colleagues: Iterable[Colleague]) -> list[Call]:
    """Every call in a text, known or not; of two names that fit the longer one is meant."""
    known: dict[str, list[Colleague]] = {}
    for each in colleagues:
        for name in {name.casefold() for name in each.called}:
            known.setdefault(name, []).append(each)
    longest = max(map(len, known), default=0)
    found = (_call(text, at.start(), known, longest) for at in _AT.finditer(text))
    return [call for call in found if call is not None]


def _call(text: str, at: int, known: dict[str, list[Colleague]], longest: int) -> Call | None:
    begin = at + 1
    for end in range(min(begin + longest, len(text)), begin, -1):
        whom = known.get(text[begin:end].casefold())
        if whom and _ends(text, end):
            return Call(at, end, tuple(whom))
    word = _WORD.match(text, begin)
    return Call(at, _without_stops(text, begin, word.end()), ()) if word else None


def _ends(text: str, end: int) -> bool:
    return not (text[end - 1].isascii() and _RUNS_ON.match(text, end))


def _without_stops(text: str, begin: int, end: int) -> int:
    """Where the word ends without the commas and stops behind it."""
    return begin + len(text[begin:end].rstrip("，。、；：！？,.;:!?)）」”\"'"))


def meant(word: str, colleagues: Sequence[Colleague]) -> list[Colleague]:
    """Who may have been meant by a name that nobody has, the likeliest first."""
    word = word.casefold()
    names = {name.casefold(): each for each in colleagues for name in each.called}
    begins = [name for name in sorted(names) if name.startswith(word)]
    first = [name for name in sorted(names) if not name.isascii() and name[0] == word[0]]
    near = get_close_matches(word, names, MOST_MEANT, 0.6)
    found = dict.fromkeys(names[name].staff for name in (*begins, *near, *first))
    by_staff = {each.staff: each for each in colleagues}
    return [by_staff[staff] for staff in found][:MOST_MEANT]
