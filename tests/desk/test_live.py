"""What open pages hear over the wire, who hears nothing, and when it ends."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import ExitStack

import httpx
import psycopg
import pytest
from browsing import served
from listening import client, listening
from people import SECRET
from test_pages import settle, take
from test_story import lodged
from visiting import House

from desk.app import create_app
from desk.authentication.session import Session
from desk.open_page import OpenPage
from desk.person import person_of
from domain.access import Place
from projections.changes import Change


def stream_of(house: House, login: str, path: str) -> str:
    """The address that a page listens at, as it stands on the page."""
    page = house.visitor(login).get(path).text
    found = re.search(r'data-stream="([^"]+)"', page)
    assert found
    return found[1].replace("&amp;", "&")


def a_case(house: House) -> str:
    number = lodged(house.visitor("ellie"))
    take(house.visitor("ellie"), number)
    settle(house)
    return number


def test_a_case_page_hears_that_its_case_changed_and_nothing_else(
    house: House, address: str
) -> None:
    number = a_case(house)
    at = stream_of(house, "lin", f"/complaints/{number}")
    version = int(re.search(r"version=(\d+)", at)[1])  # type: ignore[index]
    with listening(house, address, "lin", at) as stream:
        house.visitor("ellie").act(number, "note", text="The branch knows of it")
        assert stream.next("case")["case"] == version + 1
        assert int(stream.last_id) > 0
    told = "\n".join(stream.raw)
    for word in ("branch", "Ellie", "Mei", number, "complaint-"):
        assert word not in told


def test_what_happened_before_the_stream_opened_is_told_at_once(house: House, address: str) -> None:
    number = a_case(house)
    case = stream_of(house, "lin", f"/complaints/{number}")
    rows = stream_of(house, "lin", "/queue?tab=all")
    house.visitor("ellie").act(number, "message", channel="phone", text="And now?")
    settle(house)
    with listening(house, address, "lin", case) as stream:
        assert stream.next("case")
    with listening(house, address, "lin", rows) as stream:
        assert stream.next("list")["list"] is True


def test_one_outside_or_recused_hears_nothing(house: House, address: str) -> None:
    number = a_case(house)
    with client(house, address, "dayo") as outside:
        assert outside.get(f"/live?case={number}").status_code == 404
        told = outside.get("/live/now", params={"of": number}).json()
        assert told["here"] == {}
    at = stream_of(house, "lin", f"/complaints/{number}")
    with listening(house, address, "lin", at) as stream:
        answer = house.visitor("priya").act(
            number, "recuse", staff=house.staff["lin"], reason="Named in it"
        )
        assert answer.status_code == 303, answer.text
        assert stream.next("end")["end"] == "gone"
        stream.to_its_end()
    with client(house, address, "lin") as recused:
        assert recused.get(at).status_code == 404
    assert house.visitor().client.get("/live", headers={"accept": "*/*"}).status_code in (303, 401)


def change(stream: str, place: Place, customer: str = "customer-1") -> Change:
    return Change(stream, 3, 7, customer, place)


def test_a_page_hears_only_of_places_in_its_reach(house: House) -> None:
    inside = Place(legal_entity="larkmere-uk", team="first")
    outside = Place(legal_entity="woodquill", team="first")
    session = Session("00", "ellie", house.staff["ellie"], "en")
    person = person_of(house.app.state.house, session)
    assert person
    page = OpenPage(session, person, rows="case")
    page.hear(change("complaint-1", outside), (outside, outside))
    assert page.news == {}
    page.hear(change("complaint-1", outside), (inside, outside))
    assert page.news == {"now": True, "list": True}, "a case that left the reach is told too"
    recused = inside.model_copy(update={"recused": frozenset({person.staff})})
    page.news.clear()
    page.hear(change("complaint-2", recused), (recused, recused))
    assert page.news == {}
    page.hear(change("customer-1", inside), (inside, inside))
    assert page.news == {}, "a customer's facts are no case's"


def test_a_customers_page_hears_of_the_customer_and_of_their_cases_in_reach(house: House) -> None:
    session = Session("00", "ellie", house.staff["ellie"], "en")
    person = person_of(house.app.state.house, session)
    assert person
    inside = Place(legal_entity="larkmere-uk", team="first")
    recused = inside.model_copy(update={"recused": frozenset({person.staff})})
    page = OpenPage(session, person, stream="customer-1")
    for told, place, news in (
        (change("customer-1", inside), inside, {"list": True}),
        (change("complaint-1", inside), inside, {"now": True, "list": True}),
        (change("complaint-1", recused), recused, {}),
        (change("complaint-1", inside, "customer-2"), inside, {"now": True}),
    ):
        page.news.clear()
        page.hear(told, (place, place))
        assert page.news == news


def test_too_much_at_once_is_told_as_a_look_again(
    house: House, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = a_case(house)
    at = stream_of(house, "lin", f"/complaints/{number}")
    with listening(house, address, "lin", at) as stream:
        monkeypatch.setattr("desk.newsroom.MOST_CHANGES", 0)
        house.visitor("ellie").act(number, "note", text="One of very many")
        assert stream.next("case")["case"] is True


def test_it_ends_with_the_session(
    house: House, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.newsroom.HEARTBEAT", 0.1)
    at = stream_of(house, "song", "/queue")
    with listening(house, address, "song", at) as stream:
        visitor = house.visitor("song")
        cookie = visitor.client.cookies["evercase_session"]
        visitor.send("/me", "/logout")
        house.forget("song")
        assert stream.next("end")["end"] == "session"
        stream.to_its_end()
    with client(house, address, "song") as later:
        later.cookies = httpx.Cookies({"evercase_session": cookie})
        assert later.get(at).status_code == 303


def test_asking_by_itself_keeps_no_session_alive(house: House) -> None:
    visitor = house.visitor("ellie")

    def seen() -> list[object]:
        with psycopg.connect(house.url) as db:
            rows = db.execute("SELECT token_hash, seen_at FROM desk.session ORDER BY 1")
            return rows.fetchall()

    with psycopg.connect(house.url) as db:
        db.execute("UPDATE desk.session SET seen_at = seen_at - interval '1 hour'")
    before = seen()
    assert visitor.client.get("/live/now").status_code == 200
    assert visitor.client.get("/me", headers={"Live-Seen": "0"}).status_code == 200
    assert seen() == before
    assert visitor.client.get("/me").status_code == 200
    assert seen() != before


def test_the_oldest_page_of_a_person_makes_room(
    house: House, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.newsroom.MOST_PER_PERSON", 2)
    at = stream_of(house, "ellie", "/me")
    with ExitStack() as streams:
        first, *_ = [
            streams.enter_context(listening(house, address, "ellie", at)) for _ in range(3)
        ]
        assert first.next("end")["end"] == "full"


def test_a_page_comes_back_after_the_desk_was_started_anew(house: House) -> None:
    number = a_case(house)
    at = stream_of(house, "lin", "/queue?tab=all")
    apps = [
        create_app(
            ledger=house.ledger,
            pool=house.app.state.house.pool,
            home=house.home,
            secret=SECRET,
            secure=False,
        )
        for _ in range(2)
    ]
    with ExitStack() as open_streams:
        with served(apps[0]) as address:
            stream = open_streams.enter_context(listening(house, address, "lin", at))
            house.visitor("ellie").act(number, "message", channel="phone", text="One")
            assert stream.next("list")
        stream.to_its_end()
    house.visitor("ellie").act(number, "message", channel="phone", text="Two")
    settle(house)
    with (
        served(apps[1]) as address,
        listening(house, address, "lin", at, stream.last_id) as stream,
    ):
        assert stream.next("list")


def test_three_hundred_open_pages_share_one_listener(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.newsroom.MOST_PER_PERSON", 1_000)
    monkeypatch.setattr("desk.newsroom.TURNS", 100_000)
    number = a_case(house)
    at = stream_of(house, "lin", f"/complaints/{number}")
    cookie = house.visitor("lin").client.cookies["evercase_session"]
    request = f"GET {at} HTTP/1.1\r\nHost: desk\r\nCookie: evercase_session={cookie}\r\n\r\n"
    app = create_app(
        ledger=house.ledger,
        pool=house.app.state.house.pool,
        home=house.home,
        secret=SECRET,
        secure=False,
    )
    with served(app) as address, ExitStack() as pages:
        port = int(address.rsplit(":", 1)[1])
        opened = []
        for _ in range(300):
            page = pages.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            page.sendall(request.encode())
            opened.append(pages.enter_context(page.makefile("rb")))
        for page in opened:
            assert page.readline().startswith(b"HTTP/1.1 200")
            while not page.readline().startswith(b"retry:"):
                pass
        assert app.state.newsroom.open_pages == 300
        assert threading.active_count() < 100
        with psycopg.connect(house.url) as db:
            query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
            assert db.execute(query, ("evercase live",)).fetchone() == (1,)
        house.visitor("ellie").act(number, "note", text="Look")
        for page in opened:
            while not (line := page.readline()).startswith(b"data: "):
                assert line
            assert b'"case"' in line
