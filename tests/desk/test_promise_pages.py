"""Promises, hand-overs and questions to colleagues on the pages and over the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from test_pages import stream_of, take
from test_story import lodged
from visiting import House, Visitor

LONDON = ZoneInfo("Europe/London")


def in_(**span: int) -> str:
    """A moment from now as a form's field holds it."""
    return (datetime.now(UTC) + timedelta(**span)).astimezone(LONDON).strftime("%Y-%m-%dT%H:%M")


def api(house: House, login: str, number: str) -> dict:
    return house.visitor(login).client.get(f"/api/v1/complaints/{number}").json()


def ask(house: House, login: str, number: str, wish: str, **body: object) -> int:
    """A command over the API as somebody who is logged in."""
    path = f"/api/v1/complaints/{stream_of(house, number)}/{wish}"
    visitor = house.visitor(login)
    csrf = visitor.form(visitor.get("/me").text, "/me/tokens")["csrf"]
    headers = {"Idempotency-Key": str(uuid4()), "X-CSRF-Token": csrf}
    return visitor.client.post(path, json=body, headers=headers).status_code


@pytest.fixture(scope="module")
def ellie(house: House) -> Visitor:
    return house.visitor("ellie")


def mine(ellie: Visitor) -> str:
    number = lodged(ellie)
    take(ellie, number)
    return number


def promise_of(house: House, number: str) -> str:
    (promise,) = api(house, "ellie", number)["promises"]
    return promise["name"]


@pytest.mark.parametrize(
    ("slug", "typed"),
    [
        ("note", {"text": "She wants a call"}),
        ("reply", {"channel": "phone", "text": "I will call"}),
        ("message", {"channel": "phone", "text": "When?"}),
        ("promise", {}),
    ],
)
def test_a_promise_is_one_line_beside_what_is_said(
    house: House, ellie: Visitor, slug: str, typed: dict[str, str]
) -> None:
    number = mine(ellie)
    line = {"promise": "Call back about the fee", "promise_due": in_(days=1)}
    assert ellie.act(number, slug, **typed, **line).status_code == 303
    page = ellie.get(f"/complaints/{number}").text
    assert "Promises made" in page
    assert "Call back about the fee" in page
    (promise,) = api(house, "ellie", number)["promises"]
    assert promise["owner"] == house.staff["ellie"]


def test_half_a_promise_is_refused_and_the_words_are_kept(ellie: Visitor) -> None:
    number = mine(ellie)
    halves = ({"promise": "Call", "promise_due": ""}, {"promise": "", "promise_due": in_(days=1)})
    for line in halves:
        answer = ellie.act(number, "note", text="A long note", **line)
        assert answer.status_code == 422
        assert "This is needed." in answer.text
        assert "A long note" in answer.text
    late = ellie.act(number, "promise", promise="Call", promise_due=in_(days=-1))
    assert "This moment has passed." in late.text
    far = ellie.act(number, "promise", promise="Call", promise_due="9999-12-31T23:59")
    assert "This is too far ahead." in far.text
    assert "Nobody has promised anything." in ellie.get(f"/complaints/{number}").text


def test_a_promise_is_moved_with_a_reason_after_the_second_time_and_kept(
    house: House, ellie: Visitor
) -> None:
    number = mine(ellie)
    ellie.act(number, "promise", promise="Send the form", promise_due=in_(days=1))
    name = promise_of(house, number)
    for n in (2, 3):
        assert ellie.act(number, f"move/{name}", promise_due=in_(days=n)).status_code == 303
    answer = ellie.act(number, f"move/{name}", promise_due=in_(days=4), reason="")
    assert answer.status_code == 422
    assert "Say why it moves again." in answer.text
    typed = {"promise_due": in_(days=4), "reason": "The form is printed on Friday"}
    assert ellie.act(number, f"move/{name}", **typed).status_code == 303
    assert "moved 3 times" in ellie.get(f"/complaints/{number}").text
    assert ellie.act(number, f"keep/{name}", how="Sent").status_code == 303
    assert ellie.get(f"/complaints/{number}/keep/{name}").status_code == 404
    history = ellie.get(f"/complaints/{number}/history").text
    assert "A promise was kept" in history


def test_a_hand_over_is_filled_from_what_stands_and_takes_the_promises_along(
    house: House, ellie: Visitor
) -> None:
    number = mine(ellie)
    ellie.act(number, "promise", promise="Call about the fee", promise_due=in_(days=1))
    path = f"/complaints/{number}/hand-over"
    form = ellie.form(ellie.get(path).text, path)
    assert "Call about the fee" in form["promised"]
    assert form["next"]
    typed = {"to": house.staff["lin"], "known": "All there is to know"}
    assert ellie.act(number, "hand-over", **typed).status_code == 303
    assert api(house, "ellie", number)["promises"][0]["owner"] == house.staff["ellie"]
    lin = house.visitor("lin")
    assert "All there is to know" in lin.get(f"/complaints/{number}").text
    assert lin.act(number, "accept").status_code == 303
    assert api(house, "lin", number)["promises"][0]["owner"] == house.staff["lin"]
    again = ask(house, "priya", number, "accept-hand-over")
    assert again == 409, "one offer, one new owner"


def test_a_hand_over_while_the_sender_writes_keeps_the_words(house: House, ellie: Visitor) -> None:
    number = mine(ellie)
    path = f"/complaints/{number}/reply"
    form = ellie.form(ellie.get(path).text, path)
    ask(house, "ellie", number, "offer-hand-over", to=house.staff["lin"], team="first",
        known="All", next="Call")  # fmt: skip
    assert ask(house, "lin", number, "accept-hand-over") == 200
    answer = ellie.client.post(path, data={**form, "channel": "phone", "text": "My words"})
    assert answer.status_code == 412
    assert "My words" in answer.text
    assert "accepted the hand-over" in answer.text


def test_a_promise_alone_goes_to_a_colleague_who_accepts(house: House, ellie: Visitor) -> None:
    number = mine(ellie)
    ellie.act(number, "promise", promise="Look at the file", promise_due=in_(days=1))
    name = promise_of(house, number)
    offered = ellie.act(number, f"offer-promise/{name}", to=house.staff["lin"])
    assert offered.status_code == 303
    lin = house.visitor("lin")
    assert f"accept-promise/{name}" in lin.get(f"/complaints/{number}").text
    assert ask(house, "priya", number, "accept-promise", promise=name) == 409
    assert lin.act(number, f"accept-promise/{name}").status_code == 303
    assert api(house, "ellie", number)["promises"][0]["owner"] == house.staff["lin"]


def test_a_colleague_is_asked_and_answers(house: House, ellie: Visitor) -> None:
    number = mine(ellie)
    assert "No colleague is asked." in ellie.get(f"/complaints/{number}").text
    typed = {"what": "Was the fee on the leaflet?", "answer_by": in_(days=1)}
    lin = house.staff["lin"]
    assert ellie.act(number, "ask-colleague", to=lin, **typed).status_code == 303
    (task,) = api(house, "ellie", number)["tasks"]
    assert (task["to"], task["answer"]) == (lin, None)
    path = f"answer-colleague/{task['name']}"
    refused = ellie.act(number, path, answer="I say so myself")
    assert refused.status_code == 403
    assert "I say so myself" in refused.text
    told = house.visitor("lin").act(number, path, answer="It was, on page 2")
    assert told.status_code == 303
    assert "It was, on page 2" in ellie.get(f"/complaints/{number}").text
    for stranger in ("dayo", "song"):
        asked = ellie.act(number, "ask-colleague", to=house.staff[stranger], **typed)
        assert asked.status_code == 422, "who cannot write into the case is not asked in it"
