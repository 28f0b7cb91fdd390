"""Keys in a real browser: the list of them, one after the other, and none where one wants none."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from test_story import lodged
from visiting import House


def test_a_question_mark_lists_the_keys_of_the_page(house: House, page: Page) -> None:
    number = lodged(house.visitor("ellie"))
    page.goto(f"/complaints/{number}")
    page.keyboard.press("?")
    listed = page.get_by_role("dialog")
    expect(listed).to_be_visible()
    for words in ("Search", "Complaints", "Note for colleagues", "Full history"):
        expect(listed).to_contain_text(words)
    page.keyboard.press("t")
    expect(listed).to_be_visible()
    page.keyboard.press("Escape")
    expect(listed).to_be_hidden()
    page.keyboard.press("t")
    expect(page).to_have_url(f"{page.url.partition('/complaints')[0]}/complaints/{number}/history")


def test_one_key_after_the_other_goes_to_a_page(page: Page) -> None:
    page.keyboard.press("g")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1, name="Notices")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("q")
    expect(page.get_by_role("heading", level=1, name="Complaints")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("gn?")
    expect(page.get_by_label("Search")).to_have_value("gn?")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_j_and_k_walk_along_a_list(house: House, page: Page) -> None:
    for _ in range(3):
        lodged(house.visitor("ellie"))
    expect(page.locator("h1")).to_be_visible()
    page.goto("/queue?tab=all")
    links = page.locator(".rows a.open")
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(links.nth(0)).to_be_focused()


def test_keys_can_be_switched_off(page: Page) -> None:
    page.goto("/me")
    page.get_by_role("button", name="Switch keys off").click()
    expect(page.get_by_text("Keys are off.")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_text("Keys are off.")).to_be_visible()
    page.get_by_role("button", name="Switch keys on").click()
    expect(page.get_by_text("Keys are on.")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
