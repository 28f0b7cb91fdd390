"""The history in a real browser: its keys step through time, its slider shows at once."""

from __future__ import annotations

from browsing import browser, log_in, served
from states import case_in
from visiting import House


def test_keys_and_slider_move_through_time(house: House) -> None:
    number = case_in(house, "to assess")
    with served(house.app) as address, browser(address) as page:
        log_in(page, "ellie")
        page.goto(f"/complaints/{number}/history")
        whole = page.locator("tr[id^=fact-]").count()
        page.keyboard.press("[")
        page.locator(".strip.then").wait_for()
        assert page.locator("tr[id^=fact-]").count() < whole
        page.keyboard.press("]")
        page.locator(".strip.then").wait_for(state="detached")
        assert page.locator("tr[id^=fact-]").count() == whole
        page.locator("#rail").focus()
        page.keyboard.press("Home")
        page.get_by_text("No facts in this filter.").wait_for()
        page.goto(f"/complaints/{number}/history")
        page.keyboard.press("d")
        page.wait_for_url("**changes=yes**")


def test_on_a_phone_its_words_are_as_wide_as_the_phone(house: House) -> None:
    number = case_in(house, "to assess")
    small = {"width": 360, "height": 780}
    with served(house.app) as address, browser(address, viewport=small) as page:
        log_in(page, "ellie")
        page.goto(f"/complaints/{number}/history")
        told = page.locator(".facts-told")
        assert told.evaluate("it => it.scrollWidth <= it.parentElement.clientWidth")
