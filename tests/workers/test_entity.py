"""``evercase entity add``: a company described, once or again, and what ships published."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from domain.document import DocumentPublished
from domain.organisation import STREAM, LegalEntity, LegalEntityDescribed, organisation
from domain.text import Text
from ledger import Ledger
from workers.command_line import command_line
from workers.packs import shipped

KEY = "0123456789abcdef" * 4
NEW = ("my-company", "--name", "My Company", "--zone", "Europe/Berlin", "--currency", "EUR")
runner = CliRunner()
app = command_line(["entity"])


@pytest.fixture
def ours(monkeypatch, database, tmp_path):
    """The ledger of somebody who brings a database."""
    monkeypatch.setenv("DATABASE_URL", database.app_url)
    monkeypatch.setenv("EVERCASE_MASTER_KEY", KEY)
    monkeypatch.setenv("EVERCASE_SESSION_SECRET", KEY)
    monkeypatch.setenv("EVERCASE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "300")
    with Ledger(database.app_url, master_key=bytes.fromhex(KEY)) as ledger:
        yield ledger


def add(*words: str) -> dict:
    done = runner.invoke(app, ["entity", "add", *words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.output.splitlines()[-1])


def company(ledger: Ledger) -> LegalEntity:
    return ledger.fold(organisation, STREAM).state.entities["my-company"]


def times(ledger: Ledger, kind) -> int:
    return sum(isinstance(r.event, kind) for r in ledger.log(0, 1_000))


def test_a_new_company_has_all_that_a_complaint_needs(ours):
    told = add(*NEW)
    assert (told["new"], told["changed"]) == (True, True)
    assert told["published"] == len(shipped()) == times(ours, DocumentPublished)
    found = company(ours)
    assert found.name == Text(en="My Company", zh="My Company")
    assert (found.zone, found.currency) == ("Europe/Berlin", "EUR")
    assert (found.language, found.calendar) == ("en", "office")
    assert all((found.teams, found.products, found.categories))


def test_everything_can_be_said(ours):
    add(
        *NEW, "--name-zh", "我司", "--language", "zh", "--calendar", "china",
        "--branch", "north=North|北区", "--branch", "south=South", "--team", "front=Front desk",
        "--product", "kettle=Kettle|水壶", "--category", "leak=Leaks",
        "--mail-from", "Care <care@my.example>",
    )  # fmt: skip
    found = company(ours)
    assert found.name == Text(en="My Company", zh="我司")
    assert (found.language, found.calendar) == ("zh", "china")
    assert found.mail_from == "Care <care@my.example>"
    assert found.branches == {
        "north": Text(en="North", zh="北区"),
        "south": Text(en="South", zh="South"),
    }
    assert found.teams == {"front": Text(en="Front desk", zh="Front desk")}
    assert found.products == {"kettle": Text(en="Kettle", zh="水壶")}
    assert found.categories == {"leak": Text(en="Leaks", zh="Leaks")}


def test_the_same_again_changes_nothing_and_more_is_added(ours):
    add(*NEW, "--team", "front=Front desk")
    again = add(*NEW, "--team", "front=Front desk")
    assert (again["new"], again["changed"], again["published"]) == (False, False, 0)
    assert times(ours, LegalEntityDescribed) == 1
    add("my-company", "--team", "back=Back office", "--name-zh", "我司")
    found = company(ours)
    assert set(found.teams) == {"front", "back"}
    assert found.name == Text(en="My Company", zh="我司")
    assert found.zone == "Europe/Berlin"
    assert times(ours, LegalEntityDescribed) == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("my-company",), "--name, --zone, --currency"),
        (("My Company", *NEW[1:]), "small letters"),
        ((*NEW[:4], "Berlin", *NEW[5:]), "Europe/Berlin"),
        ((*NEW[:6], "euro"), "three capital letters"),
        ((*NEW, "--language", "de"), "en, zh"),
        ((*NEW, "--calendar", "mars"), "london"),
        ((*NEW, "--team", "Front desk"), "ID=NAME"),
        ((*NEW, "--team", "front="), "ID=NAME"),
        ((*NEW, "--mail-from", "care"), "care@my-company.example"),
    ],
)
def test_what_does_not_fit_is_told_and_nothing_is_described(ours, words, told):
    refused = runner.invoke(app, ["entity", "add", *words])
    assert refused.exit_code == 2
    assert told in refused.output
    assert times(ours, LegalEntityDescribed) == 0
