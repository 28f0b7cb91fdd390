"""What leaves the house: with its purpose recorded before, byte for byte, harmless in a table."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from uuid import uuid4

import pytest
from states import case_in
from test_pages import settle, stream_of
from test_story import lodged
from visiting import House, Visitor

from desk.history.export import COLUMNS, cell
from domain.disclosure import HistoryExported


@pytest.fixture(scope="module")
def song(house: House) -> Visitor:
    visitor = Visitor(house).log_in("song")
    visitor.send("/queue", "/language", language="en")
    return visitor


def export(visitor: Visitor, number: str, query: str = "", **typed: str) -> Any:
    page = f"/complaints/{number}/history/export"
    return visitor.send(page + query, page, **{"purpose": "Ombudsman asked", **typed})


def exports(house: House) -> list[HistoryExported]:
    found = house.ledger.log(0, 100_000, frozenset({HistoryExported.type_name}))
    return [it.event for it in found if isinstance(it.event, HistoryExported)]


def test_a_table_holds_every_fact_and_what_it_is_of(house: House, song: Visitor) -> None:
    number = case_in(house, "redress open")
    stream = stream_of(house, number)
    records = house.ledger.history(stream)
    before = len(exports(house))
    answer = export(song, number, format="csv")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{number}-history.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in answer.content
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    split = rows.index([])
    about = {row[0]: row[1] for row in rows[:split]}
    assert about["case"] == number
    assert about["exported_by"] == "Song Ke"
    assert about["as_of_event"] == str(records[-1].position)
    assert about["proof"] == "none"
    assert tuple(rows[split + 1]) == COLUMNS
    table = [dict(zip(COLUMNS, row, strict=True)) for row in rows[split + 2 :]]
    assert [it["position"] for it in table] == [str(it.position) for it in records]
    assert [it["type"] for it in table] == [it.event.type_name for it in records]
    (fact,) = exports(house)[before:]
    assert (fact.case, fact.format, fact.facts) == (stream, "csv", len(records))
    settle(house)
    page = song.get(f"/complaints/{number}/history").text
    assert "Ombudsman asked" in page.partition('id="readers"')[2]


def test_a_file_for_programs_is_as_of_its_moment_and_filters(house: House, song: Visitor) -> None:
    number = case_in(house, "taken")
    records = house.ledger.history(stream_of(house, number))
    moment = records[0].recorded_at.isoformat().replace("+00:00", "Z")
    query = f"?recorded={moment}&kind=limit"
    body = json.loads(export(song, number, query, format="json").content)
    assert body["export"]["as_of_recorded"] == moment
    assert body["export"]["filters"] == "kind=limit"
    expected = [
        it for it in records if it.recorded_at <= records[0].recorded_at
        and it.event.type_name.startswith("Clock")
    ]  # fmt: skip
    assert [it["position"] for it in body["facts"]] == [str(it.position) for it in expected]
    assert exports(house)[-1].filters == (f"recorded={moment}", "kind=limit")


def test_a_printed_page_says_by_whom_and_what_for(house: House, song: Visitor) -> None:
    number = lodged(house.visitor("ellie"))
    page = export(song, number, format="print").text
    assert "Taken out by Song Ke" in page
    assert "for: Ombudsman asked" in page
    assert "proof not built yet" in page


def test_nothing_is_given_without_a_purpose(house: House, song: Visitor) -> None:
    number = lodged(house.visitor("ellie"))
    before = len(exports(house))
    refused = export(song, number, purpose="  ", format="csv")
    assert refused.status_code == 422
    assert "Say what it is for." in refused.text
    assert export(song, number, format="exe").status_code == 422
    assert len(exports(house)) == before


def test_the_same_form_twice_is_one_fact(house: House, song: Visitor) -> None:
    number = lodged(house.visitor("ellie"))
    page = f"/complaints/{number}/history/export"
    form = song.form(song.get(page).text, page)
    before = len(exports(house))
    for _ in range(2):
        answer = song.client.post(page, data={**form, "purpose": "Once", "format": "csv"})
        assert answer.status_code == 200
    assert len(exports(house)) == before + 1


def test_the_same_key_over_more_facts_is_a_fact_of_its_own(house: House, song: Visitor) -> None:
    number = lodged(house.visitor("ellie"))
    csrf = song.form(song.get("/me").text, "/logout")["csrf"]
    headers = {"X-CSRF-Token": csrf, "Idempotency-Key": str(uuid4())}
    before = len(exports(house))
    for _ in range(2):
        answer = song.client.post(
            f"/api/v1/complaints/{number}/history/export", json={"purpose": "x"}, headers=headers
        )
        assert answer.status_code == 200, answer.text
        assert exports(house)[-1].facts == len(answer.json()["facts"])
        house.visitor("ellie").act(number, "note", text="Later")
    assert len(exports(house)) == before + 2


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "  =1", "＝1", "＠x"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text) == "'" + text
    assert cell("a=1") == "a=1"


def test_what_a_customer_wrote_cannot_become_a_formula(house: House, song: Visitor) -> None:
    number = lodged(house.visitor("ellie"), what_happened='=HYPERLINK("http://a.example","x")')
    content = export(song, number, format="csv").content.decode("utf-8-sig")
    cells = [it for row in csv.reader(io.StringIO(content)) for it in row]
    assert '\'=HYPERLINK("http://a.example","x")' in cells
    assert not any(it.startswith(("=", "+", "-", "@")) for it in cells)


def test_only_who_may_read_histories_takes_them_out(house: House, song: Visitor) -> None:
    ellie = house.visitor("ellie")
    number = lodged(ellie)
    page = f"/complaints/{number}/history/export"
    assert ellie.get(page).status_code == 404
    csrf = ellie.form(ellie.get("/me").text, "/logout")["csrf"]
    typed = {"csrf": csrf, "purpose": "x", "format": "csv"}
    assert ellie.client.post(page, data=typed).status_code == 404
    api = f"/api/v1/complaints/{number}/history/export"
    asked = {"json": {"purpose": "x"}, "headers": {"X-CSRF-Token": csrf}}
    assert ellie.client.post(api, **asked).status_code == 404  # type: ignore[arg-type]
    csrf = song.form(song.get("/me").text, "/logout")["csrf"]
    given = song.client.post(api, json={"purpose": "x"}, headers={"X-CSRF-Token": csrf})
    assert given.status_code == 200, given.text
    assert given.json()["export"]["case"] == number


def test_programs_read_a_history_as_of_a_moment(house: House) -> None:
    ellie = house.visitor("ellie")
    number = case_in(house, "taken")
    records = house.ledger.history(stream_of(house, number))
    api = f"/api/v1/complaints/{number}/history"
    whole = ellie.client.get(api)
    assert len(whole.json()) == len(records)
    first = records[0].recorded_at.isoformat()
    then = ellie.client.get(api, params={"as_of_recorded": first})
    known = [it.position for it in records if it.recorded_at <= records[0].recorded_at]
    assert [it["position"] for it in then.json()] == known
    assert then.headers["etag"] != whole.headers["etag"]
    before = ellie.client.get(api, params={"as_of_occurred": "2001-01-01T00:00:00Z"})
    assert before.json() == []
    assert ellie.client.get(api, params={"as_of_occurred": "soon"}).status_code == 422
