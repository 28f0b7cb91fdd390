"""The living page shows every component in each language, by the macros that pages call."""

from __future__ import annotations

import re

import pytest
from test_every_page import _is_whole, _speak
from visiting import House

from desk.page import TEMPLATES


def called(template: str) -> set[str]:
    return set(re.findall(r"\bui\.(\w+)\(", (TEMPLATES / template).read_text()))


def test_every_macro_is_on_the_page() -> None:
    text = (TEMPLATES / "components.html").read_text()
    macros = set(re.findall(r"{% macro (\w+)\(", text))
    around = {"keys"}
    """Stands on every page once, from the base."""
    assert called("specimens.html") | around == macros
    assert around <= called("base.html")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_whole_and_each_state_is_there(house: House, language: str) -> None:
    _speak(house, "ellie", language)
    page = house.visitor("ellie").get("/components")
    _speak(house, "ellie", "en")
    assert page.status_code == 200
    _is_whole(page.text)
    for state in ("overdue", "soon", "in_time", "waiting", "paused", "met", "excused", "ended"):
        assert f'class="mark {state}"' in page.text
    ids = re.findall(r'\bid="([^"]+)"', page.text)
    assert sorted(ids) == sorted(set(ids))
    assert house.visitor().client.get("/components").status_code == 200
