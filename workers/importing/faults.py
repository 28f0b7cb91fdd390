"""What is wrong with a document somebody wrote in JSON: by its line, in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

Place = tuple[str | int, ...]
"""Keys and positions that lead to a part of the document."""

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]|[^\s{}\[\],:"]+', re.DOTALL)

_WORDS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "extra_forbidden": lambda _: "is no word of a mapping there",
    "missing": lambda _: "is missing",
    "value_error": lambda facts: str(facts["error"]),
    "literal_error": lambda facts: f"is none of {facts['expected']}",
    "union_tag_invalid": lambda facts: f"names no {facts['discriminator']} of {_of(facts)}",
    "union_tag_not_found": lambda facts: f"lacks its {facts['discriminator']}",
    "string_type": lambda _: "must be a text in quotes",
    "string_too_short": lambda _: "says nothing",
    "string_too_long": lambda facts: f"has more than {facts['max_length']} sign",
    "string_pattern_mismatch": lambda facts: f"is not written as {facts['pattern']}",
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type", "mapping_type"),
                    lambda _: "must be an object in braces"),
    **dict.fromkeys(("tuple_type", "frozen_set_type"), lambda _: "must be a list in brackets"),
}  # fmt: skip


def lines_of(text: str) -> dict[Place, int]:
    """The line on which each part of a well-formed document begins. Raises Twice."""
    lines: dict[Place, int] = {(): 1}
    place: list[str | int | None] = []
    line, at = 1, 0
    for token in _TOKEN.finditer(text):
        line, at = line + text.count("\n", at, token.start()), token.start()
        mark = token[0]
        if mark in ("}", "]"):
            place.pop()
        elif mark == ",":
            place[-1] = place[-1] + 1 if isinstance(place[-1], int) else None
        elif place and place[-1] is None:
            place[-1] = json.loads(mark)
            if _named(place) in lines:
                raise Twice(place[-1], line)
            lines[_named(place)] = line
        else:
            lines.setdefault(_named(place), line)
            if mark in ("{", "["):
                place.append(0 if mark == "[" else None)
    return lines


class Twice(ValueError):
    """A key stands twice in one object, where only one of its values would count."""

    def __init__(self, key: object, line: int) -> None:
        super().__init__(f"line {line}: {key} stands there twice")


def told(error: ValidationError, lines: Mapping[Place, int]) -> str:
    """Every fault with the line it is on."""
    faults = error.errors(include_url=False, include_input=False)
    return "; ".join(dict.fromkeys(_told(one["loc"], _said(one), lines) for one in faults))


def _told(where: Sequence[str | int], said: str, lines: Mapping[Place, int]) -> str:
    """A place of the rules may have parts that the document leaves out, such as a list of one."""
    place: Place = ()
    for part in where:
        place = (*place, part) if (*place, part) in lines else place
    lacking = where[-1:] if said == _WORDS["missing"]({}) else ()
    name = ".".join(map(str, (*place, *lacking))) or "the whole"
    return f"line {lines[place]}: {name} {said}"


def _said(fault: Mapping[str, Any]) -> str:
    words = _WORDS.get(fault["type"])
    return f"is refused: {fault['msg']}" if words is None else words(fault.get("ctx", {}))


def _of(facts: Mapping[str, Any]) -> str:
    return str(facts["expected_tags"])


def _named(place: Sequence[str | int | None]) -> Place:
    return tuple(part for part in place if part is not None)
