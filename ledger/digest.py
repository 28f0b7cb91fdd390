"""What a command says, as an HMAC: enough to tell a repeat from another wish under its id.

Clear personal text is part of it, so a bare hash would be personal data itself.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import orjson
from pydantic_core import to_jsonable_python

from domain.event import Command, Context
from domain.personal import Personal, clear_text
from ledger.errors import NoText

_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""NUL as JSON writes it; a backslash that somebody typed is doubled and is none."""


def digest_of(
    secret: bytes, decider: str, streams: Sequence[str], command: Command, context: Context
) -> bytes:
    """Over rule book, streams, kind of command, its fields but the resolved ones, and reason.

    Raises: NoText, for PostgreSQL's jsonb takes no NUL and JSON no half characters.
    """
    kind = type(command)
    said = kind.__pydantic_serializer__.to_python(command, exclude=_left_out(kind))
    reason = None if context.reason is None else _plain(context.reason)
    try:
        canonical = orjson.dumps(
            (decider, *streams, kind.__name__, said, reason),
            default=_plain,
            option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS,
        )
    except orjson.JSONEncodeError:
        raise NoText(kind.__name__) from None
    if b"\\u0000" in canonical and _NUL.search(canonical):
        raise NoText(kind.__name__)
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
