"""In a browser: x selects, back comes to the same row, what one closed stays greyed, n goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browsing import browser, log_in, served
from playwright.sync_api import Page, expect
from states import done
from test_story import lodged
from visiting import House


@pytest.fixture
def house(fresh_house: House) -> House:
    return fresh_house


@pytest.fixture
def page(house: House) -> Iterator[Page]:
    with served(house.app) as address, browser(address) as opened:
        log_in(opened, "ellie")
        yield opened


def ready(house: House, count: int) -> list[str]:
    ellie = house.visitor("ellie")
    numbers = [lodged(ellie) for _ in range(count)]
    ellie.get(f"/queue?tab=unassigned&position={house.ledger.head()}")
    return numbers


def test_back_comes_to_the_row_one_left_and_greys_what_one_closed(house: House, page: Page) -> None:
    _, second, third = ready(house, 3)
    page.goto("/queue?tab=unassigned")
    page.locator(f'a.open[href^="/complaints/{second}"]').click()
    expect(page.locator(f'a[rel="next"][href^="/complaints/{third}"]')).to_be_visible()
    ellie = house.visitor("ellie")
    done(ellie, second, "take", {})
    done(ellie, second, "withdraw", {"channel": "phone"})
    house.visitor("priya").get(f"/queue?tab=all&position={house.ledger.head()}")
    page.go_back()
    row = page.locator(f"#row-{second}")
    expect(row).to_have_class(re.compile("gone came"))
    expect(row).to_contain_text("closed by you")
    expect(row).to_be_in_viewport()


def test_j_and_k_walk_along_the_list(house: House, page: Page) -> None:
    first, second, _ = ready(house, 3)
    page.goto("/queue?tab=unassigned")
    page.locator(f'a.open[href^="/complaints/{second}"]').click()
    page.wait_for_url(re.compile(f"/complaints/{second}"))
    page.keyboard.press("k")
    expect(page).to_have_url(re.compile(f"/complaints/{first}"))
    page.wait_for_url(re.compile(f"/complaints/{first}"))
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile(f"/complaints/{second}"))


def test_x_selects_the_row_one_stands_on(house: House, page: Page) -> None:
    _, second = ready(house, 2)
    page.goto("/queue?tab=unassigned")
    page.locator(f'a.open[href^="/complaints/{second}"]').focus()
    page.keyboard.press("x")
    expect(page.locator(f'input[name="case-{second}"]')).to_be_checked()


def test_after_every_act_n_takes_the_next(house: House, page: Page) -> None:
    first, second = ready(house, 2)
    page.goto("/queue?tab=unassigned")
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile(f"/complaints/{first}\\?done=take"))
    expect(page.locator(".said")).to_contain_text(second)
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile(f"/complaints/{second}"))
