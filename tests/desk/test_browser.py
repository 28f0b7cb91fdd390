"""One story in a real browser: log in, lodge, work every step, close, read the history."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browsing import browser, log_in
from playwright.sync_api import ConsoleMessage, Page, expect


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    with browser(address) as opened:
        faults: list[str] = []
        opened.on("pageerror", lambda error: faults.append(str(error)))
        opened.on("console", lambda said: faults.append(said.text) if blocked(said) else None)
        yield opened
        assert faults == []


def blocked(said: ConsoleMessage) -> bool:
    """Whether the browser refused a part of the page; that a form was refused is no fault."""
    return said.type == "error" and not said.text.startswith("Failed to load resource")


def now_card(page: Page) -> str:
    return page.locator("#now").inner_text()


def press(page: Page) -> None:
    """The one primary button of the Now card."""
    with page.expect_navigation():  # what is being saved as a draft is saved first
        page.locator("section.now button.primary").click()
    expect(page.locator(".said")).to_be_visible()


def test_from_intake_to_closing(page: Page) -> None:
    log_in(page, "ellie")
    page.get_by_role("link", name="New complaint").click()
    page.get_by_role("link", name="Register a new customer").click()
    page.get_by_label("Name", exact=True).fill("Ostrow & Finch Ltd")
    page.get_by_label("It is").select_option("organisation")
    page.get_by_label("Language", exact=True).select_option("en")
    page.get_by_label("E-mail").fill("office@ostrow.example")
    page.get_by_role("button", name="Register").click()
    page.get_by_label("How it came").select_option("phone")
    page.get_by_label("Product").select_option("payments")
    page.get_by_label("Category").select_option("fee")
    page.get_by_label("What happened, in the customer's words").fill("The fee was charged twice")
    page.get_by_role("button", name="Lodge the complaint").click()

    assert now_card(page) == "Nobody has taken this complaint yet"
    number = re.search(r"C-\d{4}-\d{6}", page.url)
    assert number
    press(page)
    assert now_card(page) == "Tell Ostrow & Finch Ltd that the complaint is here"
    page.locator("#now-channel").select_option("phone")
    page.locator("#now-text").fill("Thank you, you hear from us by Monday.")
    press(page)
    assert now_card(page) == "Assess how grave it is"
    page.get_by_label("What harm was done").select_option("money")
    page.get_by_label("Could others be affected?").select_option("no")
    press(page)
    page.get_by_label("What was found").fill("Two debits for one payment")
    page.get_by_label("Cause").select_option("error_of_ours")
    press(page)
    assert now_card(page) == "Propose how to put it right"
    page.locator("#now-decision").select_option("upheld")
    page.locator("#now-reasons").fill("We charged twice.")
    page.locator("#now-amount").fill("12.50")
    press(page)
    assert now_card(page) == "Put the proposal to Ostrow & Finch Ltd"
    page.locator("#now-channel").select_option("phone")
    page.locator("#now-text").fill("We give back £12.50.")
    press(page)
    page.locator("#now-answer").select_option("yes")
    page.locator("#now-channel").select_option("phone")
    press(page)
    assert now_card(page) == "Tell Ostrow & Finch Ltd what we decided"
    page.locator("#now-channel").select_option("phone")
    page.locator("#now-text").fill("Upheld; the money is on its way.")
    press(page)
    assert now_card(page) == "Record the payment to Ostrow & Finch Ltd"
    page.locator("#now-proof").fill("T-77")
    press(page)
    page.locator("#now-reason_code").select_option("error_of_ours")
    press(page)
    assert now_card(page) == "Closed: resolved"

    page.get_by_role("link", name="Full history").click()
    story = page.locator("tbody").inner_text()
    told = [
        "Complaint received by phone",
        "Ellie Quillon answers for it",
        "Receipt acknowledged by phone",
        "Assessed: severity medium",
        "Proposed: upheld · £12.50",
        "The customer accepted the proposal by phone",
        "The customer was told the decision by phone: upheld",
        "Paid: £12.50",
        "Closed: resolved, upheld · Our error",
    ]
    places = [story.index(words) for words in told]
    assert places == sorted(places)


def test_pages_fit_a_small_window(address: str) -> None:
    with browser(address, viewport={"width": 360, "height": 740}) as page:
        log_in(page, "ellie")
        for path in ("/queue?tab=all", "/customers", "/notices", "/mail", "/components", "/me"):
            page.goto(path)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 360, path


def test_control_and_enter_press_the_primary_button(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("Login").fill("nobody")
    page.get_by_label("Password").fill("nothing at all")
    page.get_by_label("Password").press("Control+Enter")
    expect(page.get_by_role("alert")).to_be_visible()
