"""A complaint worked from intake to closing through the forms of the desk, without scripts."""

from __future__ import annotations

import re
from threading import Event

from visiting import House, Visitor


def lodged(visitor: Visitor, speaks: str = "en", **typed: str) -> str:
    """A new customer's new complaint; its number. ``speaks``: the customer's language."""
    registered = visitor.send(
        "/customers/new?next=lodge",
        "/customers/new",
        name="Mei Hanlu",
        legal_entity="larkmere-uk",
        language=speaks,
        email="mei@example.org",
        phone="+44 20 7946 0018",
    )
    assert registered.status_code == 303, registered.text
    answer = visitor.send(
        registered.headers["location"],
        "/complaints/new",
        **{
            "channel": "phone",
            "product": "payments",
            "category": "fee",
            "team": "first",
            "what_happened": "Charged twice for the March plan",
            **typed,
        },
    )
    assert answer.status_code == 303, answer.text
    place = answer.headers["location"]
    assert visitor.get(place).status_code == 200
    found = re.match(r"/complaints/(C-\d{4}-\d{6})", place)
    assert found
    until_listed(visitor, found[1])
    return found[1]


def until_listed(visitor: Visitor, number: str) -> None:
    """Cases are found by their number once the queue has them."""
    for _ in range(600):
        if visitor.get(f"/complaints/{number}").status_code == 200:
            return
        Event().wait(0.05)
    raise AssertionError(f"{number} is not listed")


def title(visitor: Visitor, number: str) -> str:
    page = visitor.get(f"/complaints/{number}")
    assert page.status_code == 200
    found = re.search(r'<h2 id="now">(.*?)</h2>', page.text)
    assert found
    return found[1]


def test_every_step_is_led_by_the_now_card(house: House) -> None:
    ellie = house.visitor("ellie")
    number = lodged(ellie)
    assert title(ellie, number) == "Nobody has taken this complaint yet"
    home = f"/complaints/{number}"
    assert ellie.send(home, f"{home}/take").status_code == 303
    assert title(ellie, number) == "Tell Mei Hanlu that the complaint is here"
    assert (
        ellie.send(home, f"{home}/acknowledge", channel="phone", text="We look").status_code == 303
    )
    assert title(ellie, number) == "Assess how grave it is"
    assessed = ellie.send(
        home, f"{home}/assess", **{"answer.harm": "money", "answer.others_affected": "no"}
    )
    assert assessed.status_code == 303, assessed.text
    found = ellie.send(
        home,
        f"{home}/step/investigate",
        **{"answer.finding": "Two debits on one day", "answer.cause": "error_of_ours"},
    )
    assert found.status_code == 303, found.text
    assert title(ellie, number) == "Propose how to put it right"
    proposed = ellie.send(
        home, f"{home}/propose", decision="upheld", reasons="We charged twice", amount="12.50"
    )
    assert proposed.status_code == 303, proposed.text
    assert title(ellie, number) == "Put the proposal to Mei Hanlu"
    offered = ellie.send(home, f"{home}/offer", channel="phone", text="We give it back")
    assert offered.status_code == 303, offered.text
    assert title(ellie, number) == "Record what Mei Hanlu says to the proposal"
    accepted = ellie.send(home, f"{home}/answer", answer="yes", channel="phone")
    assert accepted.status_code == 303, accepted.text
    assert title(ellie, number) == "Tell Mei Hanlu what we decided"
    told = ellie.send(home, f"{home}/tell", channel="phone", text="Upheld")
    assert told.status_code == 303, told.text
    paid = ellie.send(home, f"{home}/pay", proof="T-1")
    assert paid.status_code == 303, paid.text
    closed = ellie.send(home, f"{home}/close", reason_code="error_of_ours")
    assert closed.status_code == 303, closed.text
    assert title(ellie, number) == "Closed: resolved"
    history = ellie.get(f"{home}/history").text
    for words in ("Complaint received by phone", "Paid: £12.50", "Closed: resolved, upheld"):
        assert words in history
