"""Rows of the queue on screens of all widths: two lines where there is room, and none cut off."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from states import Cases
from test_pages import settle
from visiting import House

LINES = """row => {
  const tops = [...row.querySelectorAll(':scope > div > p')].map(it => it.getBoundingClientRect());
  return tops.map(it => Math.round(it.height / parseFloat(getComputedStyle(row).lineHeight)));
}"""

WHOLE = "row => [...row.querySelectorAll('.when p')].every(it => it.scrollWidth <= it.clientWidth)"


@pytest.fixture(scope="module")
def listed(house: House) -> None:
    cases = Cases(house)
    for state in ("new", "to assess", "waiting for customer", "redress open", "after-close mail"):
        assert cases[state]
    settle(house)


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_row_has_two_lines_and_no_more(page: Page, language: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    if (change := page.locator(f"button[value={language}]")).count():
        change.click()
    page.goto("/queue?tab=all")
    rows = page.locator(".rows > .line")
    assert rows.count() >= 4
    for row in rows.all():
        assert set(row.evaluate(LINES)) == {1}
        assert row.evaluate(WHOLE), "neither the due time nor what is left of it is cut"
        assert max(len(side.locator("> p").all()) for side in row.locator("> div").all()) == 2


@pytest.mark.usefixtures("listed")
def test_a_narrow_row_shows_all_of_it(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    page.goto("/queue?tab=all")
    for row in page.locator(".rows > .line").all():
        sides = [side.bounding_box() for side in row.locator("> div").all()]
        tops = [side["y"] for side in sides if side]
        assert tops == sorted(tops)
        assert len({side["x"] for side in sides if side}) == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
