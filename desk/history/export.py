"""Facts leave the house as CSV, JSON or paper: for a purpose, recorded before they are given."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal, get_args
from uuid import UUID, uuid5

import orjson
from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field
from starlette.requests import Request
from starlette.responses import Response

from desk.api.bodies import Body, Wanted
from desk.api.visit import PROBLEMS, Key, ProvedProgram
from desk.case import Case
from desk.disclosing import base, looker, record
from desk.forms import FormRefused, Question, command_id, filled, form_id
from desk.history.asked import Asked, as_of_asked, asked_in, spelled
from desk.history.lines import Line
from desk.history.view import View, find, view
from desk.page import page
from desk.person import Person
from desk.problem import FieldsRefused, NotFound
from desk.visit import OwnForm, Proved, SignedIn
from desk.words.facts import Entry, Speaker
from desk.words.terms import choices
from domain.disclosure import ExportHistory, Format
from domain.event import Event, Recorded

router = APIRouter()

LONGEST_PURPOSE: Final = 1_000
COLUMNS: Final = (
    "position", "type", "happened", "recorded", "per_old_system", "who", "actor", "role", "rule",
    "rule_version", "words", "text", "because",
)  # fmt: skip
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell must not begin with: a table program would take it as a formula."""


@dataclass(frozen=True)
class Export:
    """``about``: what it is of, by whom, when and why it was narrowed; ``facts``: its rows."""

    about: Mapping[str, str]
    facts: Sequence[Mapping[str, str]]


def export_of(seen: View, number: str) -> Export:
    case, as_of = seen.whole, seen.as_of
    records = seen.case.records if seen.case else ()
    about = {
        "case": number,
        "exported_by": case.person.name,
        "exported_at": spelled(case.house.now()),
        "as_of_occurred": spelled(as_of.occurred) if as_of.occurred else "",
        "as_of_recorded": spelled(as_of.recorded) if as_of.recorded else "",
        "as_of_event": str(records[-1].position) if records else "",
        "filters": "; ".join(seen.narrow.asked.narrowed),
        "facts": str(len(seen.shown)),
        "proof": "none",
    }
    return Export(about, [fact_row(line) for line in seen.lines(seen.shown)])


def fact_row(line: Line) -> dict[str, str]:
    letter = line.letter
    text = (line.entry.quote or "") if letter is None else f"{letter.subject}\n{letter.body}"
    return fact_cells(line.record, line.entry, text)


def fact_cells(record: Recorded[Event], it: Entry, text: str) -> dict[str, str]:
    actor, cause = record.actor, record.context.cause
    values = (
        str(it.position), it.event.type_name, spelled(it.at), spelled(it.recorded_at),
        spelled(it.claimed_at) if it.claimed_at else "", it.who, actor.kind, actor.role or "",
        cause.rule if cause else "", cause.version if cause else "", it.words, text,
        it.because or "",
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def as_csv(export: Export) -> bytes:
    """What it is about, an empty line, then the table; with the mark that spreadsheets look for."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for name, value in export.about.items():
        writer.writerow([name, cell(value)])
    writer.writerow([])
    writer.writerow(COLUMNS)
    for fact in export.facts:
        writer.writerow([cell(fact[column]) for column in COLUMNS])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def cell(text: str) -> str:
    """A cell that no table program takes as a formula."""
    return "'" + text if text.lstrip(" ").startswith(FORMULA) else text


def as_json(export: Export) -> bytes:
    body = {"export": dict(export.about), "facts": list(export.facts)}
    return orjson.dumps(body, option=orjson.OPT_INDENT_2)


def file_of(export: Export, format: Format, name: str) -> Response:
    made = as_csv(export) if format == "csv" else as_json(export)
    media = "text/csv; charset=utf-8" if format == "csv" else "application/json"
    headers = {"Content-Disposition": f'attachment; filename="{name}-history.{format}"'}
    return Response(made, media_type=media, headers=headers)


def record_export(seen: View, purpose: str, format: Format, *, form: UUID, id: UUID) -> None:
    """The fact that it was given out, before it is; once more where there is more in it.

    The purpose stands encrypted in its reason.
    """
    case = seen.whole
    about = None if case.customer.erased else case.state.customer
    moments = [
        f"{axis}={spelled(at)}"
        for axis, at in (("occurred", seen.as_of.occurred), ("recorded", seen.as_of.recorded))
        if at is not None
    ]
    command = ExportHistory(
        **base(case.house, case.person, uuid5(id, f"{seen.seen}")),
        by=looker(case.person, case.state.legal_entity, case.state.branch),
        case=case.stream,
        customer=about,
        filters=(*moments, *seen.narrow.asked.narrowed),
        format=format,
        facts=len(seen.shown),
    )
    record(case.house, command, form, purpose)


def purpose_questions(say: Speaker) -> list[Question]:
    return [
        Question(
            "purpose", say("What for?"), "long_text", most=LONGEST_PURPOSE,
            help=say("It is recorded with your name before the file is given."),
        ),
        Question("format", say("As"), "choice", choices=choices(say.language, "format"),
                 value="csv"),
    ]  # fmt: skip


def purpose_of(typed: Mapping[str, str], say: Speaker) -> tuple[str, Format]:
    """Raises: FormRefused."""
    purpose = typed.get("purpose", "").strip()
    format = next((it for it in get_args(Format) if it == typed.get("format")), None)
    wrong = {}
    if not purpose:
        wrong["purpose"] = say("Say what it is for.")
    elif len(purpose) > LONGEST_PURPOSE:
        wrong["purpose"] = say("At most %(most)s characters.", most=LONGEST_PURPOSE)
    if format is None:
        wrong["format"] = say("Choose one of the list.")
    if wrong or format is None:
        raise FormRefused(wrong)
    return purpose, format


def _exportable(request: Request, person: Person, ref: str) -> Case:
    case = find(request, person, ref)
    if not case.may("read", "history"):
        raise NotFound()
    return case


@router.get("/complaints/{ref}/history/export", include_in_schema=False)
def ask(request: Request, person: SignedIn, ref: str, asked: Annotated[Asked, Query()]) -> Response:
    case = _exportable(request, person, ref)
    return _ask(request, case, asked, purpose_questions(case.speaker()))


def _ask(
    request: Request,
    case: Case,
    asked: Asked,
    questions: Sequence[Question],
    wrong: str = "",
) -> Response:
    home = f"/complaints/{case.state.number}/history"
    return page(
        request, "export.html", status=422 if wrong else 200, zone=case.zone, home=home,
        title=case.state.number, back=home + asked.address(), asked=asked, wrong=wrong,
        questions=questions,
    )  # fmt: skip


@router.post("/complaints/{ref}/history/export", include_in_schema=False)
def give(request: Request, person: Proved, typed: OwnForm, ref: str) -> Response:
    case = _exportable(request, person, ref)
    say = case.speaker()
    asked = asked_in(typed)
    try:
        purpose, format = purpose_of(typed, say)
        seen = view(case, asked)
        form = form_id(typed)
        record_export(seen, purpose, format, form=form, id=command_id(form, typed))
    except FormRefused as refused:
        words = say("Look at the marked fields.")
        questions = filled(purpose_questions(say), typed, refused.fields)
        return _ask(request, case, asked, questions, words)
    number = case.state.number
    export = export_of(seen, number)
    if format == "print":
        return page(request, "history_print.html", zone=case.zone, export=export, number=number,
                    lines=seen.lines(seen.shown), purpose=purpose, seen=seen)  # fmt: skip
    return file_of(export, format, number)


class ExportBody(Body):
    """``purpose`` is recorded, with who asked, before the file is given."""

    purpose: Annotated[Wanted, Field(max_length=LONGEST_PURPOSE)]
    format: Literal["csv", "json"] = "json"
    as_of_occurred: AwareDatetime | None = None
    as_of_recorded: AwareDatetime | None = None


@router.post("/api/v1/complaints/{ref}/history/export", responses=PROBLEMS, tags=["complaints"])
def give_program(
    request: Request, person: ProvedProgram, *, ref: str, body: ExportBody, key: Key
) -> Response:
    """The facts of a complaint as a file, for a purpose that is recorded."""
    case = _exportable(request, person, ref)
    try:
        seen = view(case, as_of_asked(body.as_of_occurred, body.as_of_recorded))
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    record_export(seen, body.purpose, body.format, form=key, id=key)
    return file_of(export_of(seen, case.state.number), body.format, case.state.number)
