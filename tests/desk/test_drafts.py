"""Drafts: saved while one types, there on every machine, gone when sent or erased."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from test_story import lodged
from visiting import House, Visitor

from desk.authentication.session import session_key
from domain.event import Actor
from ledger import DestroyKey


@pytest.fixture(scope="module")
def ellie(house: House) -> Visitor:
    return house.visitor("ellie")


def csrf_of(visitor: Visitor) -> str:
    return visitor.form(visitor.get("/me").text, "/logout")["csrf"]


def save(visitor: Visitor, number: str, box: str, text: str, **more: Any) -> Any:
    return visitor.client.put(
        f"/api/v1/complaints/{number}/drafts/{box}",
        json={"fields": {"text": text}, **more},
        headers={"X-CSRF-Token": csrf_of(visitor)},
    )


def drafts(visitor: Visitor, number: str) -> dict[str, str]:
    answer = visitor.client.get(f"/api/v1/complaints/{number}/drafts")
    assert answer.status_code == 200, answer.text
    return {each["box"]: each["fields"]["text"] for each in answer.json()}


def boxed(visitor: Visitor, number: str, box: str = "reply") -> dict[str, str]:
    home = f"/complaints/{number}"
    return visitor.form(visitor.get(home).text, f"{home}/{box}")


def end_session(house: House, visitor: Visitor) -> None:
    with psycopg.connect(house.url, autocommit=True) as db:
        db.execute(
            "DELETE FROM desk.session WHERE encode(token_hash, 'hex') = %s",
            [session_key(visitor.client.cookies["evercase_session"])],
        )


def test_what_was_typed_is_there_on_the_next_visit_and_on_another_machine(
    house: House, ellie: Visitor
) -> None:
    number = lodged(ellie)
    saved = save(ellie, number, "reply", "We are looking into it")
    assert saved.status_code == 200, saved.text
    elsewhere = house.visitor().log_in("ellie")
    for visitor in (ellie, elsewhere):
        assert boxed(visitor, number)["text"] == "We are looking into it"
        assert "Saved " in visitor.get(f"/complaints/{number}").text
        assert "We are looking into it" in visitor.get(f"/complaints/{number}/reply").text
    assert "We are looking" not in house.visitor("priya").get(f"/complaints/{number}").text
    assert drafts(house.visitor("priya"), number) == {}


def test_sent_is_gone(ellie: Visitor) -> None:
    number = lodged(ellie)
    for box, typed in (("reply", {"channel": "phone"}), ("note", {})):
        save(ellie, number, box, "My words")
        home = f"/complaints/{number}"
        answer = ellie.client.post(f"{home}/{box}", data={**boxed(ellie, number, box), **typed})
        assert answer.status_code == 303, answer.text
        assert drafts(ellie, number) == {}


def test_one_form_in_two_windows_sends_once(ellie: Visitor) -> None:
    number = lodged(ellie)
    save(ellie, number, "note", "Only once")
    windows = [boxed(ellie, number, "note") for _ in range(2)]
    for typed in windows:
        assert ellie.client.post(f"/complaints/{number}/note", data=typed).status_code == 303
    assert ellie.get(f"/complaints/{number}/history").text.count("Only once") == 1


def test_another_windows_words_are_not_saved_over(ellie: Visitor) -> None:
    number = lodged(ellie)
    first = save(ellie, number, "reply", "One").json()
    assert save(ellie, number, "reply", "Two").status_code == 412
    assert save(ellie, number, "reply", "One").json()["edition"] == first["edition"]
    assert save(ellie, number, "reply", "Two", edition=first["edition"]).status_code == 200
    assert drafts(ellie, number) == {"reply": "Two"}


def test_words_of_a_later_window_stay_when_the_first_is_sent(ellie: Visitor) -> None:
    number = lodged(ellie)
    first = save(ellie, number, "reply", "Early words").json()
    window = boxed(ellie, number)
    save(ellie, number, "reply", "Quite other words", edition=first["edition"])
    sent = ellie.client.post(f"/complaints/{number}/reply", data={**window, "channel": "phone"})
    assert sent.status_code == 303
    assert drafts(ellie, number) == {"reply": "Quite other words"}


def test_what_was_refused_becomes_a_draft(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    window = boxed(ellie, number)
    priya = house.visitor("priya")
    assert priya.act(number, "message", channel="phone", text="I called").status_code == 303
    typed = {**window, "channel": "phone", "text": "My careful words"}
    refused = ellie.client.post(f"/complaints/{number}/reply", data=typed)
    assert refused.status_code == 412
    assert "I called" in refused.text
    assert "Send anyway" in refused.text
    assert "Keep my draft" in refused.text
    assert drafts(ellie, number) == {"reply": "My careful words"}
    sent = {**boxed(ellie, number), "channel": "phone"}
    assert ellie.client.post(f"/complaints/{number}/reply", data=sent).status_code == 303
    assert drafts(ellie, number) == {}
    for repeated in (sent, typed):
        answer = ellie.client.post(f"/complaints/{number}/reply", data=repeated)
        assert answer.status_code == 303
    assert drafts(ellie, number) == {}
    assert ellie.get(f"/complaints/{number}/history").text.count("My careful words") == 1


def test_a_bar_says_what_happened_meanwhile(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    save(ellie, number, "reply", "Half a sentence")
    assert house.visitor("lin").act(number, "take").status_code == 303
    page = ellie.get(f"/complaints/{number}").text
    assert re.search(r'class="meanwhile">Lin Qiao took this case 0 min ago<', page)
    assert boxed(ellie, number)["text"] == "Half a sentence"


def test_a_draft_of_a_step_that_is_over_stays_in_reach(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    save(ellie, number, "acknowledge", "Thank you for")
    assert "Your draft: Acknowledge the complaint" in ellie.get(f"/complaints/{number}").text
    assert (
        ellie.client.delete(
            f"/api/v1/complaints/{number}/drafts/acknowledge",
            headers={"X-CSRF-Token": csrf_of(ellie)},
        ).status_code
        == 204
    )
    assert "Your draft" not in ellie.get(f"/complaints/{number}").text


@pytest.mark.parametrize(
    ("box", "status"), [("nothing", 404), ("take", 404), ("step/nothing", 404), ("extend", 200)]
)
def test_only_boxes_that_hold_words_have_drafts(ellie: Visitor, box: str, status: int) -> None:
    assert save(ellie, lodged(ellie), box, "Words").status_code in (status, 404)


def test_drafts_are_for_who_may_act(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    assert save(house.visitor("song"), number, "reply", "Words").status_code == 403
    assert save(house.visitor("dayo"), number, "reply", "Words").status_code == 404


def test_a_draft_is_stored_encrypted_and_goes_with_the_customers_key(
    house: House, ellie: Visitor
) -> None:
    number = lodged(ellie)
    save(ellie, number, "reply", "Unmistakable words")
    customer = ellie.client.get(f"/api/v1/complaints/{number}").json()["customer"]
    with psycopg.connect(house.url, autocommit=True) as db:
        rows = db.execute("SELECT t::text FROM desk.draft t WHERE subject = %s", [customer])
        (kept,) = rows.fetchall()
        assert "Unmistakable" not in kept[0]
        house.ledger.destroy_key(
            DestroyKey(
                command_id=uuid4(), at=datetime.now(UTC),
                actor=Actor(kind="staff", id=house.staff["song"]), subject=customer,
            )
        )  # fmt: skip
        assert drafts(ellie, number) == {}
        left = db.execute("SELECT count(*) FROM desk.draft WHERE subject = %s", [customer])
        assert left.fetchone() == (0,)
        assert save(ellie, number, "reply", "After it").status_code == 409
        # One who still has the key in memory keeps nothing either.
        db.execute(
            "INSERT INTO desk.draft SELECT 's', 'c', 'reply', %s, 'x', gen_random_uuid(), 1, 1,"
            " now()", [customer],
        )  # fmt: skip
        left = db.execute("SELECT count(*) FROM desk.draft WHERE subject = %s", [customer])
        assert left.fetchone() == (0,)


def test_one_logs_in_again_in_place_and_the_same_form_goes(house: House) -> None:
    visitor = house.visitor().log_in("ellie")
    number = lodged(visitor)
    path = f"/complaints/{number}/note"
    typed = {**boxed(visitor, number, "note"), "text": "Written before the end"}
    end_session(house, visitor)
    asked = visitor.client.post(path, data=typed)
    assert asked.status_code == 401
    assert "Your session is over. What you typed is kept." in asked.text
    form = visitor.form(asked.text, path)
    wrong = {**form, "again.login": "ellie", "again.password": "wrong"}
    refused = visitor.client.post(path, data=wrong)
    assert refused.status_code == 401
    assert "do not belong together" in refused.text
    form = visitor.form(refused.text, path)
    other = {**form, "again.login": "priya", "again.password": "correct horse battery"}
    assert "Only the person who typed this" in visitor.client.post(path, data=other).text
    own = {**form, "again.login": "ellie", "again.password": "correct horse battery"}
    sent = visitor.client.post(path, data=own)
    assert sent.status_code == 303, sent.text
    assert visitor.get(f"/complaints/{number}/history").text.count("Written before the end") == 1
    again = visitor.client.post(path, data={**boxed(visitor, number, "note"), **_words(typed)})
    assert again.status_code == 303
    assert visitor.get(f"/complaints/{number}/history").text.count("Written before the end") == 1


def _words(typed: dict[str, str]) -> dict[str, str]:
    return {name: typed[name] for name in ("text", "command_id")}


def test_a_form_from_elsewhere_is_not_carried_through_a_log_in(house: House) -> None:
    visitor = house.visitor().log_in("ellie")
    number = lodged(visitor)
    form = boxed(visitor, number, "note")
    end_session(house, visitor)
    for csrf in ("", "x.y", house.app.state.house.keyed("form", "somebody")):
        typed = {**form, "csrf": csrf, "text": "Not mine"}
        answer = visitor.client.post(f"/complaints/{number}/note", data=typed)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login")


def test_a_form_of_an_earlier_session_is_shown_again_and_kept(house: House) -> None:
    visitor = house.visitor().log_in("ellie")
    number = lodged(visitor)
    path = f"/complaints/{number}/note"
    typed = {**boxed(visitor, number, "note"), "text": "Typed yesterday"}
    end_session(house, visitor)
    visitor.log_in("ellie")
    answer = visitor.client.post(path, data=typed)
    assert answer.status_code == 403
    assert "You have logged in again since." in answer.text
    assert drafts(visitor, number) == {"note": "Typed yesterday"}
    assert visitor.client.post(path, data=visitor.form(answer.text, path)).status_code == 303
    assert drafts(visitor, number) == {}


def test_a_form_without_words_goes_on_after_a_log_in_too(house: House) -> None:
    visitor = house.visitor().log_in("ellie")
    number = lodged(visitor)
    path = f"/complaints/{number}/take"
    form = visitor.form(visitor.get(path).text, path)
    end_session(house, visitor)
    asked = visitor.client.post(path, data=form)
    assert asked.status_code == 401
    own = {"again.login": "ellie", "again.password": "correct horse battery"}
    sent = visitor.client.post(path, data={**visitor.form(asked.text, path), **own})
    assert sent.status_code == 303


def test_words_for_what_is_done_already_are_kept(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    path = f"/complaints/{number}/acknowledge"
    form = ellie.form(ellie.get(path).text, path)
    priya = house.visitor("priya")
    told = priya.act(number, "acknowledge", channel="phone", text="I have called")
    assert told.status_code == 303
    late = ellie.client.post(path, data={**form, "channel": "email", "text": "My letter"})
    assert late.status_code == 409
    assert "This is done already. What you wrote was not used." in late.text
    assert drafts(ellie, number) == {"acknowledge": "My letter"}


def test_no_button_leads_where_one_may_not_go(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    assign = f'href="/complaints/{number}/assign"'
    assert assign not in ellie.get(f"/complaints/{number}").text
    assert assign in house.visitor("priya").get(f"/complaints/{number}").text
