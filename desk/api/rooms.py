"""Every router of the JSON API; none of their addresses depends on their order."""

from __future__ import annotations

from desk.api import (
    away,
    board,
    calls,
    case,
    colleagues,
    commands,
    complaints,
    compliance,
    customers,
    documents,
    drafts,
    files,
    inbox,
    lists,
    promises,
    queue,
    replies,
    staff,
    webhooks,
)

API = (
    away, board, calls, case, colleagues, commands, complaints, compliance, customers, documents,
    drafts, files, inbox, lists, promises, queue, replies, staff, webhooks,
)  # fmt: skip
