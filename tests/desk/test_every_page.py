"""Every page in every state: one primary button, whole in both languages, light, and readable."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from every_page import PAGES, Ground, Shown, routes
from people import PEOPLE, SECRET
from states import PRIMARY, STATES, Cases
from visiting import House

from desk.app import create_app
from desk.language import utc_now

MOST_BYTES = 60_000
CODE = re.compile(r"\b[a-z]+_[a-z_]+\b|\b[A-Z][a-z]+[A-Z]\w*|\b[a-z]+-[0-9a-f]{8}-[0-9a-f-]+")
"""Snake case, class names, ids of streams."""
LATIN = re.compile(r"[A-Za-z][A-Za-z'’]{2,}")
PLACE = re.compile(r"\$\w+|\S+\.(?:org|uk|com)\S*")
"""A place to be filled in a letter, or an address on the web."""
NAMES = frozenset(
    [
        "Ever",
        "case",
        "Evercase",
        "iso",
        "GMT",
        "BST",
        "UTC",
        "London",
        "Europe",
        "GBP",
        "API",
        "ISO",
        "DISP",
        "DUAA",
        "ODR",
        "Financial",
        "Ombudsman",
        "Service",
        "email",
        "CSV",
        "JSON",
        "PDF",
        "Word",
        "Excel",
        "ZIP",
        "OpenDocument",
        "Ctrl",
        "Mei",
        "Hanlu",
        "example",
        "org",
        "Shanghai",
        "Asia",
        "mei",
        "com",
    ]
)
"""Words that are the same in every language: names, currencies, zones, what tests typed."""


@pytest.fixture(scope="module")
def cases(house: House) -> Cases:
    return Cases(house)


@pytest.fixture(scope="module")
def ground(house: House, cases: Cases) -> Ground:
    return Ground(house, cases)


def test_every_route_is_looked_at() -> None:
    assert set(routes()) - PAGES.keys() == set(), "add the new page to PAGES in every_page.py"
    assert PAGES.keys() - set(routes()) == set()


@pytest.mark.parametrize("state", STATES)
def test_a_state_has_its_one_primary_button(house: House, cases: Cases, state: str) -> None:
    number = cases[state]
    page = house.visitor("ellie").get(f"/complaints/{number}").text
    card = re.search(r'<section class="card now.*?</section>', page, re.DOTALL)
    assert card
    actions = re.findall(r'<form method="post" action="([^"]+)"', card[0])
    assert len(re.findall(r'class="button primary"', card[0])) == len(actions)
    wanted = PRIMARY[state]
    assert actions == ([f"/complaints/{number}/{wanted}"] if wanted else [])


@pytest.mark.parametrize("state", STATES)
def test_a_case_offers_nothing_twice_and_is_at_one_stage(
    house: House, cases: Cases, state: str
) -> None:
    page = house.visitor("ellie").get(f"/complaints/{cases[state]}").text
    acts = re.findall(r'<a class="button" href="([^"]+)"', page)
    assert len(acts) == len(set(acts))
    given_up = state in ("withdrawn", "not a complaint")
    assert page.count('aria-current="step"') == (not given_up)


@pytest.mark.parametrize("login", ["ellie", "lin", "priya", "song"])
@pytest.mark.parametrize("state", STATES)
def test_a_case_in_any_state_is_whole(house: House, cases: Cases, state: str, login: str) -> None:
    visitor = house.visitor(login)
    for page in ("", "?tab=system", "/history"):
        answer = visitor.get(f"/complaints/{cases[state]}{page}")
        assert answer.status_code == 200
        _is_whole(answer.text)


@pytest.mark.parametrize("route", PAGES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_is_whole(house: House, ground: Ground, route: str, language: str) -> None:
    for login, address in PAGES[route](ground):
        visitor = house.visitor(login)
        before = _language(visitor.get("/me").text)
        _speak(house, login, language)
        answer = visitor.get(address)
        _speak(house, login, before)
        assert answer.status_code in (200, 404, 410)
        assert _language(answer.text) == language
        _is_whole(answer.text)


def _language(page: str) -> str:
    return "zh" if '<html lang="zh' in page else "en"


def _speak(house: House, login: str, language: str) -> None:
    visitor = house.visitor(login)
    form = visitor.form(visitor.get("/me").text, "/language")
    answer = visitor.client.post("/language", data={**form, "language": language})
    assert answer.status_code == 303


def _is_whole(page: str) -> None:
    """Light enough, with no word of the machine, and nothing left in English where it is zh."""
    assert len(page.encode()) <= MOST_BYTES
    words = [PLACE.sub("", text).replace("OpenDocument", "") for text in Shown(page).words]
    assert [text for text in words if CODE.search(text)] == []
    if _language(page) == "zh":
        left = {word for text in words for word in LATIN.findall(text)} - NAMES
        assert [text for text in words if left & set(LATIN.findall(text))] == []


@pytest.mark.parametrize("login", ["ellie", "lin"])
def test_an_overdue_case_says_so_first(house: House, cases: Cases, login: str) -> None:
    later = create_app(
        ledger=house.ledger,
        pool=house.app.state.house.pool,
        home=house.home,
        secret=SECRET,
        secure=False,
        now=lambda: utc_now() + timedelta(days=90),
    )
    visitor = House(later, house.ledger, house.home, house.staff, house.url).visitor(login)
    page = visitor.get(f"/complaints/{cases['to assess']}").text
    strip = re.search(r'<p class="strip">(.*?)</p>', page, re.DOTALL)
    assert strip
    assert strip[1].startswith("■ ")
    _is_whole(page)
    _is_whole(visitor.get("/queue?tab=team").text)
    for other in PEOPLE:
        house.forget(other)  # a log-in so much later has ended their sessions
