"""A call on one screen: who it is, what was said last, what is promised; then its record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.act import parse_later
from desk.contacts import LOOKED_AT, contacts_of
from desk.customer import moment_words
from desk.finding import cases_of, customer_of, customer_stream
from desk.forms import FormRefused, Question, command_id, filled, form_id, stream_for
from desk.house import House
from desk.language import N_
from desk.language import say as say_in
from desk.page import page
from desk.person import Person
from desk.problem import NotFound, trouble_of
from desk.promised import promise_questions
from desk.queue import speaker
from desk.terms import choices
from desk.visit import OwnForm, SignedIn, TheHouse, see
from desk.words import Speaker
from domain.access import Place, check
from domain.complaint import complaint
from domain.customer import Customer
from domain.decider import DomainError
from domain.event import Context
from domain.interaction import RecordInteraction, interaction
from domain.personal import Personal
from domain.promise import MakePromise, Promised
from ledger import CommandIdMisused, KeyDestroyed
from projections import promises, timeline
from projections.case import Row
from projections.reading import look

router = APIRouter(include_in_schema=False)

LONGEST: Final = timedelta(days=1)
GREETINGS: Final = (
    (12, N_("Good morning, %(customer)s. This is %(name)s of %(entity)s.")),
    (18, N_("Good afternoon, %(customer)s. This is %(name)s of %(entity)s.")),
    (24, N_("Good evening, %(customer)s. This is %(name)s of %(entity)s.")),
)
"""Until which hour of the customer's day -> what is said first."""


def _known(house: House, person: Person, ref: str) -> tuple[str, Customer]:
    """Raises: NotFound, NotAllowed for who may not speak with the customer."""
    stream = customer_stream(house, person, ref)
    state = customer_of(house, person, stream) if stream else None
    if stream is None or state is None or state.erased:
        raise NotFound()
    place = Place(legal_entity=state.legal_entity, branch=state.branch)
    check(person.rights, "write", "customer", place)
    return stream, state


def greeting(house: House, person: Person, state: Customer, name: str) -> str:
    """In the customer's language, by the time of day where they are."""
    zone = ZoneInfo(house.directory.zone(state.legal_entity))
    hour = house.now().astimezone(zone).hour
    words = next(words for until, words in GREETINGS if hour < until)
    entity = house.directory.entity(state.legal_entity)
    return say_in(
        state.language,
        words,
        customer=name,
        name=house.directory.name(person.staff, state.language),
        entity=entity.name.in_(state.language) if entity else "",
    )


@router.get("/calls/{ref}")
def script(request: Request, person: SignedIn, house: TheHouse, ref: str) -> Response:
    say = speaker(house, person)
    stream, state = _known(house, person, ref)
    with house.pool.connection() as db, look(db) as reading:
        scope = person.scope("case")
        moments = timeline.timeline(
            reading, person.scope("customer"), scope, stream, limit=LOOKED_AT
        )
        given = promises.promises(reading, scope, customer=stream)
    name = say.shown(house.ledger.open(state.name) if state.name is not None else None)
    told = next((it for it in moments if it.direction == "out" and it.words), None)
    needs = house.ledger.open_in([need.words for need in state.needs.values()])
    words = house.ledger.open_in([it.words for it in given])
    return page(
        request,
        "call.html",
        zone=house.directory.zone(state.legal_entity),
        customer=state,
        name=name,
        needs=[text for text in needs if text],
        no_calls=any("phone" in need.avoid for need in state.needs.values()),
        greeting=greeting(house, person, state, name),
        told=house.ledger.open(told.said) if told is not None and told.said is not None else None,
        contacts=[(it, moment_words(it, say)) for it in contacts_of(moments)],
        given=list(zip(given, words, strict=True)),
        cases=_open_cases(house, person, stream),
        say=say,
    )


def _open_cases(house: House, person: Person, stream: str) -> list[Row]:
    return [row for row in cases_of(house, person, stream) if row.closed_at is None]


@router.get("/calls/{ref}/record")
def record(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    ref: str,
    begun: Annotated[datetime | None, Query()] = None,
) -> Response:
    """The call begins when the record is opened; a reload keeps its beginning."""
    stream, state = _known(house, person, ref)
    if begun is None:
        now = house.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return see(f"/calls/{state.number}/record?begun={now}")
    say = speaker(house, person)
    return _record(request, house, person, stream, state, begun=_beginning(begun, say.now), say=say)


def _beginning(moment: datetime, now: datetime) -> datetime:
    """A call began today or not at all: what is no such moment is now."""
    begun = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return begun if now - LONGEST < begun <= now else now


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
        questions=asked if typed is None else filled(asked, typed, fields),
        wrong=wrong,
        say=say,
    )


def _questions(house: House, person: Person, stream: str, say: Speaker) -> list[Question]:
    cases = [(row.number, row.number) for row in _open_cases(house, person, stream)]
    only = cases[0][0] if len(cases) == 1 else ""
    ways = choices(say.language, "direction")
    return [
        Question("direction", say("Who began"), "choice", choices=ways, value="in"),
        Question("summary", say("What was said"), "long_text", rows=5, most=20_000),
        Question("case", say("Complaint"), "choice", required=False, choices=cases, value=only),
        *promise_questions(say),
    ]


@router.post("/calls/{ref}/record")
def keep(request: Request, person: SignedIn, typed: OwnForm, house: TheHouse, ref: str) -> Response:
    say = speaker(house, person)
    stream, state = _known(house, person, ref)
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
        return _beginning(datetime.fromisoformat(typed.get("begun", "")), say.now)
    except ValueError:
        return say.now


def _store(
    house: House, person: Person, stream: str, state: Customer, *,
    typed: Mapping[str, str], begun: datetime, say: Speaker,
) -> str:  # fmt: skip
    """Keep the call and what was promised in it; where to go on. Raises: FormRefused."""
    form = form_id(typed)
    id = command_id(form, typed)
    summary = typed.get("summary", "").strip()
    if not summary or len(summary) > 20_000:
        raise FormRefused({"summary": say("This is needed.") if not summary else
                           say("At most %(most)s characters.", most=20_000)})  # fmt: skip
    number = typed.get("case", "")
    cases = {row.number: row for row in _open_cases(house, person, stream)}
    if number and number not in cases:
        raise FormRefused({"case": say("Choose one of the list.")})
    case = cases.get(number)
    promised = _promised(house, state, typed, case, say)
    base: dict[str, Any] = {"command_id": id, "actor": person.actor()}
    command = RecordInteraction(
        **base,
        at=begun,
        customer=stream,
        case=case.stream if case else None,
        legal_entity=state.legal_entity,
        branch=state.branch,
        channel="phone",
        direction="out" if typed.get("direction") == "out" else "in",
        lasted=say.now - begun,
        summary=Personal(summary),
    )
    if case is not None and promised is not None:
        check(person.rights, "write", "case", case.place)
        promise = MakePromise(**base, at=say.now, promise=str(id), promised=promised)
        house.ledger.handle(complaint, case.stream, promise, Context(correlation=case.stream))
        base["command_id"] = command_id(id, typed)
        command = command.model_copy(update=base)
    call = stream_for("interaction", form, id)
    house.ledger.handle(interaction, call, command, Context(correlation=stream))
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
