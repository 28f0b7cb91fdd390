"""Models as plain python data with their boxes put through a function, in ``boxes_in``'s order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel

from domain.personal import Personal


def plain(value: Any, put: Callable[[Personal], Any]) -> Any:
    """Models and dataclasses become dicts, sequences and sets lists, a box what ``put`` says."""
    if isinstance(value, Personal):
        return put(value)
    members = _members(value)
    if members is not None:
        return {name: plain(each, put) for name, each in members.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each, put) for each in value]
    return value


def boxes_in(value: Any) -> Iterator[Personal]:
    """Every box in a model, a dataclass or python data, however deep."""
    if isinstance(value, Personal):
        yield value
        return
    members = _members(value)
    if members is not None:
        for each in members.values():
            yield from boxes_in(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from boxes_in(each)


def _members(value: Any) -> Mapping[Any, Any] | None:
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return value if isinstance(value, Mapping) else None
