"""Lists of colleagues name those who hold a role now: a role that has run out names nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from test_story import lodged
from visiting import House

from domain.event import Actor, Command
from domain.personal import Personal
from domain.staff import GiveRole, PlanAbsence, RegisterStaff, staff, stream_of
from domain.staff_facts import Role
from domain.text import Text

SETUP = Actor(kind="import", id="setup")
LONG_AGO = datetime.now(UTC) - timedelta(days=40)
OVER = LONG_AGO + timedelta(days=10)
LISTS = ("/board", "/away", "/queue?tab=all", "/complaints/{case}/assign",
         "/complaints/{case}/ask-colleague")  # fmt: skip


def _base() -> dict[str, object]:
    return {"command_id": uuid4(), "at": LONG_AGO, "actor": SETUP}


def hired(house: House, name: str, until: datetime | None, *, away: bool = False) -> None:
    """An agent of the first line, whose role may have run out since."""
    stream = stream_of(name.lower())
    commands: list[Command] = [
        RegisterStaff(
            **_base(), staff=stream, login=name.lower(), name=Text(en=name, zh=name),
            language="en", email=Personal(f"{name}@larkmere.example"),
        ),
        GiveRole(
            **_base(),
            role=Role(name="agent", legal_entity="larkmere-uk", team="first", level=1, until=until),
        ),
    ]  # fmt: skip
    if away:
        commands.append(PlanAbsence(**_base(), starts=LONG_AGO))
    for command in commands:
        house.ledger.handle(staff, stream, command)


@pytest.fixture(scope="module")
def pages(house: House) -> dict[str, str]:
    """What a lead sees where colleagues are listed."""
    hired(house, "Herenow", None)
    hired(house, "Runout", OVER)
    hired(house, "Awaynow", None, away=True)
    hired(house, "Awayover", OVER, away=True)
    case = lodged(house.visitor("ellie"))
    priya = house.visitor("priya")
    return {address: priya.get(address.format(case=case)).text for address in LISTS}


@pytest.mark.parametrize("address", LISTS)
def test_whose_role_has_run_out_is_in_no_list(pages: dict[str, str], address: str) -> None:
    assert "Herenow" in pages[address]
    assert "Runout" not in pages[address]
    assert "Awayover" not in pages[address]


def test_who_is_away_is_told_as_long_as_they_work_here(pages: dict[str, str]) -> None:
    assert "Awaynow" in pages["/away"]
    assert "Awaynow" in pages["/board"]
