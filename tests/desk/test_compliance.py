"""Facts across cases: for those who read histories, within their reach, without anybody's words."""

from __future__ import annotations

import re
from html import unescape

import psycopg
import pytest
from states import case_in
from test_pages import settle, stream_of
from test_story import lodged
from visiting import House, Visitor

from desk.history.kinds import KINDS
from projections import history


@pytest.fixture(scope="module")
def song(house: House) -> Visitor:
    visitor = Visitor(house).log_in("song")
    visitor.send("/queue", "/language", language="en")
    return visitor


def followed(house: House) -> None:
    settle(house)
    head = house.ledger.head()
    with psycopg.connect(house.url, autocommit=True) as db:
        while True:
            row = db.execute(
                "SELECT max(position) FROM read.position WHERE name = %s", [history.NAME]
            ).fetchone()
            if row and row[0] >= head:
                return
            db.execute("SELECT pg_sleep(0.02)")


def positions(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'<tr id="fact-(\d+)"', page)]


def test_facts_of_a_case_are_those_of_its_stream_newest_first(house: House, song: Visitor) -> None:
    number = case_in(house, "all done")
    records = house.ledger.history(stream_of(house, number))
    followed(house)
    found: list[int] = []
    path = f"/compliance?case={number.lower()}"
    while path:
        page = song.get(path)
        assert page.status_code == 200
        found += positions(page.text)
        older = re.search(r'rel="next" href="([^"]+)"', page.text)
        path = unescape(older[1]) if older else ""
    assert found == [it.position for it in reversed(records)]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_shows_facts_of_its_types_only(house: House, song: Visitor, kind: str) -> None:
    followed(house)
    shown = positions(song.get(f"/compliance?kind={kind}").text)
    types = {it.event.type_name for it in house.ledger.facts(shown)}
    assert types <= KINDS[kind]


def test_nobody_s_words_stand_here(house: House, song: Visitor) -> None:
    number = lodged(house.visitor("ellie"), what_happened="The heron was overcharged")
    followed(house)
    page = song.get(f"/compliance?case={number}").text
    assert number in page
    assert "heron" not in page
    assert "Mei Hanlu" not in page
    acted = song.get(f"/compliance?who={house.staff['ellie']}&by=staff").text
    assert "Ellie Quillon" in acted
    assert positions(song.get("/compliance?since=2100-01-01").text) == []
    assert song.get("/compliance?since=soon").status_code == 422


def test_who_reads_no_histories_finds_no_such_page(house: House) -> None:
    for login in ("ellie", "priya", "ines", "dayo"):
        assert house.visitor(login).get("/compliance").status_code == 404, login
        assert 'href="/compliance"' not in house.visitor(login).get("/queue").text


def test_the_newest_facts_are_read_by_an_index(house: House) -> None:
    followed(house)
    with psycopg.connect(house.url) as db:
        db.execute("SET LOCAL enable_seqscan = off")
        live = db.execute("SELECT build FROM read.live WHERE name = 'history'").fetchone()
        assert live
        for narrowed in ("TRUE", "type = ANY ('{ComplaintLodged}')", "rule = 'warn'"):
            plan = db.execute(
                f"EXPLAIN SELECT * FROM read.history_{live[0]} WHERE position < 9 AND {narrowed}"  # type: ignore[arg-type]
                " ORDER BY position DESC LIMIT 50"
            ).fetchall()
            assert not any("Seq Scan" in line for (line,) in plan), plan
