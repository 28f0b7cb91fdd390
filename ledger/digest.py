"""What a command says, as an HMAC: enough to tell a repeat from another wish under its id.

Clear personal text is part of it, so a bare hash would be personal data itself.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson
from pydantic_core import to_jsonable_python

from domain.event import Command, Context
from domain.personal import Personal, clear_text


def digest_of(
    secret: bytes, decider: str, streams: Sequence[str], command: Command, context: Context
) -> bytes:
    """Over rule book, streams, kind of command, its fields but the resolved ones, and reason."""
    kind = type(command)
    said = kind.__pydantic_serializer__.to_python(command, exclude=_left_out(kind))
    reason = None if context.reason is None else _plain(context.reason)
    canonical = orjson.dumps(
        (decider, *streams, kind.__name__, said, reason),
        default=_plain,
        option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS,
    )
    return hmac.digest(secret, canonical, "sha256")


@cache
def _left_out(kind: type[Command]) -> set[str]:
    return set(kind.resolved)


def _plain(value: Any) -> Any:
    if isinstance(value, Personal):
        text = clear_text(value)
        return value.encrypted if text is None else text
    if isinstance(value, set | frozenset):
        return sorted((_plain_key(each) for each in value), key=repr)
    return to_jsonable_python(value)


def _plain_key(value: Any) -> Any:
    return _plain(value) if isinstance(value, Personal) else to_jsonable_python(value)
