"""Open pages in a real browser while colleagues work: nothing jumps, nothing typed is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from browsing import browser, log_in
from playwright.sync_api import Page, expect
from test_live import a_case
from test_pages import settle
from test_story import lodged
from visiting import House

from desk import presence


@contextmanager
def window(page: Page, address: str, login: str) -> Iterator[Page]:
    """A window of somebody else in the same browser."""
    assert page.context.browser
    other = page.context.browser.new_context(base_url=address)
    try:
        opened = other.new_page()
        log_in(opened, login)
        expect(opened.locator("h1")).to_be_visible()
        yield opened
    finally:
        other.close()


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    with browser(address) as opened:
        faults: list[str] = []
        opened.on("pageerror", lambda error: faults.append(str(error)))
        log_in(opened, "lin")
        expect(opened.locator("h1")).to_be_visible()
        yield opened
        assert faults == []


def top_of(page: Page, selector: str) -> float:
    return float(page.locator(selector).evaluate("it => it.getBoundingClientRect().top"))


def test_a_region_is_renewed_without_a_jump(house: House, page: Page) -> None:
    number = a_case(house)
    ellie = house.visitor("ellie")
    for n in range(12):
        ellie.act(number, "note", text=f"Note {n}\n" * 5)
    page.goto(f"/complaints/{number}")
    page.locator("aside details summary").first.click()
    folded = page.locator("aside details").first
    expect(folded).to_have_attribute("open", "")
    page.locator("#talk").scroll_into_view_if_needed()
    page.mouse.wheel(0, 400)
    page.wait_for_function("window.scrollY > 100")
    before = top_of(page, "#talk")
    ellie.act(number, "note", text="A thirteenth note")
    expect(page.get_by_text("A thirteenth note")).to_have_count(1)
    assert abs(top_of(page, "#talk") - before) < 2
    expect(folded).to_have_attribute("open", "")
    expect(page.locator("#news button")).to_have_count(0)


def test_what_is_typed_stays_and_a_bar_says_what_is_new(house: House, page: Page) -> None:
    number = a_case(house)
    page.goto(f"/complaints/{number}")
    text = page.locator(".now textarea").first
    text.fill("Halfway through a sen")
    ellie = house.visitor("ellie")
    form = {"channel": "phone", "text": "We have it"}
    assert ellie.act(number, "acknowledge", **form).status_code == 303
    bar = page.locator("#news")
    expect(bar).to_contain_text("艾丽")
    expect(text).to_have_value("Halfway through a sen")
    bar.get_by_role("button").click()
    expect(text).to_have_value("Halfway through a sen")
    expect(bar.locator("button")).to_have_count(0)
    page.locator(".now form").evaluate("form => form.reset()")
    page.locator("h1").click()
    ellie.act(number, "note", text="One more")
    expect(page.locator(".now")).to_contain_text("评估")


def test_a_list_says_what_is_new_and_waits_to_be_asked(house: House, page: Page) -> None:
    lodged(house.visitor("ellie"))
    settle(house)
    page.goto("/queue?tab=all")
    first = page.locator("[data-row]").first.get_attribute("data-row")
    number = lodged(house.visitor("ellie"))
    bar = page.locator("#news")
    expect(bar).to_contain_text("1 条新增")
    assert page.locator("[data-row]").first.get_attribute("data-row") == first
    bar.get_by_role("button").click()
    expect(page.locator(f"[data-row={number}]")).to_be_visible()
    expect(bar.locator("button")).to_have_count(0)


def test_who_was_logged_out_elsewhere_is_told(house: House, page: Page) -> None:
    number = a_case(house)
    page.goto(f"/complaints/{number}")
    text = page.locator(".now textarea").first
    text.fill("Not lost")
    cookies = {it["name"]: it["value"] for it in page.context.cookies()}
    with psycopg.connect(house.url) as db:
        digest = hashlib.sha256(cookies["evercase_session"].encode()).digest()
        db.execute("DELETE FROM desk.session WHERE token_hash = %s", (digest,))
    house.visitor("ellie").act(number, "note", text="Meanwhile")
    expect(page.locator("#news")).to_contain_text("登录已过期")
    expect(text).to_have_value("Not lost")


def test_two_windows_see_each_other(house: House, page: Page, address: str) -> None:
    number = a_case(house)
    page.goto(f"/complaints/{number}")
    here = page.locator(".crumb .here")
    with window(page, address, "ellie") as other:
        other.goto(f"/complaints/{number}")
        expect(here).to_have_text("艾丽正在查看")
        expect(other.locator(".crumb .here")).to_have_text("Lin Qiao is reading")
        other.locator("summary", has_text="Reply to").click()
        other.locator("form.out textarea").press_sequentially("Dear")
        expect(here).to_have_text("艾丽正在给客户写回复")
        with window(page, address, "priya") as lead:
            lead.goto("/queue?tab=all")
            row = lead.locator(f"[data-row={number}]")
            expect(row).to_contain_text("Ellie Quillon is writing to the customer")
        other.goto("/queue")
        expect(here).to_have_text("")
    page.goto("/queue")


def test_who_went_silent_is_gone_and_who_is_recused_neither_sees_nor_is_seen(
    house: House,
) -> None:
    number = a_case(house)
    ellie, lin, priya = (house.visitor(login) for login in ("ellie", "lin", "priya"))
    page = "019adf00-0000-7000-8000-00000000000a"
    csrf = lin.form(lin.get("/me").text, "/logout")["csrf"]
    beat = {"csrf": csrf, "page": page, "case": number, "doing": "noting"}
    assert lin.client.post("/live/here", data=beat).status_code == 204
    assert "Lin Qiao is writing a note" in ellie.get(f"/complaints/{number}").text
    assert "Lin Qiao is writing a note" in ellie.get("/queue?tab=all").text
    told = ellie.client.get(f"/api/v1/complaints/{number}/here").json()
    assert told == [{"staff": house.staff["lin"], "name": "Lin Qiao", "doing": "noting"}]
    assert lin.client.get(f"/api/v1/complaints/{number}/here").json() == []
    assert "林乔" not in _here(lin.get(f"/complaints/{number}").text)
    with psycopg.connect(house.url) as db:
        query = "UPDATE desk.presence SET seen_at = seen_at - %s"
        db.execute(query, (presence.GONE_AFTER,))
    assert _here(ellie.get(f"/complaints/{number}").text) == ""
    assert lin.client.post("/live/here", data=beat).status_code == 204
    priya.act(number, "recuse", staff=house.staff["lin"], reason="Named in it")
    settle(house)
    assert _here(ellie.get(f"/complaints/{number}").text) == ""
    assert lin.client.post("/live/here", data=beat).status_code == 404
    for wrong in ({"doing": "dancing"}, {"page": "x"}):
        assert lin.client.post("/live/here", data=beat | wrong).status_code == 422
    assert ellie.client.post("/live/here", data=beat).status_code == 403


def _here(text: str) -> str:
    return text.partition('<span class="here"')[2].partition(">")[2].partition("<")[0]


def test_without_scripts_the_page_is_whole(house: House, address: str) -> None:
    number = a_case(house)
    with browser(address, java_script_enabled=False) as page:
        log_in(page, "ellie")
        page.goto(f"/complaints/{number}")
        expect(page.locator("#news")).to_be_empty()
        expect(page.locator("#show-keys")).to_be_hidden()
        expect(page.get_by_role("dialog")).to_be_hidden()
        page.locator("summary", has_text="Note for colleagues").click()
        page.locator("form.internal textarea").fill("Without scripts")
        page.get_by_role("button", name="Save note").click()
        expect(page.get_by_text("Without scripts")).to_be_visible()
