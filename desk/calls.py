"""A call on one screen: who it is, what was said last, what is promised; then its record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.acts.act import parse_later
from desk.calling import Call, beginning, case_in, keep, known, open_cases, script
from desk.customer import moment_words
from desk.forms import FormRefused, Question, command_id, filled, form_id
from desk.house import House
from desk.page import page
from desk.person import Person
from desk.problem import trouble_of
from desk.promised import promise_questions
from desk.queue import speaker
from desk.visit import OwnForm, SignedIn, TheHouse, see
from desk.words.facts import Speaker
from desk.words.terms import choices
from domain.customer import Customer
from domain.decider import DomainError
from domain.personal import Personal
from domain.promise import Promised
from ledger import CommandIdMisused, KeyDestroyed
from projections.case import Row

router = APIRouter(include_in_schema=False)

LONGEST_SUMMARY: Final = 20_000


@router.get("/calls/{ref}")
def show(request: Request, person: SignedIn, house: TheHouse, ref: str) -> Response:
    say = speaker(house, person)
    stream, state = known(house, person, ref)
    told = script(house, person, stream, state, say)
    return page(
        request,
        "call.html",
        zone=house.directory.zone(state.legal_entity),
        customer=state,
        script=told,
        contacts=[(it, moment_words(it, say)) for it in told.contacts],
        say=say,
    )


@router.get("/calls/{ref}/record")
def record(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    ref: str,
    begun: Annotated[datetime | None, Query()] = None,
) -> Response:
    """The call begins when the record is opened; a reload keeps its beginning."""
    stream, state = known(house, person, ref)
    if begun is None:
        now = house.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return see(f"/calls/{state.number}/record?begun={now}")
    say = speaker(house, person)
    return _record(request, house, person, stream, state, begun=beginning(begun, say.now), say=say)


def _record(
    request: Request, house: House, person: Person, stream: str, state: Customer, *,
    begun: datetime, say: Speaker, typed: Mapping[str, str] | None = None,
    wrong: str = "", fields: Mapping[str, str] | None = None, status: int = 200,
) -> Response:  # fmt: skip
    asked = _questions(house, person, stream, say)
    return page(
        request,
        "call_record.html",
        status=status,
        zone=house.directory.zone(state.legal_entity),
        customer=state,
        name=say.shown(house.ledger.open(state.name) if state.name is not None else None),
        begun=begun,
        form=typed.get("command_id") if typed is not None else None,
        questions=asked if typed is None else filled(asked, typed, fields),
        wrong=wrong,
        say=say,
    )


def _questions(house: House, person: Person, stream: str, say: Speaker) -> list[Question]:
    cases = [(row.number, row.number) for row in open_cases(house, person, stream)]
    only = cases[0][0] if len(cases) == 1 else ""
    ways = choices(say.language, "direction")
    return [
        Question("direction", say("Who began"), "choice", choices=ways, value="in"),
        Question("summary", say("What was said"), "long_text", rows=5, most=LONGEST_SUMMARY),
        Question("case", say("Complaint"), "choice", required=False, choices=cases, value=only),
        *promise_questions(say),
    ]


@router.post("/calls/{ref}/record")
def end(request: Request, person: SignedIn, typed: OwnForm, house: TheHouse, ref: str) -> Response:
    say = speaker(house, person)
    stream, state = known(house, person, ref)
    begun = _begun(typed, say)
    try:
        where = _store(house, person, stream, state, typed=typed, begun=begun, say=say)
    except FormRefused as refused:
        words = say("Look at the marked fields.")
        return _record(request, house, person, stream, state, begun=begun, say=say, typed=typed,
                       wrong=words, fields=refused.fields, status=422)  # fmt: skip
    except (DomainError, CommandIdMisused, KeyDestroyed) as error:
        trouble = trouble_of(error, person.language)
        return _record(request, house, person, stream, state, begun=begun, say=say, typed=typed,
                       wrong=trouble.detail, fields=trouble.fields,
                       status=trouble.status)  # fmt: skip
    return see(where)


def _begun(typed: Mapping[str, str], say: Speaker) -> datetime:
    """The beginning that the form has kept; now where it is none of ours."""
    try:
        return beginning(datetime.fromisoformat(typed.get("begun", "")), say.now)
    except ValueError:
        return say.now


def _store(
    house: House, person: Person, stream: str, state: Customer, *,
    typed: Mapping[str, str], begun: datetime, say: Speaker,
) -> str:  # fmt: skip
    """Keep the call and what was promised in it; where to go on. Raises: FormRefused."""
    form = form_id(typed)
    summary, number = typed.get("summary", "").strip(), typed.get("case", "")
    if not summary or len(summary) > LONGEST_SUMMARY:
        raise FormRefused({"summary": say("This is needed.") if not summary else
                           say("At most %(most)s characters.", most=LONGEST_SUMMARY)})  # fmt: skip
    case = case_in(open_cases(house, person, stream), number, say)
    call = Call(
        begun=begun,
        ended=say.now,
        direction="out" if typed.get("direction") == "out" else "in",
        summary=summary,
        case=case,
        promised=_promised(house, state, typed, case, say),
    )
    keep(house, person, stream, state, call=call, form=form, id=command_id(form, typed))
    if typed.get("then") == "lodge":
        local = begun.astimezone(ZoneInfo(house.directory.zone(state.legal_entity)))
        return f"/complaints/new?customer={state.number}&received={local:%Y-%m-%dT%H:%M}"
    return f"/complaints/{number}" if number else f"/customers/{state.number}?done=contact"


def _promised(
    house: House, state: Customer, typed: Mapping[str, str], case: Row | None, say: Speaker
) -> Promised | None:
    what, due = typed.get("promise", "").strip(), typed.get("promise_due", "").strip()
    if not what and not due:
        return None
    if case is None:
        raise FormRefused({"promise": say("A promise belongs to a case: choose it.")})
    if not what or not due:
        raise FormRefused({"promise_due" if what else "promise": say("This is needed.")})
    zone = house.directory.zone(state.legal_entity)
    at = parse_later("promise_due", due, zone, say.now, say)
    return Promised(what=Personal(what), due=at)
