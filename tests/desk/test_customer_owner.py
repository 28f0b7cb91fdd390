"""A customer has a colleague who answers for them: who it is, who says so, what they may see."""

from __future__ import annotations

import re

import pytest
from everybody import ROLES, employ
from test_pages import settle
from test_story import lodged
from visiting import House, Visitor

WORDS = "The till swallowed my card"
PHONE = "+44 20 7946 0018"


@pytest.fixture(scope="module")
def house(house: House) -> House:
    names = ("success", "sales", "lead")
    employ(house, {name: ROLES[name] for name in names} | {"second": ROLES["success"]})
    return house


@pytest.fixture
def case(house: House) -> str:
    """A complaint that Ellie took in, of a customer whom she registered."""
    number = lodged(house.visitor("ellie"), what_happened=WORDS)
    settle(house)
    return number


@pytest.fixture
def customer(house: House, case: str) -> str:
    page = house.visitor("ellie").get(f"/complaints/{case}").text
    found = re.search(r"/customers/(K-\d{4}-\d+)", page)
    assert found
    return found[1]


def assign(visitor: Visitor, customer: str, to: str, why: str = "She knows them") -> int:
    home = f"/customers/{customer}"
    return visitor.send(home, f"{home}/assign", to=to, why=why).status_code


def owner_of(house: House, customer: str) -> str | None:
    read = house.visitor("ellie").client.get(f"/api/v1/customers/{customer}").json()
    owner: str | None = read["owner"]
    return owner


def test_whoever_registers_a_customer_answers_for_them(house: House, customer: str) -> None:
    assert owner_of(house, customer) == house.staff["ellie"]
    page = house.visitor("ellie").get(f"/customers/{customer}").text
    assert "Ellie Quillon answers for this customer now" in page


def test_a_manager_reads_the_cases_of_own_customers_alone(
    house: House, case: str, customer: str
) -> None:
    success, lead = house.visitor("success"), house.visitor("lead")
    assert success.get(f"/customers/{customer}").status_code == 404
    assert success.get(f"/complaints/{case}").status_code == 404
    assert assign(lead, customer, house.staff["success"]) == 303
    settle(house)
    assert owner_of(house, customer) == house.staff["success"]
    assert customer in success.get("/customers").text
    assert success.get(f"/customers/{customer}").status_code == 200
    shown = success.get(f"/complaints/{case}")
    assert WORDS in shown.text
    assert case in success.get("/queue?tab=all").text
    assert success.act_allowed(case, "note") == 403
    assert house.visitor("second").get(f"/complaints/{case}").status_code == 404


def test_a_manager_hands_an_own_customer_on_and_sees_them_no_more(
    house: House, case: str, customer: str
) -> None:
    assert assign(house.visitor("lead"), customer, house.staff["success"]) == 303
    settle(house)
    assert assign(house.visitor("success"), customer, house.staff["second"]) == 303
    settle(house)
    assert house.visitor("success").get(f"/customers/{customer}").status_code == 404
    assert house.visitor("success").get(f"/complaints/{case}").status_code == 404
    assert house.visitor("second").get(f"/complaints/{case}").status_code == 200


def test_sales_see_a_detail_of_own_customers_in_full_and_of_no_others(
    house: House, customer: str
) -> None:
    sales, path = house.visitor("sales"), f"/api/v1/customers/{customer}/reveal"
    csrf = {"X-CSRF-Token": sales.form(sales.get("/me").text, "/logout")["csrf"]}
    body = {"field": "phone", "reason": "She asked to be rung"}
    assert sales.client.post(path, json=body, headers=csrf).status_code == 403
    assert assign(house.visitor("lead"), customer, house.staff["sales"]) == 303
    told = sales.client.post(path, json=body, headers=csrf)
    assert told.json()["value"] == PHONE


def test_who_cannot_answer_for_them_is_refused(house: House, customer: str) -> None:
    lead = house.visitor("lead")
    assert assign(lead, customer, house.staff["song"]) == 422
    assert assign(lead, customer, house.staff["success"], why=" ") == 422
    assert owner_of(house, customer) == house.staff["ellie"]
    assert assign(lead, customer, "") == 303
    assert owner_of(house, customer) is None


def test_who_registers_their_own_sees_them_at_once(house: House) -> None:
    success = house.visitor("success")
    typed = {"name": "Nia Field", "language": "en", "sort": "person", "tier": "standard"}
    made = success.send("/customers/new", **typed, legal_entity="larkmere-uk")
    assert made.status_code == 303
    assert "Nia Field" in success.get(made.headers["location"]).text
