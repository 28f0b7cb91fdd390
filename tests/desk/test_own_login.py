"""What people do about their own login: password, where they are logged in; and who is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from browsing import browser, log_in, served
from people import PASSWORD
from playwright.sync_api import expect
from test_api import token
from visiting import House, Visitor

from desk.authentication.good_password import fault_of, known
from desk.authentication.session import set_password
from desk.authentication.sessions import device_words
from desk.house import StaffLetter

NEW = "four lamps by the river"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def letters(house: House) -> Iterator[list[StaffLetter]]:
    """Those that the desk hands over meanwhile."""
    before, told = house.app.state.house, []
    house.app.state.house = replace(before, post=told.append)
    yield told
    house.app.state.house = before


@pytest.fixture
def ellie(house: House) -> Iterator[Visitor]:
    """Logged in anew; what a test does to her password is undone."""
    yield house.visitor().log_in("ellie")
    with psycopg.connect(house.url, autocommit=True) as db:
        set_password(db, "ellie", PASSWORD, house.staff["ellie"])
    house.forget("ellie")


def lets_in(visitor: Visitor) -> bool:
    return bool(visitor.client.get("/queue").status_code == 200)


def test_one_changes_ones_password_with_the_one_that_holds(
    house: House, ellie: Visitor, letters: list[StaffLetter]
) -> None:
    other = house.visitor().log_in("ellie")
    program = {"Authorization": f"Bearer {token(house, 'ellie')}"}
    wrong = ellie.send("/me/password", now="not it at all", password=NEW, again=NEW)
    assert wrong.status_code == 422
    assert "is another one" in wrong.text
    assert ellie.send("/me/password", now=PASSWORD, password=NEW, again="no").status_code == 422
    assert letters == []
    done = ellie.send("/me/password", now=PASSWORD, password=NEW, again=NEW)
    assert done.headers["location"] == "/me/sessions?done=password"
    assert "logged out everywhere else" in ellie.get(done.headers["location"]).text
    assert not lets_in(other)
    assert house.visitor().client.get("/api/v1/queue", headers=program).status_code == 401
    assert "tokens for programs ended" in letters[-1].body
    assert lets_in(house.visitor().log_in("ellie", NEW))
    assert not lets_in(house.visitor().log_in("ellie", PASSWORD))


def test_who_guesses_at_the_password_of_an_open_session_is_stopped(
    house: House, ellie: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.authentication.tries.TRIES_PER_LOGIN", 2)
    form = ellie.form(ellie.get("/me/password").text, "/me/password")
    guess = {**form, "now": "guessed", "password": NEW, "again": NEW}
    told = [ellie.client.post("/me/password", data=guess).status_code for _ in range(3)]
    assert told == [422, 422, 429]
    with psycopg.connect(house.url, autocommit=True) as db:
        db.execute("DELETE FROM desk.login_failure")


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("1qaz2wsx3edc", "everybody tries first"),
        ("QwertyQwerty", "everybody tries first"),
        ("my Evercase desk", "must not contain"),
        ("brilliant-ellie-1", "must not contain"),
        ("ababababababab", "repeats itself"),
        ("xylophone-xylophone-", "repeats itself"),
        ("7/ lmnopqrst /7", "repeats itself"),
        ("eleven-char", "At least 12"),
        ("x" * 129, "At most 128"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(password: str, words: str) -> None:
    assert words in fault_of(password, "ellie", "en")


@pytest.mark.parametrize(
    "password", [NEW, PASSWORD, "灯" * 3 + "河边有四盏灯亮着啊", "x7#" + "Kq!vB2" * 20]
)
def test_a_long_password_of_any_signs_is_taken(password: str) -> None:
    assert fault_of(password, "ellie", "en") == ""


def test_thousands_of_known_passwords_are_refused() -> None:
    assert len(known()) >= 3000


def test_a_code_takes_no_known_password_either(house: House) -> None:
    answer = house.visitor().send(
        "/password", code="any", password="1qaz2wsx3edc", again="1qaz2wsx3edc"
    )
    assert answer.status_code == 422
    assert "everybody tries first" in answer.text


def test_who_owns_a_password_is_told_when_it_changes(
    house: House, ellie: Visitor, letters: list[StaffLetter]
) -> None:
    ellie.send("/me/password", now=PASSWORD, password=NEW, again=NEW)
    page = house.visitor("ines").send("/staff/ellie", "/staff/ellie/password")
    code = re.findall(r'<code class="token">([^<]+)<', page.text)[0]
    by_code = house.visitor().send("/password", code=code, password=PASSWORD, again=PASSWORD)
    assert by_code.headers["location"] == "/login"
    assert [it.address for it in letters] == ["ellie@larkmere.example"] * 2
    assert {it.subject for it in letters} == {"Evercase: Your password was changed."}
    assert not [it for it in letters if PASSWORD in it.body or NEW in it.body or code in it.body]


def test_one_sees_and_ends_ones_sessions(house: House, ellie: Visitor) -> None:
    other, third = house.visitor(), house.visitor()
    other.client.headers["User-Agent"] = FIREFOX
    other.log_in("ellie")
    third.log_in("ellie")
    page = ellie.get("/me/sessions").text
    assert "Firefox on Linux" in page
    assert page.count("this one") == 1
    line = next(row for row in page.split("<tr>") if "Firefox" in row)
    path = re.findall(r'action="(/me/sessions/[0-9a-f-]{36}/end)"', line)[0]
    assert ellie.send("/me/sessions", path).status_code == 303
    assert [lets_in(it) for it in (ellie, other, third)] == [True, False, True]
    assert ellie.send("/me/sessions", "/me/sessions/end-others").status_code == 303
    assert [lets_in(it) for it in (ellie, third)] == [True, False]
    assert "end-others" not in ellie.get("/me/sessions").text


def test_nobody_ends_the_session_of_another_on_their_own_page(house: House, ellie: Visitor) -> None:
    with psycopg.connect(house.url) as db:
        rows = db.execute("SELECT id FROM desk.session WHERE login = 'ellie'").fetchall()
    priya = house.visitor("priya")
    csrf = priya.form(priya.get("/me/sessions").text, "/logout")
    for (id,) in rows:
        assert priya.client.post(f"/me/sessions/{id}/end", data=csrf).status_code == 303
    assert lets_in(ellie)


def test_an_administrator_logs_somebody_out_everywhere(
    house: House, ellie: Visitor, letters: list[StaffLetter]
) -> None:
    ines = house.visitor("ines")
    answer = ines.send("/staff/ellie", "/staff/ellie/end-sessions")
    assert "logged out everywhere" in answer.text
    assert not lets_in(ellie)
    assert [it.subject for it in letters] == [
        "Evercase: An administrator has ended all your sessions."
    ]
    ellie.log_in("ellie")
    csrf = {"X-CSRF-Token": ines.form(ines.get("/me").text, "/logout")["csrf"]}
    assert ines.client.post("/api/v1/staff/ellie/end-sessions", headers=csrf).status_code == 204
    assert not lets_in(ellie)
    song = house.visitor("song")
    csrf = {"X-CSRF-Token": song.form(song.get("/me").text, "/logout")["csrf"]}
    assert song.client.post("/api/v1/staff/ellie/end-sessions", headers=csrf).status_code == 404


def test_a_device_is_told_roughly() -> None:
    chrome = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36"
    )
    assert device_words(chrome, "en") == "Chrome on Windows"
    assert device_words(chrome + " Edg/141.0", "zh") == "Windows 上的 Edge"
    assert device_words("", "en") == "an unknown device"


def test_a_new_password_says_how_strong_it_is_and_can_be_shown(house: House) -> None:
    with served(house.app) as address, browser(address) as page:
        log_in(page, "priya")
        page.goto("/me/password")
        field, strength = page.locator("#password"), page.locator("#strength")
        for typed, words in (
            ("short", "7 more characters"), ("aaaaaaaaaaaa", "weak"), (NEW, "strong"),
        ):  # fmt: skip
            field.fill(typed)
            expect(strength).to_contain_text(words)
        page.locator("[aria-controls=password]").click()
        expect(field).to_have_attribute("type", "text")
        page.locator("[aria-controls=password]").click()
        expect(field).to_have_attribute("type", "password")
