"""One entry of a file as the steps it tells, checked as far as one row alone can be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from domain.approval import Money
from workers.importing.amounts import amount_of
from workers.importing.entry import Entry, RowRefused
from workers.importing.mapping import PLACE, WORDS, CaseMapping, ComplaintMap, Source, StepMap
from workers.importing.moments import moment

LONGEST_NAME: Final = 200
"""Characters of a case's id, an activity, a resource or a fact that lists are sorted by."""
_CLEAR: Final = frozenset({"legal_entity", "branch", "team", "product", "category"})


@dataclass(frozen=True, slots=True)
class Row:
    """One step as the file tells it. ``case``: the foreign id; None where the file has none.

    at None: to be taken from the row before. ``own`` False: a milestone of another row, which
    keeps the attributes.
    """

    line: int
    case: str | None
    activity: str
    at: datetime | None
    recorded: datetime | None
    own: bool


def value(source: Source, values: Mapping[str, str]) -> str | None:
    """What a row says there; None where it says nothing. Raises RowRefused."""
    if source.constant is not None:
        return source.constant
    if source.from_ is not None:
        found = values.get(source.from_)
        if found is None or source.values is None:
            return found
        if found in source.values:
            return source.values[found]
        if source.otherwise is not None:
            return source.otherwise
        raise RowRefused(f"the mapping has no translation for what stands in {source.from_}")
    places = source.names()
    if places and not any(name in values for name in places):
        return None
    return PLACE.sub(lambda place: values.get(place[1], ""), source.text or "").strip() or None


def case_of(mapping: CaseMapping, entry: Entry) -> str | None:
    """The foreign id. Raises RowRefused where the mapping says there is one and there is not."""
    if mapping.case is None:
        return None
    found = value(mapping.case, {**entry.trace, **entry.values} if entry.trace else entry.values)
    if found is None:
        raise RowRefused(f"it does not say which case it is of ({', '.join(mapping.case.names())})")
    return _short(found, "the case's id")


def content(entry: Entry) -> str:
    """What tells a row without a case's id from others."""
    return hashlib.sha256(json.dumps(entry.values, sort_keys=True).encode()).hexdigest()


def rows_of(mapping: CaseMapping, entry: Entry, case: str | None, now: datetime) -> Iterator[Row]:
    """The step of the entry and its milestones. Raises RowRefused."""
    values = entry.values
    activity = value(mapping.activity, values)
    if activity is None:
        raise RowRefused(f"it names no activity ({', '.join(mapping.activity.names())})")
    _short(activity, "the activity")
    at = moment(mapping.time, values, now)
    if at is None and mapping.time.missing == "reject":
        raise RowRefused(f"it says no time ({mapping.time.from_})")
    recorded = None if mapping.recorded is None else moment(mapping.recorded, values, now)
    resource_of(mapping, values)
    _check_facts(mapping.complaint, values)
    for step in mapping.steps.get(activity, ()):
        money(mapping, step, values)
    yield Row(entry.line, case, activity, at, recorded, own=True)
    for milestone in mapping.milestones:
        reached = moment(milestone.time, values, now)
        if reached is not None:
            yield Row(entry.line, case, milestone.activity, reached, None, own=False)


def resource_of(mapping: CaseMapping, values: Mapping[str, str]) -> str | None:
    """Who did it. Raises RowRefused."""
    found = None if mapping.resource is None else value(mapping.resource, values)
    return None if found is None else _short(found, "the resource")


def money(mapping: CaseMapping, step: StepMap, values: Mapping[str, str]) -> Money | None:
    """The amount of a step. Raises RowRefused."""
    text = None if step.amount is None else value(step.amount, values)
    if text is None or step.currency is None:
        return None
    try:
        return Money(amount=amount_of(text, mapping.decimal), currency=step.currency)
    except ValidationError:
        raise RowRefused("its amount is below nothing or beyond any sum of money") from None
    except ValueError as error:
        raise RowRefused(f"{error}, as the mapping says") from None


def _check_facts(facts: ComplaintMap, values: Mapping[str, str]) -> None:
    """What a row says of the case must be sayable, whichever row it is taken from."""
    for name in ComplaintMap.model_fields:
        source = getattr(facts, name)
        if source is None or not source.names():
            continue
        found = value(source, values)
        if found is not None and name in _CLEAR:
            _short(found, f"the {name.replace('_', ' ')}")
        if found is not None and name in WORDS and found not in WORDS[name]:
            told, allowed = ", ".join(source.names()), ", ".join(WORDS[name])
            raise RowRefused(f"what stands in {told} is none of {allowed}")


def _short(text: str, what: str) -> str:
    if len(text) > LONGEST_NAME:
        raise RowRefused(f"{what} is longer than {LONGEST_NAME} characters")
    return text
