"""Finding a subject by name, phone, e-mail or order number without storing any of them.

What is searched for becomes normalised terms; only their HMAC under the purpose's own secret is
kept. The terms of a subject go in the transaction that destroys its key.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Sequence
from typing import Final, Literal, get_args

from domain.event import Event, Recorded
from ledger.database import Connection
from ledger.keys import Keys
from ledger.pursuit import Follower

Purpose = Literal["name", "phone", "email", "order"]

_ADDING: Final = frozenset({"order"})
"""Purposes whose values add up; a new value of any other replaces the old one."""

_SIGN: Final = r"[\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]"
_HAN: Final = re.compile(f"{_SIGN}+")
_WITHIN: Final = re.compile(rf"(?<={_SIGN})[\s·•‧・∙⋅.]+(?={_SIGN})")
"""Spaces and middle dots in a Chinese name: with and without them it is the same name."""
_LATIN_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_NOT_DIGIT: Final = re.compile(r"\D")
_HOME: Final = "86"
"""The country whose code a phone number without one is taken to have."""
_HOME_LENGTH: Final = 13
"""Digits of its mobile numbers with the code, as people write them without the plus."""


def terms(purpose: str, text: str) -> set[str]:
    """What a stored value is found by."""
    match purpose:
        case "name":
            found = set()
            for run in _runs(text):
                found |= {run, *_pairs(run)}
            return found | _words(text)
        case "phone":
            return {_e164(text)} - {""}
        case "email":
            return {unicodedata.normalize("NFKC", text).strip().casefold()} - {""}
        case "order":
            return {re.sub(r"[\s\-_./#]", "", _folded(text))} - {""}
        case _:
            raise ValueError(f"nothing is searched by {purpose}")


def sought(purpose: str, text: str) -> set[str]:
    """The terms a subject must have to be found by this text."""
    if purpose != "name":
        return terms(purpose, text)
    found = set()
    for run in _runs(text):
        found |= set(_pairs(run)) or {run}
    return found | _words(text)


def _words(text: str) -> set[str]:
    return set(_LATIN_WORD.findall(_HAN.sub(" ", _folded(text))))


def _runs(text: str) -> list[str]:
    return _HAN.findall(_WITHIN.sub("", _folded(text)))


def _pairs(run: str) -> list[str]:
    return [run[n : n + 2] for n in range(len(run) - 1)]


def _folded(text: str) -> str:
    """Without case, accents and width: José, JOSE and ｊｏｓｅ are one."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c)))


def _e164(text: str) -> str:
    """``+8613912345678`` of any spelling; a leading 00 is a plus, a single trunk zero goes."""
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = _NOT_DIGIT.sub("", plain.replace("(0)", ""))
    if not digits:
        return ""
    if plain.startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    if digits.startswith(_HOME) and len(digits) == _HOME_LENGTH:
        return f"+{digits}"
    return f"+{_HOME}{digits.removeprefix('0')}"


def _hashed(keys: Keys, purpose: str, term: str) -> bytes:
    return hmac.digest(keys.secret(f"blind {purpose}"), term.encode(), "sha256")


def blind_index(keys: Keys, build: int = 1) -> Follower:
    """The follower that fills the index; from the start again, it opens what it still can."""

    def apply(connection: Connection, events: Sequence[Recorded[Event]]) -> None:
        _index(connection, keys, events)

    return Follower("blind_index", build, apply, on_error="park")


def _index(connection: Connection, keys: Keys, events: Sequence[Recorded[Event]]) -> None:
    """The last word on each purpose and subject in this batch counts, unless values add up."""
    given = [
        (purpose, box, each) for each in events for purpose, box in each.event.found_by().items()
    ]
    boxes = [box for _, box, _ in given if box is not None]
    texts = dict(zip(map(id, boxes), keys.open_all(boxes), strict=True))
    subjects = dict(zip(map(id, boxes), keys.subjects_of(boxes), strict=True))
    found: dict[tuple[str, str], set[str]] = {}
    for purpose, box, each in given:
        # Only a subject's own stream takes something back.
        subject = each.stream if box is None else subjects[id(box)]
        if subject is None:
            continue
        text = None if box is None else texts[id(box)]
        now = set() if text is None else terms(purpose, text)
        before = found.setdefault((purpose, subject), set()) if purpose in _ADDING else set()
        found[purpose, subject] = before | now
    if not found:
        return
    replaced = [pair for pair in found if pair[0] not in _ADDING]
    rows = [
        (purpose, _hashed(keys, purpose, term), subject)
        for (purpose, subject), of_it in found.items()
        for term in of_it
    ]
    connection.execute(
        "SELECT keys.index_terms(%s::text[], %s::text[], %s::text[], %s::bytea[], %s::text[])",
        (
            [purpose for purpose, _ in replaced],
            [subject for _, subject in replaced],
            [purpose for purpose, _, _ in rows],
            [term for _, term, _ in rows],
            [subject for _, _, subject in rows],
        ),
    )


def find(connection: Connection, keys: Keys, purpose: Purpose, text: str, limit: int) -> list[str]:
    """Subjects that have every term of this text, at most ``limit``."""
    if purpose not in get_args(Purpose):
        raise ValueError(f"nothing is searched by {purpose}")
    wanted = [_hashed(keys, purpose, term) for term in sought(purpose, text)]
    if not wanted:
        return []
    rows = connection.execute(
        "SELECT subject FROM keys.blind WHERE purpose = %s AND term = ANY (%s::bytea[])"
        " GROUP BY subject HAVING count(*) = %s ORDER BY subject LIMIT %s",
        (purpose, wanted, len(wanted), limit),
    )
    return [row[0] for row in rows]
