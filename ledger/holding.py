"""Which classes can hold personal boxes, asked once per class, so that the others cost nothing."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, JsonValue

from domain.personal import Personal

_LEAVES: Final = (
    str,
    int,
    float,
    bytes,
    Decimal,
    date,
    datetime,
    time,
    timedelta,
    UUID,
    Enum,
    AwareDatetime,
)


_PLAIN: Final = frozenset({*_LEAVES, bool, types.NoneType})


@cache
def may_hold_personal(model: type[BaseModel]) -> bool:
    """Whether any field, however deep, is a ``Personal`` or of a kind that cannot be told."""
    return _may_hold(model, frozenset())


def _may_hold(kind: Any, above: frozenset[Any]) -> bool:
    if kind in (None, types.NoneType, Ellipsis, JsonValue) or kind in above:
        return False
    origin = get_origin(kind)
    if origin is Literal:
        return False
    if origin is Annotated:
        return _may_hold(get_args(kind)[0], above)
    if origin in (Union, types.UnionType, tuple, list, set, frozenset) or (
        isinstance(origin, type) and issubclass(origin, Mapping)
    ):
        return any(_may_hold(part, above) for part in get_args(kind))
    if not isinstance(kind, type) or origin is not None:
        return True
    if issubclass(kind, BaseModel):
        within = above | {kind}
        return any(_may_hold(field.annotation, within) for field in kind.model_fields.values())
    return not issubclass(kind, _LEAVES)


def replace_boxes(value: Any, put: Callable[[Personal, str], Any], path: str = "") -> Any:
    """Dumped python data again, each box replaced by ``put(box, its path)``."""
    if isinstance(value, Personal):
        return put(value, path)
    if isinstance(value, dict):
        return {
            key: each if type(each) in _PLAIN else replace_boxes(each, put, f"{path}/{key}")
            for key, each in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [
            each if type(each) in _PLAIN else replace_boxes(each, put, f"{path}/{n}")
            for n, each in enumerate(value)
        ]
    return value
