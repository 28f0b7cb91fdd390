"""Every page in a real browser as axe-core, a small window, a large type and paper see it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from browsing import browser, log_in
from every_page import PAGES, Ground
from playwright.sync_api import Page
from states import STATES, Cases
from visiting import House

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FAULTS = """async (rules) => {
  const found = await axe.run(document, {runOnly: {type: 'tag', values: rules}});
  return found.violations.flatMap(it => it.nodes.map(node =>
    `${it.id}: ${node.target.join(' ')}: ${node.failureSummary}`));
}"""
MOVED = """() => new Promise((resolve) => {
  let moved = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) moved += entry.value;
  }).observe({type: 'layout-shift', buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(moved)));
})"""


@pytest.fixture(scope="module")
def cases(house: House) -> Cases:
    return Cases(house)


@pytest.fixture(scope="module")
def ground(house: House, cases: Cases) -> Ground:
    return Ground(house, cases)


@pytest.fixture(scope="module")
def places(ground: Ground) -> list[tuple[str, str]]:
    """Every page of the desk, and the case page in every state: (login, address)."""
    pages = [place for addresses in PAGES.values() for place in addresses(ground)]
    states = [("ellie", f"/complaints/{ground.cases[state]}") for state in STATES]
    return sorted({*pages, *states, ("ellie", "/components")})


def looked_at(address: str, places: list[tuple[str, str]], **options: Any) -> Iterator[Page]:
    """Each page in turn, by one browser per person."""
    for login in sorted({login for login, _ in places}):
        with browser(address, bypass_csp=True, **options) as page:
            log_in(page, login)
            for who, path in places:
                if who == login:
                    page.goto(path)
                    yield page


@pytest.mark.timeout(900)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault(address: str, places: list[tuple[str, str]], scheme: str) -> None:
    faults: dict[str, list[str]] = {}
    for page in looked_at(address, places, color_scheme=scheme):
        page.evaluate(AXE)
        if found := page.evaluate(FAULTS, RULES):
            faults[page.url] = found
    assert not faults, "\n".join(f"{url}: {one}" for url, all in faults.items() for one in all)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "window",
    [{"width": 360, "height": 740}, {"width": 640, "height": 480}],
    ids=["a phone", "1280 wide at 200 %"],
)
def test_nothing_is_wider_than_the_window(
    address: str, places: list[tuple[str, str]], window: dict[str, int]
) -> None:
    wide = {
        page.url: width
        for page in looked_at(address, places, viewport=window)
        if (width := page.evaluate("document.documentElement.scrollWidth")) > window["width"]
    }
    assert wide == {}


@pytest.mark.timeout(600)
def test_nothing_moves_while_a_page_loads(address: str, places: list[tuple[str, str]]) -> None:
    moved = {}
    for page in looked_at(address, places):
        if page.evaluate(MOVED) > 0:
            # On a busy machine a page may come in pieces: what moves, moves again.
            page.reload()
            if (distance := page.evaluate(MOVED)) > 0:
                moved[page.url] = distance
    assert moved == {}


def test_a_page_on_paper_shows_its_words_alone(address: str, cases: Cases) -> None:
    with browser(address) as page:
        log_in(page, "ellie")
        for path in (f"/complaints/{cases['closed']}", f"/complaints/{cases['closed']}/history"):
            page.goto(path)
            page.emulate_media(media="print")
            assert not page.locator(".top, .boxes, #show-keys").filter(visible=True).count()
            assert page.locator("h1").is_visible()
            for form in page.locator("form").all():
                assert not form.is_visible()
