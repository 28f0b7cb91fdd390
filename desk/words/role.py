"""Roles and the matrix of who may see what, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args

from desk.language import N_
from desk.words.facts import Speaker
from domain.access import LATER, MATRIX, Grade, Thing
from domain.staff_facts import Role, RoleName

GRADES: Final[tuple[Grade, ...]] = ("agent", "expert", *get_args(RoleName)[1:])
CELLS: Final[Mapping[tuple[str, str], str]] = {
    ("read", "own"): N_("reads own"),
    ("read", "team"): N_("reads in the team"),
    ("read", "entity"): N_("reads all"),
    ("read", "requested"): N_("reads on a request"),
    ("write", "asked"): N_("acts where asked"),
    ("read", "customers"): N_("reads of own customers"),
    ("write", "customers"): N_("acts on own customers"),
    ("write", "own"): N_("acts on own"),
    ("write", "team"): N_("acts in the team"),
    ("write", "entity"): N_("acts on all"),
}


@dataclass(frozen=True)
class Matrix:
    """``rows``: (thing, whether it is only declared, cells in the order of ``heads``)."""

    heads: list[str]
    rows: list[tuple[str, bool, list[str]]]


def role_words(role: Role, say: Speaker) -> str:
    parts = [say.term("role", role.name) + (f" L{role.level}" if role.level else "")]
    parts.append(say.entity(role.legal_entity))
    if role.branch:
        parts.append(say.branch(role.legal_entity, role.branch))
    if role.team:
        parts.append(say.team(role.legal_entity, role.team))
    if role.until:
        parts.append(say("until %(at)s", at=say.at(role.until)))
    return " · ".join(parts)


def matrix_words(say: Speaker) -> Matrix:
    heads = [say("expert support (L2)") if g == "expert" else say.term("role", g) for g in GRADES]
    things: tuple[Thing, ...] = get_args(Thing)
    rows = [(say.term("thing", thing), thing in LATER, _cells(thing, say)) for thing in things]
    return Matrix(heads, rows)


def _cells(thing: Thing, say: Speaker) -> list[str]:
    held = (MATRIX[grade].get(thing) for grade in GRADES)
    return [say(CELLS[right]) if right else "–" for right in held]
