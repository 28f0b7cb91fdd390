"""One login is one person's, whoever registers it, and at whichever instant."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from uuid import uuid4

import pytest
from visiting import House, Visitor

from domain.event import Actor
from domain.personal import Personal
from domain.staff import LoginTaken, RegisterStaff, staff, stream_of
from domain.staff_facts import StaffRegistered
from domain.text import Text

TYPED = {"name": "Sam Twice", "language": "en", "email": "sam@x.example"}


@pytest.fixture(scope="module")
def admins(house: House) -> list[Visitor]:
    """Two administrators at two browsers."""
    return [house.visitor("ines"), Visitor(house).log_in("ines")]


def at_once(*deeds: Callable[[], int]) -> list[int]:
    """What each gave, all begun at one instant."""
    barrier = Barrier(len(deeds))

    def begin(deed: Callable[[], int]) -> int:
        barrier.wait()
        return deed()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return sorted(threads.map(begin, deeds))


def registered(house: House, login: str) -> int:
    facts = (record.event for record in house.ledger.history(stream_of(login)))
    return sum(isinstance(event, StaffRegistered) for event in facts)


def test_the_rules_give_a_login_once(house: House) -> None:
    stream = stream_of("sam")

    def deed() -> int:
        command = RegisterStaff(
            command_id=uuid4(), at=datetime.now(UTC), actor=Actor(kind="import", id="setup"),
            staff=stream, login="sam", name=Text(en="Sam", zh="山"), language="en",
            email=Personal("sam@x.example"),
        )  # fmt: skip
        try:
            house.ledger.handle(staff, stream, command)
        except LoginTaken:
            return 1
        return 0

    assert at_once(*[deed] * 8) == [0, *[1] * 7]
    assert registered(house, "sam") == 1


def test_two_administrators_at_two_pages(house: House, admins: list[Visitor]) -> None:
    forms = [admin.form(admin.get("/staff/new").text, "/staff/new") for admin in admins]

    def deed(admin: Visitor, form: dict[str, str]) -> Callable[[], int]:
        typed = {**form, **TYPED, "login": "sam.page"}
        return lambda: admin.client.post("/staff/new", data=typed).status_code

    assert at_once(*map(deed, admins, forms)) == [303, 422]
    assert registered(house, "sam.page") == 1


def test_two_programs(house: House, admins: list[Visitor]) -> None:
    def deed(admin: Visitor) -> Callable[[], int]:
        csrf = {"X-CSRF-Token": admin.form(admin.get("/me").text, "/logout")["csrf"]}
        body = {**TYPED, "login": "sam.api"}
        return lambda: admin.client.post("/api/v1/staff", json=body, headers=csrf).status_code

    assert at_once(*map(deed, admins)) == [201, 422]
    assert registered(house, "sam.api") == 1


def test_whoever_is_second_is_told_beside_the_login(house: House, admins: list[Visitor]) -> None:
    first, second = admins
    form = second.form(second.get("/staff/new").text, "/staff/new")
    assert first.send("/staff/new", **TYPED, login="sam.told").status_code == 303
    told = second.client.post("/staff/new", data={**form, **TYPED, "login": "sam.told"})
    assert told.status_code == 422
    assert "This login is taken." in told.text
    assert "Sam Twice" in told.text, "what was typed stands there again"
    assert first.send("/staff/sam.told", "/staff/sam.told/leave").status_code == 303
    again = first.send("/staff/new", **TYPED, login="sam.told")
    assert again.status_code == 422, "what they did stands under it"
