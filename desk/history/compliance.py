"""Facts of all cases in reach, newest first: by kind, who acted, rule and time. No texts here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final, Literal, get_args

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from desk.bounds import entered_late
from desk.forms import FormRefused, Question
from desk.history.asked import Short, moment
from desk.history.kinds import KINDS
from desk.history.told import read_out
from desk.house import House
from desk.page import page
from desk.person import Person
from desk.problem import NotFound
from desk.queue import speaker
from desk.visit import SignedIn, TheHouse
from desk.words.facts import Entry, Speaker
from desk.words.terms import choices
from projections import history, history_page
from projections.history_page import Facts, Told
from projections.reading import look

router = APIRouter(include_in_schema=False)

A_PAGE: Final = 50
ActorKind = Literal["staff", "customer", "automation", "import"]


class Narrowed(BaseModel):
    """``case``: a number; ``before``: a position, from which on older facts are shown."""

    kind: Short = ""
    by: ActorKind | Literal[""] = ""
    who: Short = ""
    rule: Short = ""
    case: Short = ""
    since: Short = ""
    until: Short = ""
    before: Annotated[int, Field(ge=1, le=2**62)] | None = None


@dataclass(frozen=True)
class Line:
    """One fact. ``number``: of its case; ``later``: how much later it was entered."""

    entry: Entry
    number: str | None
    later: timedelta | None


@router.get("/compliance")
def show(
    request: Request, person: SignedIn, house: TheHouse, asked: Annotated[Narrowed, Query()]
) -> Response:
    if not person.reaches("history"):
        raise NotFound()
    say = speaker(house, person)
    wrong = ""
    try:
        which = facts_of(asked, person, say)
    except FormRefused as refused:
        which, wrong = Facts(), next(iter(refused.fields.values()))
    with house.pool.connection() as db, look(db) as reading:
        rows = history_page.latest(
            reading, person.scope("history"), which, before=asked.before, limit=A_PAGE + 1
        )
        fresh = reading.freshness(history.NAME)
    shown = rows[:A_PAGE]
    kept = {k: v for k, v in asked.model_dump(exclude={"before"}).items() if v}
    return page(
        request, "compliance.html", status=422 if wrong else 200, wrong=wrong, kept=kept,
        live={"rows": "history"},
        lines=_lines(house, shown, say), filters=_filters(house, person, asked, say),
        asked=asked, older=shown[-1].position if len(rows) > A_PAGE else None, fresh=fresh,
    )  # fmt: skip


def facts_of(asked: Narrowed, person: Person, say: Speaker) -> Facts:
    """Raises: FormRefused."""
    return Facts(
        case=asked.case.strip().upper() or None,
        types=sorted(KINDS[asked.kind]) if asked.kind in KINDS else None,
        actor_kind=asked.by or None,
        actor=asked.who or None,
        rule=asked.rule or None,
        since=moment("since", asked.since, person.zone, say),
        until=moment("until", asked.until, person.zone, say, end=True),
    )


def _lines(house: House, rows: Sequence[Told], say: Speaker) -> list[Line]:
    late = entered_late(house)
    lines = []
    for row, record, entry in read_out(house, rows, say):
        gap = record.recorded_at - record.occurred_at
        lines.append(Line(entry, row.number, gap if gap > late else None))
    return lines


def _filters(house: House, person: Person, asked: Narrowed, say: Speaker) -> list[Question]:
    """Whoever ever worked there may have acted: also those whose role has run out."""
    entities = set(person.entities("history"))
    people = [
        (stream, say.text(one.name))
        for stream, one in house.directory.staff.items()
        if any(role.legal_entity in entities for role in one.roles)
    ]
    options: dict[str, tuple[str, list[tuple[str, Any]]]] = {
        "kind": (say("Fact"), choices(say.language, "fact")),
        "by": (say("Who acted"), choices(say.language, "actor", among=get_args(ActorKind))),
        "who": (say("Person"), sorted(people, key=lambda it: it[1])),
        "rule": (say("Rule"), choices(say.language, "rule")),
    }
    return [
        Question(name, title, "choice", required=False, choices=values, value=getattr(asked, name))
        for name, (title, values) in options.items()
    ]
