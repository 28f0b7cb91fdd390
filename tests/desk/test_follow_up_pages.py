"""One's own promises in a list; going away and coming back; what colleagues offer."""

from __future__ import annotations

import pytest
from test_pages import take
from test_promise_pages import api, in_
from test_story import lodged
from visiting import House, Visitor

from domain.staff import staff


@pytest.fixture
def case(house: House) -> str:
    """A case of Ellie's with a promise of hers, just noted."""
    ellie = house.visitor("ellie")
    number = lodged(ellie)
    take(ellie, number)
    line = {"promise": f"Call about {number}", "promise_due": in_(minutes=90)}
    assert ellie.act(number, "promise", **line).status_code == 303
    return number


def follow_ups(visitor: Visitor, number: str) -> str:
    """The list, once it has heard of the case."""
    for _ in range(100):
        page = visitor.get("/follow-ups").text
        if number in page:
            return page
    raise AssertionError(f"{number} is not in the list")


def test_what_i_promised_stands_in_my_list_and_is_done_inline(house: House, case: str) -> None:
    ellie = house.visitor("ellie")
    page = follow_ups(ellie, case)
    assert f"Call about {case}" in page
    name = api(house, "ellie", case)["promises"][0]["name"]
    action = f"/complaints/{case}/keep/{name}"
    answer = ellie.client.post(action, data=ellie.form(page, action))
    assert answer.headers["location"].startswith("/follow-ups?done=keep&position=")
    after = ellie.get(answer.headers["location"]).text
    assert "Done: the promise is kept." in after
    assert f"Call about {case}" not in after
    assert f"Call about {case}" not in house.visitor("priya").get("/follow-ups").text


def test_a_move_that_needs_its_reason_keeps_what_was_typed(house: House, case: str) -> None:
    ellie = house.visitor("ellie")
    name = api(house, "ellie", case)["promises"][0]["name"]
    action = f"/complaints/{case}/move/{name}"
    for n in (2, 3):
        ellie.act(case, f"move/{name}", promise_due=in_(days=n))
    form = ellie.form(follow_ups(ellie, case), action)
    typed = {**form, "promise_due": in_(days=5), "reason": ""}
    refused = ellie.client.post(action, data=typed)
    assert refused.status_code == 422
    assert 'name="next" value="/follow-ups"' in refused.text
    typed = {**ellie.form(refused.text, action), "reason": "She is ill until then"}
    assert ellie.client.post(action, data=typed).headers["location"].startswith("/follow-ups?")


def test_it_says_who_is_waited_for_and_when_nobody_waits(house: House) -> None:
    ellie = house.visitor("ellie")
    number = lodged(ellie)
    take(ellie, number)
    ellie.act(number, "ask", channel="phone", what="The bill", text="Send the bill, please")
    page = follow_ups(ellie, number)
    assert "Waiting for customer" in page
    assert "没有客户在等您回电。" in house.visitor("song").get("/follow-ups").text


@pytest.fixture
def lin(house: House) -> Visitor:
    return house.visitor("lin")


def test_away_offers_everything_to_the_deputy_who_accepts_on_one_page(
    house: House, case: str, lin: Visitor
) -> None:
    ellie = house.visitor("ellie")
    follow_ups(ellie, case)
    form = ellie.form(ellie.get("/away").text, "/away")
    stream = api(house, "ellie", case)["stream"]
    assert form[f"give.{stream}"] == "yes", "all are ticked"
    kept = {name: value for name, value in form.items() if not name.startswith("give.")}
    typed = {**kept, f"give.{stream}": "yes", "deputy": house.staff["lin"], "ends": in_(days=2)}
    assert ellie.client.post("/away", data=typed).status_code == 303
    try:
        assert "away until" in ellie.get("/away").text
        _nothing_new_is_given(house, case)
        assert "Ellie Quillon" in house.visitor("priya").get("/away").text
        page = lin.get(f"/offers?position={house.ledger.head()}").text
        accepted = lin.client.post("/offers", data=lin.form(page, "/offers"))
        assert accepted.status_code == 303
        told = api(house, "lin", case)
        assert told["owner"] == house.staff["lin"]
        assert [it["owner"] for it in told["promises"]] == [house.staff["lin"]]
        again = lin.client.post("/offers", data=lin.form(page, "/offers"))
        assert again.status_code == 303, "twice is once"
    finally:
        ellie.send("/away", "/away/back")
    assert "I am away until …" in ellie.get("/away").text


def _nothing_new_is_given(house: House, number: str) -> None:
    priya = house.visitor("priya")
    form = priya.get(f"/complaints/{number}/assign").text
    assert f'value="{house.staff["ellie"]}"' not in form
    assert "Ellie Quillon (away until" in form
    refused = priya.act(number, "assign", to=house.staff["ellie"])
    assert refused.status_code in (303, 409)


def test_without_a_deputy_the_lead_chooses_one(house: House) -> None:
    ellie, priya = house.visitor("ellie"), house.visitor("priya")
    form = ellie.form(ellie.get("/away").text, "/away")
    kept = {name: value for name, value in form.items() if not name.startswith("give.")}
    assert ellie.client.post("/away", data={**kept, "ends": in_(days=1)}).status_code == 303
    try:
        page = priya.get("/away").text
        assert "Choose a deputy or it comes to you." in page
        action = f"/away/{house.staff['ellie']}/deputy"
        chosen = {**priya.form(page, action), "deputy": house.staff["lin"]}
        assert priya.client.post(action, data=chosen).status_code == 303
        assert "Lin Qiao stands in." in priya.get("/away").text
        assert house.visitor("lin").client.post(action, data=chosen).status_code == 403
        absence = house.ledger.fold(staff, house.staff["ellie"]).state.absence
        assert absence.deputy == house.staff["lin"]
    finally:
        ellie.send("/away", "/away/back")


def test_a_deputy_who_cannot_take_a_case_is_named_and_the_rest_is_offered(
    house: House, case: str
) -> None:
    ellie, priya = house.visitor("ellie"), house.visitor("priya")
    recused = priya.act(case, "recuse", staff=house.staff["lin"], reason="Named in it")
    assert recused.status_code == 303
    follow_ups(ellie, case)
    form = ellie.form(ellie.get("/away").text, "/away")
    stream = api(house, "ellie", case)["stream"]
    kept = {name: value for name, value in form.items() if not name.startswith("give.")}
    typed = {**kept, f"give.{stream}": "yes", "deputy": house.staff["lin"], "word": "All is noted"}
    try:
        answer = ellie.client.post("/away", data=typed)
        assert answer.status_code == 409
        assert "named in the complaint" in answer.text
        assert "All is noted" in answer.text
    finally:
        ellie.send("/away", "/away/back")


@pytest.mark.parametrize("ends", ["yesterday", "2020-01-01T10:00", "9999-12-31T10:00"])
def test_a_moment_that_does_not_fit_is_told(house: House, ends: str) -> None:
    ellie = house.visitor("ellie")
    answer = ellie.send("/away", ends=ends, word="Kept")
    assert answer.status_code == 422
    assert "Kept" in answer.text


def test_the_evening_says_whom_one_answered_and_what_is_promised(house: House, case: str) -> None:
    ellie = house.visitor("ellie")
    ellie.act(case, "reply", channel="phone", text="I look into it")
    follow_ups(ellie, case)
    page = ellie.get("/me").text
    assert "You answered" in page
    assert f"Call about {case}" in page
    assert f"Call about {case}" not in house.visitor("priya").get("/me").text


def test_who_logs_out_is_shown_once_a_day_what_is_open(house: House, case: str) -> None:
    ellie = house.visitor("ellie")
    follow_ups(ellie, case)
    shown = ellie.send("/me", "/logout")
    assert shown.headers["location"] == "/me/evening"
    page = ellie.get("/me/evening").text
    assert f"Call about {case}" in page
    assert "Log out" in page
    assert ellie.client.post("/logout", data=ellie.form(page, "/logout")).headers["location"] == (
        "/login"
    )
    again = ellie.log_in("ellie")
    assert again.send("/me", "/logout").headers["location"] == "/login"
    nothing_open = house.visitor("priya").send("/me", "/logout")
    assert nothing_open.headers["location"] == "/login"
    for login in ("ellie", "priya"):
        house.forget(login)


def test_programs_read_the_same_list(house: House, case: str) -> None:
    ellie = house.visitor("ellie")
    follow_ups(ellie, case)
    told = ellie.client.get("/api/v1/promises").json()
    assert f"Call about {case}" in [it["what"] for it in told if it["number"] == case]
    theirs = house.visitor("priya").client.get("/api/v1/promises").json()
    assert case not in [it["number"] for it in theirs]
