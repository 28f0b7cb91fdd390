"""Saved replies in a real browser: found by words, filled in place, kept in the draft, sent."""

from __future__ import annotations

import re

from browsing import browser, log_in
from playwright.sync_api import Page, expect
from test_draft_browser import REPLY, open_case, saved
from test_drafts import boxed
from test_saved_replies import facts, publish
from test_story import lodged
from visiting import House

from domain.conversation import SavedReplyUsed

SEARCH = "form.out .picker input[type=search]"
PICK = "form.out .picker select"
USE = "form.out .picker button[name=use]"


def test_it_is_found_by_its_words_and_stands_in_the_box_and_in_the_draft(
    house: House, page: Page
) -> None:
    ellie = house.visitor("ellie")
    number = lodged(ellie)
    open_case(page, number)
    with page.expect_response("**/saved-replies"):
        page.locator(SEARCH).focus()
    told = page.locator("form.out .picker [role=status]")
    page.locator(SEARCH).fill("nobody says this")
    expect(told).to_have_text("0 found")
    page.locator(SEARCH).press("Enter")
    expect(told).to_have_text("Choose a saved reply.")
    page.locator(SEARCH).fill("TRACE three")
    expect(told).to_have_text("1 found")
    expect(page.locator(PICK)).to_have_value("when-money-arrives@1")
    page.locator(SEARCH).press("Enter")
    expect(page.locator(REPLY)).to_have_value(re.compile(r"Dear Mei Hanlu,\n\nThe payment we"))
    saved(page, "#reply")
    assert boxed(ellie, number)["saved_reply"] == "when-money-arrives@1"
    page.locator(REPLY).press("Control+Enter")
    expect(page.locator("article.out header")).to_contain_text("“When the money arrives”")
    (used,) = facts(house, ellie, number, SavedReplyUsed)
    assert not used.changed


def test_it_comes_below_what_was_typed_and_files_stay(house: House, page: Page) -> None:
    number = lodged(house.visitor("ellie"))
    open_case(page, number)
    page.locator(REPLY).fill("I rang you today.")
    files = page.locator("form.out input[type=file]")
    files.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"words"})
    page.locator(PICK).select_option("thank-you@1")
    page.locator(USE).click()
    expect(page.locator(REPLY)).to_have_value(
        re.compile(r"I rang you today\.\n\nDear Mei Hanlu,\n\nThank you")
    )
    expect(page.locator(REPLY)).to_be_focused()
    assert files.evaluate("it => it.files.length") == 1


def test_one_retired_while_the_page_is_open_says_so_in_place(house: House, page: Page) -> None:
    number = lodged(house.visitor("ellie"))
    publish(house, "fading")
    open_case(page, number)
    publish(house, "fading", 2, retired=True)
    page.locator(REPLY).fill("Typed with care")
    page.locator(PICK).select_option("fading@1")
    page.locator(USE).click()
    expect(page.locator("form.out .picker [role=status]")).to_contain_text("is used no more")
    expect(page.locator(REPLY)).to_have_value("Typed with care")


def test_enter_in_the_subject_sends_as_ever(house: House, page: Page) -> None:
    number = lodged(house.visitor("ellie"))
    open_case(page, number)
    page.locator(REPLY).fill("Short and own")
    page.locator("form.out input[name=subject]").press("Enter")
    expect(page.locator("article.out")).to_contain_text("Short and own")


def test_without_scripts_the_choice_comes_back_filled_in(house: House, address: str) -> None:
    number = lodged(house.visitor("ellie"))
    with browser(address, java_script_enabled=False) as page:
        log_in(page, "ellie")
        page.goto(f"/complaints/{number}")
        page.locator("#reply > summary").click()
        page.locator(REPLY).fill("I rang you today.")
        page.locator(PICK).select_option("thank-you@1")
        page.locator(USE).click()
        expect(page.locator(REPLY)).to_have_value(
            re.compile(r"I rang you today\.\n\nDear Mei Hanlu,\n\nThank you")
        )
        expect(page.locator("#reply")).to_have_attribute("open", "")
