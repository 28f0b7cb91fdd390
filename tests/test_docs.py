"""What is written about the code is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workers.events import catalogue

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def test_the_list_of_events_is_the_code_s() -> None:
    assert (ROOT / "docs" / "events.md").read_text() == catalogue(), "run: make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_test_that_is_said_to_show_something_is_there() -> None:
    code = "".join(file.read_text() for file in ROOT.glob("tests/**/*.py"))
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "security.md").read_text()))
    assert {name for name in named if f"def {name}(" not in code} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_a_page_names_is_there(page: Path) -> None:
    rooms = "domain|ledger|workflows|projections|desk|workers|tests|benchmarks|docs"
    for named in re.findall(rf"`((?:{rooms})/[\w./-]+)`", page.read_text()):
        assert (ROOT / named).exists(), f"{page.name} names {named}"
