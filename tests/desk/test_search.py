"""Search: found by what people know, within what one may see, recorded, bounded, in no address."""

from __future__ import annotations

import logging
import unicodedata
from typing import Any

import psycopg
import pytest
from test_pages import settle, stream_of
from test_story import lodged
from visiting import House, Visitor

from domain.disclosure import PersonSearched

NAME, PHONE, EMAIL, ORDER = (
    "Wilhelmina Quackenbush", "+44 20 7946 0777", "wq@example.org", "ORD-4711",
)  # fmt: skip


@pytest.fixture(scope="module")
def ellie(house: House) -> Visitor:
    return house.visitor("ellie")


@pytest.fixture(scope="module")
def known(house: House, ellie: Visitor) -> str:
    """The number of a customer who has all that people search by."""
    registered = ellie.send(
        "/customers/new",
        name=NAME,
        legal_entity="larkmere-uk",
        language="en",
        email=EMAIL,
        phone=PHONE,
        order=ORDER,
    )
    assert registered.status_code == 303, registered.text
    settle(house)
    return registered.headers["location"].split("?")[0].rpartition("/")[2]


def look_for(visitor: Visitor, text: str, **more: str) -> Any:
    return visitor.send("/search", "/search", q=text, **more)


def searches(house: House) -> list[PersonSearched]:
    found = house.ledger.log(0, 100_000, frozenset({PersonSearched.type_name}))
    return [it.event for it in found if isinstance(it.event, PersonSearched)]


@pytest.mark.parametrize(
    "text",
    ["quackenbush", "QUACKENBUSH wilhelmina", "+442079460777", "0044 20 7946 0777", "020 7946 0777",
     "WQ@example.org", "ORD-4711", "ord 4711", "＋４４　２０－７９４６－０７７７",
     "+44 - 20 - 7946 - 0777", "ＷＱ＠example.org"],
)  # fmt: skip
def test_people_are_found_by_what_is_known_of_them(
    house: House, ellie: Visitor, known: str, text: str
) -> None:
    before = len(searches(house))
    answer = look_for(ellie, text)
    assert answer.status_code == 200
    assert known in answer.text
    assert text not in str(answer.url)
    assert (f"/calls/{known}" in answer.text) == ("7946" in unicodedata.normalize("NFKC", text))
    (recorded,) = searches(house)[before:]
    customer = ellie.client.get(f"/api/v1/customers/{known}").json()["stream"]
    assert recorded.found == (customer,)
    assert recorded.by.staff == house.staff["ellie"]
    stranger = look_for(house.visitor("dayo"), text)
    assert known not in stranger.text
    assert searches(house)[-1].found == ()


def test_a_chinese_name_is_found_by_any_of_its_pairs(house: House, ellie: Visitor) -> None:
    registered = ellie.send(
        "/customers/new", name="欧阳晓琳", legal_entity="larkmere-uk", language="zh"
    )
    number = registered.headers["location"].split("?")[0].rpartition("/")[2]
    settle(house)
    for text in ("欧阳晓琳", "晓琳", "欧阳"):
        assert number in look_for(ellie, text).text, text


def test_an_exact_number_leads_to_its_page(house: House, ellie: Visitor, known: str) -> None:
    number = lodged(ellie)
    settle(house)
    for text, place in ((number.lower(), "complaints"), (known, "customers")):
        answer = look_for(ellie, f" {text} ")
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/{place}/{text.upper()}"
    assert look_for(house.visitor("dayo"), number).status_code == 200


def test_cases_are_found_by_their_customer_and_by_words_of_clear_things(
    house: House, ellie: Visitor
) -> None:
    number = lodged(ellie, product="account", category="delay")
    settle(house)
    by_name = look_for(ellie, "hanlu", whole="cases").text
    assert number in by_name
    for words in ("delay", "延误"):
        assert number in look_for(ellie, words, whole="cases").text, words
    assert number not in look_for(house.visitor("dayo"), "delay").text


def test_documents_are_found_by_their_title(house: House, ellie: Visitor) -> None:
    page = look_for(ellie, "payment services").text
    assert "Payment services complaints, United Kingdom" in page
    assert "/documents/policy/" in page


def test_who_is_recused_does_not_find_the_case(house: House, ellie: Visitor) -> None:
    number = lodged(ellie, product="account", category="fee")
    stream = stream_of(house, number)
    priya = house.visitor("priya")
    kept = priya.act(number, "recuse", staff=house.staff["ellie"], reason="Named in it")
    assert kept.status_code == 303
    settle(house)
    assert number not in look_for(ellie, "hanlu", whole="cases").text
    assert look_for(ellie, number).status_code == 200
    assert number in look_for(priya, "hanlu", whole="cases").text
    assert stream


def test_a_group_shows_twenty_and_more_on_asking(house: House, ellie: Visitor) -> None:
    for _ in range(22):
        lodged(ellie, product="account", category="fee")
    settle(house)
    first = look_for(ellie, "hanlu").text
    assert first.count('class="open" href="/complaints/') == 20
    assert 'name="whole" value="cases"' in first
    assert look_for(ellie, "hanlu", whole="cases").text.count('href="/complaints/C-') > 20


def test_nothing_found_says_what_was_tried_and_goes_on(ellie: Visitor) -> None:
    page = look_for(ellie, "nobody-of-this-name").text
    assert "Nothing is found by this. It was looked for as: name, words of products" in page
    assert "/customers/new" in page
    assert "/complaints/new" in page
    assert "nobody-of-this-name" in page


def test_no_address_takes_a_word_to_search_for(ellie: Visitor, known: str) -> None:
    assert known not in ellie.get("/search?q=quackenbush").text
    assert known not in ellie.get("/complaints/new?q=quackenbush").text
    listed = ellie.client.get("/api/v1/customers")
    assert ellie.client.get("/api/v1/customers?q=quackenbush").json() == listed.json()


def test_what_is_searched_for_stands_in_no_log_and_no_table(
    house: House, ellie: Visitor, known: str, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    look_for(ellie, "Quackenbush")
    written = caplog.text + "".join(capfd.readouterr())
    assert "uackenbush" not in written
    with psycopg.connect(house.url) as db:
        events = db.execute("SELECT coalesce(max(body::text || meta::text), '') FROM ledger.event"
                            " WHERE (body::text || meta::text) ILIKE '%%uackenbush%%'")  # fmt: skip
        assert events.fetchone() == ("",)


def test_programs_find_the_same_and_no_more(house: House, ellie: Visitor, known: str) -> None:
    csrf = ellie.form(ellie.get("/me").text, "/logout")["csrf"]
    asked = {"json": {"text": "quackenbush"}, "headers": {"X-CSRF-Token": csrf}}
    answer = ellie.client.post("/api/v1/search", **asked)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    customer = ellie.client.get(f"/api/v1/customers/{known}").json()["stream"]
    assert answer.json()["customers"] == [customer]
    empty = {**asked, "json": {"text": ""}}
    assert ellie.client.post("/api/v1/search", **empty).status_code == 422  # type: ignore[arg-type]


def test_too_many_searches_are_stopped(house: House, known: str) -> None:
    """Last: it uses up what one colleague may search."""
    lin = house.visitor("lin")
    with psycopg.connect(house.url, autocommit=True) as db:
        db.execute("UPDATE desk.bound SET most = 3 WHERE name = 'person_search'")
    try:
        statuses = [look_for(lin, f"somebody {n}").status_code for n in range(5)]
        assert statuses[:3] == [200, 200, 200]
        assert statuses[3:] == [429, 429]
        number = look_for(lin, known)
        assert number.status_code == 303
    finally:
        with psycopg.connect(house.url, autocommit=True) as db:
            db.execute("UPDATE desk.bound SET most = 60 WHERE name = 'person_search'")
