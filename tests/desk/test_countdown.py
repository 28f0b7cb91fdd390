"""What is left of a clock, in working time, on the page as made and as it goes on counting."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from browsing import browser, log_in
from playwright.sync_api import Page, expect
from test_live import a_case
from visiting import House

PAGE = """
document.body.insertAdjacentHTML('beforeend',
  `<span id="x" data-due="%(due)s" data-seconds="%(seconds)d" data-work="%(work)s"
         data-warns="%(warns)s" data-called="Ack"></span>`);
document.dispatchEvent(new Event('replaced'));
"""


def test_the_absolute_time_comes_first_and_the_rest_in_working_time(house: House) -> None:
    number = a_case(house)
    text = house.visitor("ellie").get(f"/complaints/{number}").text
    clocks = re.findall(r'<details class="why">.*?</summary>', text, re.DOTALL)
    plain = [" ".join(re.sub(r"<[^>]+>", "", clock).split()) for clock in clocks]
    day = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ \w+( \d{4})? \d\d:\d\d"
    assert plain
    for words in plain:
        assert re.fullmatch(day + r" \((in .+|.+ over)\)", words), words
    assert any("of work" in words for words in plain)


def counted(page: str, called: str) -> tuple[str, dict[str, str]]:
    """The words of a countdown, and what it goes on by without the seconds since."""
    found = re.search(rf'<span class="left"([^>]*data-called="{called}")>([^<]*)</span>', page)
    assert found
    given = dict(re.findall(r'data-([a-z]+)="([^"]*)"', found[1]))
    return found[2], {name: given[name] for name in ("due", "work", "warns")}


def test_a_row_counts_as_its_case_does(house: House) -> None:
    number = a_case(house)
    ellie = house.visitor("ellie")
    row = counted(ellie.get("/queue?tab=all").text, number)
    assert "of work" in row[0]
    case = ellie.get(f"/complaints/{number}").text
    name = re.search(
        r'data-due="' + re.escape(row[1]["due"]) + r'"[^>]*data-called="([^"]+)"', case
    )
    assert name
    on_case = counted(case, name[1])
    assert on_case[0] == row[0]
    assert on_case[1]["warns"] == row[1]["warns"]
    first, second = (int(it["work"].rpartition("-")[2]) for it in (row[1], on_case[1]))
    assert abs(first - second) <= 1, "counted in the same second, or the next"


def test_over_a_weekend_no_working_time_goes_by(page: Page) -> None:
    page.clock.install(time=datetime(2026, 3, 7, 9, 0, tzinfo=UTC))
    page.goto("/me")
    due = int(datetime(2026, 3, 9, 12, 0, tzinfo=UTC).timestamp())
    page.evaluate(PAGE % {"due": due, "seconds": 3 * 3600, "work": "", "warns": ""})
    shown = page.locator("#x")
    expect(shown).to_have_text("in 3 h of work")
    page.clock.run_for(20 * 3600_000)
    expect(shown).to_have_text("in 3 h of work")


def test_minutes_go_by_and_thresholds_are_said_once(page: Page) -> None:
    start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    page.clock.install(time=start - timedelta(minutes=10))
    page.goto("/me")
    page.clock.pause_at(start)
    at = int(start.timestamp())
    values = {
        "due": at + 5 * 3600,
        "seconds": 3 * 3600,
        "work": f"{at}-{at + 3600} {at + 3 * 3600}-{at + 8 * 3600}",
        "warns": at + 4 * 3600,
    }
    page.evaluate(PAGE % values)
    shown, aloud = page.locator("#x"), page.locator("#aloud")
    expect(shown).to_have_text("in 3 h of work")
    page.clock.run_for(30 * 60_000)
    expect(shown).to_have_text("in 2 h 30 min of work")
    page.clock.run_for(2 * 3600_000)
    expect(shown).to_have_text("in 2 h of work")
    expect(aloud).to_have_text("")
    page.clock.run_for(2 * 3600_000)
    expect(aloud).to_have_text("“Ack” is due soon.")
    page.clock.run_for(30 * 60_000 + 60_000)
    expect(aloud).to_have_text("“Ack” is overdue.")
    expect(shown).to_have_text("1 min of work over")


def test_why_opens_under_pointer_and_focus_and_escape_closes_it(house: House, page: Page) -> None:
    number = a_case(house)
    page.goto(f"/complaints/{number}")
    why = page.locator("aside .why").first
    card = why.locator(".why-card")
    why.locator("summary").hover()
    expect(card).to_be_visible()
    expect(card).to_contain_text("version")
    page.mouse.move(5, 5)
    expect(card).to_be_hidden()
    why.locator("summary").click()
    page.mouse.move(5, 5)
    expect(card).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(why.locator("summary")).to_be_focused()
    expect(card).to_be_visible()
    page.keyboard.press("Shift+Tab")
    expect(card).to_be_hidden()


def test_without_scripts_why_is_a_fold(house: House, address: str) -> None:
    number = a_case(house)
    with browser(address, java_script_enabled=False) as page:
        log_in(page, "ellie")
        page.goto(f"/complaints/{number}")
        why = page.locator("aside .why").first
        expect(why.locator(".why-card")).to_be_hidden()
        why.locator("summary").click()
        expect(why.locator(".why-card")).to_be_visible()
