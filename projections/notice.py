"""A notice: one reason for which somebody should look at a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

NoticeKind = Literal[
    "warned", "breached", "escalated", "called", "hand_over", "hand_over_back", "approval",
    "after_close", "letter_failed", "promise_due", "promise_broken", "promise_offered", "asked",
    "ordered", "order_missed", "nudged", "mentioned", "wrote",
    "review", "review_missed",
]  # fmt: skip


Hidden = Literal["pending", "promised"]


@dataclass(slots=True)
class Notice:
    """One reason. ``about``: the clock, approval, letter, promise or task; ``detail``: by its kind.

    warned: the threshold. escalated: the role it goes to. approval: the matter.
    letter_failed: the letter's purpose. Not shown: ``pending``, a letter under way, and
    ``promised``, a promise that is not due yet.
    by_law: its clock is a limit of the law.
    by_import: an import told of it; of a case that it brought in, one line is shown for all.
    """

    id: str
    case_stream: str
    kind: NoticeKind | Hidden
    about: str
    detail: str | None
    at: datetime
    due: datetime | None = None
    for_person: str | None = None
    for_team: str | None = None
    not_for: str | None = None
    author: str | None = None
    by_import: bool = False
    by_law: bool = False
    position: int = 0


Standing = dict[str, Notice]
"""The notices of one case, by id."""
