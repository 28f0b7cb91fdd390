"""What is asked of the notices: those of a person, by case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from psycopg import sql

from domain.access import Person, scope
from projections.notice import Notice
from projections.notices import NAME
from projections.reading import Reading
from projections.within import cases_within

# queries


class CaseNotices(NamedTuple):
    """What stands on one case, the newest first."""

    stream: str
    number: str
    customer: str
    owner: str | None
    notices: list[Notice]


@dataclass(slots=True)
class _Shown(Notice):
    number: str = ""
    customer: str = ""
    owner: str | None = None


_FOR: Final = """
  FROM {table} AS t JOIN {table_case} AS c ON c.stream = t.case_stream
 WHERE (t.by_import AND c.held) = %(carried_over)s AND {cases}
   AND t.kind NOT IN ('pending', 'promised') AND t.not_for IS DISTINCT FROM %(me)s AND (
        t.kind = 'hand_over'
        AND (t.for_person = %(me)s OR t.for_person IS NULL AND t.for_team = ANY (%(teams)s))
     OR t.kind = 'approval'
        AND CASE WHEN t.detail = 'excuse' THEN {excuses} ELSE {approvals} END
     OR t.kind = 'escalated'
        AND CASE WHEN t.detail = 'team_lead' THEN {leads} ELSE t.detail = ANY (%(roles)s) END
     OR t.kind = 'called' AND {leads}
     OR t.kind IN ('warned', 'ordered', 'wrote') AND c.owner = %(me)s
     OR t.kind = 'order_missed' AND (c.owner = %(me)s OR t.author = %(me)s OR {leads})
     OR t.kind IN ('promise_due', 'promise_offered', 'asked', 'nudged', 'mentioned', 'review')
        AND t.for_person = %(me)s
     OR t.kind IN ('promise_broken', 'review_missed') AND (t.for_person = %(me)s OR {leads})
     OR t.kind IN ('breached', 'after_close', 'letter_failed', 'hand_over_back')
        AND (c.owner = %(me)s OR {leads}))
"""


_LISTED: Final = (
    "SELECT t.*, c.number, c.customer, c.owner"
    + _FOR
    + " ORDER BY t.at DESC, t.position DESC LIMIT %(limit)s"
)


_COUNTED: Final = "SELECT count(DISTINCT t.case_stream)" + _FOR


def notices(reading: Reading, person: Person, limit: int = 500) -> list[CaseNotices]:
    """What the person should look at, by case, the case with the newest notice first."""
    parameters, parts = _for(person)
    parameters |= {"limit": limit, "carried_over": False}
    found = reading.rows(_Shown, NAME, _LISTED, parameters, **parts)
    by_case: dict[str, list[_Shown]] = {}
    for notice in found:
        by_case.setdefault(notice.case_stream, []).append(notice)
    return [
        CaseNotices(stream, rows[0].number, rows[0].customer, rows[0].owner, [*rows])
        for stream, rows in by_case.items()
    ]


def carried_over(reading: Reading, person: Person) -> int:
    """How many cases that an import brought in were late, or nearly so, when they came."""
    parameters, parts = _for(person)
    ((count,),) = reading.records(NAME, _COUNTED, parameters | {"carried_over": True}, **parts)
    return int(count)


def _for(person: Person) -> tuple[dict[str, Any], dict[str, sql.Composable]]:
    """What the conditions of a query say of the person, and the conditions themselves."""
    conditions = {
        "cases": cases_within(scope(person, "case"), "c", "cases"),
        "leads": cases_within(scope(person, "team", "write"), "c", "leads"),
        "approvals": cases_within(scope(person, "approval", "write"), "c", "approvals"),
        "excuses": cases_within(scope(person, "excuse", "write"), "c", "excuses"),
    }
    parameters: dict[str, Any] = {
        "me": person.staff,
        "teams": sorted({role.team for role in person.roles if role.team is not None}),
        "roles": sorted({role.name for role in person.roles}),
    }
    for _, named in conditions.values():
        parameters |= named
    return parameters, {name: condition for name, (condition, _) in conditions.items()}
