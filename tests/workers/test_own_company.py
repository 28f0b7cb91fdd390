"""From an empty folder to a complaint that is answered, by the commands the documents name."""

from __future__ import annotations

import re

import httpx
import pytest
from houses import eventually
from typer.testing import CliRunner

from domain.document import DocumentPublished
from ledger import Ledger
from workers.command_line import command_line
from workers.embedded.engines import reached
from workers.embedded.ports import free_port
from workers.packs import shipped
from workers.settings import Settings

PASSWORD = "a good password"


@pytest.fixture
def evercase_does(monkeypatch, tmp_path):
    """Runs ``evercase words`` beside the house that is up; the output."""
    for name in ("DATABASE_URL", "TEMPORAL_ADDRESS", "EVERCASE_MASTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EVERCASE_HOME", str(tmp_path / "home"))

    def does(*words: str) -> str:
        done = CliRunner().invoke(command_line([words[0]]), [*words], input=f"{PASSWORD}\n")
        assert done.exit_code == 0, done.output
        return done.output

    return does


def signed_in(address: str, login: str) -> httpx.Client:
    """A program that logs in as a person does, and keeps the page's token."""
    client = httpx.Client(base_url=address, follow_redirects=True, timeout=30)
    page = client.get("/login")
    form = {"login": login, "password": PASSWORD, "csrf": csrf(page.text)}
    page = client.post("/login", data=form)
    assert page.url.path != "/login", page.text
    client.headers["X-CSRF-Token"] = csrf(page.text)
    return client


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    return found[1]


def does(client: httpx.Client, path: str, **body: object) -> dict:
    answer = client.post(f"/api/v1/{path}", json=body)
    assert answer.status_code in (200, 201), (path, answer.text)
    return answer.json()


def test_a_company_of_ones_own_in_four_commands(evercase, evercase_does, tmp_path):
    house = evercase.start("up", home=tmp_path / "home", EVERCASE_PORT=str(free_port()))
    address = house.ready()["address"]
    assert "No company is here yet" in house.text()
    assert "is described" in evercase_does(
        *("entity", "add", "my-company", "--name", "My Company"),
        *("--zone", "Europe/Berlin", "--currency", "EUR"),
    )
    at = ("--entity", "my-company", "--team", "care")
    evercase_does("user", "add", "lea", "--role", "team_lead", *at)
    evercase_does("user", "add", "ann", "--role", "agent", *at)

    ann = signed_in(address, "ann")
    customer = does(
        ann, "customers", name="Gareth Pellow", legal_entity="my-company", language="en",
        email="gareth@example.org",
    )  # fmt: skip
    lodged = does(
        ann, "complaints", customer=customer["stream"], team="care", channel="phone",
        product="other", category="other", what_happened="It leaks",
    )  # fmt: skip
    case = f"complaints/{lodged['stream']}"
    does(ann, f"{case}/take")
    letter = {"subject": "Your complaint", "body": "We look at it"}
    does(ann, f"{case}/acknowledge", channel="email", words=letter)
    number = ann.get(f"/api/v1/{case}").json()["number"]
    policy = ann.get(f"/complaints/{number}/policy").text
    assert "Complaints where nothing more special is published" in policy

    def sent() -> bool:
        return "sent" in ann.get(f"/api/v1/{case}").json()["letters"].values()

    eventually(sent, "the letter has left")
    (mail,) = (tmp_path / "home" / "mail").glob("*.eml")
    assert "gareth@example.org" in mail.read_text()

    lea = signed_in(address, "lea")
    eventually(lambda: number in lea.get("/queue?tab=team").text, "the lead sees the case")

    # A second start publishes nothing again.
    assert house.end() == 0
    house = evercase.start("up", home=tmp_path / "home", EVERCASE_PORT=str(free_port()))
    house.ready()
    assert "Published" not in house.text()
    with reached(Settings()) as found, Ledger(found.database(), master_key=found.key()) as ledger:
        published = ledger.log(0, 1_000, frozenset({DocumentPublished.type_name}))
    assert len(published) == len(shipped())
