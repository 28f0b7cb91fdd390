"""What a case shows of its customer, and a customer's page of what is promised to them."""

from __future__ import annotations

import re

import pytest
from test_calls import called
from test_pages import settle
from test_promise_pages import in_
from visiting import House, Visitor


@pytest.fixture(scope="module")
def ellie(house: House) -> Visitor:
    return house.visitor("ellie")


def card(visitor: Visitor, number: str) -> str:
    page = visitor.get(f"/complaints/{number}").text
    found = re.search(r'<section[^>]*aria-labelledby="customer">(.*?)</section>', page, re.S)
    assert found
    return found[1]


def contacts(visitor: Visitor, customer: str) -> list[tuple[str, str]]:
    found = visitor.client.get(f"/api/v1/customers/{customer}/contacts").json()
    return [(it["kind"], it["words"]) for it in found]


def test_a_case_shows_the_last_three_contacts(house: House, ellie: Visitor) -> None:
    number, customer = called(ellie)
    settle(house)
    assert contacts(ellie, customer) == [("lodged", "Charged twice for the March plan")]
    ellie.act(number, "reply", channel="phone", text="We look at it")
    ellie.act(number, "message", channel="chat", text="Any news?")
    ellie.act(number, "note", text="Ask the branch")
    ellie.act(number, "reply", channel="phone", text="It comes back on Friday")
    ellie.act(number, "reply", channel="email", subject="Not gone", text="It has not left")
    settle(house)
    shown = card(ellie, number)
    assert "Last contacts" in shown
    told = [shown.find(it) for it in ("It comes back on Friday", "Any news?", "We look at it")]
    assert -1 not in told
    assert told == sorted(told), "the newest first"
    for absent in ("Charged twice", "Ask the branch", "Not gone"):
        assert absent not in shown
    assert [words for _, words in contacts(ellie, customer)] == [
        "It comes back on Friday", "Any news?", "We look at it",
    ]  # fmt: skip


def test_other_complaints_stand_with_their_stage_the_open_ones_first(
    house: House, ellie: Visitor
) -> None:
    number, customer = called(ellie)
    form = {
        "channel": "phone", "product": "payments", "category": "fee", "team": "first",
        "what_happened": "And another",
    }  # fmt: skip
    others = []
    for _ in range(2):
        made = ellie.send(f"/complaints/new?customer={customer}", "/complaints/new", **form)
        assert made.status_code == 303, made.text
        others.append(made.headers["location"].split("/")[-1].split("?")[0])
        settle(house)
    older, newer = others
    ended = ellie.act(newer, "withdraw", channel="phone", why="Done")
    assert ended.status_code == 303
    settle(house)
    shown = card(ellie, number)
    assert shown.index(older) < shown.index(newer)
    assert "withdrawn" in shown


def test_a_customers_page_shows_what_is_promised(house: House, ellie: Visitor) -> None:
    number, customer = called(ellie)
    assert "Nobody has promised anything." in ellie.get(f"/customers/{customer}").text
    line = {"promise": "Call back about the fee", "promise_due": in_(days=1)}
    assert ellie.act(number, "promise", **line).status_code == 303
    head = house.ledger.head()
    page = ellie.get(f"/customers/{customer}?position={head}").text
    assert "Call back about the fee" in page
    assert "Ellie Quillon" in page
    priya = house.visitor("priya")
    recused = priya.act(number, "recuse", staff=house.staff["lin"], reason="A cousin")
    assert recused.status_code == 303
    settle(house)
    head = house.ledger.head()
    page = house.visitor("lin").get(f"/customers/{customer}?position={head}").text
    assert "Call back about the fee" not in page
    assert house.visitor("dayo").get(f"/customers/{customer}").status_code == 404
