"""Staff, roles and companies over the API, for administrators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response

from desk.api.bodies import Body, Plain, Wanted, body_of
from desk.api.reads import Receipt, receipt
from desk.api.visit import PROBLEMS, Key, Program, ProvedProgram
from desk.authentication.invitation import invite
from desk.authentication.second_factor import factor_of, having_one
from desk.forms import FormRefused
from desk.house import House
from desk.organisation import entities_of
from desk.person import Person
from desk.problem import FieldsRefused, NotFound
from desk.queue import speaker
from desk.staff import administrator, colleagues, end_all, known, reset_factor
from desk.staffing import Wish, check_role, check_whole, register
from desk.visit import TheHouse
from domain.access import LATER, MATRIX
from domain.approval import Money
from domain.event import Command
from domain.organisation import STREAM, LegalEntity, organisation
from domain.staff import (
    INITIAL,
    GiveRole,
    LeaveStaff,
    SetApprovalLimit,
    SetCapacity,
    SetManager,
    Staff,
    StaffCommand,
    TakeRole,
    staff,
)
from domain.staff_facts import Role

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["staff"])


class StaffRead(BaseModel):
    staff: str
    login: str
    name: str
    name_zh: str
    language: str
    roles: list[Role]
    capacity: int | None
    limits: list[Money]
    manager: str | None
    away_from: AwareDatetime | None
    away_until: AwareDatetime | None
    deputy: str | None
    second_factor: bool
    left: bool


class RegisterStaffBody(Body):
    login: Wanted
    name: Wanted
    name_zh: Plain = ""
    language: Wanted
    email: Wanted


class Code(BaseModel):
    """To be typed at /password, once."""

    code: str


class Cell(BaseModel):
    right: str
    reach: str
    refused: bool
    """Declared only: there is no such thing yet."""


def _read(stream: str, state: Staff, *, factor: bool) -> StaffRead:
    absence = state.absence
    return StaffRead(
        staff=stream,
        login=state.login,
        name=state.name.en,
        name_zh=state.name.zh,
        language=state.language,
        roles=sorted(state.roles, key=lambda role: role.model_dump_json()),
        capacity=state.capacity,
        limits=list(state.limits),
        manager=state.manager,
        away_from=absence.starts if absence else None,
        away_until=absence.ends if absence else None,
        deputy=absence.deputy if absence else None,
        second_factor=factor,
        left=state.left,
    )


@router.get("/staff")
def everybody(person: Program, house: TheHouse) -> list[StaffRead]:
    """Members of staff that you administer."""
    administrator(person)
    with house.pool.connection() as db:
        having = having_one(db)
    return [
        _read(stream, state, factor=state.login in having)
        for stream, state in colleagues(house, person).items()
    ]


@router.get("/staff/{login}")
def one(person: Program, house: TheHouse, login: str) -> StaffRead:
    """One of them, by login or stream."""
    stream, state = known(house, person, login)
    with house.pool.connection() as db:
        return _read(stream, state, factor=factor_of(db, state.login) is not None)


@router.get("/roles")
def matrix(person: Program) -> dict[str, dict[str, Cell]]:
    """What each role may see and do: role, thing, how far."""
    administrator(person)
    return {
        grade: {
            thing: Cell(right=right, reach=reach, refused=thing in LATER)
            for thing, (right, reach) in rights.items()
        }
        for grade, rights in MATRIX.items()
    }


@router.get("/organisation")
def companies(person: Program, house: TheHouse) -> list[LegalEntity]:
    """Companies with their branches and teams, as they stand."""
    entities = house.ledger.fold(organisation, STREAM).state.entities
    return [entities[id] for id in entities_of(person) if id in entities]


@router.post("/staff", status_code=201)
def add(
    response: Response, person: ProvedProgram, house: TheHouse, body: RegisterStaffBody, key: Key
) -> Receipt:
    administrator(person)
    house.directory.catch_up()
    wish = Wish(house, person, INITIAL, body.model_dump(), key, speaker(house, person))
    try:
        command = register(wish)
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    response.headers["Location"] = f"/api/v1/staff/{command.login}"
    return _handled(house, command.staff, command)


@router.post("/staff/{login}/password")
def password(person: ProvedProgram, house: TheHouse, login: str) -> Code:
    """A code with which they choose their own password, once."""
    stream, state = known(house, person, login)
    check_whole(person, state)
    if state.left:
        raise NotFound()
    with house.pool.connection() as db:
        return Code(code=invite(db, state.login, stream, state.language, house.now()))


@router.post("/staff/{login}/end-sessions", status_code=204)
def log_out(person: ProvedProgram, house: TheHouse, login: str) -> None:
    """Log them out everywhere; their tokens stay."""
    stream, state = known(house, person, login)
    check_whole(person, state)
    end_all(house, stream, state)


class ReasonBody(Body):
    why: Annotated[Wanted, Field(max_length=300)]


@router.post("/staff/{login}/second-factor", status_code=204)
def lost_factor(
    *, person: ProvedProgram, house: TheHouse, login: str, body: ReasonBody, key: Key
) -> None:
    """Turn off the second factor of somebody who lost it; their sessions and tokens end.

    ``why`` is recorded.
    """
    stream, state = known(house, person, login)
    check_whole(person, state)
    say = speaker(house, person)
    try:
        reset_factor(Wish(house, person, state, body.model_dump(), key, say), stream)
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None


def _endpoint(kind: type[Command], body_type: type[Body]) -> Any:
    def endpoint(
        *, person: ProvedProgram, house: TheHouse, login: str, body: Body, key: Key
    ) -> Receipt:
        stream, state = known(house, person, login)
        if "role" not in body_type.model_fields:
            check_whole(person, state)
        fields = {name: getattr(body, name) for name in type(body).model_fields if name != "at"}
        _check(person, fields)
        base = {"command_id": key, "at": house.now(), "actor": person.actor()}
        command: StaffCommand = kind.model_validate({**base, **fields})  # type: ignore[assignment]
        return _handled(house, stream, command)

    endpoint.__doc__, endpoint.__name__ = kind.__doc__, kind.__name__
    endpoint.__annotations__ = {
        "person": ProvedProgram, "house": TheHouse, "login": str, "body": body_type, "key": Key,
        "return": Receipt,
    }  # fmt: skip
    return endpoint


def _check(person: Person, fields: dict[str, Any]) -> None:
    if isinstance(role := fields.get("role"), Role):
        check_role(person, role)


def _handled(house: House, stream: str, command: StaffCommand) -> Receipt:
    stored = house.ledger.handle(staff, stream, command)
    return receipt(stored, house.ledger.fold(staff, stream).version)


_WISHES: Mapping[str, type[Command]] = {
    "give-role": GiveRole, "take-role": TakeRole, "capacity": SetCapacity,
    "limit": SetApprovalLimit, "manager": SetManager, "leave": LeaveStaff,
}  # fmt: skip
for name, each in _WISHES.items():
    router.add_api_route(
        f"/staff/{{login}}/{name}", _endpoint(each, body_of(each, frozenset(), {})),
        methods=["POST"],
    )  # fmt: skip
