"""What is wished about a customer: register, details, needs, preferences, tier, contacts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from desk.acts.act import parse_moment
from desk.finding import place_of
from desk.forms import FormRefused, Question, command_id, form_id, stream_for
from desk.house import House
from desk.person import Person
from desk.words.facts import Speaker
from desk.words.terms import choices
from domain.access import Place, cares, check
from domain.customer import (
    AssignCustomer,
    ChangePreferences,
    ChangeTier,
    Customer,
    CustomerCommand,
    EndNeed,
    GiveContactDetail,
    NoteNeed,
    RegisterCustomer,
)
from domain.event import Command
from domain.interaction import RecordInteraction
from domain.personal import Personal

C = TypeVar("C", bound=Command)

DETAILS: Final = ("email", "phone", "address", "order")
LONGEST: Final = 2_000


@dataclass(frozen=True)
class Begun(Generic[C]):
    """A command that begins a stream."""

    stream: str
    command: C


@dataclass(frozen=True)
class Wish:
    """What somebody typed about a known customer."""

    house: House
    person: Person
    stream: str
    state: Customer
    typed: Mapping[str, str]
    form: UUID
    id: UUID
    say: Speaker

    def base(self) -> dict[str, Any]:
        return {"command_id": self.id, "at": self.house.now(), "actor": self.person.actor()}

    def need(self, name: str, most: int = LONGEST) -> str:
        text = self.text(name, most)
        if not text:
            raise FormRefused({name: self.say("This is needed.")})
        return text

    def text(self, name: str, most: int = LONGEST) -> str:
        """What was typed, maybe nothing. Raises: FormRefused where it is longer than ``most``."""
        text = self.typed.get(name, "").strip()
        if len(text) > most:
            raise FormRefused({name: self.say("At most %(most)s characters.", most=most)})
        return text

    def one_of(self, name: str, kind: str) -> str:
        value = self.need(name)
        if value not in dict(choices("en", kind)):
            raise FormRefused({name: self.say("Choose one of the list.")})
        return value


def questions_of(house: House, person: Person) -> list[Question]:
    """The form for a new customer."""
    say = Speaker(person.language, person.zone, house.now(), house.directory)
    entities = person.entities("customer", "write")
    named = [(id, say.entity(id)) for id in entities]
    known = [entity for id in entities if (entity := house.directory.entity(id))]
    branches = {id: say.text(name) for entity in known for id, name in entity.branches.items()}
    return [
        Question("name", say("Name"), most=300),
        Question("sort", say("It is"), "choice", choices=choices(say.language, "sort"),
                 value="person"),
        Question("legal_entity", say("Company"), "choice", choices=named,
                 value=named[0][0] if len(named) == 1 else ""),
        Question("branch", say("Branch"), "choice", required=False,
                 choices=say.in_order(branches.items())),
        Question("language", say("Language"), "choice", choices=choices(say.language, "language"),
                 value=known[0].language if len(known) == 1 else ""),
        Question("preferred_channel", say("Prefers"), "choice",
                 choices=choices(say.language, "channel"), value="email"),
        Question("tier", say("Tier"), "choice", choices=choices(say.language, "tier"),
                 value="standard"),
        Question("email", say("E-mail"), "email", required=False),
        Question("phone", say("Phone"), "phone", required=False,
                 help=say("With the country code, such as +44.")),
        Question("address", say("Postal address"), required=False),
        Question("order", say("Order or contract number"), required=False),
        Question("prospect", say("A prospect: has never bought"), "yes_no", required=False),
    ]  # fmt: skip


def command_of(
    house: House, person: Person, typed: Mapping[str, str], say: Speaker
) -> Begun[RegisterCustomer]:
    """Raises: FormRefused, NotAllowed."""
    form = form_id(typed)
    id = command_id(form, typed)
    stream = stream_for("customer", form, id)
    wish = Wish(house, person, stream, Customer(), typed, form, id, say)
    missing = [name for name in _NEEDED if not typed.get(name, "").strip()]
    if missing:
        raise FormRefused({name: say("This is needed.") for name in missing})
    entity = house.directory.entity(typed["legal_entity"])
    if entity is None:
        raise FormRefused({"legal_entity": say("Choose one of the list.")})
    branch = typed.get("branch", "") or None
    if branch is not None and branch not in entity.branches:
        raise FormRefused({"branch": say("This branch belongs to another company.")})
    owner = first_owner(person, entity.id, branch)
    email = typed.get("email", "").strip()
    if email and not looks_like_email(email):
        raise FormRefused({"email": say("This is no e-mail address.")})
    now = house.now()
    command = RegisterCustomer.model_validate(
        {
            "command_id": id,
            "at": now,
            "actor": person.actor(),
            "customer": stream,
            "number": house.ledger.next_number("customer", now.year),
            "sort": wish.one_of("sort", "sort"),
            "prospect": typed.get("prospect") == "yes",
            "legal_entity": entity.id,
            "branch": branch,
            "language": wish.one_of("language", "language"),
            "preferred_channel": wish.one_of("preferred_channel", "channel"),
            "tier": wish.one_of("tier", "tier"),
            "owner": owner,
            "name": Personal(wish.need("name", 300)),
            "details": {name: Personal(text) for name in DETAILS if (text := wish.text(name))},
        }
    )
    return Begun(stream, command)


def first_owner(person: Person, entity: str, branch: str | None) -> str | None:
    """Whoever registers a customer answers for them, by a role of that kind. Raises: NotAllowed."""
    place = Place(legal_entity=entity, branch=branch)
    owner = person.staff if person.cares(place) else None
    check(person.rights, "write", "customer", place.model_copy(update={"owner": owner}))
    return owner


_NEEDED: Final = ("name", "legal_entity", "language", "preferred_channel", "sort", "tier")


def looks_like_email(text: str) -> bool:
    name, at, host = text.rpartition("@")
    return bool(name and at and "." in host) and not any(sign.isspace() for sign in text)


def _detail(wish: Wish) -> CustomerCommand:
    detail = wish.one_of("detail", "detail")
    text = wish.text("value")
    if detail == "name" and not text:
        raise FormRefused({"value": wish.say("This is needed.")})
    if detail == "email" and text and not looks_like_email(text):
        raise FormRefused({"value": wish.say("This is no e-mail address.")})
    value = Personal(text) if text else None
    return GiveContactDetail.model_validate({**wish.base(), "detail": detail, "value": value})


def _preferences(wish: Wish) -> CustomerCommand:
    return ChangePreferences.model_validate(
        {
            **wish.base(),
            "language": wish.one_of("language", "language"),
            "preferred_channel": wish.one_of("preferred_channel", "channel"),
        }
    )


def _tier(wish: Wish) -> CustomerCommand:
    return ChangeTier.model_validate({**wish.base(), "tier": wish.one_of("tier", "tier")})


def carers(house: House, state: Customer, say: Speaker) -> list[tuple[str, str]]:
    """Who can answer for the customer, by name."""
    place = place_of(state)
    here = house.directory.holders(say.now, lambda role: cares(role, place))
    return say.in_order((staff, say.name(staff)) for staff in here)


def _assign(wish: Wish) -> CustomerCommand:
    check(wish.person.rights, "write", "assignment", place_of(wish.state))
    to = wish.text("to") or None
    if to is not None and to not in dict(carers(wish.house, wish.state, wish.say)):
        raise FormRefused({"to": wish.say("Choose one of the list.")})
    return AssignCustomer(**wish.base(), to=to, why=Personal(wish.need("why", 1_000)))


def _need(wish: Wish) -> CustomerCommand:
    channels = [value for value, _ in choices("en", "channel")]
    return NoteNeed.model_validate(
        {
            **wish.base(),
            "need": str(wish.id),
            "words": Personal(wish.need("words", 300)),
            "detail": Personal(detail) if (detail := wish.text("detail", 1_000)) else None,
            "avoid": tuple(way for way in channels if wish.typed.get(f"avoid.{way}") == "yes"),
        }
    )


def _end_need(wish: Wish) -> CustomerCommand:
    return EndNeed(**wish.base(), need=wish.need("need"))


WISHES: Final[Mapping[str, Callable[[Wish], CustomerCommand]]] = {
    "detail": _detail,
    "preferences": _preferences,
    "tier": _tier,
    "assign": _assign,
    "need": _need,
    "end-need": _end_need,
}


def contact(wish: Wish) -> Begun[RecordInteraction]:
    """A contact that happened, outside of any case."""
    zone, now = wish.house.directory.zone(wish.state.legal_entity), wish.house.now()
    typed_at = wish.typed.get("at", "").strip()
    minutes = wish.typed.get("minutes", "").strip()
    if minutes and not (minutes.isascii() and minutes.isdigit() and len(minutes) <= 4):
        raise FormRefused({"minutes": wish.say("This number does not fit here.")})
    stream = stream_for("interaction", wish.form, wish.id)
    command = RecordInteraction.model_validate(
        {
            **wish.base(),
            "at": parse_moment("at", typed_at, zone, now, wish.say) if typed_at else now,
            "customer": wish.stream,
            "legal_entity": wish.state.legal_entity,
            "branch": wish.state.branch,
            "channel": wish.one_of("channel", "channel"),
            "direction": wish.one_of("direction", "direction"),
            "lasted": timedelta(minutes=int(minutes)) if minutes else None,
            "summary": Personal(wish.need("summary", 20_000)),
        }
    )
    return Begun(stream, command)
