"""What an e-mail says itself, and what it quotes of earlier letters, told apart by its lines.

Nothing is cut: the parts together are the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

MOST_LINES_OF_A_HEAD: Final = 3
"""Mail programs break "On … wrote:" over so many lines."""
LONGEST_HEAD: Final = 400
"""Signs: longer than any head, so that no long line is looked at for one."""

_MARKED: Final = re.compile(r"\s{0,3}[>＞]")
_WROTE: Final = re.compile(r"\s*(?:(?:On|At)\b.+\bwrote|.+写道|.+寫道)\s*[:：]\s*")
_BROKEN: Final = re.compile(r"\s*(?:(?:On|At)\b|在|于|於)")
"""How a head begins that goes on in the next line."""
_NAME: Final = re.compile(r"[^<>]{0,200}<[^<>@\s]+@[^<>@\s]+>\s*")
"""Who wrote, on a line of its own above the rest of a head."""
_ADDRESS_OR_TIME: Final = re.compile(r"@|\d{1,2}[:：]\d{2}")
_ORIGINAL: Final = re.compile(
    r"\s*[-_—]{2,}\s*(?:Original Message|(?:回复的)?原始?邮件|邮件原文|原始郵件)\s*[-_—]{2,}\s*",
    re.IGNORECASE,
)
_RULE: Final = re.compile(r"\s*[-_—]{5,}\s*")
_FROM: Final = re.compile(r"\s*\*?(?:From|发件人|寄件人|寄件者)\s*[:：]", re.IGNORECASE)
_HEADER: Final = re.compile(
    r"\s*\*?(?:Sent|Date|To|Cc|Subject|发送时间|发送日期|发件时间|日\s*期|时\s*间|收件人|收件者"
    r"|抄\s*送|主\s*题|标\s*题|主旨)\s*[:：]",
    re.IGNORECASE,
)


class Part(NamedTuple):
    quoted: bool
    text: str


def parts(text: str) -> list[Part]:
    """In their order; a text that only quotes is one's own words, all of it."""
    lines = text.split("\n")
    quoted = _quoted(lines)
    rows = groupby(zip(lines, quoted, strict=True), key=lambda row: row[1])
    found = [Part(flag, "\n".join(line for line, _ in some)) for flag, some in rows]
    says_something = any(part.text.strip() for part in found if not part.quoted)
    return found if says_something else [Part(False, text)]


def own_words(text: str) -> str:
    """Without what it quotes."""
    return "\n".join(part.text for part in parts(text) if not part.quoted).strip()


def _quoted(lines: Sequence[str]) -> list[bool]:
    """For each line whether it is quoted. What has no marks is quoted from its head to the end."""
    marked = [_MARKED.match(line) is not None for line in lines]
    for first, end in _heads(lines):
        if marked[first]:
            continue
        following = next((n for n in range(end, len(lines)) if lines[n].strip()), len(lines))
        if following < len(lines) and marked[following]:
            marked[first:following] = [True] * (following - first)
        elif _is_machine_made(" ".join(lines[first:end])):
            marked[first:] = [True] * (len(lines) - first)
            break
    return _with_gaps(lines, marked)


def _heads(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where an earlier letter may begin: first line of its head, and the line behind the head."""
    for last, line in enumerate(lines):
        if _ORIGINAL.fullmatch(line[:LONGEST_HEAD]) or _begins_headers(lines, last):
            ruled = last > 0 and _RULE.fullmatch(lines[last - 1][:LONGEST_HEAD])
            yield last - 1 if ruled else last, last + 1
            continue
        for first in range(last, max(last - MOST_LINES_OF_A_HEAD, -1), -1):
            head = " ".join(lines[first : last + 1])
            if not lines[first].strip() or len(head) > LONGEST_HEAD:
                break
            if _WROTE.fullmatch(head) and (first == last or _BROKEN.match(head)):
                named = first > 0 and _NAME.fullmatch(lines[first - 1])
                yield first - 1 if named else first, last + 1
                break


def _is_machine_made(head: str) -> bool:
    """Whether nobody writes such a head by hand: "On Monday your clerk wrote:" may be one's own."""
    return not _WROTE.fullmatch(head) or _ADDRESS_OR_TIME.search(head) is not None


def _begins_headers(lines: Sequence[str], n: int) -> bool:
    """From, and at least two more headers close behind it: nobody writes so by hand."""
    if not _FROM.match(lines[n]):
        return False
    close = [line for line in lines[n + 1 : n + 12] if line.strip()][:5]
    return sum(_HEADER.match(line) is not None for line in close) >= 2


def _with_gaps(lines: Sequence[str], marked: Sequence[bool]) -> list[bool]:
    """Empty lines between quoted ones belong to them."""
    flags, last = list(marked), -1
    for n in (n for n, is_quoted in enumerate(marked) if is_quoted):
        if last >= 0 and not any(line.strip() for line in lines[last + 1 : n]):
            flags[last:n] = [True] * (n - last)
        last = n
    return flags
