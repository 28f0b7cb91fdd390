"""Pages of customers: find, register, look at everything that happened, keep details right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.disclosing import lines as lines_of
from desk.finding import cases_of, customer_of, customer_stream, place_of, wait
from desk.forms import FormRefused, command_id, form_id
from desk.house import House
from desk.masks import HIDDEN, details, masked, may_reveal, open_details
from desk.outlines import outlines
from desk.page import page
from desk.person import Person
from desk.problem import NotAllowed, NotFound, trouble_of
from desk.queue import speaker
from desk.registering import WISHES, Wish, carers, contact
from desk.visit import OwnForm, SignedIn, TheHouse, see
from desk.words.facts import Entry, Speaker
from desk.words.reading import entries
from desk.words.terms import choices, term
from domain.access import check
from domain.customer import ContactDetailGiven, Customer, NeedEnded, NeedNoted, customer
from domain.decider import DomainError
from domain.event import Context
from domain.interaction import interaction
from ledger import CommandIdMisused
from projections import customers, disclosures, promises, timeline
from projections.reading import look
from projections.timeline import TimelineEntry

router = APIRouter(include_in_schema=False)


@router.get("/customers")
def newest(request: Request, person: SignedIn, house: TheHouse) -> Response:
    """Who was registered last. Anybody is found by searching."""
    if not person.reaches("customer"):
        raise NotAllowed()
    with house.pool.connection() as db, look(db) as reading:
        rows = customers.newest(reading, person.scope("customer"))
        fresh = reading.freshness(customers.NAME)
    names = house.ledger.open_in([row.called for row in rows])
    return page(
        request,
        "customers.html",
        live={"rows": "customer"},
        fresh=fresh,
        rows=list(zip(rows, names, strict=True)),
        may_register=person.reaches("customer", "write"),
        say=speaker(house, person),
    )


@router.get("/customers/{ref}")
def show(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    *,
    ref: str,
    at: Annotated[int | None, Query(ge=1)] = None,
    done: Annotated[str, Query(max_length=20)] = "",
    position: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    stream, state = known_to(house, person, ref, at)
    for name in (timeline.NAME, promises.NAME):
        wait(house, name, position or at)
    return card(request, house, person, stream, state=state, done=done in (*WISHES, "contact"))


def known_to(house: House, person: Person, ref: str, at: int | None = None) -> tuple[str, Customer]:
    """A customer the person may see. Raises: NotFound."""
    stream = customer_stream(house, person, ref, at)
    state = customer_of(house, person, stream) if stream else None
    if stream is None or state is None:
        raise NotFound()
    return stream, state


def card(
    request: Request,
    house: House,
    person: Person,
    stream: str,
    *,
    state: Customer,
    done: bool = False,
    revealed: frozenset[str] = frozenset(),
    wrong: str = "",
    status: int = 200,
) -> Response:
    """A customer's page. ``revealed``: details that are shown whole this once."""
    say, whole = speaker(house, person), open_details(house, person, stream) | revealed
    with house.pool.connection() as db, look(db) as reading:
        moments = timeline.timeline(reading, person.scope("customer"), person.scope("case"), stream)
        given = promises.promises(reading, person.scope("case"), customer=stream)
        looked = disclosures.of_customer(reading, person.scope("disclosure"), stream)
    cases = cases_of(house, person, stream)
    listed = outlines(house, person, stream, cases)
    return page(
        request,
        "customer.html",
        live={"customer": state.number},
        status=status,
        zone=house.directory.zone(state.legal_entity),
        stream=stream,
        customer=state,
        name=say.shown(house.ledger.open(state.name) if state.name is not None else None),
        details=details(house, state, whole),
        may_reveal=may_reveal(person, state),
        needs=_needs(house, state, person) if person.may("read", "need", place_of(state)) else None,
        moments=list(zip(moments, house.ledger.open_in([m.said for m in moments]), strict=True)),
        moment_words=lambda moment: moment_words(moment, say),
        given=list(zip(given, house.ledger.open_in([it.words for it in given]), strict=True)),
        facts=_facts(house, person, stream, whole),
        cases=cases,
        outlines=listed,
        may_request=person.may("write", "request", place_of(state)),
        requests=choices(person.language, "request"),
        request_cases=[(it.number, it.number) for it in listed],
        looked=lines_of(house, looked, say),
        may_see_looks=person.reaches("disclosure"),
        ways=choices(person.language, "channel"),
        tiers=choices(person.language, "tier"),
        may_write=person.may("write", "customer", place_of(state)),
        may_assign=person.may("write", "assignment", place_of(state)),
        carers=carers(house, state, say),
        done=done,
        wrong=wrong,
        say=say,
    )


def _facts(house: House, person: Person, stream: str, whole: frozenset[str]) -> list[Entry]:
    """What changed about the customer, newest first, no more open than on the card."""
    state: Customer = house.ledger.fold(customer, stream).state
    needs = person.may("read", "need", place_of(state))
    facts = entries(house.ledger.history(stream), house.ledger, speaker(house, person))[::-1]
    return [
        replace(it, quote=masked(it.quote))
        if isinstance(it.event, ContactDetailGiven) and it.event.detail in HIDDEN - whole
        else it
        for it in facts
        if needs or not isinstance(it.event, NeedNoted | NeedEnded)
    ]


@dataclass(frozen=True)
class Need:
    """``detail``: what stands behind it, for those who may know."""

    id: str
    words: str
    detail: str | None
    avoid: list[str]


def _needs(house: House, state: Customer, person: Person) -> list[Need]:
    behind = person.may("read", "health", place_of(state))
    texts = house.ledger.open_in(
        [(need.words, need.detail if behind else None) for need in state.needs.values()]
    )
    return [
        Need(id, words or "", detail, [term(person.language, "channel", w) for w in need.avoid])
        for (id, need), (words, detail) in zip(state.needs.items(), texts, strict=True)
    ]


def moment_words(moment: TimelineEntry, say: Speaker) -> str:
    """One line of the timeline: what kind of moment it was."""
    words = say.term("moment", moment.kind)
    match moment.kind:
        case "letter":
            words = say.term("purpose", moment.detail or "")
        case "answered":
            words += ": " + say.term("decision", moment.detail or "")
        case "closed":
            words += ": " + say.term("ending", moment.detail or "")
        case "interaction":
            words = say.term("direction", moment.direction or "in")
            words = words[:1].upper() + words[1:]
    return words + (" · " + say.term("by", moment.channel) if moment.channel else "")


@router.post("/customers/{ref}/{wish}")
def change(
    request: Request, *, person: SignedIn, typed: OwnForm, house: TheHouse, ref: str, wish: str
) -> Response:
    """A detail, a need, preferences, the tier, or a contact that happened."""
    stream, state = known_to(house, person, ref)
    if wish != "assign":
        check(person.rights, "write", "customer", place_of(state))
    say = speaker(house, person)
    try:
        form = form_id(typed)
        making = Wish(house, person, stream, state, typed=typed, form=form,
                      id=command_id(form, typed), say=say)  # fmt: skip
        if wish == "contact":
            begun = contact(making)
            context = Context(correlation=stream)
            receipt = house.ledger.handle(interaction, begun.stream, begun.command, context)
        elif wish in WISHES:
            receipt = house.ledger.handle(customer, stream, WISHES[wish](making))
        else:
            raise NotFound()
    except FormRefused as refused:
        words = next(iter(refused.fields.values()), say("This form is too old. Send it again."))
        return card(request, house, person, stream, state=state, wrong=words, status=422)
    except (DomainError, CommandIdMisused) as error:
        trouble = trouble_of(error, person.language)
        return card(
            request, house, person, stream,
            state=state, wrong=trouble.detail, status=trouble.status,
        )  # fmt: skip
    position = f"&position={receipt.last}" if receipt.last else ""
    return see(f"/customers/{state.number}?done={wish}{position}")
