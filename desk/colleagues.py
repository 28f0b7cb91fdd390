"""Colleagues as a case can be given to them, or a part of it: who they are, who is away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from desk.acts.act import Making
from desk.case import Case
from desk.finding import open_cases
from desk.forms import FormRefused, Question
from desk.house import House
from desk.person import rights_of
from desk.words.facts import Speaker
from domain.access import Place, Right, may, shut_out
from domain.ownership import Assignee
from domain.staff_facts import Role

WORKING: Final = ("agent", "team_lead")


def _roles(case: Case, staff: str) -> list[Role]:
    """The roles in which somebody can work this case; none for who has left."""
    return _hands(case).get(staff, [])


def _hands(case: Case) -> Mapping[str, list[Role]]:
    row = case.row
    return case.house.directory.holders(
        case.house.now(),
        lambda role: (
            role.name in WORKING
            and role.legal_entity == row.legal_entity
            and role.branch in (None, row.branch)
        ),
    )


def assignee(case: Case, staff: str) -> Assignee | None:
    """A colleague who can work this case, resolved: team, load, capacity; None: cannot."""
    roles = _roles(case, staff)
    if not roles:
        return None
    record, row = case.house.directory.staff[staff], case.row
    role = min(roles, key=lambda r: (r.team != row.team, r.team is None, r.team or ""))
    return Assignee(
        staff=staff,
        team=role.team or row.team,
        open_cases=open_cases(case.house, staff) if record.capacity is not None else 0,
        capacity=record.capacity,
        conflicted=shuts_out(case, staff),
        away=record.away(case.house.now()) is not None,
    )


def resolved(making: Making, staff: str, field: str = "to") -> Assignee:
    """Raises: FormRefused."""
    found = assignee(making.case, staff)
    if found is None:
        raise FormRefused({field: making.say("This person cannot take the case.")})
    return found


def assignable(case: Case, say: Speaker, *left_out: str | None) -> Question:
    """To whom the case can be given."""
    return _among(case, say, _hands(case).__contains__, left_out)


def helpers(case: Case, say: Speaker) -> Question:
    """Who may write into the case, and so be asked or keep a promise in it."""
    return _among(case, say, lambda staff: _writes(case, staff), (case.person.staff,))


def reads(house: House, staff: str, place: Place, right: Right = "read") -> bool:
    """Whether somebody may read what stands there, or write into it."""
    record = house.directory.staff.get(staff)
    if record is None or record.left:
        return False
    return may(rights_of(house, staff), right, "case", place)


def _writes(case: Case, staff: str) -> bool:
    return reads(case.house, staff, case.place, "write")


def present(house: House, say: Speaker, place: Place, but: str) -> list[tuple[str, str]]:
    """Colleagues who may read what stands there and are not away, by name."""
    named = [
        (staff, say.name(staff))
        for staff, record in house.directory.staff.items()
        if staff != but and not record.away(say.now) and reads(house, staff, place)
    ]
    return say.in_order(named)


def shuts_out(case: Case, staff: str) -> bool:
    return shut_out(staff, case.house.directory.line(staff), case.place)


def helper(case: Case, staff: str) -> Assignee | None:
    """Somebody who may write into the case, without regard to what else they carry."""
    if not _writes(case, staff):
        return None
    record = case.house.directory.staff[staff]
    teams = sorted(role.team for role in record.roles_at(case.house.now()) if role.team)
    return Assignee(
        staff=staff,
        team=teams[0] if teams else case.row.team,
        conflicted=shuts_out(case, staff),
        away=record.away(case.house.now()) is not None,
    )


def resolved_helper(making: Making, staff: str) -> Assignee:
    """Raises: FormRefused."""
    found = helper(making.case, staff)
    if found is None:
        raise FormRefused({"to": making.say("This person cannot see the case.")})
    return found


def _among(
    case: Case, say: Speaker, fits: Callable[[str], bool], left_out: tuple[str | None, ...]
) -> Question:
    """Whoever is away is not among them, and is named below with until when."""
    here, away = [], []
    for staff, record in case.house.directory.staff.items():
        if shuts_out(case, staff) or staff in left_out or not fits(staff):
            continue
        absence = record.away(say.now)
        if absence is None:
            here.append((staff, say.name(staff)))
        elif absence.ends is None:
            away.append(say("%(name)s (away)", name=say.name(staff)))
        else:
            until = say.at(absence.ends)
            away.append(say("%(name)s (away until %(at)s)", name=say.name(staff), at=until))
    return Question(
        "to",
        say("To whom"),
        "choice",
        choices=say.in_order(here),
        help=say("Not here: %(names)s.", names=say.listed(sorted(away))) if away else "",
    )
