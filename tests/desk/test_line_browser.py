"""A dropped line, a double click and the back button in a real browser: once, and nothing lost."""

from __future__ import annotations

from urllib.parse import urlparse

import pytest
from browsing import browser, log_in
from playwright.sync_api import Page, Route, expect
from test_draft_browser import NOTE, open_case, saved
from test_drafts import drafts
from test_story import lodged
from visiting import House


def press(page: Page) -> None:
    page.locator("#note").get_by_role("button", name="Save note").click()


def noted(house: House, number: str, words: str) -> int:
    return house.visitor("ellie").get(f"/complaints/{number}/history").text.count(words)


def test_words_typed_while_the_line_is_down_are_saved_when_it_is_up(
    house: House, page: Page
) -> None:
    number = lodged(house.visitor("ellie"))
    open_case(page, number)
    page.context.set_offline(True)
    page.locator(NOTE).fill("Typed in a tunnel")
    expect(page.locator("#note .saved")).to_contain_text("Not saved")
    page.context.set_offline(False)
    saved(page, "#note")
    assert drafts(house.visitor("ellie"), number) == {"note": "Typed in a tunnel"}


def test_a_form_whose_answer_got_lost_is_sent_again_and_done_once(house: House, page: Page) -> None:
    number = lodged(house.visitor("ellie"))
    open_case(page, number)
    page.locator(NOTE).fill("Did it arrive?")
    saved(page, "#note")

    def lose(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    page.route("**/note", lose, times=1)
    with page.expect_event("requestfailed", lambda it: urlparse(it.url).path.endswith("/note")):
        press(page)
    assert noted(house, number, "Did it arrive?") == 1
    open_case(page, number)
    if page.locator(NOTE).input_value():
        press(page)
    assert noted(house, number, "Did it arrive?") == 1
    assert drafts(house.visitor("ellie"), number) == {}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_double_click_does_it_once(house: House, address: str, scripts: bool) -> None:
    number = lodged(house.visitor("ellie"))
    with browser(address, java_script_enabled=scripts) as page:
        log_in(page, "ellie")
        page.goto(f"/complaints/{number}/note")
        page.locator("main textarea[name=text]").fill("Pressed in a hurry")
        page.get_by_role("button", name="Save note").dblclick()
        expect(page.get_by_text("Done: noted.")).to_be_visible()
    assert noted(house, number, "Pressed in a hurry") == 1


def test_after_the_back_button_the_same_form_does_nothing_twice(house: House, page: Page) -> None:
    number = lodged(house.visitor("ellie"))
    page.goto(f"/complaints/{number}/note")
    page.locator("main textarea[name=text]").fill("Said once")
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_text("Done: noted.")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="Save note")).to_be_visible()
    page.locator("main textarea[name=text]").fill("Said once")
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_text("Done: noted.")).to_be_visible()
    assert drafts(house.visitor("ellie"), number) == {}
