"""A colleague called in a note is told; whoever cannot be called is asked about, the text kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from browsing import browser, log_in, served
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect
from test_accessible import AXE, FAULTS, RULES
from test_api import token
from test_drafts import boxed, drafts
from test_story import lodged
from visiting import House, Visitor

from domain.event import Actor
from domain.personal import Personal
from domain.staff import GiveRole, RegisterStaff, staff, stream_of
from domain.staff_facts import Role
from domain.text import Text

SETUP = Actor(kind="import", id="setup")
UK = {"legal_entity": "larkmere-uk"}
AGENT = Role(name="agent", team="first", level=1, **UK)
PAST = datetime.now(UTC) - timedelta(hours=1)
MORE = {
    "wei.lin": (Text(en="Wei Lin", zh="林巍"), AGENT),
    "wei.two": (Text(en="Wei Lin", zh="林巍"), AGENT),
    "seller": (Text(en="Sally Seller", zh="沈销"), Role(name="sales", **UK)),
    "gone": (Text(en="Ada Over", zh="欧尔"), AGENT.model_copy(update={"until": PAST})),
}


@pytest.fixture(scope="module")
def house(house: House) -> House:
    for login, (name, role) in MORE.items():
        stream = house.staff[login] = stream_of(login)
        base = {"at": datetime.now(UTC) - timedelta(days=1), "actor": SETUP}
        for command in (
            RegisterStaff(
                **base, command_id=uuid4(), staff=stream, login=login, name=name, language="en",
                email=Personal(f"{login}@larkmere.example"),
            ),
            GiveRole(**base, command_id=uuid4(), role=role),
        ):  # fmt: skip
            house.ledger.handle(staff, stream, command)
    return house


@pytest.fixture(scope="module")
def ellie(house: House) -> Visitor:
    return house.visitor("ellie")


@pytest.fixture(scope="module")
def program(house: House) -> TestClient:
    headers = {"Authorization": f"Bearer {token(house, 'ellie')}"}
    return TestClient(house.app, headers=headers, raise_server_exceptions=False)


def bell(visitor: Visitor) -> str:
    return visitor.get(f"/notices?position={visitor.house.ledger.head()}").text


def mentions(visitor: Visitor, number: str) -> list[str]:
    facts = visitor.client.get(f"/api/v1/complaints/{number}/history").json()
    (called,) = [fact["mentions"] for fact in facts if fact["type"] == "NoteAdded"]
    return list(called)


@pytest.mark.parametrize(
    ("text", "login", "shown"),
    [
        ("@lin please look", "lin", "@lin"),
        ("Ask @Priya Thornley.", "priya", "@Priya Thornley"),
        ("请@林乔看一下", "lin", "@林乔"),
        ("@PRIYA请看", "priya", "@PRIYA"),
        ("@wei.two knows", "wei.two", "@wei.two"),
    ],
)
def test_a_call_is_marked_told_and_in_the_history(
    house: House, ellie: Visitor, text: str, login: str, shown: str
) -> None:
    number = lodged(ellie)
    assert ellie.act(number, "note", text=text).status_code == 303
    assert mentions(ellie, number) == [house.staff[login]]
    assert f"<mark>{shown}</mark>" in ellie.get(f"/complaints/{number}").text
    name = house.app.state.house.directory.name(house.staff[login], "en")
    assert f"Note that calls {name}" in ellie.get(f"/complaints/{number}/history").text


def test_the_notice_goes_when_the_case_is_opened_and_comes_again_with_the_next_call(
    house: House, ellie: Visitor
) -> None:
    priya, number = house.visitor("priya"), lodged(ellie)
    ellie.act(number, "note", text="@priya look")
    page = bell(priya)
    assert number in page
    assert "Ellie Quillon calls you in a note" in page
    assert number not in bell(ellie)
    live = {"Live-Seen": "1"}
    assert priya.get(f"/complaints/{number}", headers=live).status_code == 200
    assert number in bell(priya), "the page looked by itself"
    priya.get(f"/complaints/{number}")
    assert number not in bell(priya)
    ellie.act(number, "note", text="@priya again")
    assert number in bell(priya)


def test_the_notice_goes_with_an_answering_note_and_with_clear_all(
    house: House, ellie: Visitor
) -> None:
    priya = house.visitor("priya")
    answered, cleared = lodged(ellie), lodged(ellie)
    for number in (answered, cleared):
        ellie.act(number, "note", text="@priya look")
    assert priya.act(answered, "note", text="Seen").status_code == 303
    page = bell(priya)
    assert answered not in page
    assert cleared in page
    form = priya.form(page, "/notices/clear")
    assert priya.client.post("/notices/clear", data=form).status_code == 303
    assert cleared not in bell(priya)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("@lim look", "Nobody who may see this case is called @lim."),
        ("请@林桥看", "@lin (Lin Qiao)"),
        ("@Wei Lin knows", "More than one is called @Wei Lin: @wei.lin, @wei.two."),
        ("@林巍看", "More than one is called @林巍"),
    ],
)
def test_who_is_not_clear_is_asked_about_and_the_text_is_kept(
    ellie: Visitor, text: str, asked: str
) -> None:
    number = lodged(ellie)
    path = f"/complaints/{number}/note"
    answer = ellie.client.post(path, data={**boxed(ellie, number, "note"), "text": text})
    assert answer.status_code == 409
    assert asked in answer.text
    form = ellie.form(answer.text, path)
    assert form["text"] == text
    assert drafts(ellie, number) == {"note": text}
    assert ellie.client.post(path, data=form).status_code == 409
    kept = ellie.client.post(path, data={**form, "anyway": "yes"})
    assert kept.status_code == 303
    assert mentions(ellie, number) == []
    assert drafts(ellie, number) == {}


def test_who_may_not_see_the_case_is_refused_without_saying_why(
    house: House, ellie: Visitor
) -> None:
    number = lodged(ellie)
    path = f"/complaints/{number}/note"
    house.visitor("priya").act(number, "recuse", staff=house.staff["lin"], reason="A cousin")
    told = set()
    for login in ("lin", "dayo", "seller", "gone"):
        form = {**boxed(ellie, number, "note"), "text": f"@{login} look", "anyway": "yes"}
        answer = ellie.client.post(path, data=form)
        assert answer.status_code == 422, login
        found = re.search(r'class="why-wrong"[^>]*>([^<]+)<', answer.text)
        assert found, login
        told.add(found[1].replace(login, "…"))
    assert told == {"… cannot be called into this case."}
    assert "A cousin" not in answer.text


def test_programs_keep_to_the_same_rules(house: House, ellie: Visitor, program: TestClient) -> None:
    number = lodged(ellie)
    path = f"/api/v1/complaints/{number}/note"
    unclear = program.post(path, json={"text": "@lim look"})
    assert unclear.status_code == 409
    assert unclear.json()["type"] == "/problems/Unsure"
    assert [it["field"] for it in unclear.json()["errors"]] == ["anyway"]
    for body in (
        {"text": "x", "mentions": [house.staff["dayo"]]},
        {"text": "x", "mentions": ["nobody"], "anyway": True},
    ):
        refused = program.post(path, json=body)
        assert refused.status_code == 422, body
        assert refused.json()["type"] == "/problems/CannotBeCalled"
        assert [it["field"] for it in refused.json()["errors"]] == ["mentions"]
    shut = program.post(path, json={"text": "@dayo", "anyway": True})
    assert [it["field"] for it in shut.json()["errors"]] == ["text"]
    key = {"Idempotency-Key": str(uuid4())}
    body = {"text": "@lin and @lim", "mentions": [house.staff["priya"]], "anyway": True}
    for outcome in ("stored", "repeated"):
        assert program.post(path, json=body, headers=key).json()["outcome"] == outcome
    assert mentions(ellie, number) == [house.staff["lin"], house.staff["priya"]]


def test_programs_learn_who_can_be_called(house: House, program: TestClient) -> None:
    number = lodged(house.visitor("ellie"))
    path = f"/api/v1/complaints/{number}/colleagues"
    calls = {it["login"]: it["call"] for it in program.get(path).json()}
    assert calls["priya"] == "Priya Thornley"
    assert calls["wei.lin"] == "wei.lin", "two have the name"
    assert not {"ellie", "dayo", "seller", "gone", "ines"} & calls.keys()
    for begins in ("林乔", "Qia", "LIN"):
        found = program.get(path, params={"begins": begins}).json()
        assert "lin" in [it["login"] for it in found], begins
    assert program.get(path, params={"begins": "x" * 61}).status_code == 422
    headers = {"Authorization": f"Bearer {token(house, 'dayo')}"}
    assert TestClient(house.app, headers=headers).get(path).status_code == 404


def test_words_of_a_program_to_the_customer_that_call_a_colleague_are_asked_about(
    house: House, program: TestClient
) -> None:
    path = f"/api/v1/complaints/{lodged(house.visitor('ellie'))}"
    letter = {"subject": "News", "body": "As @lin says"}
    for wish, body in (
        ("reply", {"channel": "email", "words": letter}),
        ("reply", {"channel": "phone", "said": "Ask 请@林乔看"}),
        ("acknowledge", {"channel": "email", "words": letter}),
        ("ask-for-information", {"channel": "phone", "what": "@priya's form"}),
    ):
        asked = program.post(f"{path}/{wish}", json=body)
        assert asked.status_code == 409, wish
        assert asked.json()["detail"] == "This goes to the customer. Send it all the same?"
        assert [it["field"] for it in asked.json()["errors"]] == ["anyway"]
    sure = program.post(
        f"{path}/reply", json={"channel": "phone", "said": "As @lin says", "anyway": True}
    )
    assert sure.status_code == 200
    mail = {"channel": "phone", "said": "Write to me@lin.example"}
    assert program.post(f"{path}/reply", json=mail).status_code == 200
    assert program.post(f"{path}/take", json={"anyway": True}).status_code == 422


def test_a_letter_that_a_program_pulls_back_is_a_draft_again(
    ellie: Visitor, program: TestClient
) -> None:
    number = lodged(ellie)
    path = f"/api/v1/complaints/{number}"
    letter = {"subject": "Soon", "body": "Too early"}
    sent = program.post(f"{path}/reply", json={"channel": "email", "words": letter})
    assert sent.status_code == 200
    (name,) = program.get(path).json()["letters"]
    key = {"Idempotency-Key": "undo"}
    for outcome in ("stored", "repeated"):
        undone = program.post(f"{path}/pull-back-letter", json={"letter": name}, headers=key)
        assert undone.json()["outcome"] == outcome
    assert drafts(ellie, number) == {"reply": "Too early"}
    assert program.get(f"{path}/drafts/reply").json()["fields"]["subject"] == "Soon"


@pytest.fixture(scope="module")
def page(house: House) -> Iterator[Page]:
    with served(house.app) as address, browser(address, bypass_csp=True) as opened:
        log_in(opened, "ellie")
        expect(opened.locator("h1")).to_be_visible()
        yield opened


def test_names_are_offered_and_taken_with_the_keys(
    house: House, ellie: Visitor, page: Page
) -> None:
    number = lodged(ellie)
    page.goto(f"/complaints/{number}")
    page.locator("#note").evaluate("it => { it.open = true; }")
    note = page.locator("form.internal textarea[name=text]")
    offered = page.locator("form.internal [role=listbox]")
    note.press_sequentially("Ask @pri")
    expect(offered.locator("[role=option]")).to_have_count(1)
    expect(offered.locator("[aria-selected=true]")).to_contain_text("Priya Thornley")
    expect(note).to_have_attribute("aria-activedescendant", re.compile("calls-0"))
    page.evaluate(AXE)
    assert page.evaluate(FAULTS, RULES) == []
    note.press("Enter")
    expect(note).to_have_value("Ask @Priya Thornley ")
    expect(offered).to_be_hidden()
    note.press_sequentially("or @wei")
    expect(offered.locator("[role=option]")).to_have_count(2)
    note.press("ArrowDown")
    note.press("Tab")
    expect(note).to_have_value("Ask @Priya Thornley or @wei.two ")
    note.press_sequentially("@l")
    expect(offered).to_be_visible()
    note.press("Escape")
    expect(offered).to_be_hidden()
    note.press("Backspace")
    note.press("Backspace")
    page.locator("form.internal button").get_by_text("Save note").click()
    expect(page.locator("mark")).to_have_text(["@Priya Thornley", "@wei.two"])
