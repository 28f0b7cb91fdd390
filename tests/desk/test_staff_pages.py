"""An administrator's pages: register, roles, limits, line, a code for a password, companies."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from visiting import House, Visitor

from domain.event import Actor
from domain.staff import GiveRole, staff
from domain.staff_facts import Role


@pytest.fixture(scope="module")
def ines(house: House) -> Visitor:
    return house.visitor("ines")


def test_a_colleague_is_registered_given_a_role_and_chooses_a_password(
    house: House, ines: Visitor
) -> None:
    typed = {"login": "robin", "name": "Robin Ashdown", "language": "en", "email": "r@x.example"}
    assert ines.send("/staff/new", **{**typed, "name": ""}).status_code == 422
    assert ines.send("/staff/new", **typed).status_code == 303
    taken = ines.send("/staff/new", **{**typed, "name": "Another"})
    assert taken.status_code == 422
    assert "This login is taken." in taken.text
    role = {"name": "agent", "legal_entity": "larkmere-uk", "team": "first", "level": "1"}
    given = ines.send("/staff/robin", "/staff/robin/give-role", **role)
    assert given.status_code == 303, given.text
    shown = ines.send("/staff/robin", "/staff/robin/password")
    found = re.search(r'<code class="token">([^<]+)</code>', shown.text)
    assert found
    robin, code = house.visitor(), found[1]
    password = {"code": code, "password": "a long enough one", "again": "a long enough one"}
    differs = robin.send("/password", **{**password, "again": "another"})
    assert differs.status_code == 422
    assert robin.send("/password", **password).status_code == 303
    assert robin.send("/password", **password).status_code == 422, "a code works once"
    robin.log_in("robin", "a long enough one")
    assert robin.get("/queue").status_code == 200
    assert ines.send("/staff/robin", "/staff/robin/leave").status_code == 303
    assert robin.client.get("/queue").headers["location"].startswith("/login")


def test_limits_capacity_and_line_are_set_and_ones_own_rights_are_not(
    house: House, ines: Visitor
) -> None:
    page = "/staff/ellie"
    for wish, typed in (
        ("capacity", {"cases": "12"}),
        ("limit", {"amount": "75.50", "currency": "GBP"}),
        ("manager", {"manager": house.staff["priya"]}),
    ):
        assert ines.send(page, f"{page}/{wish}", **typed).status_code == 303, wish
    read = ines.client.get("/api/v1/staff/ellie").json()
    assert (read["capacity"], read["manager"]) == (12, house.staff["priya"])
    assert {"amount": "75.50", "currency": "GBP"} in read["limits"]
    form = ines.form(ines.get(page).text, f"{page}/capacity")
    own = {**form, "name": "compliance", "legal_entity": "larkmere-uk"}
    assert ines.client.post("/staff/ines/give-role", data=own).status_code == 403
    elsewhere = {**form, "name": "agent", "legal_entity": "woodquill"}
    assert ines.client.post(f"{page}/give-role", data=elsewhere).status_code == 403
    assert ines.get("/staff/dayo").status_code == 404, "of another company"
    for login in ("ellie", "priya", "song"):
        assert house.visitor(login).get("/staff").status_code == 404


def test_the_roles_page_says_the_matrix_in_words(ines: Visitor) -> None:
    page = ines.get("/roles").text
    assert "text and letters of a complaint" in page
    assert "reads on a request" in page
    assert "not there yet" in page


def test_one_drafts_a_company_and_another_publishes(house: House, ines: Visitor) -> None:
    page, song = "/organisation/larkmere-uk", house.visitor("song")
    wrong = ines.send(page, f"{page}/draft", teams="no equals sign")
    assert wrong.status_code == 422
    assert "no equals sign" in wrong.text
    teams = "first = First line | 一线\nlead = Leads\nnight = Night shift | 夜班"
    assert ines.send(page, f"{page}/draft", teams=teams).status_code == 303
    read = ines.client.get("/api/v1/organisation").json()[0]
    assert "night" not in read["teams"]
    form = ines.form(ines.get(page).text, f"{page}/draft")
    assert ines.client.post(f"{page}/publish", data=form).status_code == 403
    assert song.send(page, f"{page}/publish").status_code == 303
    read = ines.client.get("/api/v1/organisation").json()[0]
    assert read["teams"]["night"] == {"en": "Night shift", "zh": "夜班"}


def test_a_program_registers_and_gives_roles(house: House, ines: Visitor) -> None:
    csrf = {"X-CSRF-Token": ines.form(ines.get("/me").text, "/logout")["csrf"]}

    def post(path: str, body: object) -> int:
        answer = ines.client.post(f"/api/v1/staff{path}", json=body, headers=csrf)
        return answer.status_code

    person = {"login": "quinn", "name": "Quinn", "language": "zh", "email": "q@x.example"}
    assert post("", person) == 201
    role = {"name": "auditor", "legal_entity": "larkmere-uk", "until": "2030-01-01T00:00:00Z"}
    assert post("/quinn/give-role", {"role": role}) == 200
    assert post("/quinn/give-role", {"role": {**role, "legal_entity": "woodquill"}}) == 403
    assert post("/ines/give-role", {"role": role}) == 403
    held = ines.client.get("/api/v1/staff/quinn").json()["roles"]
    assert [(it["name"], it["until"]) for it in held] == [("auditor", "2030-01-01T00:00:00Z")]
    assert post("/quinn/password", {}) == 200


def test_what_reaches_all_of_a_colleague_is_for_who_administers_all_of_them(
    house: House, ines: Visitor
) -> None:
    """Ellie works for this company and for another: its administrator gives no password here."""
    elsewhere = Role(name="compliance", legal_entity="woodquill")
    setup = Actor(kind="import", id="setup")
    base = {"command_id": uuid4(), "at": datetime.now(UTC), "actor": setup}
    house.ledger.handle(staff, house.staff["ellie"], GiveRole(**base, role=elsewhere))
    assert ines.send("/staff/ellie", "/staff/ellie/password").status_code == 403
    assert ines.send("/staff/ellie", "/staff/ellie/capacity", cases="9").status_code == 403
    assert ines.send("/staff/ellie", "/staff/ellie/leave").status_code == 403
    csrf = ines.form(ines.get("/me").text, "/logout")["csrf"]
    password = ines.client.post(
        "/api/v1/staff/ellie/password", json={}, headers={"x-csrf-token": csrf}
    )
    assert password.status_code == 403
    many = ines.client.post(
        "/api/v1/staff/lin/capacity", json={"cases": 3_000_000_000}, headers={"x-csrf-token": csrf}
    )
    assert many.status_code == 422
