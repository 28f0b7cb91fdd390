"""Lodging a complaint: find or register the customer, then what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, cast
from uuid import uuid5

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.act import parse_moment
from desk.finding import customer_of, customer_stream
from desk.forms import FormRefused, Question, command_id, filled, form_id, stream_for
from desk.house import House
from desk.page import page
from desk.person import Person
from desk.problem import NotAllowed, NotFound, trouble_of
from desk.queue import speaker
from desk.terms import choices
from desk.uploads import FIELD, FilesRefused, question, with_files
from desk.visit import Files, OwnForm, SignedIn, TheHouse, see
from desk.words import Speaker
from domain.access import Place, check
from domain.complaint import complaint
from domain.complaint_facts import Severity
from domain.complaint_wishes import LodgeComplaint, NameColleague
from domain.customer import Customer
from domain.decider import DomainError
from domain.event import Context
from domain.letter import as_channel
from domain.organisation import LegalEntity
from domain.personal import Personal
from ledger import CommandIdMisused, Receipt

router = APIRouter(include_in_schema=False)

LONGEST: Final = {"what_happened": 20_000, "remedy_sought": 5_000, "order": 100, "lodged_by": 300}
"""Field -> the most characters it may have."""

Ref = Annotated[str, Query(max_length=60)]


@router.get("/complaints/new")
def form(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    *,
    customer: Ref = "",
    at: Annotated[int | None, Query(ge=1)] = None,
    received: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """``received``: when the call began that the complaint was made in."""
    if not person.reaches("case", "write"):
        raise NotAllowed()
    if not customer:
        return page(request, "who.html")
    stream, state = _customer(house, person, customer, at)
    say = speaker(house, person)
    asked = questions(house, person, state, say)
    if received:
        asked = filled(asked, {"received_at": received, "channel": "phone"})
    return _form(request, house, stream, state, questions=asked)


def _customer(house: House, person: Person, ref: str, at: int | None) -> tuple[str, Customer]:
    stream = customer_stream(house, person, ref, at)
    state = customer_of(house, person, stream) if stream else None
    if stream is None or state is None:
        raise NotFound()
    return stream, state


def _form(
    request: Request,
    house: House,
    stream: str,
    state: Customer,
    *,
    questions: Sequence[Question],
    wrong: str = "",
    status: int = 200,
) -> Response:
    person: Person = request.state.person
    return page(
        request,
        "lodge.html",
        status=status,
        zone=house.directory.zone(state.legal_entity),
        customer=state,
        stream=stream,
        name=house.ledger.open(state.name) if state.name is not None else None,
        questions=questions,
        wrong=wrong,
        say=speaker(house, person),
    )


def questions(house: House, person: Person, state: Customer, say: Speaker) -> list[Question]:
    entity = _entity(house, state)
    branches = [(id, say.text(name)) for id, name in entity.branches.items()]
    teams = [(id, say.text(name)) for id, name in entity.teams.items()]
    role = person.role_in(entity.id, state.branch)
    return [
        Question("channel", say("How it came"), "choice", choices=choices(say.language, "channel")),
        Question(
            "received_at",
            say("Received, if not just now"),
            "moment",
            required=False,
            help=say("In the time of %(zone)s.", zone=entity.zone),
        ),
        Question("product", say("Product"), "choice", choices=_named(entity.products, say)),
        Question("category", say("Category"), "choice", choices=_named(entity.categories, say)),
        Question(
            "severity",
            say("Severity"),
            "choice",
            choices=choices(say.language, "severity"),
            value="medium",
        ),
        Question(
            "branch",
            say("Branch"),
            "choice",
            required=False,
            choices=branches,
            value=state.branch or "",
        ),
        Question(
            "team",
            say("Team"),
            "choice",
            choices=teams,
            value=(role.team if role else None) or (teams[0][0] if len(teams) == 1 else ""),
        ),
        Question(
            "what_happened",
            say("What happened, in the customer's words"),
            "long_text",
            rows=6,
            most=LONGEST["what_happened"],
        ),
        Question(
            "remedy_sought",
            say("What the customer wants"),
            "long_text",
            rows=2,
            most=LONGEST["remedy_sought"],
            required=False,
        ),
        Question("order", say("Order or contract number"), required=False, most=LONGEST["order"]),
        Question(
            "lodged_by",
            say("Lodged by somebody else: who"),
            required=False,
            most=LONGEST["lodged_by"],
        ),
        Question(
            "named",
            say("It is about one of us: who"),
            "choice",
            required=False,
            choices=_colleagues(house, say),
            help=say("They, all above and all below see nothing of it."),
        ),
        question(house, say),
    ]


def _colleagues(house: House, say: Speaker) -> list[tuple[str, str]]:
    staff = house.directory.staff
    named = [(id, say.text(one.name)) for id, one in staff.items() if not one.left]
    return sorted(named, key=lambda pair: pair[1])


def _named(names: Mapping[str, object], say: Speaker) -> list[tuple[str, str]]:
    return [(id, say.text(name)) for id, name in names.items()]


def _entity(house: House, state: Customer) -> LegalEntity:
    entity = house.directory.entity(state.legal_entity)
    if entity is None:
        raise NotFound()
    return entity


@router.post("/complaints/new")
def lodge(
    request: Request, *, person: SignedIn, typed: OwnForm, uploads: Files, house: TheHouse
) -> Response:
    house.directory.catch_up()
    stream, state = _customer(house, person, typed.get("customer", ""), None)
    say = speaker(house, person)
    try:
        command = command_of(house, person, stream, state, typed=typed, say=say)
        named = _one_of("named", typed.get("named", "") or None, house.directory.staff, say)
        uploads.check(house, say)
        if uploads.files:
            handed = uploads.handed(house.largest_file)
            command = with_files(command, handed, house, subject=stream, stream=command.complaint)
        receipt = handle(house, command, named)
    except FormRefused as refused:
        asked = filled(questions(house, person, state, say), typed, refused.fields)
        words = say("Look at the marked fields.")
        return _form(request, house, stream, state, questions=asked, wrong=words, status=422)
    except FilesRefused as refused:
        asked = filled(questions(house, person, state, say), typed, {FIELD: refused.words})
        words = say("Look at the marked fields.")
        return _form(
            request, house, stream, state, questions=asked, wrong=words, status=refused.status
        )
    except (DomainError, CommandIdMisused) as error:
        trouble = trouble_of(error, person.language)
        asked = filled(questions(house, person, state, say), typed, trouble.fields)
        return _form(
            request, house, stream, state,
            questions=asked, wrong=trouble.detail, status=trouble.status,
        )  # fmt: skip
    number = house.ledger.fold(complaint, command.complaint).state.number
    return see(f"/complaints/{number}?at={receipt.first}" if receipt.first else "/queue")


def command_of(
    house: House,
    person: Person,
    stream: str,
    state: Customer,
    *,
    typed: Mapping[str, str],
    say: Speaker,
) -> LodgeComplaint:
    """Raises: FormRefused; NotAllowed, NoPolicy and PolicyUnsigned of the rules."""
    form, now = form_id(typed), house.now()
    id = command_id(form, typed)
    wrong = {name: say("This is needed.") for name in _NEEDED if not typed.get(name, "").strip()}
    wrong |= {
        name: say("At most %(most)s characters.", most=most)
        for name, most in LONGEST.items()
        if len(typed.get(name, "").strip()) > most
    }
    if wrong:
        raise FormRefused(wrong)
    entity = _entity(house, state)
    zone = house.directory.zone(entity.id)
    received = typed.get("received_at", "").strip()
    at = parse_moment("received_at", received, zone, now, say) if received else now
    branch = _one_of("branch", typed.get("branch", "") or None, entity.branches, say)
    team = _one_of("team", typed["team"], entity.teams, say) or ""
    place = Place(legal_entity=entity.id, branch=branch, team=team, owner=None)
    check(person.rights, "write", "case", place)
    product = _one_of("product", typed["product"], entity.products, say) or ""
    category = _one_of("category", typed["category"], entity.categories, say) or ""
    channel = typed["channel"]
    severity = _one_of("severity", typed["severity"], dict(choices("en", "severity")), say)
    _one_of("channel", channel, dict(choices("en", "channel")), say)
    return LodgeComplaint(
        command_id=id,
        at=at,
        actor=person.actor(),
        complaint=stream_for("complaint", form, id),
        number=house.ledger.next_number("complaint", at.year),
        legal_entity=entity.id,
        branch=branch,
        team=team,
        customer=stream,
        lodged_by=_private(typed, "lodged_by"),
        channel=as_channel(channel),
        product=product,
        category=category,
        severity=cast(Severity, severity),
        tier=state.tier,
        language=state.language,
        what_happened=Personal(typed["what_happened"].strip()),
        remedy_sought=_private(typed, "remedy_sought"),
        order=_private(typed, "order"),
        terms=house.directory.library.terms(
            legal_entity=entity.id, product=product, category=category, channel=channel, at=at
        ),
    )


_NEEDED = ("channel", "product", "category", "severity", "team", "what_happened")


def _one_of(name: str, value: str | None, known: Mapping[str, object], say: Speaker) -> str | None:
    if value is not None and value not in known:
        raise FormRefused({name: say("Choose one of the list.")})
    return value


def _private(typed: Mapping[str, str], name: str) -> Personal | None:
    text = typed.get(name, "").strip()
    return Personal(text) if text else None


def handle(house: House, command: LodgeComplaint, named: str | None = None) -> Receipt:
    """``named``: the member of staff whom it complains about."""
    context = Context(correlation=command.complaint)
    receipt = house.ledger.handle(complaint, command.complaint, command, context)
    if named is not None:
        about = NameColleague(
            command_id=uuid5(command.command_id, "named"),
            at=house.now(),
            actor=command.actor,
            staff=named,
            reason=command.what_happened,
        )
        house.ledger.handle(complaint, command.complaint, about, context)
    return receipt
