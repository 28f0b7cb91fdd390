"""Pages of an administrator: who works here, with which roles, limits, manager; who is away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.authentication.invitation import CODE_LIFE, invite
from desk.authentication.safety_letters import tell
from desk.authentication.second_factor import factor_of, turn_off
from desk.authentication.second_factor_fact import agree
from desk.authentication.session import end_sessions
from desk.forms import FormRefused, command_id, filled, form_id
from desk.house import House
from desk.language import N_
from desk.page import page
from desk.person import Person
from desk.problem import NotFound, trouble_of
from desk.queue import speaker
from desk.staffing import (
    OF_A_ROLE,
    WISHES,
    Wish,
    check_whole,
    new_questions,
    register,
    role_questions,
    visible,
)
from desk.visit import OwnForm, Proved, SignedIn, TheHouse, see
from desk.words.facts import Speaker
from desk.words.role import matrix_words, role_words
from domain.decider import DomainError
from domain.event import Context
from domain.personal import Personal
from domain.staff import (
    INITIAL,
    LoginTaken,
    OwnRightsUnchangeable,
    Staff,
    TurnOffSecondFactor,
    staff,
)
from domain.staff_facts import Role
from ledger import CommandIdMisused

router = APIRouter(include_in_schema=False)

ENDED: Final = N_("Done. They are logged out everywhere, and told by mail.")


@dataclass(frozen=True)
class Line:
    stream: str
    state: Staff
    roles: list[str]
    away: str


def administrator(person: Person) -> None:
    """For others there is no such page. Raises: NotFound."""
    if not person.reaches("staff", "write"):
        raise NotFound()


def colleagues(house: House, person: Person) -> dict[str, Staff]:
    """Whom the person administers, by stream."""
    house.directory.catch_up()
    known = sorted(house.directory.staff.items(), key=lambda pair: (pair[1].left, pair[1].login))
    return {stream: state for stream, state in known if visible(person, state)}


@router.get("/staff")
def show(request: Request, person: SignedIn, house: TheHouse) -> Response:
    administrator(person)
    say = speaker(house, person)
    lines = [
        Line(id, it, [role_words(role, say) for role in _sorted(it)], _away(it, say))
        for id, it in colleagues(house, person).items()
    ]
    return page(request, "staff.html", lines=lines, say=say)


def _away(state: Staff, say: Speaker) -> str:
    absence = state.absence
    if absence is None or (absence.ends is not None and absence.ends <= say.now):
        return ""
    words = say("away from %(at)s", at=say.at(absence.starts))
    if absence.ends is not None:
        words = say("%(away)s until %(at)s", away=words, at=say.at(absence.ends))
    return words + (" · " + say.name(absence.deputy) if absence.deputy else "")


def _sorted(state: Staff) -> list[Role]:
    return sorted(state.roles, key=lambda role: role.model_dump_json())


@router.get("/staff/new")
def new(request: Request, person: SignedIn, house: TheHouse) -> Response:
    administrator(person)
    return _new(request, house, person, {})


def _new(
    request: Request, house: House, person: Person, typed: Mapping[str, str], **more: Any
) -> Response:
    wrong = more.get("wrong")
    questions = filled(new_questions(speaker(house, person)), typed, wrong)
    status = 422 if wrong else 200
    return page(request, "staff_new.html", status=status, questions=questions, wrong=wrong)


@router.post("/staff/new")
def add(request: Request, person: Proved, typed: OwnForm, house: TheHouse) -> Response:
    administrator(person)
    house.directory.catch_up()
    try:
        id = command_id(form_id(typed), typed)
        wish = Wish(house, person, INITIAL, typed, id, speaker(house, person))
        command = register(wish)
        house.ledger.handle(staff, command.staff, command)
    except FormRefused as refused:
        return _new(request, house, person, typed, wrong=refused.fields)
    except LoginTaken as error:
        return _new(request, house, person, typed, wrong=trouble_of(error, person.language).fields)
    return see(f"/staff/{command.login}")


def known(house: House, person: Person, login: str) -> tuple[str, Staff]:
    """Raises: NotFound, also for whom the person does not administer."""
    administrator(person)
    for stream, state in colleagues(house, person).items():
        if login in (state.login, stream):
            return stream, state
    raise NotFound()


@router.get("/staff/{login}")
def one(request: Request, person: SignedIn, house: TheHouse, login: str) -> Response:
    return _one(request, house, person, *known(house, person, login))


def _one(
    request: Request, house: House, person: Person, stream: str, state: Staff, **more: Any
) -> Response:
    say = speaker(house, person)
    typed, fields = more.get("typed", {}), more.get("fields", {})
    people = [
        (id, say.text(it.name))
        for id, it in house.directory.staff.items()
        if id != stream and not it.left
    ]
    with house.pool.connection() as db:
        factor = factor_of(db, state.login)
    return page(
        request,
        "staff_one.html",
        status=more.get("status", 200),
        stream=stream,
        state=state,
        own=stream == person.staff,
        roles=[(role_words(it, say), it.model_dump_json()) for it in _sorted(state)],
        away=_away(state, say),
        factor=factor,
        questions=filled(role_questions(house, person, say), typed, fields),
        people=sorted(people, key=lambda pair: pair[1]),
        code=more.get("code", ""),
        days=CODE_LIFE.days,
        done=more.get("done", ""),
        wrong=more.get("wrong", ""),
        say=say,
    )


def reset_factor(wish: Wish, stream: str) -> None:
    """For who lost theirs: the reason is recorded, their access ends, they are told by mail.

    Raises: FormRefused without one; OwnRightsUnchangeable, as one's own is turned off with a code.
    """
    if stream == wish.person.staff:
        raise OwnRightsUnchangeable()
    context = Context(reason=Personal(wish.need("why")))
    house = wish.house
    with house.pool.connection() as db:
        agree(house.ledger, db, wish.state.login, house.now())
        house.ledger.handle(staff, stream, TurnOffSecondFactor(**wish.base()), context)
        turn_off(db, wish.state.login)
    tell(house, stream, "factor_reset")


def end_all(house: House, stream: str, state: Staff) -> None:
    """Log somebody out everywhere; they are told by mail."""
    with house.pool.connection() as db:
        end_sessions(db, state.login)
    tell(house, stream, "sessions")


@router.post("/staff/{login}/{wish}")
def change(
    request: Request, *, person: Proved, typed: OwnForm, house: TheHouse, login: str, wish: str
) -> Response:
    """A role given or taken, capacity, a limit, the manager, leaving; or about their login."""
    stream, state = known(house, person, login)
    say = speaker(house, person)
    if wish not in OF_A_ROLE:
        check_whole(person, state)
    if wish == "password" and not state.left:
        with house.pool.connection() as db:
            code = invite(db, state.login, stream, state.language, house.now())
        return _one(request, house, person, stream, state, code=code)
    if wish == "end-sessions":
        end_all(house, stream, state)
        return _one(request, house, person, stream, state, done=say(ENDED))
    if wish not in WISHES and wish != "second-factor":
        raise NotFound()
    try:
        made = Wish(house, person, state, typed, command_id(form_id(typed), typed), say)
        if wish == "second-factor":
            reset_factor(made, stream)
            return see(f"/staff/{state.login}")
        house.ledger.handle(staff, stream, WISHES[wish](made))
    except FormRefused as refused:
        words = next(iter(refused.fields.values()), say("This form is too old. Send it again."))
        return _one(
            request, house, person, stream, state,
            typed=typed, fields=refused.fields, wrong=words, status=422,
        )  # fmt: skip
    except (DomainError, CommandIdMisused) as error:
        trouble = trouble_of(error, person.language)
        return _one(
            request, house, person, stream, state, wrong=trouble.detail, status=trouble.status
        )
    return see(f"/staff/{state.login}")


@router.get("/roles")
def roles(request: Request, person: SignedIn, house: TheHouse) -> Response:
    """The matrix in words."""
    administrator(person)
    return page(request, "roles.html", matrix=matrix_words(speaker(house, person)))
