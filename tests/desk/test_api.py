"""The JSON API: the same wishes, known keys, seen versions, problems in words."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from test_story import lodged
from visiting import House


def token(house: House, login: str, scopes: tuple[str, ...] = ("read", "write", "events")) -> str:
    visitor = house.visitor(login)
    good_for = {each: "yes" if each in scopes else "" for each in ("read", "write", "events")}
    page = visitor.send("/me", "/me/tokens", label="tests", days="90", **good_for)
    found = re.search(r'<code class="token">(ec_[^<]+)</code>', page.text)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def program(house: House) -> TestClient:
    """A program with Ellie's token."""
    headers = {"Authorization": f"Bearer {token(house, 'ellie')}"}
    return TestClient(house.app, headers=headers, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def customer(program: TestClient) -> str:
    body = {"name": "Gareth Pellow", "legal_entity": "larkmere-uk", "language": "en"}
    answer = program.post("/api/v1/customers", json={**body, "email": "gareth@example.org"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["stream"])


def lodge(program: TestClient, customer: str, key: str | None = None) -> str:
    body = {
        "customer": customer,
        "team": "first",
        "channel": "letter",
        "product": "account",
        "category": "delay",
        "what_happened": "The account is frozen",
    }
    answer = program.post(
        "/api/v1/complaints", json=body, headers={"Idempotency-Key": key or str(uuid4())}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["stream"])


def test_the_same_key_gives_the_first_answer(program: TestClient, customer: str) -> None:
    first, second = lodge(program, customer, "key-1"), lodge(program, customer, "key-1")
    assert first == second
    other = lodge(program, customer, "key-2")
    assert other != first


def test_the_same_key_with_other_words_is_refused(program: TestClient, customer: str) -> None:
    case = lodge(program, customer)
    key = {"Idempotency-Key": str(uuid4())}
    path = f"/api/v1/complaints/{case}/note"
    assert program.post(path, json={"text": "one"}, headers=key).status_code == 200
    again = program.post(path, json={"text": "one"}, headers=key)
    assert again.json()["outcome"] == "repeated"
    other = program.post(path, json={"text": "two"}, headers=key)
    assert other.status_code == 422
    assert other.headers["content-type"] == "application/problem+json"
    assert other.json()["type"] == "/problems/CommandIdMisused"


def test_a_lost_race_is_told(program: TestClient, customer: str) -> None:
    case = lodge(program, customer)
    path = f"/api/v1/complaints/{case}"
    seen = program.get(path).headers["etag"]
    taken = program.post(f"{path}/take", json={}, headers={"If-Match": seen})
    assert taken.status_code == 200
    assert taken.headers["etag"] != seen
    late = program.post(f"{path}/note", json={"text": "late"}, headers={"If-Match": seen})
    assert late.status_code == 412
    broken = program.post(f"{path}/note", json={"text": "x"}, headers={"If-Match": "seventeen"})
    assert broken.status_code == 422


def test_a_complaint_from_intake_to_closing(program: TestClient, customer: str) -> None:
    path = f"/api/v1/complaints/{lodge(program, customer)}"
    letter = {"subject": "Your complaint", "body": "We look at it"}
    for wish, body in (
        ("take", {}),
        ("acknowledge", {"channel": "visit", "said": "Thank you"}),
        (
            "assess",
            {
                "severity": "high",
                "category": "delay",
                "answers": {"harm": "money", "others_affected": "no"},
            },
        ),
        ("ask-for-information", {"channel": "email", "what": "The form", "words": letter}),
    ):
        answer = program.post(f"{path}/{wish}", json=body)
        assert answer.status_code == 200, (wish, answer.text)
    state = program.get(path).json()
    assert state["stage"] == "waiting"
    (request,) = state["waiting_requests"]
    step = {"step": "investigate", "answers": {"finding": "Frozen", "cause": "delay"}}
    decision = {"decision": "rejected", "reasons": "It was right"}
    for wish, body in (
        ("record-information", {"request": request, "channel": "visit", "text": "Here"}),
        ("record-step", step),
        ("propose", decision),
        ("offer", {"channel": "visit", "said": "So it is"}),
        ("tell-decision", {"channel": "visit", "said": "Not upheld"}),
        ("close", {"reason_code": "no_fault_found"}),
    ):
        answer = program.post(f"{path}/{wish}", json=body)
        assert answer.status_code == 200, (wish, answer.text)
    assert program.get(path).json()["stage"] == "closed"
    words = [fact["words"] for fact in program.get(f"{path}/history").json()]
    assert "Closed: resolved, not upheld · No fault found" in words


def test_a_step_out_of_order_says_why(program: TestClient, customer: str) -> None:
    case = lodge(program, customer)
    answer = program.post(f"/api/v1/complaints/{case}/close", json={"reason_code": "delay"})
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["type"] == "/problems/StepNotAvailable"
    assert "the answer to the customer" in problem["detail"]


def test_fields_that_do_not_fit_are_named(program: TestClient, customer: str) -> None:
    case = lodge(program, customer)
    path = f"/api/v1/complaints/{case}"
    missing = program.post(f"{path}/reply", json={"said": "x"})
    assert missing.status_code == 422
    assert missing.json()["errors"] == [{"field": "channel", "detail": "This is needed."}]
    late = program.post(f"{path}/note", json={"text": "x", "at": "2999-01-01T00:00:00Z"})
    assert [error["field"] for error in late.json()["errors"]] == ["at"]
    naive = program.post(f"{path}/note", json={"text": "x", "at": "2024-01-01T00:00:00"})
    assert naive.status_code == 422
    control = program.post(f"{path}/note", json={"text": "a\u0000b"})
    assert control.status_code == 422
    assert "a\u0000b" not in control.text
    unread = program.post(
        f"{path}/note", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert unread.status_code == 422


def test_who_is_not_known_is_told_so(house: House, customer: str) -> None:
    stranger = TestClient(house.app, raise_server_exceptions=False)
    answer = stranger.get("/api/v1/complaints")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    wrong = stranger.get("/api/v1/complaints", headers={"Authorization": "Bearer ec_no"})
    assert wrong.status_code == 401


def test_a_session_needs_its_own_page(house: House, program: TestClient, customer: str) -> None:
    case = lodge(program, customer)
    visitor = house.visitor("ellie")
    path = f"/api/v1/complaints/{case}/note"
    assert visitor.client.post(path, json={"text": "x"}).status_code == 403
    csrf = visitor.form(visitor.get("/me").text, "/logout")["csrf"]
    answer = visitor.client.post(path, json={"text": "x"}, headers={"X-CSRF-Token": csrf})
    assert answer.status_code == 200


def test_what_is_out_of_reach_is_not_there(
    house: House, program: TestClient, customer: str
) -> None:
    case = lodge(program, customer)
    headers = {"Authorization": f"Bearer {token(house, 'dayo')}"}
    elsewhere = TestClient(house.app, headers=headers)
    assert elsewhere.get(f"/api/v1/complaints/{case}").status_code == 404
    assert elsewhere.get(f"/api/v1/customers/{customer}").status_code == 404
    assert elsewhere.get("/api/v1/complaints").json()["rows"] == []
    reader = {"Authorization": f"Bearer {token(house, 'song')}"}
    compliance = TestClient(house.app, headers=reader)
    assert compliance.get(f"/api/v1/complaints/{case}").status_code == 200
    written = compliance.post(f"/api/v1/complaints/{case}/reply", json={"channel": "phone"})
    assert written.status_code == 403
    assert written.json()["type"] == "/problems/NotAllowed"


def test_too_much_at_once_is_refused(program: TestClient, customer: str) -> None:
    case = lodge(program, customer)
    answer = program.post(f"/api/v1/complaints/{case}/close", json={"text": "x" * 1_000_001})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_feed_holds_nothing_personal(house: House, program: TestClient, customer: str) -> None:
    lodge(program, customer)
    headers = {"Authorization": f"Bearer {token(house, 'song')}"}
    compliance = TestClient(house.app, headers=headers)
    feed = compliance.get("/api/v1/events", params={"limit": 1000})
    assert feed.status_code == 200
    assert "Gareth" not in feed.text
    assert "frozen" not in feed.text
    stranger = TestClient(house.app, headers={"Authorization": f"Bearer {token(house, 'dayo')}"})
    assert stranger.get("/api/v1/events").json() == []


def test_no_text_holds_what_cannot_be_stored(program: TestClient, customer: str) -> None:
    path = f"/api/v1/complaints/{lodge(program, customer)}"
    note = program.post(f"{path}/note", json={"text": "x", "mentions": ["\u0000"]})
    assert note.status_code == 422
    assert [error["field"] for error in note.json()["errors"]] == ["mentions.0"]
    matter = {"kind": "excuse", "clock": "\u0000"}
    asked = program.post(f"{path}/ask-approval", json={"matter": matter, "reason": "x"})
    assert asked.status_code == 422


@pytest.mark.parametrize(
    ("matter", "field"),
    [
        ({"kind": "redress", "money": {"amount": "1", "currency": "GBP"}}, "matter"),
        ({"field": "product", "was": "account", "is_": "yachts"}, "matter.is_"),
        ({"field": "customer", "was": "", "is_": "K-2026-999999"}, "matter.is_"),
        ({"field": "received_at", "was": "", "is_": "2999-01-01T00:00:00Z"}, "matter.is_"),
    ],
)
def test_only_known_things_are_asked_for(
    program: TestClient, customer: str, matter: dict[str, object], field: str
) -> None:
    path = f"/api/v1/complaints/{lodge(program, customer)}/ask-approval"
    body = {"matter": {"kind": "correction", **matter}, "reason": "It was wrong"}
    answer = program.post(path, json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_only_a_known_colleague_is_named(house: House, program: TestClient, customer: str) -> None:
    """A name nobody bears would keep nobody out."""
    path = f"/api/v1/complaints/{lodge(program, customer)}/name-colleague"
    body = {"staff": "staff-nobody", "reason": "named in it"}
    refused = program.post(path, json=body)
    assert refused.status_code == 422
    assert [wrong["field"] for wrong in refused.json()["errors"]] == ["staff"]
    named = program.post(path, json={**body, "staff": house.staff["priya"]})
    assert named.status_code == 200, named.text


def test_a_correction_to_what_is_known_may_be_asked_for(program: TestClient, customer: str) -> None:
    path = f"/api/v1/complaints/{lodge(program, customer)}/ask-approval"
    matter = {"kind": "correction", "field": "product", "was": "account", "is_": "payments"}
    answer = program.post(path, json={"matter": matter, "reason": "It was a transfer"})
    assert answer.status_code == 200, answer.text


def test_words_that_are_no_letter_are_taken_as_typed(house: House, program: TestClient) -> None:
    number = lodged(house.visitor("ellie"))
    body = {"cause": "other", "clock": "ack/1", "words": "The post was late"}
    answer = program.post(f"/api/v1/complaints/{number}/explain-breach", json=body)
    assert answer.status_code in (409, 422), answer.text
