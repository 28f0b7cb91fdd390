"""The form of a new complaint: its questions, and the wish that is made of what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from desk.acts.act import parse_moment
from desk.forms import FormRefused, Question, command_id, form_id, stream_for
from desk.house import House
from desk.person import Person
from desk.problem import NotFound
from desk.uploads import question
from desk.words.facts import Speaker
from desk.words.terms import choices
from domain.access import Place, check
from domain.complaint_facts import Severity
from domain.complaint_wishes import LodgeComplaint
from domain.customer import Customer
from domain.letter import as_channel
from domain.organisation import LegalEntity
from domain.personal import Personal

LONGEST: Final = {"what_happened": 20_000, "remedy_sought": 5_000, "order": 100, "lodged_by": 300}
"""Field -> the most characters it may have."""


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
            help=say("In the time of %(zone)s.", zone=say.zone_name(entity.zone)),
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
    return say.in_order(named)


def _named(names: Mapping[str, object], say: Speaker) -> list[tuple[str, str]]:
    return [(id, say.text(name)) for id, name in names.items()]


def _entity(house: House, state: Customer) -> LegalEntity:
    entity = house.directory.entity(state.legal_entity)
    if entity is None:
        raise NotFound()
    return entity


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
    branch = one_of("branch", typed.get("branch", "") or None, entity.branches, say)
    team = one_of("team", typed["team"], entity.teams, say) or ""
    place = Place(legal_entity=entity.id, branch=branch, team=team, owner=None)
    check(person.rights, "write", "case", place)
    product = one_of("product", typed["product"], entity.products, say) or ""
    category = one_of("category", typed["category"], entity.categories, say) or ""
    channel = typed["channel"]
    severity = one_of("severity", typed["severity"], dict(choices("en", "severity")), say)
    one_of("channel", channel, dict(choices("en", "channel")), say)
    named = one_of("named", typed.get("named", "") or None, house.directory.staff, say)
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
        named=(named,) if named else (),
        terms=house.directory.library.terms(
            legal_entity=entity.id, product=product, category=category, channel=channel, at=at
        ),
    )


_NEEDED = ("channel", "product", "category", "severity", "team", "what_happened")


def one_of(name: str, value: str | None, known: Mapping[str, object], say: Speaker) -> str | None:
    if value is not None and value not in known:
        raise FormRefused({name: say("Choose one of the list.")})
    return value


def _private(typed: Mapping[str, str], name: str) -> Personal | None:
    text = typed.get(name, "").strip()
    return Personal(text) if text else None
