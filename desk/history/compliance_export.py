"""Facts of many cases leave the house as a file: counted, recorded, then given as they come."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, get_args
from uuid import UUID, uuid5

import orjson
from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from desk.api.bodies import Body, Plain, Wanted
from desk.api.visit import PROBLEMS, Key, ProvedProgram
from desk.disclosing import base, looker, record
from desk.forms import FormRefused, Question, command_id, filled, form_id
from desk.history.asked import Short, moment, spelled
from desk.history.compliance import ActorKind, Narrowed, facts_of
from desk.history.export import (
    COLUMNS,
    LONGEST_PURPOSE,
    cell,
    fact_cells,
    purpose_of,
    purpose_questions,
)
from desk.history.told import Chosen, Fact, count, pages
from desk.house import House
from desk.page import page
from desk.person import Person
from desk.problem import NotFound
from desk.queue import speaker
from desk.visit import OwnForm, Proved, SignedIn, TheHouse
from desk.words.facts import Speaker
from domain.disclosure import ExportHistory
from projections import history
from projections.history_page import Facts
from projections.reading import look

router = APIRouter()

ALL_COLUMNS: Final = ("case", *COLUMNS)
INSTANT: Final = timedelta(microseconds=1)
File = Literal["csv", "json"]


class Asked(Narrowed):
    """As the page is narrowed; ``occurred``, ``recorded``: as of which moment of either axis."""

    occurred: Short = ""
    recorded: Short = ""


@router.get("/compliance/export", include_in_schema=False)
def ask(
    request: Request, person: SignedIn, house: TheHouse, asked: Annotated[Asked, Query()]
) -> Response:
    _check(person)
    return _ask(request, asked, _questions(speaker(house, person), asked))


def _ask(request: Request, asked: Asked, questions: list[Question], wrong: str = "") -> Response:
    kept = {k: v for k, v in asked.model_dump(exclude={"before"}).items() if v}
    return page(
        request, "compliance_export.html", status=422 if wrong else 200, wrong=wrong, kept=kept,
        questions=questions,
    )  # fmt: skip


def _questions(say: Speaker, asked: Asked) -> list[Question]:
    purpose, form = purpose_questions(say)
    files = [it for it in form.choices if it[0] != "print"]
    return [
        Question("words", say("Words in reasons and quotes"), required=False, most=200),
        Question("occurred", say("As of: what had happened"), "moment", required=False,
                 value=asked.occurred),
        Question("recorded", say("As of: what was known"), "moment", required=False,
                 value=asked.recorded),
        purpose,
        Question("format", form.title, "choice", choices=files, value="csv"),
    ]  # fmt: skip


@router.post("/compliance/export", include_in_schema=False)
def give(request: Request, person: Proved, typed: OwnForm, house: TheHouse) -> Response:
    _check(person)
    say = speaker(house, person)
    asked = Asked.model_validate(
        {k: v[:60] for k, v in typed.items() if k in Asked.model_fields and k != "before"}
        | ({} if typed.get("by") in (None, "", *get_args(ActorKind)) else {"by": ""})
    )
    try:
        form = form_id(typed)
        purpose, format = purpose_of(typed, say)
        if format == "print":
            raise FormRefused({"format": say("Choose one of the list.")})
        which = as_of(
            facts_of(asked, person, say),
            moment("occurred", asked.occurred, person.zone, say),
            moment("recorded", asked.recorded, person.zone, say),
        )
    except FormRefused as refused:
        questions = filled(_questions(say, asked), typed, refused.fields)
        return _ask(request, asked, questions, say("Look at the marked fields."))
    names = [f"{k}={v}" for k, v in asked.model_dump(exclude={"before"}).items() if v]
    chosen = choose(house, which, typed.get("words", "")[:200])
    return file_of(
        house, person, chosen, names=names, purpose=purpose, format=format,
        form=form, id=command_id(form, typed), say=say,
    )  # fmt: skip


class FactsExportBody(Body):
    """``purpose`` is recorded, with who asked, before the file is given.

    ``words``: of reasons and of what people said, in complaints that you may read.
    """

    purpose: Annotated[Wanted, Field(max_length=LONGEST_PURPOSE)]
    format: File = "json"
    words: Annotated[Plain, Field(max_length=200)] = ""
    case: Annotated[Plain, Field(max_length=60)] | None = None
    types: list[Annotated[Plain, Field(max_length=60)]] | None = None
    actor_kind: ActorKind | None = None
    actor: Annotated[Plain, Field(max_length=60)] | None = None
    rule: Annotated[Plain, Field(max_length=60)] | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    as_of_occurred: AwareDatetime | None = None
    as_of_recorded: AwareDatetime | None = None


@router.post("/api/v1/compliance/export", responses=PROBLEMS, tags=["compliance"])
def give_program(
    person: ProvedProgram, house: TheHouse, body: FactsExportBody, key: Key
) -> Response:
    """Facts of many complaints as a file, for a purpose that is recorded."""
    _check(person)
    narrowed = body.model_dump(
        exclude={"purpose", "format", "words", "as_of_occurred", "as_of_recorded"},
        exclude_none=True,
    )
    which = as_of(Facts(**narrowed), body.as_of_occurred, body.as_of_recorded)
    asked = body.model_dump(exclude={"purpose", "format", "words"}, exclude_none=True, mode="json")
    return file_of(
        house, person, choose(house, which, body.words),
        names=[f"{name}={value}"[:200] for name, value in asked.items()],
        purpose=body.purpose, format=body.format, form=key, id=key, say=speaker(house, person),
    )  # fmt: skip


def _check(person: Person) -> None:
    if not person.reaches("history"):
        raise NotFound()


def as_of(which: Facts, occurred: datetime | None, recorded: datetime | None) -> Facts:
    """Narrowed to what had happened, and to what was known, by then."""
    until = which.until
    if occurred is not None:
        until = min(until or occurred + INSTANT, occurred + INSTANT)
    return replace(which, until=until, known_at=recorded)


def choose(house: House, which: Facts, words: str) -> Chosen:
    """What is in the file ends where the log was read to when it was asked for."""
    with house.pool.connection() as db, look(db) as reading:
        return Chosen(which, words.strip(), reading.freshness(history.NAME).as_of)


def file_of(
    house: House, person: Person, chosen: Chosen, *, names: Sequence[str], purpose: str,
    format: File, form: UUID, id: UUID, say: Speaker,
) -> Response:  # fmt: skip
    """Counted and recorded before the first byte goes; each file that differs, as its own fact.

    ``keyed``: what was looked for may be a name, which no plain hash would hide.
    """
    facts = count(house, person, chosen, say)
    by = looker(person).model_copy(update={"legal_entities": tuple(person.entities("history"))})
    file = uuid5(id, house.keyed("export", f"{chosen.upto}\n{chosen.words}"))
    command = ExportHistory(
        **base(house, person, file), by=by, filters=tuple(names), format=format, facts=facts
    )
    record(house, command, form, purpose)
    about = {
        "exported_by": person.name,
        "exported_at": spelled(say.now),
        "as_of_event": str(chosen.upto),
        "filters": "; ".join(names),
        "facts": str(facts),
        "proof": "none",
    }
    rows = (_row(it) for facts in pages(house, person, chosen, say) for it in facts)
    made = csv_of(about, rows) if format == "csv" else json_of(about, rows)
    media = "text/csv; charset=utf-8" if format == "csv" else "application/json"
    headers = {"Content-Disposition": f'attachment; filename="facts.{format}"'}
    return StreamingResponse(made, media_type=media, headers=headers)


def _row(fact: Fact) -> dict[str, str]:
    row, record, entry = fact
    return {"case": row.number or "", **fact_cells(record, entry, entry.quote or "")}


def csv_of(about: Mapping[str, str], rows: Iterable[Mapping[str, str]]) -> Iterator[bytes]:
    """As the export of one case: what it is about, an empty line, then the table."""
    yield b"\xef\xbb\xbf"
    for name, value in about.items():
        yield _line([name, cell(value)])
    yield _line([])
    yield _line(ALL_COLUMNS)
    for row in rows:
        yield _line([cell(row[column]) for column in ALL_COLUMNS])


def _line(cells: Sequence[str]) -> bytes:
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return file.getvalue().encode()


def json_of(about: Mapping[str, str], rows: Iterable[Mapping[str, str]]) -> Iterator[bytes]:
    yield b'{"export":' + orjson.dumps(dict(about)) + b',"facts":['
    between = b"\n"
    for row in rows:
        yield between + orjson.dumps(dict(row))
        between = b",\n"
    yield b"]}\n"
