"""Who may come in: passwords, sessions, forms of one's own, limits, headers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from people import PASSWORD
from visiting import House

from desk.authentication import session, token, tries
from desk.guard import static_url


def test_nobody_sees_a_page_without_logging_in(house: House) -> None:
    stranger = house.visitor()
    for path in ("/queue", "/customers", "/notices", "/mail", "/me", "/complaints/new"):
        answer = stranger.client.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login?next=%2F")


def test_one_comes_back_to_where_one_wanted_to_go(house: House) -> None:
    visitor = house.visitor()
    answer = visitor.send(
        "/login?next=%2Fqueue%3Ftab%3Dteam", "/login", login="Ellie", password=PASSWORD
    )
    assert answer.headers["location"] == "/queue?tab=team"
    assert visitor.get("/queue").status_code == 200


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_one_never_comes_back_to_another_site(house: House, path: str) -> None:
    visitor = house.visitor()
    answer = visitor.send("/login", next=path, login="ellie", password=PASSWORD)
    assert answer.headers["location"] == "/"


def test_a_wrong_password_says_so_and_keeps_the_login(house: House) -> None:
    visitor = house.visitor()
    answer = visitor.send("/login", login="ellie", password="wrong")
    assert answer.status_code == 422
    assert "do not belong together" in answer.text
    assert 'value="ellie"' in answer.text
    assert "wrong" not in answer.text.replace("why-wrong", "")


def test_the_cookie_is_kept_from_scripts_and_only_its_hash_is_stored(house: House) -> None:
    visitor = house.visitor()
    answer = visitor.send("/login", login="ellie", password=PASSWORD)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    secret = cookie.split("evercase_session=")[1].split(";")[0]
    with psycopg.connect(house.url) as db:
        rows = db.execute("SELECT token_hash FROM desk.session").fetchall()
    assert rows
    assert all(secret.encode() not in row[0] for row in rows)


def test_logging_out_ends_the_session(house: House) -> None:
    visitor = house.visitor().log_in("ellie")
    cookie = visitor.client.cookies["evercase_session"]
    assert visitor.send("/me", "/logout").status_code == 303
    visitor.client.cookies.set("evercase_session", cookie)
    assert visitor.client.get("/queue").status_code == 303


def test_a_form_of_somebody_else_is_refused(house: House) -> None:
    visitor = house.visitor().log_in("ellie")
    form = visitor.form(visitor.get("/me").text, "/me/tokens")
    other = house.visitor("priya")
    answer = other.client.post("/me/tokens", data={**form, "label": "stolen"})
    assert answer.status_code == 403
    assert other.client.post("/me/tokens", data={"label": "stolen"}).status_code == 403
    stranger = house.visitor()
    assert stranger.client.post("/me/tokens", data=form).status_code == 303


def test_tries_are_limited_per_login_and_per_address(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tries, "TRIES_PER_LOGIN", 3)
    monkeypatch.setattr(tries, "TRIES_PER_ADDRESS", 4)
    now = datetime(2001, 1, 1, tzinfo=UTC)

    def fits(login: str, password: str, address: str, at: datetime = now) -> bool:
        with psycopg.connect(house.url, autocommit=True) as db:
            return session.password_fits(db, tries.Trying(login, address, at, b"tests"), password)

    for n in range(tries.TRIES_PER_LOGIN):
        assert not fits("priya", "wrong", f"192.0.2.{n}")
    with pytest.raises(tries.TooManyTries) as refused:
        fits("priya", PASSWORD, "192.0.2.99")
    assert refused.value.until == now + tries.TRIES_WITHIN
    assert fits("priya", PASSWORD, "192.0.2.99", now + tries.TRIES_WITHIN + timedelta(seconds=1))
    for n in range(tries.TRIES_PER_ADDRESS):
        assert not fits(f"nobody{n}", "wrong", "198.51.100.1")
    with pytest.raises(tries.TooManyTries):
        fits("song", PASSWORD, "198.51.100.1")
    assert fits("song", PASSWORD, "198.51.100.2")


def test_a_session_ends_when_it_is_not_used(house: House) -> None:
    with psycopg.connect(house.url, autocommit=True) as db:
        begun = datetime(2001, 1, 1, tzinfo=UTC)
        cookie = session.start_session(db, "ellie", begun)
        later = begun + session.SESSION_IDLE - timedelta(minutes=1)
        assert session.session_of(db, cookie, later)
        assert session.session_of(db, cookie, later + session.SESSION_IDLE / 2)
        assert not session.session_of(db, cookie, later + 2 * session.SESSION_IDLE)
        at = begun
        while at < begun + session.SESSION_LONGEST:
            at += session.SESSION_IDLE / 2
            kept = session.session_of(db, cookie, at)
        assert not kept


def test_a_session_lasts_as_long_as_the_standard_lets_it() -> None:
    """OWASP ASVS 3.3.2, level 2."""
    assert timedelta(minutes=30) >= session.SESSION_IDLE
    assert timedelta(hours=12) >= session.SESSION_LONGEST


def test_a_new_password_ends_every_session_and_token(house: House) -> None:
    now = datetime.now(UTC)
    with psycopg.connect(house.url, autocommit=True) as db:
        cookie = session.start_session(db, "ines", now)
        made = token.make_token(db, "ines", "tests", session.ALL_SCOPES, days=90, now=now)
        assert token.token_session(db, made, now)
        session.set_password(db, "ines", PASSWORD, house.staff["ines"])
        house.forget("ines")
        assert not session.session_of(db, cookie, now)
        assert not token.token_session(db, made, now)
        with pytest.raises(ValueError, match="12 to 128"):
            session.set_password(db, "ines", "short", house.staff["ines"])


def test_every_answer_carries_the_headers_that_keep_it_safe(house: House) -> None:
    visitor = house.visitor("ellie")
    for path in ("/queue", "/login", "/nothing", "/api/v1/nothing", static_url("desk.css")):
        headers = visitor.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_pages_hold_no_script_or_style_of_their_own(house: House) -> None:
    for path in ("/queue", "/components", "/customers/new", "/me"):
        text = house.visitor("ellie").get(path).text
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick" not in text
        assert text.count("<script") == text.count("<script src=") > 0


def test_files_are_kept_for_ever_under_the_hash_of_what_they_hold(house: House) -> None:
    visitor = house.visitor()
    for name in ("desk.css", "desk.js", "keys.js", "mark.svg"):
        answer = visitor.client.get(static_url(name))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert visitor.client.get("/static/older/desk.css").headers["cache-control"] == "no-cache"
    assert visitor.client.get("/static/older/secrets.py").status_code == 404


def test_a_body_that_is_too_large_is_refused(house: House) -> None:
    visitor = house.visitor("ellie")
    form = visitor.form(visitor.get("/me").text, "/me/tokens")
    answer = visitor.client.post("/me/tokens", data={**form, "label": "x" * 1_000_001})
    assert answer.status_code == 413
    assert "More came than is taken here" in answer.text


def test_the_language_is_the_persons_own(house: House) -> None:
    lin = house.visitor().log_in("lin")
    assert '<html lang="zh-Hans">' in lin.get("/queue").text
    assert lin.send("/queue", "/language", language="en").status_code == 303
    assert '<html lang="en-GB">' in lin.get("/queue").text
    assert '<html lang="en-GB">' in house.visitor().log_in("lin").get("/queue").text
    lin.send("/queue", "/language", language="zh")
    stranger = house.visitor()
    page = stranger.client.get("/login", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert "登录" in page.text


def test_errors_are_pages_in_the_visitors_words(house: House) -> None:
    lin = house.visitor("lin")
    assert "页面不存在" in lin.get("/nothing").text
    answer = lin.client.get("/complaints/C-2020-000001")
    assert answer.status_code == 404
    assert lin.client.get("/queue?tab=nothing").status_code == 422
    assert lin.client.get("/complaints/C-2026-000001%00").status_code == 404
    assert lin.client.get("/queue?owner=%00").status_code == 422
    assert lin.client.get("/complaints/C-2020-000001?at=99999999999999999999").status_code == 404
    assert lin.client.delete("/queue").status_code == 405
