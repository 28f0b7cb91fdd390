"""Words to the customer that call a colleague by name: they may be meant for the colleague."""

from __future__ import annotations

import re
from collections.abc import Iterable

from desk.case import Case


def calls_colleague(case: Case, typed: Iterable[str]) -> bool:
    """Whether ``@login`` or ``@name`` of somebody who works here stands in it."""
    text = "\n".join(typed)
    if "@" not in text:
        return False
    return any(
        re.search(rf"(?<![a-z0-9._%+-])@{re.escape(name)}{_end(name)}", text, re.IGNORECASE)
        for staff, record in case.house.directory.staff.items()
        if not record.left
        for language in ("en", "zh")
        for name in (record.login, case.house.directory.name(staff, language))
        if name
    )


def _end(name: str) -> str:
    """A name in letters ends with its word; one in Chinese signs runs on into the next."""
    return r"(?!\w)" if name[-1].isascii() else ""
