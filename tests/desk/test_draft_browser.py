"""What somebody typed, in a real browser: it outlives the session, the page and other windows."""

from __future__ import annotations

from people import PASSWORD
from playwright.sync_api import Page, expect
from test_drafts import drafts, end_session
from test_story import lodged
from visiting import House, Visitor

REPLY = "form.out textarea[name=text]"
NOTE = "form.internal textarea[name=text]"


def open_case(page: Page, number: str) -> None:
    page.goto(f"/complaints/{number}")
    for box in ("#reply", "#note"):
        page.locator(box).evaluate("it => { it.open = true; }")


def saved(page: Page, box: str) -> None:
    expect(page.locator(f"{box} .saved")).to_contain_text("Saved ")


def test_words_outlive_a_reload(house: House, page: Page) -> None:
    number = lodged(house.visitor("ellie"))
    open_case(page, number)
    page.locator(NOTE).fill("The shop confirmed it")
    saved(page, "#note")
    page.reload()
    expect(page.locator(NOTE)).to_have_value("The shop confirmed it")
    expect(page.locator("#note")).to_have_attribute("open", "")


def test_words_outlive_a_session_that_was_killed(house: House, page: Page) -> None:
    number = lodged(house.visitor("ellie"))
    open_case(page, number)
    (cookie,) = [it for it in page.context.cookies() if it["name"] == "evercase_session"]
    browsed = Visitor(house)
    browsed.client.cookies.set("evercase_session", cookie["value"])
    end_session(house, browsed)
    page.locator(NOTE).fill("Typed after the end")
    again = page.locator("#note .again")
    expect(again).to_be_visible()
    again.get_by_label("Login").fill("ellie")
    again.get_by_label("Password").fill(PASSWORD)
    again.get_by_role("button").click()
    saved(page, "#note")
    expect(page.locator(NOTE)).to_have_value("Typed after the end")
    page.locator("#note").get_by_role("button", name="Save note").click()
    expect(page.get_by_text("Done: noted.")).to_be_visible()
    expect(page.locator("article.internal")).to_contain_text("Typed after the end")


def test_another_window_shows_the_words_and_saves_over_none(house: House, page: Page) -> None:
    number = lodged(house.visitor("ellie"))
    other = page.context.new_page()
    open_case(page, number)
    open_case(other, number)
    page.locator(NOTE).fill("Of the first window")
    saved(page, "#note")
    other.locator(NOTE).fill("Of the second window")
    choice = other.locator("#note .other")
    expect(choice).to_contain_text("Of the first window")
    choice.get_by_role("button", name="Use those").click()
    expect(other.locator(NOTE)).to_have_value("Of the first window")
    assert drafts(house.visitor("ellie"), number) == {"note": "Of the first window"}


def test_the_keys_of_a_note_send_no_reply(house: House, page: Page) -> None:
    number = lodged(house.visitor("ellie"))
    open_case(page, number)
    page.locator(REPLY).fill("To the customer")
    page.locator(REPLY).press("Control+Shift+Enter")
    page.locator(NOTE).fill("To colleagues")
    page.locator(NOTE).press("Control+Enter")
    expect(page.locator(REPLY)).to_have_value("To the customer")
    page.locator(NOTE).press("Control+Shift+Enter")
    expect(page.get_by_text("Done: noted.")).to_be_visible()
    expect(page.locator("article.out")).to_have_count(0)


def test_u_gives_the_words_back(house: House, page: Page) -> None:
    number = lodged(house.visitor("ellie"))
    open_case(page, number)
    page.locator("form.out select[name=channel]").select_option("phone")
    expect(page.locator("form.out .to")).to_have_text("To Mei Hanlu by phone")
    page.locator("form.out select[name=channel]").select_option("email")
    page.locator(REPLY).fill("Sent too early")
    page.locator(REPLY).press("Control+Enter")
    expect(page.locator("form.leaving")).to_contain_text("Leaves")
    page.keyboard.press("u")
    expect(page.get_by_text("Done: the letter stays here.")).to_be_visible()
    expect(page.locator(REPLY)).to_have_value("Sent too early")
    expect(page.locator("form.leaving")).to_have_count(0)
