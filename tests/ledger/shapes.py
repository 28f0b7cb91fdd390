"""Values of any field's type: one plain sample of it, and a hypothesis strategy over all of it."""

from __future__ import annotations

import importlib
import pkgutil
import types
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, JsonValue, ValidationError

import domain
import ledger
from domain.calendar import Calendar
from domain.event import EVENT_TYPES, Event
from domain.hours import Week
from domain.personal import Personal
from domain.procedure import Rules, Step

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def every_event_class() -> dict[str, type[Event]]:
    """All event types of the house: whatever importing domain and ledger defines."""
    for package in (domain, ledger):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    ours = (domain.__name__, ledger.__name__)
    return {
        name: kind
        for name, kind in sorted(EVENT_TYPES.items())
        if kind.__module__.partition(".")[0] in ours
    }


# --- one sample -------------------------------------------------------------------------------

_SAMPLES: dict[Any, Any] = {
    str: "text",
    int: 3,
    float: 1.5,
    bool: True,
    bytes: b"bytes",
    Decimal: Decimal("12.50"),
    datetime: AT,
    AwareDatetime: AT,
    date: AT.date(),
    time: time(9, 30),
    timedelta: timedelta(hours=36),
    UUID: UUID(int=7),
    Calendar: Calendar(
        id="calendar",
        version=1,
        zone="Asia/Shanghai",
        weekly=Week(mon=(("09:00", "12:00"), ("13:00", "17:00"))),
    ),
    Rules: Rules(
        id="rules",
        version=1,
        stages=("work",),
        steps=tuple(
            Step(id=act, stage="work", act=act)
            for act in ("lodge", "acknowledge", "assess", "propose", "answer", "close")
        ),
    ),
    JsonValue: {"json": [1, "two", None]},
}


_NAMED = {"currency": "EUR"}
"""Samples of texts that have a form, by the name of their field."""


def sample(kind: Any, name: str = "value") -> Any:
    """A value of this type that says something in every field, optional ones too."""
    if kind in _SAMPLES:
        return _NAMED.get(name, name) if kind is str else _SAMPLES[kind]
    if kind is Personal:
        return Personal(f"personal {name}")
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return args[0]
    if origin is Annotated:
        return sample(args[0], name)
    if origin in (Union, types.UnionType):
        told = [each for each in args if each is not types.NoneType]
        return sample(Personal if Personal in told else told[0], name)
    if origin is tuple and args[-1] is not Ellipsis:
        return tuple(sample(each, name) for each in args)
    if origin in (tuple, list, set, frozenset):
        return origin([sample(args[0], name)])
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {sample(args[0], "key"): sample(args[1], name)}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return sample_model(kind)
    raise TypeError(f"no sample of {kind}")


def sample_model(kind: type[BaseModel]) -> Any:
    """As many fields told as hold together: all, those that must be, or one more than those."""
    fields = kind.model_fields
    told = {name: sample(field.annotation, name) for name, field in fields.items()}
    needed = {name: told[name] for name, field in fields.items() if field.is_required()}
    attempts = [told, needed, *({**needed, name: told[name]} for name in told)]
    for values in attempts:
        with suppress(ValidationError):
            return kind(**values)
    raise TypeError(f"no sample of {kind}")


# --- all of them ------------------------------------------------------------------------------

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_MOMENTS = st.timedeltas(timedelta(days=-40_000), timedelta(days=40_000)).map(AT.__add__)
_STRATEGIES: dict[Any, st.SearchStrategy[Any]] = {
    str: _TEXTS,
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    Decimal: st.decimals(-(10**9), 10**9, places=2),
    datetime: _MOMENTS,
    AwareDatetime: _MOMENTS,
    date: st.dates(),
    time: st.times(),
    timedelta: st.timedeltas(timedelta(0), timedelta(days=4000)),
    UUID: st.uuids(),
    JsonValue: st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
        max_leaves=5,
    ),
    Personal: st.builds(Personal, _TEXTS),
    types.NoneType: st.none(),
}


def strategy(kind: Any) -> st.SearchStrategy[Any]:
    """Values of this type, as raw input for pydantic where it is a model."""
    if kind in _STRATEGIES:
        return _STRATEGIES[kind]
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(args)
    if origin is Annotated:
        return strategy(args[0])
    if origin in (Union, types.UnionType):
        return st.one_of([strategy(each) for each in args])
    if origin is tuple and args[-1] is not Ellipsis:
        return st.tuples(*map(strategy, args))
    if origin in (tuple, list, set, frozenset):
        items = st.lists(strategy(args[0]), max_size=3)
        return items if origin is list else items.map(origin)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return st.dictionaries(strategy(args[0]), strategy(args[1]), max_size=3)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return models(kind)
    raise TypeError(f"no strategy for {kind}")


def models(kind: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Instances of a model that hold together. What a model within it says is drawn too where it
    has no model within itself; documents deeper than that come as their sample."""
    fields = {}
    for name, field in kind.model_fields.items():
        deep = any(_has_model(inner) for inner in _models_in(field.annotation))
        whole = st.just(sample(field.annotation, name)) if deep else strategy(field.annotation)
        fields[name] = whole

    def made(values: dict[str, Any]) -> Any:
        with suppress(ValidationError):
            return kind(**values)
        return sample_model(kind)

    return st.fixed_dictionaries(fields).map(made)


def _models_in(kind: Any) -> list[type[BaseModel]]:
    if isinstance(kind, type) and get_origin(kind) is None:
        return [kind] if issubclass(kind, BaseModel) else []
    return [model for part in get_args(kind) for model in _models_in(part)]


def _has_model(model: type[BaseModel]) -> bool:
    return any(_models_in(field.annotation) for field in model.model_fields.values())
