"""The bell: everything seen is cleared at once; what comes later is told; the law's stays."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from states import done
from test_story import lodged
from visiting import House, Visitor

from domain.complaint import complaint
from domain.decider import Perform
from domain.event import Actor


@pytest.fixture
def house(fresh_house: House) -> House:
    """What is next, and the numbers, depend on every case there is."""
    return fresh_house


def bell(visitor: Visitor) -> str:
    return visitor.get(f"/notices?position={visitor.house.ledger.head()}").text


def clear(visitor: Visitor, page: str) -> None:
    form = visitor.form(page, "/notices/clear")
    assert visitor.client.post("/notices/clear", data=form).status_code == 303


def owned(house: House) -> str:
    ellie = house.visitor("ellie")
    number = lodged(ellie)
    ellie.get(f"/queue?tab=all&position={house.ledger.head()}")
    done(ellie, number, "take", {})
    return number


def test_what_was_seen_is_cleared_and_what_comes_later_is_told(house: House) -> None:
    ellie, priya = house.visitor("ellie"), house.visitor("priya")
    number, other = owned(house), owned(house)
    done(priya, number, "nudge", {})
    seen = bell(ellie)
    assert number in seen
    done(priya, other, "nudge", {})
    clear(ellie, seen)
    page = bell(ellie)
    assert number not in page
    assert other in page
    assert re.search(r'href="/notices"[^>]*>Notices <span class="count"[^>]*>1</span>', page)


def test_a_limit_of_the_law_that_is_broken_stays_and_says_why(house: House) -> None:
    ellie, number = house.visitor("ellie"), owned(house)
    stream = str(ellie.client.get(f"/api/v1/complaints/{number}").json()["stream"])
    state = house.ledger.fold(complaint, stream).state
    for due in complaint.agenda(state):
        if due.rule == "breach":
            wish = Perform(
                command_id=uuid4(),
                at=due.at + timedelta(minutes=1),
                actor=Actor(kind="automation", id="handle-complaint"),
                key=due.key,
            )
            house.ledger.handle(complaint, stream, wish)
    page = bell(ellie)
    before = page.count('class="notice"')
    clear(ellie, page)
    page = bell(ellie)
    assert 0 < page.count('class="notice"') < before
    assert "stays until the limit of the law is kept" in page
