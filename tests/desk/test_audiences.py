"""A working day of each audience in a real browser, with pictures of what they saw."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsing import browser, log_in
from playwright.sync_api import Page, expect
from states import case_in
from visiting import House

OUTPUT = Path(__file__).parents[1] / "output"
Picture = Callable[[str], None]


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    with browser(address) as opened:
        yield opened


@pytest.fixture
def picture(page: Page, request: pytest.FixtureRequest) -> Picture:
    """Keeps what is on the page, by light and by dark."""
    OUTPUT.mkdir(exist_ok=True)
    story = request.node.name.removeprefix("test_")

    def take(name: str) -> None:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=OUTPUT / f"{story}-{name}-{scheme}.png", full_page=True)
        page.emulate_media(color_scheme="light")

    return take


def press(page: Page) -> None:
    """The one primary button of the Now card; then the page that follows."""
    before = page.url
    page.locator("section.now button.primary").click()
    page.wait_for_url(lambda url: url != before)
    expect(page.locator("#now")).to_be_visible()


def test_an_agent_in_chinese(house: House, page: Page, picture: Picture) -> None:
    number = case_in(house, "new", "lin")
    log_in(page, "lin")
    page.goto("/queue?tab=unassigned")
    expect(page.get_by_role("heading", level=1)).to_have_text("投诉")
    picture("queue")
    page.goto(f"/complaints/{number}")
    expect(page.locator("section.now button.primary")).to_contain_text("接单")
    press(page)
    page.locator("#now-channel").select_option("phone")
    page.locator("#now-text").fill("您的投诉已收到，我们会尽快调查。")
    picture("acknowledge")
    press(page)
    expect(page.locator("section.now button.primary")).to_contain_text("评估")
    page.get_by_text("仅同事可见", exact=False).first.wait_for(state="attached")
    page.goto(f"/complaints/{number}/note")
    page.locator("textarea").first.fill("客户情绪激动，请优先处理。")
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile(r"done=note"))
    expect(page.get_by_text("客户情绪激动，请优先处理。")).to_be_visible()
    picture("case")


def test_an_agent_in_english(house: House, page: Page, picture: Picture) -> None:
    number = case_in(house, "to assess")
    log_in(page, "ellie")
    page.goto("/queue?tab=mine")
    picture("queue")
    page.goto(f"/complaints/{number}")
    page.get_by_label("What harm was done").select_option("money")
    page.get_by_label("Could others be affected?").select_option("no")
    press(page)
    expect(page.locator(".said")).to_contain_text("Done: assessed.")
    page.get_by_label("What was found").fill("Two debits for one payment")
    page.get_by_label("Cause").select_option("error_of_ours")
    picture("case")
    press(page)
    page.keyboard.press("t")
    page.wait_for_url(re.compile(r"/history"))
    expect(page.locator("table")).to_contain_text("Two debits for one payment")
    picture("history")


def test_a_team_lead(house: House, page: Page, picture: Picture) -> None:
    number = case_in(house, "waiting for approval")
    log_in(page, "priya")
    house.visitor("priya").get(f"/notices?position={house.ledger.head()}")
    page.goto("/board")
    picture("board")
    page.keyboard.press("3")
    page.wait_for_url(re.compile(r"/queue\?tab=nobody"))
    page.goto(f"/complaints/{number}/order")
    page.locator("textarea").first.fill("Why is this still open?")
    due = page.locator("input[type=datetime-local]").first
    if due.count() and not due.input_value():
        due.fill("2030-01-07T12:00")
    page.locator(".now form > .acts button").click()
    page.wait_for_url(re.compile(r"done=order"))
    expect(page.locator("main")).to_contain_text("Why is this still open?")
    picture("case")


def test_compliance(house: House, page: Page, picture: Picture) -> None:
    number = case_in(house, "closed")
    log_in(page, "song")
    page.goto(f"/complaints/{number}/history")
    facts = page.locator("tr[id^=fact-]")
    whole = facts.count()
    picture("history")
    page.keyboard.press("[")
    page.locator(".strip.then").wait_for()
    assert facts.count() < whole
    picture("as-of")
    page.goto(f"/complaints/{number}/history/export")
    page.locator("input[name=purpose], textarea[name=purpose]").fill("年度审计")
    page.locator("[name=format][value=json], select[name=format]").first.wait_for()
    choice = page.locator("select[name=format]")
    if choice.count():
        choice.select_option("json")
    else:
        page.locator("[name=format][value=json]").check()
    with page.expect_download() as download:
        page.locator("main form button.primary").click()
    told = json.loads(Path(download.value.path()).read_text())
    assert number in json.dumps(told)
    page.goto("/disclosures")
    picture("who-looked")
