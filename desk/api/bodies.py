"""What the JSON API takes. Bodies of commands are made from the commands themselves."""

from __future__ import annotations

import types
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Base64Bytes,
    BaseModel,
    ConfigDict,
    Field,
    create_model,
    model_validator,
)

from desk.keeping import MOST_FILES, Handed
from domain.attachment import WithFiles
from domain.decider import Words
from domain.event import Command
from domain.ownership import Assignee
from domain.personal import Personal

LONGEST: Final = 20_000
MOST_VALUES: Final = 20_000
"""In one body, however deep; a word is said for each that does not fit."""


def _words(text: str) -> str:
    if any("\ud800" <= sign <= "\udfff" or (sign < " " and sign not in "\r\n\t") for sign in text):
        raise ValueError("no control signs")
    return text


def words_in(value: Any) -> Any:
    """The value, when every text anywhere in it is words. Raises: ValueError."""
    match value:
        case str():
            _words(value)
        case BaseModel():
            words_in(value.__dict__)
        case Mapping():
            for each in (*value, *value.values()):
                words_in(each)
        case list() | tuple() | frozenset():
            for each in value:
                words_in(each)
    return value


Plain = Annotated[str, Field(max_length=LONGEST), AfterValidator(_words)]
Wanted = Annotated[Plain, Field(min_length=1)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _has_an_end(cls, given: Any) -> Any:
        if _is_endless(given):
            raise ValueError("too many values")
        return given


def _is_endless(given: Any) -> bool:
    left, inside = MOST_VALUES, [given]
    while inside:
        value = inside.pop()
        if isinstance(value, Mapping | list):
            left -= len(value)
            if left < 0:
                return True
            inside.extend(value.values() if isinstance(value, Mapping) else value)
    return False


class FileBody(Body):
    """``content``: base64."""

    name: Annotated[Wanted, Field(max_length=300)]
    content: Base64Bytes

    def handed(self) -> Handed:
        return Handed(self.name, self.content, len(self.content))


Files = Annotated[tuple[FileBody, ...], Field(max_length=MOST_FILES)]


class LetterWords(Body):
    """A letter in your own words; it goes out in the customer's language as you write it."""

    subject: Annotated[Wanted, Field(max_length=300)]
    body: Wanted


def body_of(
    kind: type[Command], left_out: frozenset[str], made: Mapping[str, Any], *, asks: bool = False
) -> type[Body]:
    """The body that a command is made from: its own fields, but for what the desk fills in.

    Personal texts are plain strings, letters their subject and body, colleagues their stream;
    ``at`` may say when it happened, if not now. ``made`` replaces types of single fields.
    asks: it may be answered by a question, to which ``anyway`` says yes.
    """
    fields: dict[str, Any] = {"at": (AwareDatetime | None, None)}
    for name, field in kind.model_fields.items():
        if name in left_out or name in _OWN or name in kind.resolved:
            continue
        if issubclass(kind, WithFiles) and name == "files":
            fields[name] = (Files, ())
            continue
        taken = made.get(name) or _taken(field.annotation)
        if field.is_required():
            fields[name] = (taken, ...)
        else:
            fields[name] = (taken, field.get_default(call_default_factory=True))
    if asks:
        fields["anyway"] = (bool, False)
    return create_model(f"{kind.__name__}Body", __base__=Body, __doc__=kind.__doc__, **fields)


_OWN: Final = frozenset({"command_id", "at", "actor", "left_out"})
_INSTEAD: Final[Mapping[Any, Any]] = {
    Personal: Wanted,
    Words: LetterWords,
    Assignee: Wanted,
    str: Wanted,
    Decimal: Decimal,
}


def _taken(annotation: Any) -> Any:
    if annotation in _INSTEAD:
        return _INSTEAD[annotation]
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return Union[tuple(_taken(part) for part in get_args(annotation))]  # noqa: UP007
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return dict[Wanted, Plain]
    if origin in (tuple, frozenset):
        return origin[tuple(part if part is ... else _taken(part) for part in get_args(annotation))]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Annotated[annotation, AfterValidator(words_in)]
    return annotation
