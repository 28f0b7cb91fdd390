"""What a new password must not be: too short, known to everybody, or made of one's own login."""

from __future__ import annotations

import hashlib
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from desk.authentication.session import LONGEST_PASSWORD, SHORTEST_PASSWORD
from desk.language import say

KNOWN: Final = Path(__file__).parent / "known_passwords.txt"
"""The 10,000 commonest of twelve signs and more, from a public list of a million that leaked
(OWASP SecLists): of each the first ten digits of SHA-256, in small letters."""
PRODUCT: Final = "evercase"
FEWEST_SIGNS: Final = 5
LONGEST_ROW: Final = 6
"""Signs that follow each other as in an alphabet, or backwards."""


@cache
def known() -> frozenset[str]:
    return frozenset(KNOWN.read_text().split())


def fault_of(password: str, login: str, language: str) -> str:
    """What is wrong with a new password, in words; nothing where it is good."""
    small = password.casefold()
    if len(password) < SHORTEST_PASSWORD:
        return say(language, "At least %(least)s characters.", least=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        return say(language, "At most %(most)s characters.", most=LONGEST_PASSWORD)
    if hashlib.sha256(small.encode()).hexdigest()[:10] in known():
        return say(language, "This is among the passwords that everybody tries first.")
    if PRODUCT in small or (len(login) > 3 and login.casefold() in small):
        return say(language, "It must not contain the login or the name of this desk.")
    if len(set(small)) < FEWEST_SIGNS or _repeats(small) or _row(small) > LONGEST_ROW:
        return say(language, "It repeats itself or counts up. Several words are better.")
    return ""


def _repeats(text: str) -> bool:
    """Whether it is one part over and over."""
    return text in (text + text)[1:-1]


def _row(text: str) -> int:
    """The most signs in a row of which each is the next one, or the one before."""
    longest = 1
    for step in (1, -1):
        row = 1
        for before, after in pairwise(text):
            row = row + 1 if ord(after) - ord(before) == step else 1
            longest = max(longest, row)
    return longest
