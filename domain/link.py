"""The link behind the one question after closing: it names a case's survey and proves it ours.

It can be followed often and answered once: the second answer is refused by the complaint's rules.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Final, NamedTuple

PATH: Final = "/satisfaction/"
"""Of the desk's page; the token follows."""


class Asked(NamedTuple):
    """Which question is answered: a survey of a complaint's stream."""

    stream: str
    survey: str


def token(secret: bytes, asked: Asked) -> str:
    """Safe in a URL as it stands. ``secret`` is the desk's signing secret."""
    return f"{asked.stream}.{asked.survey}.{_signature(secret, asked)}"


def asked_by(secret: bytes, token: str) -> Asked | None:
    """What a token asks; None where it was not made with this secret."""
    stream, _, rest = token.partition(".")
    survey, _, signature = rest.partition(".")
    asked = Asked(stream, survey)
    known = _signature(secret, asked)
    return asked if hmac.compare_digest(signature.encode(), known.encode()) else None


def _signature(secret: bytes, asked: Asked) -> str:
    text = f"satisfaction\n{asked.stream}\n{asked.survey}"
    return hmac.digest(secret, text.encode(), sha256).hex()[:40]
