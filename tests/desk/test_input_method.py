"""Pinyin becomes signs in the browser: keys that belong to it are no keys of the desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect
from test_draft_browser import REPLY, open_case
from test_saved_reply_browser import PICK, SEARCH
from test_story import lodged
from visiting import House

PRESS = """(field, told) => field.dispatchEvent(
    new KeyboardEvent("keydown", {bubbles: true, cancelable: true, ...told}))"""


def left_alone(field: Locator, **told: object) -> bool:
    return bool(field.evaluate(PRESS, told))


@pytest.mark.parametrize("sign", [{"isComposing": True}, {"keyCode": 229}], ids=["all", "safari"])
def test_no_key_of_a_composition_is_a_key_of_the_desk(
    house: House, page: Page, sign: dict[str, object]
) -> None:
    number = lodged(house.visitor("ellie"))
    with page.expect_response("**/saved-replies"):
        open_case(page, number)
        page.locator(SEARCH).focus()
    page.locator(SEARCH).fill("TRACE three")
    expect(page.locator(PICK)).to_have_value("when-money-arrives@1")
    assert left_alone(page.locator(SEARCH), key="Enter", **sign)
    page.locator(REPLY).fill("您好")
    assert left_alone(page.locator(REPLY), key="Enter", ctrlKey=True, **sign)
    assert left_alone(page.locator("body"), key="t", **sign)
    assert not left_alone(page.locator("body"), key="?")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator(REPLY)).to_have_value("您好")
    assert page.url.endswith(f"/complaints/{number}")
