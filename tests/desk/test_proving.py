"""Before what could do great harm, one proves once more who one is; what was typed is kept."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from people import PASSWORD
from test_api import token
from test_second_factor import Phone, phone, turn_on
from test_story import lodged
from visiting import House, Visitor

__all__ = ["phone"]


@pytest.fixture
def ines(house: House) -> Iterator[Visitor]:
    """Logged in an hour ago."""
    yield grown_old(house, house.visitor().log_in("ines"), "ines")
    with psycopg.connect(house.url, autocommit=True) as db:
        db.execute("DELETE FROM desk.login_failure")


def grown_old(house: House, visitor: Visitor, login: str) -> Visitor:
    with psycopg.connect(house.url, autocommit=True) as db:
        db.execute(
            "UPDATE desk.session SET proved_at = proved_at - interval '1 hour' WHERE login = %s",
            (login,),
        )
    return visitor


def test_what_was_typed_is_kept_and_goes_where_it_was_sent(house: House, ines: Visitor) -> None:
    typed = {
        "login": "noor", "name": "Noor <b>Hale</b>", "language": "en",
        "email": "noor@larkmere.example",
    }  # fmt: skip
    asked = ines.send("/staff/new", **typed)
    assert asked.status_code == 403
    assert "Is it you?" in asked.text
    assert "<b>Hale" not in asked.text
    form = ines.form(asked.text, "/staff/new")
    assert form["name"] == "Noor <b>Hale</b>"
    wrong = ines.client.post("/staff/new", data={**form, "prove.answer": "guessed"})
    assert wrong.status_code == 403
    assert "That is not right" in wrong.text
    assert "guessed" not in wrong.text
    assert ines.client.get("/staff/noor").status_code == 404
    form = ines.form(wrong.text, "/staff/new")
    done = ines.client.post("/staff/new", data={**form, "prove.answer": PASSWORD})
    assert done.headers["location"] == "/staff/noor"
    assert ines.send("/staff/noor", "/staff/noor/password").status_code == 200, "not asked again"


def test_what_could_do_great_harm_asks_and_reading_does_not(house: House, ines: Visitor) -> None:
    csrf = {**ines.form(ines.get("/me").text, "/logout"), "command_id": str(uuid4())}
    for path in (
        "/me/tokens", "/me/second-factor/begin", "/me/second-factor/confirm",
        "/me/second-factor/codes", "/staff/new", "/staff/ellie/give-role", "/staff/ellie/take-role",
        "/staff/ellie/limit", "/staff/ellie/leave", "/staff/ellie/password",
        "/staff/ellie/second-factor", "/staff/ellie/end-sessions",
        "/organisation/larkmere-uk/draft", "/organisation/larkmere-uk/publish", "/webhooks",
    ):  # fmt: skip
        answer = ines.client.post(path, data=csrf)
        assert answer.status_code == 403, path
        assert "Is it you?" in answer.text, path
    for path in ("/staff", "/me", "/organisation/larkmere-uk"):
        assert ines.client.get(path).status_code == 200


def test_an_export_asks(house: House) -> None:
    number = lodged(house.visitor("ellie"))
    song = grown_old(house, house.visitor().log_in("song"), "song")
    path = f"/complaints/{number}/history/export"
    asked = song.send(path, purpose="检查", format="csv")
    assert asked.status_code == 403
    form = song.form(asked.text, path)
    done = song.client.post(path, data={**form, "prove.answer": PASSWORD})
    assert done.status_code == 200
    assert done.headers["content-type"].startswith("text/csv")


def test_guessing_in_place_is_stopped(
    house: House, ines: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.authentication.tries.TRIES_PER_LOGIN", 2)
    form = ines.form(ines.send("/me", "/me/tokens", label="x").text, "/me/tokens")
    told = [
        ines.client.post("/me/tokens", data={**form, "prove.answer": guess}).text
        for guess in ("one", "two", PASSWORD)
    ]
    assert "Too many tries" in told[2]


def test_who_has_a_second_factor_proves_with_a_code(house: House, phone: Phone) -> None:
    ines = house.visitor().log_in("ines")
    turn_on(ines, phone)
    grown_old(house, ines, "ines")
    asked = ines.send("/me", "/me/tokens", label="for the till")
    form = ines.form(asked.text, "/me/tokens")
    refused = ines.client.post("/me/tokens", data={**form, "prove.answer": PASSWORD})
    assert refused.status_code == 403
    done = ines.client.post("/me/tokens", data={**form, "prove.answer": phone.next()})
    assert done.status_code == 200
    assert "for the till" in done.text


def test_a_page_that_calls_the_api_needs_it_and_a_token_does_not(
    house: House, ines: Visitor
) -> None:
    csrf = {"X-CSRF-Token": ines.form(ines.get("/me").text, "/logout")["csrf"]}
    body = {"name": "agent", "legal_entity": "larkmere-uk"}
    role = {"role": {**body, "team": "first", "level": 1}}
    answer = ines.client.post("/api/v1/staff/ellie/give-role", json=role, headers=csrf)
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/ProofNeeded"
    bearer = {"Authorization": f"Bearer {token(house, 'ines')}"}
    fresh = house.visitor().client
    done = fresh.post("/api/v1/staff/ellie/give-role", json=role, headers=bearer)
    assert done.status_code == 200
