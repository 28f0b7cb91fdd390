"""Board, follow-ups, facts and customers while colleagues work: counts follow, rows wait."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browsing import browser, log_in
from playwright.sync_api import Page, expect
from test_live import a_case
from test_pages import settle
from test_promise_pages import in_
from test_story import lodged
from visiting import House


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    with browser(address) as opened:
        faults: list[str] = []
        opened.on("pageerror", lambda error: faults.append(str(error)))
        yield opened
        assert faults == []


def open_as(page: Page, login: str, path: str) -> None:
    log_in(page, login)
    expect(page.locator("h1")).to_be_visible()
    page.goto(path)


def rows(page: Page, region: str) -> list[str]:
    found = page.locator(f"[data-live={region}] [data-row]")
    return [str(it.get_attribute("data-row")) for it in found.all()]


def asked_for(page: Page, words: str) -> None:
    """The bar says so, and is pressed."""
    bar = page.locator("#news")
    expect(bar).to_contain_text(words)
    bar.get_by_role("button").click()
    expect(bar.locator("button")).to_have_count(0)
    expect(page.locator("#main")).to_be_focused()


def test_the_board_counts_at_once_and_its_lists_wait_to_be_asked(house: House, page: Page) -> None:
    number = a_case(house)
    open_as(page, "priya", "/board")
    taken = page.locator(".figures a", has_text="nobody has taken")
    before = int(str(taken.text_content()).split()[0])
    another = lodged(house.visitor("ellie"), received_at=in_(days=-9))
    expect(taken).to_contain_text(f"{before + 1} nobody has taken")
    assert another not in rows(page, "hot")
    asked_for(page, "1 new")
    assert another in rows(page, "hot")
    ordered = house.visitor("priya").act(
        number, "order", words="How far is it?", answer_by=in_(hours=5)
    )
    assert ordered.status_code == 303, ordered.text
    asked_for(page, "1 new")
    assert number in rows(page, "approvals")
    house.visitor("ellie").act(another, "take")
    expect(taken).to_contain_text(f"{before} nobody has taken")


def test_a_fold_of_one_row_stays_open_beside_those_of_others(house: House, page: Page) -> None:
    number = a_case(house)
    ellie = house.visitor("ellie")
    for day in (3, 4):
        ellie.act(number, "promise", promise=f"Call on day {day}", promise_due=in_(days=day))
    settle(house)
    open_as(page, "ellie", "/follow-ups")
    last = page.locator("article.promise").last
    last.locator("summary", has_text="Move").click()
    page.locator("h1").click()
    ellie.act(number, "promise", promise="Call first", promise_due=in_(minutes=30))
    asked_for(page, "1 new")
    expect(page.get_by_text("Call first")).to_be_visible()
    folds = page.locator("article.promise details", has_text="Move")
    assert [it.get_attribute("open") for it in folds.all()][-1] == ""
    assert [it.get_attribute("open") for it in folds.all()][:-1] == [None] * (folds.count() - 1)


def test_new_facts_wait_above_those_that_are_read(house: House, page: Page) -> None:
    number = a_case(house)
    open_as(page, "song", f"/compliance?case={number}")
    read = rows(page, "facts")
    foot = page.locator("[data-live=foot]").text_content()
    house.visitor("ellie").act(number, "note", text="The branch knows of it")
    expect(page.locator("#news")).to_contain_text("1 条新增")
    assert rows(page, "facts") == read
    assert page.locator("[data-live=foot]").text_content() == foot, "it says how old the list is"
    asked_for(page, "1 条新增")
    assert rows(page, "facts")[1:] == read


def test_a_customers_page_follows_the_customer_and_their_cases(house: House, page: Page) -> None:
    number = a_case(house)
    ellie = house.visitor("ellie")
    customer = re.search(r"/customers/(K-\d{4}-\d{6})", ellie.get(f"/complaints/{number}").text)
    assert customer
    home = f"/customers/{customer[1]}"
    open_as(page, "lin", home)
    changed = ellie.send(home, f"{home}/tier", tier="key")
    assert changed.status_code == 303, changed.text
    expect(page.locator(".head")).to_contain_text("重点")
    page.locator("details", has=page.locator("#summary")).locator("> summary").click()
    typed = page.locator("#summary")
    typed.fill("Halfway through a sen")
    ellie.send(home, f"{home}/contact", direction="in", channel="phone", summary="She called")
    asked_for(page, "1 条新增")
    expect(page.get_by_text("She called")).to_be_visible()
    expect(typed).to_have_value("Halfway through a sen")


def test_the_answer_to_a_form_asks_for_nothing_again(house: House) -> None:
    number = a_case(house)
    ellie = house.visitor("ellie")
    found = re.search(r"/customers/(K-\d{4}-\d{6})", ellie.get(f"/complaints/{number}").text)
    assert found
    home = f"/customers/{found[1]}"
    form = ellie.form(ellie.get(home).text, f"{home}/contact")
    refused = ellie.client.post(f"{home}/contact", data={**form, "summary": ""})
    assert refused.status_code == 422
    assert "customer=" in re.search(r'data-stream="([^"]+)"', ellie.get(home).text)[1]  # type: ignore[index]
    assert "customer=" not in re.search(r'data-stream="([^"]+)"', refused.text)[1]  # type: ignore[index]
