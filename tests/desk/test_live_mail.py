"""Open pages hear of mail that comes and goes, and count what waits for their reader."""

from __future__ import annotations

from listening import listening
from mailing import OWN, SECRET, posting, written
from people import ENTITY
from test_live import a_case, stream_of
from test_pages import settle
from visiting import House

from desk.authentication.session import Session
from desk.open_page import OpenPage
from desk.person import person_of
from domain.access import Place
from domain.reply_address import reply_address
from projections.changes import Change


def test_mail_that_comes_and_goes_is_heard_and_counted_by_who_reads_it(
    house: House, address: str
) -> None:
    with posting(house.ledger) as post:
        settle(house)
        inbox = stream_of(house, "lin", "/inbox")
        before = house.visitor("lin").get("/live/now").json()["mails"]
        with listening(house, address, "lin", inbox) as hears:
            raw = written("Hello?", sender="a@nobody.example")
            position = house.ledger.head()
            post.give(raw, sender="a@nobody.example")
            (received,) = post.received(position)
            assert hears.next("list")["list"]
            settle(house)
            assert house.visitor("lin").get("/live/now").json()["mails"] == before + 1
            lin, path = house.visitor("lin"), f"/inbox/{received.mail}"
            assert f'<span class="count" data-waiting="mails">{before + 1}' in lin.get("/me").text
            assert lin.send(path, f"{path}/dismiss", reason="An offer").status_code == 303
            assert hears.next("list")["list"]
            settle(house)
            assert house.visitor("lin").get("/live/now").json()["mails"] == before
        again = stream_of(house, "lin", "/me")
        post.give(written("Again", sender="b@nobody.example"), sender="b@nobody.example")
        settle(house)
        with listening(house, address, "lin", again) as late:
            assert late.next("now")["now"], "what came before it listened is told at once"


def test_a_mail_that_names_a_case_is_heard_too(house: House, address: str) -> None:
    number = a_case(house)
    with posting(house.ledger) as post:
        settle(house)
        inbox = stream_of(house, "lin", "/inbox")
        with listening(house, address, "lin", inbox) as hears:
            case = house.visitor("lin").client.get(f"/api/v1/complaints/{number}").json()["stream"]
            position, sender = house.ledger.head(), "c@nobody.example"
            signed = reply_address(SECRET.encode(), case, OWN)
            post.give(written("It is mine", sender=sender), signed, sender=sender)
            (received,) = post.received(position)
            assert received.case == case
            assert hears.next("list")["list"]


def test_only_who_may_read_it_hears_of_it(house: House) -> None:
    """``names``: the place of a case that the mail names, which a recusal shuts."""
    here = Place(legal_entity=ENTITY.id)
    names = Place(legal_entity=ENTITY.id, team="first", owner=house.staff["lin"])
    shut = Place(legal_entity=ENTITY.id, team="first", recused=frozenset({house.staff["ellie"]}))
    for login, place, hears in (
        ("ellie", here, True),
        ("dayo", here, False),
        ("ines", here, False),
        ("ellie", names, True),
        ("ellie", shut, False),
    ):
        session = Session("key", login, house.staff[login], "en")
        person = person_of(house.app.state.house, session)
        assert person is not None
        page = OpenPage(session, person, rows="mail")
        page.hear(Change("mail-1", 1, 1, None, place), (place,))
        assert page.news == ({"now": True, "list": True} if hears else {})
        plain = OpenPage(session, person)
        plain.hear(Change("mail-1", 1, 1, None, place), (place,))
        assert plain.news == ({"now": True} if hears else {})
