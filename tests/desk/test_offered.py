"""Whoever is asked to take a case over reads it first, for as long as the offer stands."""

from __future__ import annotations

import pytest
from everybody import UK, employ
from test_api import token
from test_pages import settle
from test_story import lodged
from visiting import House, Visitor

from domain.staff_facts import Role

WORDS = "The till swallowed my card"
LINES = {"known": "All of it", "next": "Call her"}
TOLD = ("/notices", "/offers", "/queue?tab=all")


@pytest.fixture(scope="module")
def receiver(house: House) -> Visitor:
    """An agent of another team."""
    other = Role(name="agent", team="lead", level=1, **UK)
    employ(house, {"other": other, "beside": other})
    return house.visitor("other")


@pytest.fixture
def case(house: House, receiver: Visitor) -> str:
    """A case that Ellie offers to them; its number."""
    ellie = house.visitor("ellie")
    number = lodged(ellie, what_happened=WORDS)
    assert ellie.act(number, "take").status_code == 303
    assert receiver.get(f"/complaints/{number}").status_code == 404
    offered = ellie.act(number, "hand-over", to=house.staff["other"], **LINES)
    assert offered.status_code == 303
    settle(house)
    return number


def reads(visitor: Visitor, case: str) -> bool:
    page = visitor.get(f"/complaints/{case}")
    api = visitor.client.get(f"/api/v1/complaints/{case}")
    assert page.status_code == api.status_code
    assert (WORDS in page.text) == (page.status_code == 200)
    return page.status_code == 200


def test_what_is_offered_is_read_and_accepted(house: House, receiver: Visitor, case: str) -> None:
    assert reads(receiver, case)
    beside = house.visitor("beside")
    assert all(case in receiver.get(path).text for path in TOLD)
    assert not reads(beside, case), "it is offered to one person"
    assert not any(case in beside.get(path).text for path in TOLD)
    assert receiver.act_allowed(case, "note") == 403, "it is not theirs yet"
    assert receiver.act(case, "accept").status_code == 303
    settle(house)
    assert reads(receiver, case)
    assert not reads(house.visitor("ellie"), case), "it is with another team now"


def test_whoever_sends_it_back_reads_it_no_more(house: House, receiver: Visitor, case: str) -> None:
    back = receiver.act(case, "return", word="Too many of my own")
    assert back.headers["location"] == "/queue"
    settle(house)
    assert not reads(receiver, case)
    assert not any(case in receiver.get(path).text for path in TOLD)
    assert reads(house.visitor("ellie"), case)


def test_who_is_recused_is_not_told(house: House, receiver: Visitor, case: str) -> None:
    recused = {"staff": house.staff["other"], "reason": "A cousin"}
    assert house.visitor("priya").act(case, "recuse", **recused).status_code == 303
    settle(house)
    assert not reads(receiver, case)
    assert not any(case in receiver.get(path).text for path in TOLD)


def test_what_is_pulled_back_is_gone(house: House, receiver: Visitor, case: str) -> None:
    headers = {"Authorization": f"Bearer {token(house, 'ellie')}"}
    back = house.visitor().client.post(
        f"/api/v1/complaints/{case}/return-hand-over", json={}, headers=headers
    )
    assert back.status_code == 200
    settle(house)
    assert not reads(receiver, case)


def test_when_the_case_closes_it_is_asked_of_nobody(
    house: House, receiver: Visitor, case: str
) -> None:
    ellie = house.visitor("ellie")
    assert reads(receiver, case)
    assert ellie.act(case, "withdraw", channel="phone", why="Found it").status_code == 303
    settle(house)
    assert not reads(receiver, case)
    assert reads(ellie, case)


def test_a_team_is_asked_and_any_of_it_reads(house: House, receiver: Visitor) -> None:
    ellie, beside = house.visitor("ellie"), house.visitor("beside")
    number = lodged(ellie, what_happened=WORDS)
    ellie.act(number, "take")
    headers = {"Authorization": f"Bearer {token(house, 'ellie')}"}
    asked = house.visitor().client.post(
        f"/api/v1/complaints/{number}/offer-hand-over",
        json={"to": None, "team": "lead", **LINES},
        headers=headers,
    )
    assert asked.status_code == 200, asked.text
    settle(house)
    assert reads(receiver, number)
    assert reads(beside, number)
    for visitor in (receiver, beside):
        assert all(number in visitor.get(path).text for path in TOLD)
    assert number not in ellie.get("/offers").text, "she offers it herself"
    stream = beside.client.get(f"/api/v1/complaints/{number}").json()["stream"]
    assert beside.send("/offers", **{f"give.{stream}": "yes"}).status_code == 303
    settle(house)
    assert reads(receiver, number), "it is their team's now"
    assert not reads(ellie, number)


def test_a_deputy_of_another_team_reads_what_is_offered(house: House, receiver: Visitor) -> None:
    ellie = house.visitor("ellie")
    number = lodged(ellie, what_happened=WORDS)
    ellie.act(number, "take")
    settle(house)
    stream = ellie.client.get(f"/api/v1/complaints/{number}").json()["stream"]
    given = {f"give.{stream}": "yes"}
    away = ellie.send("/away", deputy=house.staff["other"], **given)
    assert away.status_code in (303, 409)
    settle(house)
    assert reads(receiver, number)
    taken = receiver.send("/offers", **given)
    assert taken.status_code == 303, taken.text
    settle(house)
    assert reads(receiver, number)
