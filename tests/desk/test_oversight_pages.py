"""Orders, nudges and skips on pages: who may, who is told, what stays owed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from states import done
from test_story import lodged
from visiting import House, Visitor


def soon() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")


def owned(house: House) -> str:
    """A new complaint that Ellie answers for, as lists know it."""
    ellie = house.visitor("ellie")
    number = lodged(ellie)
    ellie.get(f"/queue?tab=all&position={house.ledger.head()}")
    done(ellie, number, "take", {})
    return number


@pytest.fixture(scope="module")
def taken(house: House) -> str:
    return owned(house)


def notices(visitor: Visitor, number: str) -> str:
    """What the bell says of a case."""
    page = visitor.get(f"/notices?position={visitor.house.ledger.head()}").text
    cards = [card for card in page.split("<section") if f"/complaints/{number}" in card]
    return " ".join(cards)


def test_an_order_is_told_to_the_owner_until_it_is_answered(house: House, taken: str) -> None:
    ellie, priya = house.visitor("ellie"), house.visitor("priya")
    done(priya, taken, "order", {"words": "How far is it?", "answer_by": soon()})
    assert "An answer is ordered by" in notices(ellie, taken)
    page = ellie.get(f"/complaints/{taken}").text
    path = page.split(f"/complaints/{taken}/answer-order/")[1].split('"')[0]
    done(ellie, taken, f"answer-order/{path}", {"answer": "Half way."})
    assert "An answer is ordered by" not in notices(ellie, taken)
    assert "Half way." in priya.get(f"/complaints/{taken}/history").text


def test_compliance_orders_and_an_agent_does_not(house: House, taken: str) -> None:
    assert house.visitor("song").act_allowed(taken, "order") == 200
    assert house.visitor("song").act_allowed(taken, "nudge") == 403
    assert house.visitor("ellie").act_allowed(taken, "order") == 403


def test_an_order_for_the_past_keeps_its_words(house: House, taken: str) -> None:
    order = {"words": "Kept words", "answer_by": "2026-01-01T10:00"}
    answer = house.visitor("priya").act(taken, "order", **order)
    assert answer.status_code == 422
    assert "Kept words" in answer.text


def test_a_nudge_is_told_until_the_owner_acts_and_is_given_once_a_day(
    house: House, taken: str
) -> None:
    ellie, priya = house.visitor("ellie"), house.visitor("priya")
    done(priya, taken, "nudge", {})
    assert "asks you to get on with it" in notices(ellie, taken)
    again = priya.act(taken, "nudge")
    assert again.status_code == 409
    assert "You nudged the owner today already." in again.text
    done(ellie, taken, "note", {"text": "On it"})
    assert "asks you to get on with it" not in notices(ellie, taken)


def test_a_case_is_moved_with_its_reason(house: House) -> None:
    priya, number = house.visitor("priya"), owned(house)
    without = priya.act(number, "reassign", to=house.staff["lin"])
    assert without.status_code == 422
    done(priya, number, "reassign", {"to": house.staff["lin"], "reason": "Ellie is away"})
    history = priya.get(f"/complaints/{number}/history").text
    assert "Ellie is away" in history
