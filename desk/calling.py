"""A call with a customer: what is known when it comes, and how it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from desk.contacts import LOOKED_AT, contacts_of
from desk.finding import cases_of, customer_of, customer_stream, place_of
from desk.forms import FormRefused, stream_for
from desk.house import House
from desk.language import N_
from desk.language import say as say_in
from desk.person import Person
from desk.problem import NotFound
from desk.words.facts import Speaker
from domain.access import check
from domain.complaint import complaint
from domain.customer import Customer
from domain.event import Context
from domain.interaction import RecordInteraction, interaction
from domain.personal import Personal
from domain.promise import MakePromise, Promised
from ledger import CommandIdMisused, Receipt
from projections import promises, timeline
from projections.case import Row
from projections.promises import Listed
from projections.reading import look
from projections.timeline import TimelineEntry

LONGEST: Final = timedelta(days=1)
GREETINGS: Final = (
    (12, N_("Good morning, %(customer)s. This is %(name)s of %(entity)s.")),
    (18, N_("Good afternoon, %(customer)s. This is %(name)s of %(entity)s.")),
    (24, N_("Good evening, %(customer)s. This is %(name)s of %(entity)s.")),
)
"""Until which hour of the customer's day -> what is said first."""


@dataclass(frozen=True)
class Script:
    """``told``: what we said last; ``given``: open promises with their words."""

    name: str
    needs: Sequence[str]
    no_calls: bool
    greeting: str
    told: str | None
    contacts: Sequence[TimelineEntry]
    given: Sequence[tuple[Listed, str | None]]
    cases: Sequence[Row]


@dataclass(frozen=True)
class Call:
    """What is kept of a call. ``promised`` belongs to ``case``."""

    begun: datetime
    ended: datetime
    direction: Literal["in", "out"]
    summary: str
    case: Row | None = None
    promised: Promised | None = None


class Kept(NamedTuple):
    """The stream of a call; ``promise``: the name of the one that was made in it."""

    stream: str
    promise: str | None
    receipt: Receipt


def known(house: House, person: Person, ref: str) -> tuple[str, Customer]:
    """Raises: NotFound, NotAllowed for who may not speak with the customer."""
    stream = customer_stream(house, person, ref)
    state = customer_of(house, person, stream) if stream else None
    if stream is None or state is None or state.erased:
        raise NotFound()
    place = place_of(state)
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


def script(house: House, person: Person, stream: str, state: Customer, say: Speaker) -> Script:
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
    return Script(
        name=name,
        needs=[text for text in needs if text],
        no_calls=any("phone" in need.avoid for need in state.needs.values()),
        greeting=greeting(house, person, state, name),
        told=house.ledger.open(told.said) if told is not None and told.said is not None else None,
        contacts=contacts_of(moments),
        given=list(zip(given, words, strict=True)),
        cases=open_cases(house, person, stream),
    )


def open_cases(house: House, person: Person, stream: str) -> list[Row]:
    return [row for row in cases_of(house, person, stream) if row.closed_at is None]


def case_in(cases: Sequence[Row], number: str, say: Speaker) -> Row | None:
    """The open case that a call was about. Raises: FormRefused."""
    found = next((row for row in cases if number in (row.number, row.stream)), None)
    if number and found is None:
        raise FormRefused({"case": say("Choose one of the list.")})
    return found


def beginning(moment: datetime, now: datetime) -> datetime:
    """A call began today or not at all: what is no such moment is now."""
    begun = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return begun if now - LONGEST < begun <= now else now


def keep(
    house: House, person: Person, stream: str, state: Customer, *, call: Call, form: UUID, id: UUID
) -> Kept:
    """Keep what was promised in the call, then the call itself.

    The promise is of the form, however its words are changed before the call is kept too; not in
    another case, and not over the API, where ``id`` is the form's own.
    Raises: CommandIdMisused.
    """
    base: dict[str, Any] = {"actor": person.actor()}
    promise = str(form) if call.promised is not None else None
    if call.case is not None and call.promised is not None:
        check(person.rights, "write", "case", call.case.place)
        given = MakePromise(
            **base, command_id=uuid5(form, "promise"), at=house.now(), promise=str(form),
            promised=call.promised,
        )  # fmt: skip
        case = call.case.stream
        try:
            house.ledger.handle(complaint, case, given, Context(correlation=case))
        except CommandIdMisused:
            told = house.ledger.told(given.command_id)
            if id == form or any(it.stream != case for it in told):
                raise
    command = RecordInteraction(
        **base,
        command_id=id,
        at=call.begun,
        customer=stream,
        case=call.case.stream if call.case else None,
        legal_entity=state.legal_entity,
        branch=state.branch,
        channel="phone",
        direction=call.direction,
        lasted=call.ended - call.begun,
        summary=Personal(call.summary),
    )
    kept = stream_for("interaction", form, id)
    stored = house.ledger.handle(interaction, kept, command, Context(correlation=stream))
    return Kept(kept, promise, stored)
