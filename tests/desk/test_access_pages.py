"""Who sees what on pages and over the API: masks, requests, whoever is complained about."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from mailing import stream_of
from test_pages import settle, take
from test_story import lodged
from visiting import House, Visitor

from domain.complaint_facts import ColleagueNamed
from domain.event import Actor
from domain.staff import GiveRole, SetManager, staff
from domain.staff_facts import Role

SETUP = Actor(kind="import", id="setup")
PHONE = "+44 20 7946 0018"


@pytest.fixture(scope="module")
def ellie(house: House) -> Visitor:
    return house.visitor("ellie")


def customer_of(visitor: Visitor, number: str) -> str:
    found = re.search(r"/customers/(K-\d{4}-\d+)", visitor.get(f"/complaints/{number}").text)
    assert found
    return found[1]


def give(house: House, login: str, role: Role) -> None:
    command = GiveRole(command_id=uuid4(), at=datetime.now(UTC), actor=SETUP, role=role)
    house.ledger.handle(staff, house.staff[login], command)


def report(house: House, login: str, manager: str | None) -> None:
    command = SetManager(
        command_id=uuid4(),
        at=datetime.now(UTC),
        actor=SETUP,
        manager=house.staff[manager] if manager else None,
    )
    house.ledger.handle(staff, house.staff[login], command)


def test_a_detail_is_shown_once_with_a_reason_and_who_looked_is_told(
    house: House, ellie: Visitor
) -> None:
    number = customer_of(ellie, lodged(ellie))
    path = f"/customers/{number}"
    assert PHONE not in ellie.get(path).text
    empty = ellie.send(path, f"{path}/reveal", field="phone", reason=" ")
    assert empty.status_code == 422
    assert PHONE not in empty.text
    shown = ellie.send(path, f"{path}/reveal", field="phone", reason="She asked to be rung")
    assert PHONE in shown.text
    assert "mei@example.org" not in shown.text
    assert PHONE not in ellie.get(path).text
    song = house.visitor("song").get(path).text
    assert "She asked to be rung" in song
    assert "Who looked" not in ellie.get(path).text
    assert ellie.get("/disclosures").status_code == 403
    assert "She asked to be rung" in house.visitor("priya").get("/disclosures").text


def test_a_program_reveals_with_a_reason_too(house: House, ellie: Visitor) -> None:
    number = customer_of(ellie, lodged(ellie))
    read = ellie.client.get(f"/api/v1/customers/{number}").json()
    assert "•" in read["details"]["phone"]
    csrf = {"X-CSRF-Token": ellie.form(ellie.get("/me").text, "/logout")["csrf"]}
    url = f"/api/v1/customers/{number}/reveal"
    no_reason = ellie.client.post(url, json={"field": "phone", "reason": ""}, headers=csrf)
    assert no_reason.status_code == 422
    body = {"field": "phone", "reason": "To call back"}
    assert ellie.client.post(url, json=body, headers=csrf).json()["value"] == PHONE
    settle(house)
    told = house.visitor("song").client.get(f"/api/v1/disclosures?customer={number}").json()
    assert [(it["kind"], it["what"], it["reason"]) for it in told] == [
        ("revealed", ["phone"], "To call back")
    ]


def test_who_is_complained_about_and_their_line_see_nothing_anywhere(
    house: House, ellie: Visitor
) -> None:
    report(house, "ellie", "priya")
    number, lin = lodged(ellie), house.visitor("lin")
    take(lin, number)
    named = lin.act(number, "named", staff=house.staff["ellie"], reason="She was rude")
    assert named.status_code == 303
    settle(house)
    for login in ("ellie", "priya"):
        visitor = house.visitor(login)
        for path in (
            f"/complaints/{number}", f"/complaints/{number}/history", f"/complaints/{number}/note",
            f"/api/v1/complaints/{number}", f"/api/v1/complaints/{number}/history",
        ):  # fmt: skip
            assert visitor.get(path).status_code == 404, (login, path)
        for path in ("/queue?tab=all", "/notices", "/api/v1/complaints", "/mail", "/follow-ups"):
            assert number not in visitor.get(path).text, (login, path)
        customer = customer_of(lin, number)
        assert f"/complaints/{number}" not in visitor.get(f"/customers/{customer}").text
    assert lin.get(f"/complaints/{number}").status_code == 200
    assert "Ellie Quillon" not in lin.get(f"/complaints/{number}/hand-over").text.split("<main")[1]
    report(house, "ellie", None)
    assert house.visitor("priya").get(f"/complaints/{number}").status_code == 200
    assert ellie.get(f"/complaints/{number}").status_code == 404


def test_naming_somebody_while_lodging_shuts_them_out_at_once(house: House, ellie: Visitor) -> None:
    number = lodged(ellie, named=house.staff["lin"])
    lodging = house.ledger.history(stream_of(house, number))[0]
    told = [type(each.event) for each in house.ledger.told(lodging.command_id)]
    assert told.count(ColleagueNamed) == 1, "with the lodging, or neither"
    assert house.visitor("lin").get(f"/complaints/{number}").status_code == 404
    assert ellie.get(f"/complaints/{number}").status_code == 200


def test_who_shuts_themselves_out_is_led_to_the_queue(house: House, ellie: Visitor) -> None:
    number, lin = lodged(ellie), house.visitor("lin")
    answer = lin.act(number, "named", staff=house.staff["lin"], reason="It is about me")
    assert answer.headers["location"] == "/queue"
    assert lin.get(f"/complaints/{number}").status_code == 404


def test_the_dpo_reads_a_case_only_on_a_request(house: House, ellie: Visitor) -> None:
    give(house, "dayo", Role(name="dpo", legal_entity="larkmere-uk"))
    number, dayo = lodged(ellie), house.visitor("dayo")
    settle(house)
    path = f"/customers/{customer_of(ellie, number)}"
    assert dayo.get(f"/complaints/{number}").status_code == 404
    assert number in dayo.get(path).text
    asked = dayo.send(path, f"{path}/request", case=number, kind="access", reason="She asked us")
    assert asked.status_code == 303
    assert dayo.get(f"/complaints/{number}").status_code == 200
    assert dayo.get(f"/complaints/{number}/note").status_code == 403


def test_a_role_that_has_run_out_gives_nothing(house: House, ellie: Visitor) -> None:
    number, ines = lodged(ellie), house.visitor("ines")
    ended = datetime(2026, 1, 6, tzinfo=UTC)
    give(house, "ines", Role(name="auditor", legal_entity="larkmere-uk", until=ended))
    assert ines.get(f"/complaints/{number}").status_code == 404
    later = datetime(2126, 1, 6, tzinfo=UTC)
    give(house, "ines", Role(name="auditor", legal_entity="larkmere-uk", until=later))
    assert ines.get(f"/complaints/{number}").status_code == 200
    assert ines.get(f"/complaints/{number}/note").status_code == 403


def test_sales_sees_that_there_is_an_open_complaint_and_no_word_of_it(
    house: House, ellie: Visitor
) -> None:
    give(house, "dayo", Role(name="sales", legal_entity="larkmere-uk"))
    number = lodged(ellie, what_happened="The till swallowed my card")
    settle(house)
    dayo = house.visitor("dayo")
    page = dayo.get(f"/customers/{customer_of(ellie, number)}").text
    assert number in page
    assert "swallowed" not in page
    assert f'href="/complaints/{number}"' not in page
    told = dayo.client.get(f"/api/v1/customers/{customer_of(ellie, number)}/complaints").json()
    assert [(it["number"], it["decision"]) for it in told] == [(number, None)]
