"""Bytes of a mail as signs: in the charset they claim, else in what they seem to be."""

from __future__ import annotations

from email.header import decode_header, make_header
from typing import Final

_SLOW: Final = frozenset({"idna", "punycode"})
"""What no mail is written in, and takes for ever over a long text."""
_ELDERS: Final = frozenset(
    {"gb2312", "gb_2312-80", "csgb2312", "euc-cn", "gbk", "x-gbk", "cp936", "ms936", "windows-936"}
)
"""What GB18030 holds all of: mails name it and then exceed it."""


def in_words(content: bytes, claimed: str | None) -> str:
    for tried in (_known(claimed) or "utf-8", "utf-8", "gb18030"):
        if tried in _SLOW:
            continue
        try:
            return content.decode(tried)
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("latin-1")


def bare(header: str) -> str:
    """A header with bytes that no standard allows there."""
    return in_words(header.encode("utf-8", "surrogateescape"), None)


def decoded(header: str) -> str:
    """A header, its encoded words told; as it came where they cannot be."""
    try:
        return str(make_header([(it, _known(claimed)) for it, claimed in decode_header(header)]))
    except Exception:
        return header


def _known(claimed: str | None) -> str | None:
    charset = claimed and claimed.lower()
    return "gb18030" if charset in _ELDERS else charset
