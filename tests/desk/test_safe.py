"""What somebody who means harm tries at the door, over HTTP: docs/security.md names each line."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from email.message import EmailMessage
from html.parser import HTMLParser
from urllib.parse import urlsplit

import psycopg
import pytest
from every_page import PAGES, Ground
from fastapi.testclient import TestClient
from httpx import Response
from people import PASSWORD, SECRET
from psycopg_pool import ConnectionPool
from states import Cases
from structlog.testing import capture_logs
from test_api import token
from test_story import lodged
from visiting import Forms, House, Visitor

from desk import guard
from desk.app import ROOMS, create_app
from desk.authentication import session, tries
from desk.guard import static_url

SCRIPT = "<script>alert(1)</script>"
WOULD_RUN = ("<script>alert", "<img src=x", "<b onclick")


@pytest.fixture(scope="module")
def secure(house: House) -> Iterator[TestClient]:
    """The same house served over https."""
    with ConnectionPool(house.url, min_size=1, open=True, kwargs={"autocommit": True}) as pool:
        app = create_app(
            ledger=house.ledger, pool=pool, home=house.home, secret=SECRET, secure=True
        )
        yield TestClient(
            app,
            base_url="https://desk.example",
            follow_redirects=False,
            raise_server_exceptions=False,
        )


def cookie_of(visitor: Visitor) -> str:
    return visitor.client.cookies["evercase_session"]


def fields(text: str, action: str) -> dict[str, str]:
    forms = Forms()
    forms.feed(text)
    return forms.found[action]


# --- sessions -----------------------------------------------------------------------------------


def test_over_https_cookies_belong_to_this_host_alone(secure: TestClient) -> None:
    page = secure.get("/login")
    before = page.headers["set-cookie"]
    form = fields(page.text, "/login") | {"login": "ellie", "password": PASSWORD}
    answer = secure.post("/login", data=form)
    assert answer.status_code == 303
    for cookie in (before, *answer.headers.get_list("set-cookie")):
        assert cookie.startswith("__Host-evercase_")
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
    assert "HttpOnly" in before
    assert "HttpOnly" in answer.headers.get_list("set-cookie")[0]
    assert "SameSite=lax" in answer.headers.get_list("set-cookie")[0]
    queue = secure.get("/queue")
    assert queue.status_code == 200
    assert queue.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    gone = secure.post("/logout", data=fields(queue.text, "/logout"))
    assert "Max-Age=0" in gone.headers["set-cookie"]
    assert "Secure" in gone.headers["set-cookie"]


def test_a_login_makes_a_new_session_and_ends_the_one_before(house: House) -> None:
    visitor = house.visitor().log_in("ellie")
    first = cookie_of(visitor)
    form = visitor.form(visitor.get("/me").text, "/logout")
    again = {"csrf": form["csrf"], "login": "ellie", "password": PASSWORD}
    assert visitor.client.post("/login", data=again).status_code == 303
    assert cookie_of(visitor) != first
    visitor.client.cookies.set("evercase_session", first)
    assert visitor.client.get("/queue").status_code == 303


def test_a_session_that_was_made_up_is_nobodys(house: House) -> None:
    stranger = house.visitor()
    for made_up in ("x", "a" * 43, "' OR 1=1 --", "0" * 5000):
        stranger.client.cookies.set("evercase_session", made_up)
        assert stranger.client.get("/queue").status_code == 303
    fixed = house.visitor().client
    form = fields(fixed.get("/login").text, "/login") | {"login": "ellie", "password": PASSWORD}
    fixed.cookies.set("evercase_session", "a" * 43)
    answer = fixed.post("/login", data=form)
    assert answer.status_code == 303
    assert "a" * 43 not in answer.headers["set-cookie"]


def test_no_address_holds_a_session(house: House) -> None:
    visitor = house.visitor().log_in("ellie")
    cookie = cookie_of(visitor)
    assert cookie not in visitor.get("/me").text
    assert house.visitor().client.get(f"/queue?evercase_session={cookie}").status_code == 303


# --- passwords ----------------------------------------------------------------------------------


def tried(visitor: Visitor, login: str, password: str = "wrong password") -> Response:
    return visitor.send("/login", login=login, password=password)


def test_a_login_that_is_unknown_is_answered_like_one_that_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    verify = session._verify

    def watched(stored: str, password: str) -> bool:
        checked.append(stored.rsplit("$", 2)[0])
        return verify(stored, password)

    monkeypatch.setattr(session, "_verify", watched)
    monkeypatch.setattr(tries, "TRIES_PER_LOGIN", 2)
    monkeypatch.setattr(tries, "TRIES_PER_ADDRESS", 1000)
    told: dict[str, list[tuple[int, str]]] = {}
    for login in ("dayo", "nobody-of-that-name"):
        visitor = house.visitor()
        answers = [tried(visitor, login) for _ in range(3)]
        told[login] = [
            (
                answer.status_code,
                re.sub(rf"[0-9a-f]{{64}}|\d+ min|{login}", "", answer.text),
            )
            for answer in answers
        ]
        assert [status for status, _ in told[login]] == [422, 422, 429]
    assert told["dayo"] == told["nobody-of-that-name"]
    assert len(checked) == 4
    assert len(set(checked)) == 1, "argon2 with the same cost for both"


def test_tries_count_over_pages(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also for the right password, and from a browser that begins anew each time."""
    monkeypatch.setattr(tries, "TRIES_PER_LOGIN", 2)
    monkeypatch.setattr(tries, "TRIES_PER_ADDRESS", 1000)
    assert [tried(house.visitor(), "guessed").status_code for _ in range(3)] == [422, 422, 429]
    monkeypatch.setattr(tries, "TRIES_PER_LOGIN", 1000)
    monkeypatch.setattr(tries, "TRIES_PER_ADDRESS", 1)
    assert tried(house.visitor(), "ellie", PASSWORD).status_code == 429


def test_who_has_a_network_of_addresses_has_no_more_tries(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tries, "TRIES_PER_LOGIN", 1000)
    monkeypatch.setattr(tries, "TRIES_PER_ADDRESS", 2)

    def status(address: str) -> int:
        visitor = house.visitor()
        client = TestClient(house.app, client=(address, 1), follow_redirects=False)
        client.cookies = visitor.client.cookies
        form = fields(client.get("/login").text, "/login")
        typed = {**form, "login": "ellie", "password": "wrong password"}
        return client.post("/login", data=typed).status_code

    assert [status(f"2001:db8:1:2::{n}") for n in (1, 2, 3)] == [422, 422, 429]
    assert status("2001:db8:1:3::1") == 422
    assert [status(it) for it in ("203.0.113.9", "203.0.113.9", "::ffff:203.0.113.9")] == [
        422, 422, 429,
    ]  # fmt: skip


@pytest.mark.parametrize("password", ["eleven-char", "x" * 129])
def test_a_password_has_12_to_128_signs(house: House, password: str) -> None:
    answer = house.visitor().send("/password", code="any", password=password, again=password)
    assert answer.status_code == 422
    assert "At least 12" in answer.text
    assert password not in answer.text


def test_no_end_of_a_password_is_cut_off(house: House) -> None:
    """Any sign of any script counts, and what is longer than any password is none."""
    long = ("密" * 64 + "é \U0001f511" * 16).ljust(128, "!")
    with psycopg.connect(house.url, autocommit=True) as db:
        session.set_password(db, "dayo", long, house.staff["dayo"])
    for wrong in (long + "?", long[:-1], long.lower() + " "):
        assert tried(house.visitor(), "dayo", wrong).status_code == 422
    assert tried(house.visitor(), "dayo", long).status_code == 303


# --- where forms come from and lead to ----------------------------------------------------------


def test_every_form_that_is_posted_proves_itself(house: House) -> None:
    """What takes a form refuses it without the proof, and with another visitor's."""
    ellie = house.visitor("ellie")
    foreign = house.visitor("priya").form(house.visitor("priya").get("/me").text, "/logout")
    done = []
    for path in posts():
        for csrf in ("", foreign["csrf"]):
            address = re.sub(r"\{id\}|\{token\}", "00000000-0000-0000-0000-000000000000", path)
            answer = ellie.client.post(re.sub(r"\{\w+\}", "x", address), data={"csrf": csrf})
            if answer.status_code != 403:
                done.append((path, csrf != "", answer.status_code))
    assert done == []
    assert ellie.client.get("/queue").status_code == 200


def posts() -> Iterator[str]:
    """Every address that takes a form."""
    for room in ROOMS:
        for route in room.router.routes:
            path = getattr(route, "path", "")
            if "POST" in (getattr(route, "methods", None) or ()) and not path.startswith("/api/"):
                yield path


@pytest.mark.parametrize(
    "next",
    [
        "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example",
        "https://evil.example", "javascript:alert(1)", "/\t/evil.example", "\t//evil.example",
        " //evil.example", "evil.example", "/\r\nSet-Cookie: a=b", "//evil.example/%2e%2e", "",
    ],
)  # fmt: skip
def test_no_address_leads_away(house: House, next: str) -> None:
    visitor = house.visitor()
    asked = visitor.client.get("/login", params={"next": next})
    assert visitor.form(asked.text, "/login")["next"] == "/"
    form = visitor.form(asked.text, "/login") | {"login": "ellie", "password": PASSWORD}
    assert leads_inside(visitor.client.post("/login", data={**form, "next": next}))
    assert leads_inside(visitor.client.get("/login", params={"next": next}))
    form = visitor.form(visitor.get("/me").text, "/language")
    answer = visitor.client.post("/language", data={**form, "language": "en", "next": next})
    assert leads_inside(answer)


def leads_inside(answer: Response) -> bool:
    return answer.status_code in (303, 422) and answer.headers.get("location", "/") == "/"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "a/api/v1/events?", "[::", ""])
def test_the_host_that_is_asked_for_changes_nothing(house: House, host: str) -> None:
    ellie = house.visitor("ellie")
    for path in ("/queue", "/queue/", "//evil.example/", "/nothing", "/login"):
        answer = ellie.client.get(path, headers={"Host": host, "X-Forwarded-Host": "evil.example"})
        assert "evil.example" not in answer.headers.get("location", "")
        assert f"//{host or 'evil'}" not in answer.text.replace("//evil.example/", "")
    headers = {"Authorization": f"Bearer {token(house, 'ellie', ('events',))}", "Host": host}
    program = TestClient(house.app, headers=headers)
    assert program.get("/api/v1/complaints").status_code == 403


def test_a_method_is_what_it_says(house: House) -> None:
    ellie = house.visitor("ellie")
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert ellie.client.get("/logout", headers={name: "POST"}).status_code == 405
    assert ellie.client.get("/logout?_method=POST").status_code == 405
    for method in ("TRACE", "PUT", "DELETE", "CONNECT", "BREW"):
        assert ellie.client.request(method, "/queue").status_code == 405
    assert ellie.client.get("/queue").status_code == 200


def test_no_other_site_may_read_along(house: House) -> None:
    ellie = house.visitor("ellie")
    for path in ("/queue", "/api/v1/complaints"):
        asks = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        for method in ("GET", "OPTIONS"):
            headers = ellie.client.request(method, path, headers=asks).headers
            assert not [name for name in headers if name.startswith("access-control")]


# --- headers and pages --------------------------------------------------------------------------


def test_every_answer_carries_every_header(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ellie = house.visitor("ellie")

    def broken(*_: object) -> None:
        raise RuntimeError("told to nobody")

    answers = [
        ellie.client.get("/queue"),
        ellie.client.get("/nothing"),
        house.visitor().client.get("/queue"),
        ellie.client.post("/queue"),
        ellie.client.post("/me/tokens", data={"label": "x" * 1_000_001}),
        ellie.client.get("/api/v1/openapi.json"),
        ellie.client.get("/api/v1/nothing"),
        ellie.client.get(static_url("desk.css")),
        ellie.client.get("/static/none/none.css"),
    ]
    monkeypatch.setattr("desk.limits.look", broken)
    priya = house.visitor("priya").client
    months = {"since": "2026-01-01", "until": "2026-02-01"}
    broke = [priya.get("/limits"), priya.get("/api/v1/limits", params=months)]
    assert [answer.status_code for answer in broke] == [500, 500]
    assert "api.json" in answers[5].headers["content-disposition"]
    assert "api.json" in broke[1].headers["content-disposition"]
    for answer in (*answers, *broke):
        for name, value in guard.HEADERS.items():
            kept = name == "Cache-Control" and "/static/" in str(answer.url)
            assert kept or answer.headers.get(name) == value, (answer.url, name)
        assert "told to nobody" not in answer.text
        assert "server" not in answer.headers
        assert "x-powered-by" not in answer.headers


def test_the_policy_lets_nothing_run_that_is_not_a_file_of_ours() -> None:
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in guard.HEADERS["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert {source for name, source in policy.items()} == {"'self'", "'none'"}


class Inline(HTMLParser):
    """What a page would run or load that is no file of ours."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.found += [
            f"{tag} {name}" for name in given if name.startswith("on") or name == "style"
        ]
        if tag in ("style", "base", "object", "embed", "iframe"):
            self.found.append(tag)
        if tag in ("script", "img") and not given.get("src", "").startswith("/"):
            self.found.append(f"{tag} without a file of ours")
        for name in ("href", "action", "formaction", "src"):
            if urlsplit(given.get(name, "")).scheme not in ("", "http", "https", "mailto", "tel"):
                self.found.append(f"{tag} {given[name]}")


@pytest.fixture(scope="module")
def ground(house: House) -> Ground:
    return Ground(house, Cases(house))


@pytest.mark.parametrize("route", PAGES)
def test_no_page_has_a_script_or_style_of_its_own(house: House, ground: Ground, route: str) -> None:
    for login, path in PAGES[route](ground):
        page = house.visitor(login).get(path)
        assert Inline(page.text).found == [], path


# --- what people write --------------------------------------------------------------------------


def test_what_people_write_is_shown_and_never_run(house: House) -> None:
    ellie = house.visitor("ellie")
    evil = f"{SCRIPT}\"><img src=x onerror=alert(2)> ' {{{{7*7}}}} javascript:alert(3)"
    number = lodged(ellie, what_happened=evil, wish=evil)
    found = re.search(r"/customers/(K-\d{4}-\d{6})", ellie.get(f"/complaints/{number}").text)
    assert found
    assert ellie.act(number, "note", text=evil).status_code == 303
    for path in (
        f"/complaints/{number}", f"/complaints/{number}?tab=notes", f"/complaints/{number}/history",
        f"/customers/{found[1]}", "/queue?tab=all", f"/complaints/{number}/reply",
        f"/search?q={number}", "/customers",
    ):  # fmt: skip
        page = ellie.get(path)
        assert page.status_code == 200, path
        assert not [code for code in WOULD_RUN if code in page.text], path
        assert Inline(page.text).found == [], path
    shown = ellie.get(f"/complaints/{number}").text
    assert "&lt;script&gt;alert(1)" in shown
    assert "{{7*7}}" in shown
    refused = ellie.send("/search", q=evil)
    assert not [code for code in WOULD_RUN if code in refused.text]
    again = tried(house.visitor(), f'"><b onclick=alert(1)>{SCRIPT}')
    assert Inline(again.text).found == []
    assert "<b onclick" not in again.text


def test_a_mail_is_shown_as_words(house: House) -> None:
    """Its HTML is not looked at, and its headers are words too."""
    mail = EmailMessage()
    mail["To"] = "ellie@larkmere.example"
    mail["From"] = f'"{SCRIPT}" <mei@example.org>'
    mail["Subject"] = f"{SCRIPT}<img src=x onerror=alert(1)>"
    mail.set_content(f'{SCRIPT} https://example.org/a"onmouseover="alert(1)')
    mail.add_alternative(f"<p>hidden</p>{SCRIPT}", subtype="html")
    name = "5afe" * 8
    (house.home / "mail").mkdir(exist_ok=True)
    (house.home / "mail" / f"{name}.eml").write_bytes(bytes(mail))
    for path in ("/mail", f"/mail/{name}"):
        page = house.visitor("ellie").get(path)
        assert page.status_code == 200
        assert Inline(page.text).found == []
        assert not [code for code in WOULD_RUN if code in page.text]
    assert "<p>hidden" not in page.text
    assert house.visitor("priya").get(f"/mail/{name}").status_code == 404


# --- ways through the file system ---------------------------------------------------------------


@pytest.mark.parametrize(
    "climb", ["..", "%2e%2e", "..%2f..", "..%5c..", "....//", "%252e%252e", "%00"]
)
def test_no_path_climbs_out(house: House, address: str, climb: str) -> None:
    """As it is spelled: a browser would mend some of these before sending."""
    (house.home / "secret.eml").write_text("To: ellie@larkmere.example\n\nclimbed")
    ellie = house.visitor("ellie")
    number = re.findall(r"C-\d{4}-\d{6}", ellie.get("/queue?tab=all").text)[0]
    headers = {"Cookie": f"evercase_session={cookie_of(ellie)}"}
    for path in (
        f"/static/{climb}/guard.py", f"/static/x/{climb}", f"/static/x/{climb}/guard.py",
        f"/mail/{climb}", f"/mail/{climb}/secret", f"/complaints/{number}/files/{climb}",
        f"/complaints/{number}/files/{climb}/secret.eml", f"/documents/{climb}/passwd",
        f"/webhooks/{climb}",
    ):  # fmt: skip
        connection = http.client.HTTPConnection(urlsplit(address).netloc)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        assert answer.status in (400, 404, 405, 422), path
        assert b"climbed" not in (text := answer.read())
        assert b"LARGEST_BODY" not in text
        connection.close()


# --- too much, too deep, too slow ---------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000, '{"a":' * 50_000, "[" * 500 + "]" * 500, '{"purpose": ' + "9" * 6_000 + "}",
        '{"purpose": NaN}', '{"purpose": 1e999}', '{"purpose": "\\ud800"}', '{"a": 1, "a": 2}',
        "\x00", '"', "", "null", "<?xml version='1.0'?><!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
    ],
)  # fmt: skip
def test_json_that_means_harm_is_refused_in_words(house: House, body: str) -> None:
    bearer = f"Bearer {token(house, 'ellie')}"
    headers = {"Authorization": bearer, "Content-Type": "application/json"}
    program = TestClient(house.app, headers=headers, raise_server_exceptions=False)
    answer = program.post("/api/v1/customers", content=body.encode())
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "many", ['"mentions": [1' + ",1" * 400_000 + "]", ",".join(f'"a{n}": 1' for n in range(60_000))]
)
def test_for_what_is_wrong_a_hundred_thousand_times_one_word_is_said(
    house: House, many: str
) -> None:
    number = lodged(house.visitor("ellie"))
    bearer = f"Bearer {token(house, 'ellie')}"
    headers = {"Authorization": bearer, "Content-Type": "application/json"}
    program = TestClient(house.app, headers=headers)
    answer = program.post(f"/api/v1/complaints/{number}/note", content=f'{{"text": "x", {many}}}')
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 1


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "text/json; charset=x", ""])
def test_a_command_is_json_and_says_so(house: House, kind: str) -> None:
    headers = {"Authorization": f"Bearer {token(house, 'ellie')}", "Content-Type": kind}
    program = TestClient(house.app, headers=headers, raise_server_exceptions=False)
    body = {"name": "Nobody", "legal_entity": "larkmere-uk", "language": "en"}
    answer = program.post("/api/v1/customers", content=json.dumps(body).encode())
    assert answer.status_code == 415
    assert answer.headers["content-type"] == "application/problem+json"


def test_too_much_is_refused_however_it_is_sent(house: House, address: str) -> None:
    """Declared or not: in chunks, nobody says before how much it will be."""
    ellie = house.visitor("ellie")
    cookies = {"Cookie": f"evercase_session={cookie_of(ellie)}"}
    place = urlsplit(address).netloc
    chunks = (b"x" * 65_536 for _ in range(20))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    connection = http.client.HTTPConnection(place)
    connection.request("POST", "/me/tokens", chunks, {**kind, **cookies}, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()
    many = "&".join(f"a{n}=1" for n in range(1000))
    assert ellie.client.post("/me/tokens", content=many, headers=kind).status_code in (400, 413)


def test_a_body_that_does_not_come_is_not_waited_for(
    house: House, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "LONGEST_WAIT_SECONDS", 0.2)
    cookie = cookie_of(house.visitor("ellie"))
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.putrequest("POST", "/me/tokens")
    connection.putheader("Cookie", f"evercase_session={cookie}")
    connection.putheader("Content-Type", "application/x-www-form-urlencoded")
    connection.putheader("Content-Length", "100")
    connection.endheaders(b"label=")
    answer = connection.getresponse()
    assert answer.status == 408
    assert "That took too long" in answer.read().decode()
    connection.close()


# --- logs ---------------------------------------------------------------------------------------


def test_logs_say_who_was_let_in_or_refused_and_hold_no_secret(house: House) -> None:
    with capture_logs() as lines:
        visitor = house.visitor()
        tried(visitor, "ellie", "guess-that-is-wrong")
        tried(visitor, "unknown-login", "guess-that-is-wrong")
        visitor.log_in("ellie")
        visitor.client.get("/limits")
        visitor.client.get("/customers/K-2026-999999?q=Mei")
        visitor.send("/me/password", now="?", password="short", again="short")
        visitor.client.delete("/queue")
    told = [line["event"] for line in lines]
    assert told.count("login.failed") == 2
    assert "login.done" in told
    refused = [line for line in lines if line["event"] == "desk.refused"]
    assert {(line["status"], line["route"]) for line in refused} >= {
        (403, "/limits"), (404, "/customers/{ref}"), (422, "/me/password"),
    }  # fmt: skip
    assert 405 in {line["status"] for line in refused}
    assert {line["staff"] for line in refused} == {house.staff["ellie"], None}
    assert {line["route"] for line in refused if line["staff"] is None} <= {"/login", None}
    text = repr(lines)
    for secret in (PASSWORD, "guess-that", "unknown-login", cookie_of(visitor), "Mei", "999999"):
        assert secret not in text
