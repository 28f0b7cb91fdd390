"""The call script, and the record of a call whose beginning is the receipt."""

from __future__ import annotations

import re
from typing import Any

import pytest
from httpx import Response
from test_pages import settle, take
from test_promise_pages import api, in_
from test_story import lodged
from visiting import House, Visitor

from domain.event import Command, Context
from domain.interaction import RecordInteraction
from ledger import KeyDestroyed, Receipt

COMPLAINT = {
    "channel": "phone", "product": "payments", "category": "fee", "team": "first",
    "what_happened": "Another matter",
}  # fmt: skip


@pytest.fixture(scope="module")
def ellie(house: House) -> Visitor:
    return house.visitor("ellie")


def called(ellie: Visitor) -> tuple[str, str]:
    """A case of Ellie's, and the number of its customer."""
    number = lodged(ellie)
    take(ellie, number)
    found = re.search(r"/customers/(K-\d{4}-\d+)", ellie.get(f"/complaints/{number}").text)
    assert found
    return number, found[1]


def test_the_script_says_what_to_know_before_speaking(ellie: Visitor) -> None:
    number, customer = called(ellie)
    ellie.act(number, "reply", channel="phone", text="The fee comes back on Friday")
    need = ellie.form(ellie.get(f"/customers/{customer}").text, f"/customers/{customer}/need")
    typed = {**need, "words": "Deaf: write", "avoid.phone": "yes"}
    ellie.client.post(f"/customers/{customer}/need", data=typed)
    for _ in range(100):
        page = ellie.get(f"/calls/{customer}").text
        if "The fee comes back on Friday" in page:
            break
    assert "The fee comes back on Friday" in page
    assert "This customer does not want calls." in page
    assert "Deaf: write" in page
    assert "Ellie Quillon of Larkmere Bank UK" in page
    assert number in page


def test_a_call_is_kept_with_its_case_and_its_promise(house: House, ellie: Visitor) -> None:
    number, customer = called(ellie)
    path = f"/calls/{customer}/record"
    line = {"promise": "Call again", "promise_due": in_(days=1)}
    lonely = ellie.send(path, summary="She asked", case="", **line)
    assert lonely.status_code == 422
    assert "She asked" in lonely.text
    kept = ellie.send(path, summary="She asked for news", case=number, **line)
    assert kept.headers["location"] == f"/complaints/{number}"
    assert api(house, "ellie", number)["promises"][0]["what"] == "Call again"


def asked(ellie: Visitor, path: str, number: str) -> dict[str, str]:
    """The form of a call with a promise in that case."""
    return {
        **ellie.form(ellie.get(path).text, path),
        "summary": "She asked", "case": number, "promise": "Call again",
        "promise_due": in_(days=1),
    }  # fmt: skip


def half_kept(
    house: House, ellie: Visitor, path: str, typed: dict[str, str], patch: pytest.MonkeyPatch
) -> Response:
    """What is answered where the promise is stored and the call is not."""
    handle = house.ledger.handle

    def away(decider: Any, stream: str, command: Command, context: Context) -> Receipt:
        if isinstance(command, RecordInteraction):
            raise KeyDestroyed(stream)
        return handle(decider, stream, command, context)

    with patch.context() as broken:
        broken.setattr(house.ledger, "handle", away)
        refused = ellie.client.post(path, data=typed)
    assert refused.status_code == 409
    return refused


def test_a_call_that_fails_and_is_sent_again_with_other_words_promises_once(
    house: House, ellie: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, customer = called(ellie)
    path = f"/calls/{customer}/record"
    typed = asked(ellie, path, number)
    refused = half_kept(house, ellie, path, typed, monkeypatch)
    kept = ellie.form(refused.text, path)
    assert kept.items() >= typed.items()
    edited = kept | {"summary": "She asked for news", "promise": "Call her again"}
    assert ellie.client.post(path, data=edited).status_code == 303
    (promise,) = api(house, "ellie", number)["promises"]
    assert promise["what"] == "Call again"


def test_a_call_sent_again_for_another_case_is_refused_in_words(
    house: House, ellie: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, customer = called(ellie)
    started = ellie.send(f"/complaints/new?customer={customer}", "/complaints/new", **COMPLAINT)
    other = started.headers["location"].removeprefix("/complaints/").partition("?")[0]
    settle(house)
    path = f"/calls/{customer}/record"
    refused = half_kept(house, ellie, path, asked(ellie, path, number), monkeypatch)
    moved = ellie.form(refused.text, path) | {"case": other}
    again = ellie.client.post(path, data=moved)
    assert again.status_code == 422
    assert "This form was sent before with other words. Open it again." in again.text
    assert "She asked" in again.text
    assert api(house, "ellie", other)["promises"] == []


def test_a_new_complaint_is_received_when_the_call_began(ellie: Visitor) -> None:
    _, customer = called(ellie)
    path = f"/calls/{customer}/record"
    answer = ellie.send(path, summary="A new matter", then="lodge")
    where = answer.headers["location"]
    assert where.startswith(f"/complaints/new?customer={customer}&received=")
    form = ellie.form(ellie.get(where).text, "/complaints/new")
    assert form["received_at"] == where.partition("received=")[2]
    assert form["channel"] == "phone"


def test_who_may_not_write_about_a_customer_does_not_call(house: House, ellie: Visitor) -> None:
    _, customer = called(ellie)
    assert house.visitor("song").get(f"/calls/{customer}").status_code == 403
    assert house.visitor("dayo").get(f"/calls/{customer}").status_code == 404
