"""What an administrator may wish about a member of staff: form -> command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args
from uuid import UUID

from pydantic import ValidationError

from desk.acts.act import parse_later, parse_money
from desk.forms import FormRefused, Question
from desk.house import House
from desk.person import Person
from desk.problem import NotAllowed
from desk.words.facts import Speaker
from desk.words.terms import choices
from domain.access import Place, check
from domain.staff import (
    GiveRole,
    LeaveStaff,
    RegisterStaff,
    SetApprovalLimit,
    SetCapacity,
    SetManager,
    Staff,
    StaffCommand,
    TakeRole,
    stream_of,
)
from domain.staff_facts import Role, RoleName
from domain.text import Text


@dataclass(frozen=True)
class Wish:
    """What was typed about one member of staff, by whom."""

    house: House
    person: Person
    state: Staff
    typed: Mapping[str, str]
    id: UUID
    say: Speaker

    def base(self) -> dict[str, Any]:
        return {"command_id": self.id, "at": self.house.now(), "actor": self.person.actor()}

    def text(self, name: str) -> str:
        return self.typed.get(name, "").strip()

    def need(self, name: str) -> str:
        if not (text := self.text(name)):
            raise FormRefused({name: self.say("This is needed.")})
        return text[:300]


def visible(person: Person, state: Staff) -> bool:
    """Whether the person administers somebody: in an entity of theirs, or in none yet."""
    entities = person.entities("staff", "write")
    theirs = {role.legal_entity for role in state.roles}
    return bool(entities) and (not theirs or not theirs.isdisjoint(entities))


def check_whole(person: Person, state: Staff) -> None:
    """What reaches everything a colleague does (password, limit, manager, capacity, leaving) is for
    who administers every entity they work in. Raises: NotAllowed."""
    entities = person.entities("staff", "write")
    if not {role.legal_entity for role in state.roles} <= set(entities):
        raise NotAllowed()


def check_role(person: Person, role: Role) -> None:
    """Roles are given and taken where one administers. Raises: NotAllowed."""
    check(person.rights, "write", "staff", Place(legal_entity=role.legal_entity,
                                                 branch=role.branch, team=role.team))  # fmt: skip


def role_questions(house: House, person: Person, say: Speaker) -> list[Question]:
    entities = [e for id in person.entities("staff", "write") if (e := house.directory.entity(id))]
    named = [(e.id, say.text(e.name)) for e in entities]
    branches = {id: say.text(text) for e in entities for id, text in e.branches.items()}
    teams = {id: say.text(text) for e in entities for id, text in e.teams.items()}
    levels = [(str(n), f"L{n}") for n in (1, 2, 3)]
    only = named[0][0] if len(named) == 1 else ""
    return [
        Question("name", say("Role"), "choice", choices=choices(say.language, "role")),
        Question("legal_entity", say("Company"), "choice", choices=named, value=only),
        Question("branch", say("Branch"), "choice", required=False, choices=[*branches.items()]),
        Question("team", say("Team"), "choice", required=False, choices=[*teams.items()]),
        Question("level", say("Line of support"), "choice", required=False, choices=levels),
        Question("until", say("Until"), "moment", required=False,
                 help=say("Empty: until it is taken.")),
    ]  # fmt: skip


def _give_role(wish: Wish) -> StaffCommand:
    if (name := wish.need("name")) not in get_args(RoleName):
        raise FormRefused({"name": wish.say("Choose one of the list.")})
    entity = wish.house.directory.entity(wish.need("legal_entity"))
    if entity is None:
        raise FormRefused({"legal_entity": wish.say("Choose one of the list.")})
    for field, known in (("branch", entity.branches), ("team", entity.teams)):
        if wish.text(field) and wish.text(field) not in known:
            raise FormRefused({field: wish.say("This belongs to another company.")})
    level, until = wish.text("level"), wish.text("until")
    if level not in ("", "1", "2", "3"):
        raise FormRefused({"level": wish.say("Choose one of the list.")})
    zone, now = wish.house.directory.zone(entity.id), wish.house.now()
    role = Role.model_validate(
        {
            "name": name,
            "legal_entity": entity.id,
            "branch": wish.text("branch") or None,
            "team": wish.text("team") or None,
            "level": int(level) if level else None,
            "until": parse_later("until", until, zone, now, wish.say) if until else None,
        }
    )
    check_role(wish.person, role)
    return GiveRole(**wish.base(), role=role)


def _take_role(wish: Wish) -> StaffCommand:
    try:
        role = Role.model_validate_json(wish.need("role"))
    except ValidationError:
        raise FormRefused({"role": wish.say("Choose one of the list.")}) from None
    check_role(wish.person, role)
    return TakeRole(**wish.base(), role=role)


def _capacity(wish: Wish) -> StaffCommand:
    text = wish.text("cases")
    if text and not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise FormRefused({"cases": wish.say("This number does not fit here.")})
    return SetCapacity(**wish.base(), cases=int(text) if text else None)


def _limit(wish: Wish) -> StaffCommand:
    currency = wish.need("currency").upper()
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        raise FormRefused({"currency": wish.say("Three letters, such as EUR.")})
    return SetApprovalLimit(
        **wish.base(), limit=parse_money(wish.need("amount"), currency, wish.say)
    )


def _manager(wish: Wish) -> StaffCommand:
    manager = wish.text("manager") or None
    if manager is not None and manager not in wish.house.directory.staff:
        raise FormRefused({"manager": wish.say("Choose one of the list.")})
    return SetManager(**wish.base(), manager=manager)


OF_A_ROLE: Final = frozenset({"give-role", "take-role"})
"""What reaches one role alone, so that it is asked of that role's place."""

WISHES: Final[Mapping[str, Callable[[Wish], StaffCommand]]] = {
    "give-role": _give_role,
    "take-role": _take_role,
    "capacity": _capacity,
    "limit": _limit,
    "manager": _manager,
    "leave": lambda wish: LeaveStaff(**wish.base()),
}


def new_questions(say: Speaker) -> list[Question]:
    return [
        Question("login", say("Login"), most=64, help=say("Small letters and digits.")),
        Question("name", say("Name"), most=100),
        Question("name_zh", say("Name in Chinese"), required=False, most=100),
        Question("language", say("Language"), "choice", choices=choices(say.language, "language")),
        Question("email", say("E-mail"), "email", most=200),
    ]


def register(wish: Wish) -> RegisterStaff:
    """Raises: FormRefused."""
    missing = [name for name in ("login", "name", "language", "email") if not wish.text(name)]
    if missing:
        raise FormRefused({name: wish.say("This is needed.") for name in missing})
    login = wish.text("login").lower()
    if not (login.isascii() and login.replace(".", "").replace("-", "").isalnum()):
        raise FormRefused({"login": wish.say("Small letters and digits.")})
    stream = stream_of(login)
    taken = (one.login for id, one in wish.house.directory.staff.items() if id != stream)
    if len(login) > 64 or login in taken:
        raise FormRefused({"login": wish.say("This login is taken.")})
    if wish.text("language") not in ("en", "zh"):
        raise FormRefused({"language": wish.say("Choose one of the list.")})
    name = wish.need("name")
    return RegisterStaff.model_validate(
        {
            **wish.base(),
            "staff": stream,
            "login": login,
            "name": Text(en=name, zh=wish.text("name_zh") or name),
            "language": wish.text("language"),
            "email": wish.need("email"),
        }
    )
