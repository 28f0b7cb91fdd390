"""Texts of money as sums, with a point or a comma before the cents as the mapping says.

What is written the other way is refused and never read over: 12,50 is no 1,250.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final, Literal, TypeAlias

Mark: TypeAlias = 'Literal[".", ","]'

CENT: Final = Decimal("0.01")
_BETWEEN: Final = r"[{group}'\s]"
_WHOLE: Final = rf"\d+|\d{{{{1,3}}}}(?:{_BETWEEN}\d{{{{2,4}}}})*{_BETWEEN}\d{{{{3,4}}}}"
_SUM: Final = rf"([+-]?(?:{_WHOLE})?)(?:[{{point}}](\d*))?(E[+-]?\d+)?"


@dataclass(frozen=True, slots=True)
class Writing:
    example: str
    sum: re.Pattern[str]


def _writing(point: Mark, group: Mark) -> Writing:
    pattern = _SUM.format(point=point, group=group)
    return Writing(f"1{group}234{point}50", re.compile(pattern, re.IGNORECASE))


WRITINGS: Final[dict[Mark, Writing]] = {".": _writing(".", ","), ",": _writing(",", ".")}


def amount_of(text: str, point: Mark) -> Decimal:
    """To the cent. Raises ValueError, whose words name the right writing."""
    writing = WRITINGS[point]
    found = writing.sum.fullmatch(text)
    if found is not None and (found[1] or found[2]):
        whole = re.sub(r"[^\d+-]", "", found[1])
        try:
            return Decimal(f"{whole}.{found[2] or '0'}{found[3] or ''}").quantize(CENT)
        except InvalidOperation:
            pass
    raise ValueError(f"its amount is no sum of money written as {writing.example}")
