"""Webhooks: in order, signed, again until taken, never to where they may not lead."""

from __future__ import annotations

import dataclasses
import ipaddress
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from browsing import served
from fastapi.testclient import TestClient
from receiving import Receiver, receiver
from test_api import customer, lodge, program, token  # noqa: F401
from test_second_factor import describe
from test_story import lodged
from visiting import House

from desk import outward, webhook
from desk.house import House as Behind
from desk.language import utc_now
from desk.outward import AddressRefused, Outward
from desk.webhook_delivery import round_of, run
from domain.organisation import SignIn

LOOPBACK = Outward((ipaddress.ip_network("127.0.0.0/8"),))
DOCS = Path(__file__).parents[2] / "docs" / "api.md"


def blocks() -> list[str]:
    """The Python of docs/api.md, block by block."""
    return [part.partition("```")[0] for part in DOCS.read_text().split("```python\n")[1:]]


@pytest.fixture
def behind(house: House) -> Iterator[Behind]:
    """The house with its own machine as a network that webhooks may lead into."""
    before = house.app.state.house
    house.app.state.house = dataclasses.replace(before, outward=LOOPBACK)
    yield house.app.state.house
    house.app.state.house = before


@pytest.fixture
def told() -> Iterator[Receiver]:
    with receiver() as opened:
        yield opened


@pytest.fixture
def song(house: House) -> TestClient:
    """A program of compliance, which may follow the facts of every case of the company."""
    headers = {"Authorization": f"Bearer {token(house, 'song')}"}
    return TestClient(house.app, headers=headers, raise_server_exceptions=False)


def make(client: TestClient, url: str, **more: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/webhooks", json={"url": url, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.fixture
def hook(behind: Behind, song: TestClient, told: Receiver) -> Iterator[dict[str, Any]]:
    made = make(song, told.url)
    yield made
    song.delete(f"/api/v1/webhooks/{made['id']}")


def facts_after(client: TestClient, position: int) -> list[int]:
    answer = client.get(f"/api/v1/events?after={position}&limit=1000")
    return [event["position"] for event in answer.json()]


def delivered(behind: Behind) -> None:
    """Until nobody waits any more."""
    while round_of(behind):
        pass


def position_of(client: TestClient, hook: dict[str, Any]) -> int:
    return int(client.get(f"/api/v1/webhooks/{hook['id']}").json()["position"])


def caught_up(house: House, number: str) -> None:
    """The history has the case."""
    assert number in house.visitor("song").get(f"/complaints/{number}/history").text


def until_known(client: TestClient, position: int, count: int) -> list[int]:
    """The feed behind a position, once it has so many facts."""
    found: list[int] = []
    for _ in range(600):
        found = facts_after(client, position)
        if len(found) >= count:
            return found
        threading.Event().wait(0.05)
    raise AssertionError(f"{len(found)} facts of {count}")


def test_facts_come_in_order_signed_and_with_nothing_personal(
    house: House, behind: Behind, song: TestClient, told: Receiver, hook: dict[str, Any]
) -> None:
    lodged(house.visitor("ellie"), what_happened="A secret of the customer")
    wanted = until_known(song, hook["position"], 4)
    delivered(behind)
    assert told.positions == wanted
    genuine: dict[str, Any] = {}
    exec(blocks()[-1], genuine)
    for headers, body in told.requests:
        assert genuine["genuine"](hook["secret"], headers, body)
        assert not genuine["genuine"](hook["secret"], headers, body + b" ")
        assert b"secret of the customer" not in body
    assert position_of(song, hook) >= wanted[-1]


def test_what_was_not_taken_comes_again_and_first(
    house: House, behind: Behind, song: TestClient, told: Receiver, hook: dict[str, Any]
) -> None:
    told.status = 500
    lodged(house.visitor("ellie"))
    first = until_known(song, hook["position"], 4)
    delivered(behind)
    assert position_of(song, hook) == hook["position"]
    assert len(told.requests) == 1, "it waits before it tries again"
    lodged(house.visitor("ellie"))
    wanted = until_known(song, hook["position"], len(first) + 4)
    told.status, told.requests = 200, []
    later = dataclasses.replace(behind, now=lambda: utc_now() + timedelta(minutes=1))
    delivered(later)
    assert told.positions == wanted
    log = song.get(f"/api/v1/webhooks/{hook['id']}/deliveries").json()
    assert [it["status"] for it in log] == [200, 500]


def test_a_receiver_of_a_role_that_lacks_a_second_factor_is_told_nothing(
    house: House, behind: Behind, song: TestClient, told: Receiver, hook: dict[str, Any]
) -> None:
    lodged(house.visitor("ellie"))
    until_known(song, hook["position"], 4)
    describe(house, SignIn(second_factor=("compliance",)))
    try:
        delivered(behind)
    finally:
        describe(house, SignIn())
    assert told.requests == []
    assert song.get(f"/api/v1/webhooks/{hook['id']}").json()["paused_for"] == "factor"
    assert song.post(f"/api/v1/webhooks/{hook['id']}/resume").status_code == 200
    delivered(behind)
    assert told.requests


def test_after_many_failures_it_is_paused_and_goes_on_by_hand(
    house: House, behind: Behind, song: TestClient, told: Receiver, hook: dict[str, Any]
) -> None:
    told.status = 503
    lodged(house.visitor("ellie"))
    until_known(song, hook["position"], 4)
    now = utc_now()

    def at() -> datetime:
        return now

    waiting = dataclasses.replace(behind, now=at)
    for _ in range(webhook.MOST_FAILURES):
        delivered(waiting)
        now += timedelta(days=1)
    assert song.get(f"/api/v1/webhooks/{hook['id']}").json()["paused_for"] == "failures"
    delivered(waiting)
    assert len(told.requests) == webhook.MOST_FAILURES
    told.status = 200
    assert song.post(f"/api/v1/webhooks/{hook['id']}/resume").json()["failures"] == 0
    delivered(waiting)
    assert position_of(song, hook) > hook["position"]


def test_a_receiver_that_is_gone_is_not_asked_again(
    house: House, behind: Behind, song: TestClient, told: Receiver, hook: dict[str, Any]
) -> None:
    told.status = 410
    lodged(house.visitor("ellie"))
    until_known(song, hook["position"], 4)
    delivered(behind)
    assert song.get(f"/api/v1/webhooks/{hook['id']}").json()["paused_for"] == "gone"


def test_a_redirect_is_not_followed(
    house: House, behind: Behind, song: TestClient, told: Receiver, hook: dict[str, Any]
) -> None:
    told.status = 302
    lodged(house.visitor("ellie"))
    until_known(song, hook["position"], 4)
    delivered(behind)
    assert len(told.requests) == 1
    assert song.get(f"/api/v1/webhooks/{hook['id']}").json()["failures"] == 1


def test_everything_behind_a_position_can_be_sent_again(
    house: House, behind: Behind, song: TestClient, told: Receiver, hook: dict[str, Any]
) -> None:
    lodged(house.visitor("ellie"))
    wanted = until_known(song, hook["position"], 4)
    delivered(behind)
    again = {"after": hook["position"]}
    assert song.post(f"/api/v1/webhooks/{hook['id']}/replay", json=again).status_code == 200
    delivered(behind)
    assert told.positions == wanted * 2


def test_one_may_ask_for_some_facts_only(
    house: House, behind: Behind, song: TestClient, told: Receiver
) -> None:
    made = make(song, told.url, types=["ComplaintLodged"])
    lodged(house.visitor("ellie"))
    until_known(song, made["position"], 4)
    delivered(behind)
    assert {event["type"] for event in told.events} == {"ComplaintLodged"}
    unknown = song.post("/api/v1/webhooks", json={"url": told.url, "types": ["Nothing"]})
    assert unknown.status_code == 422
    song.delete(f"/api/v1/webhooks/{made['id']}")


def test_a_person_is_told_of_their_own_reach_alone(
    house: House, behind: Behind, song: TestClient, told: Receiver
) -> None:
    """Dayo works for another company, and makes a webhook there."""
    headers = {"Authorization": f"Bearer {token(house, 'dayo')}"}
    dayo = TestClient(house.app, headers=headers)
    made = make(dayo, told.url)
    lodged(house.visitor("ellie"))
    until_known(song, made["position"], 4)
    delivered(behind)
    assert told.requests == []
    assert position_of(dayo, made) > made["position"]
    assert song.get(f"/api/v1/webhooks/{made['id']}").status_code == 404
    assert house.visitor("song").get(f"/webhooks/{made['id']}").status_code == 404
    dayo.delete(f"/api/v1/webhooks/{made['id']}")


def test_it_runs_until_it_is_told_to_end(
    house: House, behind: Behind, song: TestClient, told: Receiver, hook: dict[str, Any]
) -> None:
    stop = threading.Event()
    running = threading.Thread(target=run, args=(behind, stop))
    running.start()
    lodged(house.visitor("ellie"))
    wanted = until_known(song, hook["position"], 4)
    for _ in range(600):
        if told.positions[: len(wanted)] == wanted:
            break
        threading.Event().wait(0.05)
    stop.set()
    running.join()
    assert told.positions[: len(wanted)] == wanted


def test_who_answers_drop_by_drop_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outward, "PATIENCE_SECONDS", 0.5)
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                for sign in b"HTTP/1.1 200 OK" * 100:
                    if over.wait(0.1):
                        return
                    try:
                        connection.send(bytes([sign]))
                    except OSError:
                        return

        dripping = threading.Thread(target=drip)
        dripping.start()
        with pytest.raises((OSError, HTTPException)):
            LOOPBACK.post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
        over.set()
        dripping.join()


# where it may lead


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "https://", "https://a@example.org/",
        "https://example.org:0/", "https://example.org:x/", "file:///etc/passwd", "//example.org",
        "https://example.org/\r\nHost: x", "https://exa mple.org", "https://example.org\\@x/",
        "https://example.org/#part", "https://example.org/" + "x" * 500, "javascript:alert(1)",
        "https://[::1", "nothing",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_when_it_is_typed(song: TestClient, url: str) -> None:
    answer = song.post("/api/v1/webhooks", json={"url": url})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::",
        "::127.0.0.1", "::ffff:0:127.0.0.1", "fec0::1",
    ],
)  # fmt: skip
def test_no_call_leads_inside(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Whatever a name resolves to, as OWASP lists it for server-side request forgery."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = [(family, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(AddressRefused, match="network"):
        Outward().post("https://inside.example/", b"{}", {})


def test_a_name_with_one_address_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
        for address in ("93.184.215.14", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(AddressRefused, match="network"):
        Outward().post("https://both.example/", b"{}", {})


def test_without_tls_only_into_our_own_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(AddressRefused, match="scheme"):
        LOOPBACK.post("http://public.example/", b"{}", {})


# pages, tokens, and the client of the documentation


def test_the_pages_make_look_at_and_remove_one(
    house: House, behind: Behind, told: Receiver
) -> None:
    visitor = house.visitor("song")
    refused = visitor.send("/webhooks", url="http://10.0.0.1:x/")
    assert refused.status_code == 422
    assert "http://10.0.0.1:x/" in refused.text
    made = visitor.send("/webhooks", url=told.url, types="ComplaintLodged, ComplaintClosed")
    assert made.status_code == 200
    assert "whsec_" in made.text
    with behind.pool.connection() as db:
        hook = next(it for it in webhook.of(db, "song") if it.url == told.url)
    here = f"/webhooks/{hook.id}"
    assert "whsec_" not in visitor.get(here).text
    for wish in ("pause", "resume"):
        assert visitor.send(here, f"{here}/{wish}").status_code == 303
    renewed = visitor.send(here, f"{here}/secret")
    assert "whsec_" in renewed.text
    assert visitor.send(here, f"{here}/replay", position="0").status_code == 303
    assert visitor.send(here, f"{here}/replay", position="-x").status_code == 303
    assert visitor.send(here, f"{here}/remove").status_code == 303
    assert visitor.get(here).status_code == 404


def test_one_person_has_so_many_and_no_more(
    behind: Behind, song: TestClient, told: Receiver
) -> None:
    made = [make(song, told.url) for _ in range(webhook.MOST_PER_PERSON)]
    assert song.post("/api/v1/webhooks", json={"url": told.url}).status_code == 422
    for hook in made:
        assert song.delete(f"/api/v1/webhooks/{hook['id']}").status_code == 204
    assert song.delete(f"/api/v1/webhooks/{UUID(int=0)}").status_code == 404


@pytest.mark.parametrize(
    ("scope", "allowed"), [("read", "read"), ("write", "write"), ("events", "events")]
)
def test_a_token_is_good_for_what_was_chosen(house: House, scope: str, allowed: str) -> None:
    number = lodged(house.visitor("ellie"))
    headers = {"Authorization": f"Bearer {token(house, 'ellie', (scope,))}"}
    client = TestClient(house.app, headers=headers)
    note = client.post(f"/api/v1/complaints/{number}/note", json={"text": "x"})
    answers = {
        "read": client.get(f"/api/v1/complaints/{number}"),
        "write": note,
        "events": client.get("/api/v1/events"),
    }
    for name, answer in answers.items():
        assert answer.status_code == (200 if name == allowed else 403), name
        if name != allowed:
            assert answer.json()["type"] == "/problems/NotInScope"
            assert "insufficient_scope" in answer.headers["www-authenticate"]


def test_the_client_of_the_documentation_works_as_shown(house: House) -> None:
    with served(house.app) as address:
        known: dict[str, Any] = {"address": address, "token": token(house, "ellie")}
        exec("\n".join(blocks()[:3]), known)
    assert known["stage"] == "received"
    assert (known["call"]["outcome"], known["late"]) == ("stored", [])
    assert known["script"]["name"] == "Ostrow & Finch Ltd"
    assert known["case"]["number"].startswith("C-")
    assert any(fact["type"] == "ComplaintLodged" for fact in known["facts"])
