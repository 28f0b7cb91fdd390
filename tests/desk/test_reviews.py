"""A second review of a closed case: who may ask, who may look, and what becomes of the case."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from everybody import UK, employ
from fastapi.testclient import TestClient
from states import case_in
from test_access_pages import report
from test_api import token
from test_pages import settle
from visiting import House, Visitor

from domain.complaint import complaint
from domain.decider import Perform
from domain.event import Actor
from domain.staff_facts import Role

WHY = "The customer sends a new bank statement"


@pytest.fixture(scope="module")
def ellie(house: House) -> Visitor:
    return house.visitor("ellie")


@pytest.fixture
def closed(house: House) -> str:
    """Decided by Ellie."""
    return case_in(house, "closed")


def program(house: House, login: str) -> TestClient:
    headers = {"Authorization": f"Bearer {token(house, login)}"}
    return TestClient(house.app, headers=headers, raise_server_exceptions=False)


def ask(house: House, number: str, login: str = "ellie") -> str:
    """The name of the review."""
    visitor = house.visitor(login)
    asked = visitor.act(number, "review", to=house.staff["lin"], reason=WHY)
    assert asked.status_code == 303, asked.text
    (review,) = visitor.client.get(f"/api/v1/complaints/{number}").json()["reviews"]
    return str(review["name"])


def bell(visitor: Visitor) -> str:
    return visitor.get(f"/notices?position={visitor.house.ledger.head()}").text


def test_a_closed_case_offers_it_to_whom_it_may_be_given(
    house: House, ellie: Visitor, closed: str
) -> None:
    page = ellie.get(f"/complaints/{closed}").text
    for words in ("Reopen", "New complaint", "A second review can be asked for until"):
        assert words in page
    form = ellie.get(f"/complaints/{closed}/review").text
    assert house.staff["lin"] in form
    assert house.staff["ellie"] not in form, "she decided"
    assert house.staff["song"] not in form, "compliance writes into no case"
    open_case = case_in(house, "taken")
    assert (
        f'href="/complaints/{open_case}/review"' not in ellie.get(f"/complaints/{open_case}").text
    )


def test_it_is_owed_shown_and_told_until_the_decision_stands(
    house: House, ellie: Visitor, closed: str
) -> None:
    lin, name = house.visitor("lin"), ask(house, closed)
    page = ellie.get(f"/complaints/{closed}").text
    assert "Lin Qiao looks at the decision again, by" in page
    assert "You had a part in the decision, or report to somebody who had" in page
    assert WHY in page
    assert f"decide-review/{name}" in bell(lin)
    assert closed not in bell(ellie)
    assert "由林乔在" in lin.get(f"/complaints/{closed}/history").text
    done = lin.act(closed, f"decide-review/{name}", outcome="stands", reasons="对账单无新内容")
    assert done.status_code == 303
    assert "decide-review" not in bell(lin)
    page = ellie.get(f"/complaints/{closed}").text
    assert "the decision stands" in page
    assert "Second review" in page, "it can be asked for again"


def test_a_decision_that_falls_opens_the_case_again(
    house: House, ellie: Visitor, closed: str
) -> None:
    name = ask(house, closed)
    done = house.visitor("lin").act(
        closed, f"decide-review/{name}", outcome="changed", reasons="漏看一笔"
    )
    assert done.status_code == 303
    read = ellie.client.get(f"/api/v1/complaints/{closed}").json()
    assert [it["ended"] for it in read["reviews"]] == ["changed"]
    assert read["stage"] not in ("closed", "archived")
    assert "the decision falls" in ellie.get(f"/complaints/{closed}/history").text


def test_what_is_late_comes_to_the_lead_too(house: House, closed: str) -> None:
    ask(house, closed)
    lin, priya = house.visitor("lin"), house.visitor("priya")
    assert closed not in bell(priya)
    stream = str(lin.client.get(f"/api/v1/complaints/{closed}").json()["stream"])
    state = house.ledger.fold(complaint, stream).state
    (due,) = [it for it in complaint.agenda(state) if it.rule == "miss_review"]
    actor = Actor(kind="automation", id="handle-complaint")
    wish = Perform(command_id=uuid4(), at=due.at, actor=actor, key=due.key)
    house.ledger.handle(complaint, stream, wish)
    assert "A second review had no outcome by" in bell(priya)
    assert closed in bell(lin)
    assert "■" in lin.get(f"/complaints/{closed}").text


def test_whoever_reports_to_the_decider_is_too_close_and_the_superior_is_not(
    house: House, ellie: Visitor, closed: str
) -> None:
    lin, priya = house.staff["lin"], house.staff["priya"]
    report(house, "lin", "ellie")
    report(house, "ellie", "priya")
    form = ellie.get(f"/complaints/{closed}/review").text
    assert lin not in form
    assert priya in form
    refused = ellie.act(closed, "review", to=lin, reason=WHY)
    report(house, "lin", None)
    assert refused.status_code == 403
    assert "or reports to them" in refused.text
    assert ellie.act(closed, "review", to=priya, reason=WHY).status_code == 303
    (review,) = ellie.client.get(f"/api/v1/complaints/{closed}").json()["reviews"]
    about = f"decide-review/{review['name']}"
    done = house.visitor("priya").act(closed, about, outcome="stands", reasons="Nothing new")
    report(house, "ellie", None)
    assert done.status_code == 303


def test_compliance_writes_into_no_case(house: House, closed: str) -> None:
    song = house.visitor("song")
    assert song.act_allowed(closed, "review") == 403
    name = ask(house, closed)
    assert song.act_allowed(closed, f"decide-review/{name}") == 403


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("reason", "", "This is needed."),
        ("to", "", "This is needed."),
        ("to", "ellie", "Whoever had a part in the decision"),
        ("to", "dayo", "This person cannot take the case."),
    ],
)
def test_what_does_not_fit_is_said_and_the_words_are_kept(
    house: House, closed: str, field: str, value: str, words: str
) -> None:
    ellie = house.visitor("ellie")
    typed = {"to": house.staff["lin"], "reason": WHY, field: house.staff.get(value, value)}
    refused = ellie.act(closed, "review", **typed)
    assert refused.status_code in (403, 422)
    assert words in refused.text
    if field != "reason":
        assert WHY in refused.text


def test_who_decided_and_who_is_elsewhere_do_not_decide_again(
    house: House, ellie: Visitor, closed: str
) -> None:
    name = ask(house, closed)
    path = f"decide-review/{name}"
    refused = ellie.act(closed, path, outcome="stands", reasons="Mine is right")
    assert refused.status_code == 403
    assert "Mine is right" in refused.text
    assert ellie.act(closed, path, outcome="perhaps", reasons="x").status_code == 422
    assert house.visitor("dayo").act_allowed(closed, path) == 404
    assert ellie.act_allowed(closed, "decide-review/nothing") == 404
    twice = ellie.act(closed, "review", to=house.staff["lin"], reason=WHY)
    assert twice.status_code == 409
    assert "A second review is under way already." in twice.text


@pytest.fixture(scope="module")
def elsewhere(house: House) -> Visitor:
    """An agent of another team."""
    employ(house, {"elsewhere": Role(name="agent", team="lead", level=1, **UK)})
    return house.visitor("elsewhere")


@pytest.mark.parametrize("outcome", ["stands", "changed"])
def test_a_reviewer_of_another_team_reads_the_case_until_they_have_decided(
    house: House, ellie: Visitor, elsewhere: Visitor, closed: str, outcome: str
) -> None:
    assert elsewhere.get(f"/complaints/{closed}").status_code == 404
    asked = ellie.act(closed, "review", to=house.staff["elsewhere"], reason=WHY)
    assert asked.status_code == 303, asked.text
    settle(house)
    assert WHY in elsewhere.get(f"/complaints/{closed}").text
    (review,) = ellie.client.get(f"/api/v1/complaints/{closed}").json()["reviews"]
    path = f"decide-review/{review['name']}"
    assert path in bell(elsewhere)
    assert closed not in elsewhere.get("/offers").text, "they do not take it over"
    for act in ("note", "reopen"):
        assert elsewhere.act_allowed(closed, act) == 403
    done = elsewhere.act(closed, path, outcome=outcome, reasons="Nothing new")
    assert (done.status_code, done.headers["location"]) == (303, "/queue")
    settle(house)
    assert elsewhere.get(f"/complaints/{closed}").status_code == 404
    assert closed not in bell(elsewhere)


def test_a_program_of_another_team_reviews_too(
    house: House, elsewhere: Visitor, closed: str
) -> None:
    path = f"/api/v1/complaints/{closed}"
    agent, reviewer = program(house, "ellie"), program(house, "elsewhere")
    assert reviewer.get(path).status_code == 404
    body = {"to": house.staff["elsewhere"], "reason": WHY}
    assert agent.post(f"{path}/ask-for-review", json=body).status_code == 200
    settle(house)
    (review,) = reviewer.get(path).json()["reviews"]
    decided = {"review": review["name"], "outcome": "stands", "reasons": "Nothing new"}
    assert reviewer.post(f"{path}/decide-review", json=decided).status_code == 200
    settle(house)
    assert reviewer.get(path).status_code == 404


def test_programs_do_the_same(house: House, closed: str) -> None:
    path = f"/api/v1/complaints/{closed}"
    agent, reviewer = program(house, "ellie"), program(house, "lin")
    key = {"Idempotency-Key": str(uuid4())}
    body = {"to": house.staff["lin"], "reason": WHY}
    own = agent.post(f"{path}/ask-for-review", json=body | {"to": house.staff["ellie"]})
    assert own.status_code == 403
    assert own.json()["type"] == "/problems/HadAPart"
    assert agent.post(f"{path}/ask-for-review", json=body | {"involved": []}).status_code == 422
    for outcome in ("stored", "repeated"):
        asked = agent.post(f"{path}/ask-for-review", json=body, headers=key)
        assert asked.json()["outcome"] == outcome
    (review,) = agent.get(path).json()["reviews"]
    assert (review["reason"], review["ended"], review["late"]) == (WHY, None, False)
    decided = {"review": review["name"], "outcome": "stands", "reasons": "Nothing new"}
    assert agent.post(f"{path}/decide-review", json=decided).status_code == 403
    assert reviewer.post(f"{path}/decide-review", json=decided).status_code == 200
    other = reviewer.post(f"{path}/decide-review", json=decided | {"outcome": "changed"})
    assert other.json()["type"] == "/problems/AlreadyDecided"
    unknown = reviewer.post(f"{path}/decide-review", json=decided | {"review": "x"})
    assert unknown.status_code == 404


def test_a_withdrawn_case_has_nothing_to_look_at(house: House, ellie: Visitor) -> None:
    number = case_in(house, "withdrawn")
    assert not re.search(r'href="[^"]*/review"', ellie.get(f"/complaints/{number}").text)
    refused = ellie.act(number, "review", to=house.staff["lin"], reason=WHY)
    assert refused.status_code == 409
    assert "Nothing was decided that could be looked at again." in refused.text
