"""Facts of many cases in one file: what is in it, as of when, for whom, and that it is recorded."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from test_api import token
from test_compliance import followed
from test_story import lodged
from visiting import House

from desk.history import told as facts_told
from domain.disclosure import HistoryExported

WHY = "Return to the regulator"


@pytest.fixture
def song(house: House) -> TestClient:
    headers = {"Authorization": f"Bearer {token(house, 'song')}"}
    return TestClient(house.app, headers=headers, raise_server_exceptions=False)


def export(house: House, program: TestClient, **asked: Any) -> dict[str, Any]:
    followed(house)
    answer = program.post("/api/v1/compliance/export", json={"purpose": WHY, **asked})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_many_cases_are_in_it_in_order_and_it_is_recorded(
    house: House, song: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts_told, "AT_ONCE", 3)
    ellie = house.visitor("ellie")
    numbers = [lodged(ellie, what_happened=f"=HYPERLINK(1) {n}") for n in range(3)]
    given = export(house, song, types=["ComplaintLodged"])
    facts = given["facts"]
    assert {it["case"] for it in facts} >= set(numbers)
    assert [int(it["position"]) for it in facts] == sorted(int(it["position"]) for it in facts)
    assert given["export"]["facts"] == str(len(facts))
    followed(house)
    looked = song.get("/api/v1/disclosures").json()[0]
    assert (looked["kind"], looked["facts"], looked["reason"]) == ("exported", len(facts), WHY)
    assert looked["case"] is None


def test_words_are_looked_for_in_reasons_and_never_kept(house: House, song: TestClient) -> None:
    number = lodged(house.visitor("ellie"), what_happened="The heron stole it")
    found = export(house, song, words="HERON stole")["facts"]
    assert {it["case"] for it in found} == {number}
    assert "heron" not in song.get("/api/v1/disclosures").text


def test_it_is_as_of_either_axis(house: House, song: TestClient) -> None:
    number = lodged(house.visitor("ellie"))
    first, *_ = export(house, song, case=number)["facts"]
    house.visitor("ellie").act(number, "note", text="Later")
    for axis in ("recorded", "occurred"):
        moment = first["recorded" if axis == "recorded" else "happened"]
        then = export(house, song, case=number, **{f"as_of_{axis}": moment})["facts"]
        assert "NoteAdded" not in {it["type"] for it in then}
        assert first["position"] in {it["position"] for it in then}


def test_a_page_asks_what_for_and_gives_a_table_without_formulas(house: House) -> None:
    number = lodged(house.visitor("ellie"), what_happened="=HYPERLINK(2)")
    followed(house)
    visitor = house.visitor("song")
    page = f"/compliance/export?case={number}"
    refused = visitor.send(page, "/compliance/export", purpose="", format="csv")
    assert refused.status_code == 422
    answer = visitor.send(page, "/compliance/export", purpose=WHY, format="csv")
    assert answer.status_code == 200, answer.text
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert ["filters", f"case={number}"] in rows
    told = [row for row in rows if row[:1] == [number]]
    assert any("'=HYPERLINK(2)" in row for row in told)
    assert not any(cell.startswith("=") for row in rows for cell in row)


def test_others_get_none(house: House) -> None:
    for login in ("ellie", "priya"):
        headers = {"Authorization": f"Bearer {token(house, login)}"}
        program = TestClient(house.app, headers=headers)
        body = {"purpose": WHY, "words": str(uuid4())}
        assert program.post("/api/v1/compliance/export", json=body).status_code == 404


def test_each_file_by_one_key_is_recorded_though_another_was_before(
    house: House, song: TestClient
) -> None:
    number = lodged(house.visitor("ellie"), what_happened="The osprey stole it")
    key = str(uuid4())
    before = len(exports(house))
    for words in ("osprey", "albatross", ""):
        followed(house)
        answer = song.post(
            "/api/v1/compliance/export",
            json={"purpose": WHY, "case": number, "words": words},
            headers={"Idempotency-Key": key},
        )
        assert answer.status_code == 200, answer.text
        fact = exports(house)[-1]
        assert len(exports(house)) == (before := before + 1)
        assert fact.facts == len(answer.json()["facts"])
        house.visitor("ellie").act(number, "note", text="Later")


def exports(house: House) -> list[HistoryExported]:
    found = house.ledger.log(0, 100_000, frozenset({HistoryExported.type_name}))
    return [it.event for it in found if isinstance(it.event, HistoryExported)]


@pytest.mark.parametrize("edge", ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+14:00"])
def test_a_moment_at_the_edge_of_time_is_never_our_fault(
    house: House, song: TestClient, edge: str
) -> None:
    number = lodged(house.visitor("ellie"))
    moment = {"as_of_occurred": edge}
    export = {"purpose": WHY, **moment}
    answers = [
        song.get("/api/v1/compliance", params=moment),
        song.get(f"/api/v1/complaints/{number}/history", params=moment),
        song.post("/api/v1/compliance/export", json=export),
        song.post(f"/api/v1/complaints/{number}/history/export", json=export),
    ]
    assert {it.status_code for it in answers} <= {200, 422}
    assert 422 in {it.status_code for it in answers}
