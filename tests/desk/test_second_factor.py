"""A second factor: turned on, asked for at the door and in place, lost, required; never twice."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from httpx import Response
from people import ENTITY, PASSWORD
from visiting import House, Visitor

from desk.authentication.second_factor import DIGITS, STEP_SECONDS, code_at, step_of
from desk.authentication.session import ALL_SCOPES
from desk.authentication.token import make_token
from desk.house import StaffLetter
from domain.event import Actor
from domain.organisation import STREAM, DescribeLegalEntity, SignIn, organisation
from domain.staff import staff
from domain.staff_facts import SecondFactorTurnedOff, SecondFactorTurnedOn

PAGE = "/me/second-factor"


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B, for SHA-1: the last six of its eight digits."""
    secret = b"12345678901234567890"
    told = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    for seconds, code in told.items():
        assert code_at(secret, step_of(datetime.fromtimestamp(seconds, UTC))) == code


@dataclass
class Phone:
    """An authenticator, and the clock that the desk and it share."""

    house: House
    now: datetime = datetime(2026, 6, 1, 9, tzinfo=UTC)
    secret: bytes = b""
    letters: list[StaffLetter] = field(default_factory=list)

    def code(self, steps: int = 0) -> str:
        return code_at(self.secret, step_of(self.now) + steps)

    def next(self) -> str:
        """A code that was not shown before."""
        self.now += timedelta(seconds=2 * STEP_SECONDS)
        return self.code()


@pytest.fixture
def phone(house: House) -> Iterator[Phone]:
    """The desk by a clock that tests move; what they turn on is off afterwards."""
    before = house.app.state.house
    held = Phone(house, now=datetime.now(UTC))
    house.app.state.house = replace(before, now=lambda: held.now, post=held.letters.append)
    yield held
    house.app.state.house = before
    with psycopg.connect(house.url, autocommit=True) as db:
        db.execute("DELETE FROM desk.second_factor")
        db.execute("DELETE FROM desk.login_failure")
    house.forget("ines")


@pytest.fixture
def ines(house: House) -> Visitor:
    return house.visitor().log_in("ines")


def turn_on(visitor: Visitor, phone: Phone) -> list[str]:
    """The recovery codes."""
    begun = visitor.send(PAGE, f"{PAGE}/begin")
    spelled = re.findall(r'<code class="token">([A-Z2-7]{32})</code>', begun.text)[0]
    phone.secret = base64.b32decode(spelled)
    form = visitor.form(begun.text, f"{PAGE}/confirm")
    done = visitor.client.post(f"{PAGE}/confirm", data={**form, "code": phone.next()})
    return re.findall(r"<code>([A-Z2-7]{6}(?:-[A-Z2-7]{6}){3})</code>", done.text)


def bearer(house: House, phone: Phone, login: str) -> dict[str, str]:
    """What a program sends with a token of theirs."""
    with psycopg.connect(house.url, autocommit=True) as db:
        made = make_token(db, login, "tests", ALL_SCOPES, days=7, now=phone.now)
    return {"Authorization": f"Bearer {made}"}


def half_way(visitor: Visitor, login: str = "ines", password: str = PASSWORD) -> dict[str, str]:
    """The form that asks for the code."""
    answer = visitor.send("/login", login=login, password=password)
    assert "/login/code" in answer.text
    assert "evercase_session" not in answer.headers.get("set-cookie", "")
    return visitor.form(answer.text, "/login/code")


def type_code(visitor: Visitor, form: dict[str, str], code: str) -> Response:
    return visitor.client.post("/login/code", data={**form, "code": code})


def test_it_is_turned_on_by_a_first_code(house: House, ines: Visitor, phone: Phone) -> None:
    begun = ines.send(PAGE, f"{PAGE}/begin")
    assert "<svg" in begun.text
    assert " style=" not in begun.text
    form = ines.form(begun.text, f"{PAGE}/confirm")
    wrong = ines.client.post(f"{PAGE}/confirm", data={**form, "code": "000000"})
    assert wrong.status_code == 422
    assert "Wait for the next one" in wrong.text
    other = house.visitor().log_in("ines")
    codes = turn_on(ines, phone)
    assert len(set(codes)) == 10
    assert other.client.get("/staff").status_code == 303, "other sessions end"
    page = ines.get(PAGE).text
    assert "10 recovery codes are left" in page
    assert codes[0] not in page
    assert [it.subject for it in phone.letters] == ["Evercase: Your second factor was turned on."]


def test_the_code_is_asked_for_after_the_password(
    house: House, ines: Visitor, phone: Phone
) -> None:
    turn_on(ines, phone)
    visitor = house.visitor()
    form = half_way(visitor)
    assert visitor.client.get("/staff").status_code == 303
    assert type_code(visitor, form, "000000").status_code == 422
    assert type_code(visitor, form, phone.next()).status_code == 303
    assert visitor.client.get("/staff").status_code == 200


@pytest.mark.parametrize("typed", ["INES ", "\tInes"])
def test_no_spelling_of_a_login_goes_without_the_code(
    house: House, ines: Visitor, phone: Phone, typed: str
) -> None:
    turn_on(ines, phone)
    assert half_way(house.visitor(), login=typed)


def test_signs_behind_the_longest_login_do_not_go_without_the_code(
    house: House, phone: Phone
) -> None:
    longest = "i" * 64
    with psycopg.connect(house.url, autocommit=True) as db:
        db.execute(
            "INSERT INTO desk.credential (login, staff, password_hash, language)"
            " SELECT %s, 'staff-of-long-name', password_hash, language FROM desk.credential"
            " WHERE login = 'ines'",
            (longest,),
        )
        db.execute(
            "INSERT INTO desk.second_factor (login, secret, begun_at, confirmed_at)"
            " VALUES (%s, '', %s, %s)",
            (longest, phone.now, phone.now),
        )
        try:
            assert half_way(house.visitor(), login=longest + "x")
        finally:
            db.execute("DELETE FROM desk.second_factor")
            db.execute("DELETE FROM desk.credential WHERE login = %s", (longest,))


def test_no_code_is_taken_twice(house: House, ines: Visitor, phone: Phone) -> None:
    turn_on(ines, phone)
    first, second = house.visitor(), house.visitor()
    forms = half_way(first), half_way(second)
    code = phone.next()
    assert type_code(first, forms[0], code).status_code == 303
    assert type_code(second, forms[1], code).status_code == 422
    assert phone.letters[-1].subject.endswith("was typed a second time.")
    assert type_code(second, forms[1], phone.code(-1)).status_code == 422, "nor an earlier one"
    assert type_code(second, forms[1], phone.next()).status_code == 303


def test_a_code_of_long_ago_is_none(house: House, ines: Visitor, phone: Phone) -> None:
    turn_on(ines, phone)
    visitor = house.visitor()
    form = half_way(visitor)
    phone.next()
    phone.now += timedelta(minutes=2)
    for steps in (-3, -2, 2, 3):
        assert type_code(visitor, form, phone.code(steps)).status_code == 422
    assert type_code(visitor, form, phone.code(1)).status_code == 303


def test_a_recovery_code_is_good_once(house: House, ines: Visitor, phone: Phone) -> None:
    codes = turn_on(ines, phone)
    visitor, other = house.visitor(), house.visitor()
    assert type_code(visitor, half_way(visitor), codes[3].lower()).status_code == 303
    form = half_way(other)
    assert type_code(other, form, codes[3]).status_code == 422
    assert type_code(other, form, codes[4].replace("-", " ")).status_code == 303
    assert "8 recovery codes are left" in visitor.get(PAGE).text
    renewed = visitor.send(PAGE, f"{PAGE}/codes")
    assert codes[5] not in renewed.text
    third = house.visitor()
    assert type_code(third, half_way(third), codes[5]).status_code == 422


def test_neither_secret_nor_codes_are_stored_as_they_are(
    house: House, ines: Visitor, phone: Phone
) -> None:
    codes = turn_on(ines, phone)
    with psycopg.connect(house.url) as db:
        row = db.execute("SELECT secret FROM desk.second_factor").fetchone()
        hashes = db.execute("SELECT code_hash FROM desk.recovery_code").fetchall()
    assert row
    assert phone.secret not in row[0]
    assert len(hashes) == len(codes)
    assert not [h for h in hashes if codes[0].encode() in h[0]]


def test_guessing_codes_is_stopped_though_the_password_is_known(
    house: House, ines: Visitor, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Typing the right password again between two guesses forgets none of them."""
    turn_on(ines, phone)
    monkeypatch.setattr("desk.authentication.tries.TRIES_PER_LOGIN", 3)
    visitor = house.visitor()
    for _ in range(3):
        assert type_code(visitor, half_way(visitor), "0" * DIGITS).status_code == 422
    assert visitor.send("/login", login="ines", password=PASSWORD).status_code == 429
    assert visitor.client.get("/staff").status_code == 303


def test_what_stands_between_password_and_code_is_this_browsers_and_short_lived(
    house: House, ines: Visitor, phone: Phone
) -> None:
    turn_on(ines, phone)
    visitor, thief = house.visitor(), house.visitor()
    form = half_way(visitor)
    own = thief.form(thief.get("/login").text, "/login")
    stolen = {**form, "csrf": own["csrf"]}
    assert "took too long" in type_code(thief, stolen, phone.next()).text
    until, proof, _ = form["ticket"].split(".", 2)
    forged = {**form, "ticket": f"{until}.{proof}.song"}
    assert "took too long" in type_code(visitor, forged, phone.next()).text
    phone.now += timedelta(minutes=6)
    assert "took too long" in type_code(visitor, form, phone.next()).text


def test_logging_in_again_in_place_asks_for_the_code_too(
    house: House, ines: Visitor, phone: Phone
) -> None:
    turn_on(ines, phone)
    form = ines.form(ines.get("/me").text, "/me/tokens")
    with psycopg.connect(house.url, autocommit=True) as db:
        db.execute("DELETE FROM desk.session WHERE login = 'ines'")
    asked = ines.client.post("/me/tokens", data={**form, "label": "for the till"})
    assert asked.status_code == 401
    again = ines.form(asked.text, "/me/tokens")
    password = {"again.login": "ines", "again.password": PASSWORD}
    half = ines.client.post("/me/tokens", data={**again, **password})
    assert half.status_code == 401
    assert "again.code" in half.text
    assert "set-cookie" not in half.headers or "session" not in half.headers["set-cookie"]
    again = ines.form(half.text, "/me/tokens")
    wrong = ines.client.post("/me/tokens", data={**again, "again.code": "000000"})
    assert wrong.status_code == 401
    again = ines.form(wrong.text, "/me/tokens")
    done = ines.client.post("/me/tokens", data={**again, "again.code": phone.next()})
    assert done.status_code == 200
    assert "for the till" in done.text
    assert ines.client.get("/staff").status_code == 200


def test_it_is_turned_off_with_the_password_and_a_code(
    house: House, ines: Visitor, phone: Phone
) -> None:
    turn_on(ines, phone)
    program = bearer(house, phone, "ines")
    form = ines.form(ines.get(PAGE).text, f"{PAGE}/off")
    for password, code in (("wrong password", phone.next()), (PASSWORD, "000000")):
        answer = ines.client.post(f"{PAGE}/off", data={**form, "password": password, "code": code})
        assert answer.status_code == 422
    typed = {"password": PASSWORD, "code": phone.next()}
    assert ines.client.post(f"{PAGE}/off", data={**form, **typed}).status_code == 303
    assert house.visitor().log_in("ines").client.get("/staff").status_code == 200
    assert house.visitor().client.get("/api/v1/staff", headers=program).status_code == 401
    assert phone.letters[-1].subject == "Evercase: Your second factor was turned off."
    assert "tokens for programs ended" in phone.letters[-1].body


def test_an_administrator_resets_one_that_was_lost_with_a_reason(
    house: House, ines: Visitor, phone: Phone
) -> None:
    ellie = house.visitor().log_in("ellie")
    turn_on(ellie, phone)
    program = bearer(house, phone, "ellie")
    path = "/staff/ellie/second-factor"
    refused = ines.send("/staff/ellie", path, why=" ")
    assert refused.status_code == 422
    assert ines.send("/staff/ellie", path, why="Phone drowned; I rang her").status_code == 303
    assert ellie.client.get("/queue").status_code == 303, "logged out everywhere"
    assert house.visitor().client.get("/api/v1/queue", headers=program).status_code == 401
    assert house.visitor().log_in("ellie").client.get("/queue").status_code == 200
    assert phone.letters[-1].address == "ellie@larkmere.example"
    last = house.ledger.history(house.staff["ellie"])[-1]
    assert isinstance(last.event, SecondFactorTurnedOff)
    assert last.context.reason is not None
    assert house.ledger.open(last.context.reason) == "Phone drowned; I rang her"
    own = {**ines.form(ines.get("/staff/ellie").text, "/logout"), "command_id": str(uuid4())}
    answer = ines.client.post("/staff/ines/second-factor", data={**own, "why": "Mine"})
    assert answer.status_code == 403


@pytest.fixture
def required(house: House) -> Iterator[None]:
    """A company whose administrators need a second factor."""
    describe(house, SignIn(second_factor=("admin",)))
    yield
    describe(house, SignIn())


def describe(house: House, sign_in: SignIn) -> None:
    """The company, with who has to log in how."""
    command = DescribeLegalEntity(
        command_id=uuid4(), at=datetime.now(UTC), actor=Actor(kind="import", id="setup"),
        entity=ENTITY.model_copy(update={"sign_in": sign_in}),
    )  # fmt: skip
    house.ledger.handle(organisation, STREAM, command)


@pytest.mark.usefixtures("required")
def test_a_role_that_needs_one_does_nothing_without(
    house: House, ines: Visitor, phone: Phone
) -> None:
    for path in ("/staff", "/me", "/organisation", "/queue"):
        answer = ines.client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert ines.client.get("/api/v1/staff").json()["type"] == "/problems/FactorNeeded"
    csrf = ines.form(ines.get(PAGE).text, "/logout")
    assert ines.client.post("/staff/ellie/end-sessions", data=csrf).status_code == 303
    assert house.visitor().log_in("ellie").client.get("/queue").status_code == 200
    assert "Needed for what you do here" in ines.get(PAGE).text
    turn_on(ines, phone)
    assert ines.client.get("/staff").status_code == 200
    assert ines.client.get("/api/v1/staff").status_code == 200


@pytest.mark.usefixtures("required")
def test_nor_does_a_token_of_before(house: House, ines: Visitor, phone: Phone) -> None:
    headers, program = bearer(house, phone, "ines"), house.visitor().client
    for method, path in (
        ("GET", "/api/v1/staff"), ("GET", "/api/v1/events"),
        ("POST", "/api/v1/staff/ellie/end-sessions"),
    ):  # fmt: skip
        refused = program.request(method, path, headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/FactorNeeded")
    turn_on(ines, phone)
    assert program.get("/api/v1/staff", headers=headers).status_code == 200


def facts(house: House, login: str) -> list[type]:
    kinds = (SecondFactorTurnedOn, SecondFactorTurnedOff)
    told = (type(it.event) for it in house.ledger.history(house.staff[login]))
    return [it for it in told if it in kinds]


def test_the_fact_follows_though_a_crash_came_before_it(
    house: House, ines: Visitor, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The codes were never shown, and the desk does not know: the next visit tells it."""
    priya = house.visitor().log_in("priya")
    before = facts(house, "priya")
    with monkeypatch.context() as broken:
        broken.setattr(house.ledger, "handle", crash)
        turn_on(priya, phone)
    assert facts(house, "priya") == before
    read = ines.client.get("/api/v1/staff").json()
    assert [it["login"] for it in read if it["second_factor"]] == ["priya"]
    assert ines.client.get("/api/v1/staff/priya").json()["second_factor"]
    assert "/staff/priya/second-factor" in ines.get("/staff/priya").text
    visitor = house.visitor()
    assert type_code(visitor, half_way(visitor, "priya"), phone.next()).status_code == 303
    assert facts(house, "priya") == [*before, SecondFactorTurnedOn]
    assert "never saw them" in visitor.get(PAGE).text
    assert "10 recovery codes are left" in visitor.get(PAGE).text
    form = visitor.form(visitor.get(PAGE).text, f"{PAGE}/off")
    typed = {**form, "password": PASSWORD, "code": phone.next()}
    with monkeypatch.context() as broken:
        broken.setattr(house.ledger, "handle", crash)
        assert visitor.client.post(f"{PAGE}/off", data=typed).status_code == 500
    assert "/staff/priya/second-factor" not in ines.get("/staff/priya").text
    assert visitor.get(PAGE).status_code == visitor.get(PAGE).status_code == 200
    assert facts(house, "priya") == [*before, SecondFactorTurnedOn, SecondFactorTurnedOff]
    assert not house.ledger.fold(staff, house.staff["priya"]).state.second_factor


def test_a_reset_tells_why_though_the_fact_was_missing(
    house: House, ines: Visitor, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    ellie = house.visitor().log_in("ellie")
    with monkeypatch.context() as broken:
        broken.setattr(house.ledger, "handle", crash)
        turn_on(ellie, phone)
    answer = ines.send("/staff/ellie", "/staff/ellie/second-factor", why="I rang her")
    assert answer.status_code == 303
    assert facts(house, "ellie")[-2:] == [SecondFactorTurnedOn, SecondFactorTurnedOff]
    last = house.ledger.history(house.staff["ellie"])[-1]
    assert last.context.reason is not None
    assert house.ledger.open(last.context.reason) == "I rang her"


def crash(*_: object) -> None:
    raise RuntimeError


def test_who_needs_one_is_decided_by_two(house: House, ines: Visitor, phone: Phone) -> None:
    home = "/organisation/larkmere-uk"
    page = ines.get(home).text
    form = {**ines.form(page, f"{home}/draft"), "factor-admin": "yes"}
    wrong = ines.client.post(f"{home}/draft", data={**form, "proof_minutes": "0"})
    assert wrong.status_code == 422
    assert re.search(r'name="factor-admin"[^>]* checked', wrong.text)
    typed = {**ines.form(wrong.text, f"{home}/draft"), "proof_minutes": "5"}
    assert ines.client.post(f"{home}/draft", data=typed).status_code == 303
    entity = house.ledger.fold(organisation, STREAM).state.drafts["larkmere-uk"].entity
    assert entity.sign_in == SignIn(second_factor=("admin",), proof_minutes=5)
    assert ines.client.get("/staff").status_code == 200, "not before somebody else publishes it"
