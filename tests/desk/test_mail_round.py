"""A letter leaves by SMTP and its answer comes in by LMTP: the whole round, on real parts."""

from __future__ import annotations

import asyncio
import re
import smtplib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from aiosmtpd.smtp import SMTP
from mailing import OWN, SECRET, Post, events, posting, stream_of, written
from mailing import settings as of_house
from temporalio.testing import ActivityEnvironment
from test_pages import settle, take
from test_story import lodged
from visiting import House

from domain.complaint import complaint
from domain.conversation import CustomerWrote, InformationReceived
from domain.letter import LetterSent
from domain.reply_address import case_of
from domain.rulebooks import RULEBOOKS
from workers.maildrop import Drop, file_name
from workers.mailing import mail_server
from workflows.activities import Activities
from workflows.messages import PerformItem


@dataclass
class Outbox:
    """The mail server that letters go to, and the folder where it keeps them."""

    port: int
    folder: Path

    def send(self, house: House, case: str) -> list[EmailMessage]:
        """What the worker does with the letters that are due; each as it was taken."""
        server = mail_server(of_house(smtp_port=self.port), SECRET.encode())
        activities = Activities(house.ledger, RULEBOOKS, lambda *_: (None, None), server)
        before = {file.name for file in self.folder.iterdir()}
        for due in complaint.agenda(house.ledger.fold(complaint, case).state):
            if due.rule == "deliver":
                item = PerformItem(stream=case, key=due.key, at=due.at, workflow="handle")
                asyncio.run(ActivityEnvironment().run(activities.deliver, item))
        taken = [file for file in self.folder.iterdir() if file.name not in before]
        messages = [message_from_bytes(file.read_bytes(), policy=default) for file in taken]
        return [message for message in messages if isinstance(message, EmailMessage)]


@pytest.fixture(scope="module")
def outbox(house: House) -> Iterator[Outbox]:
    folder = house.home / "mail"
    folder.mkdir()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def listen() -> asyncio.Server:
        drop = Drop(folder)
        return await loop.create_server(lambda: SMTP(drop, loop=loop), "127.0.0.1", 0)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(30)
    yield Outbox(server.sockets[0].getsockname()[1], folder)
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="module")
def post(house: House) -> Iterator[Post]:
    with posting(house.ledger) as opened:
        yield opened


@pytest.fixture(autouse=True)
def demo(house: House, post: Post) -> None:
    tell(house, post.port)


def tell(house: House, port: int, **more: object) -> None:
    """As the supervisor of a demo writes it."""
    state = {"demo": True, "lmtp_port": port, "processes": {"maildrop": {}}, **more}
    (house.home / "state.json").write_bytes(orjson.dumps(state))


def asked(house: House, outbox: Outbox) -> tuple[str, str, EmailMessage]:
    """A case of Ellie's whose customer was asked for something by mail: number, stream, letter."""
    ellie = house.visitor("ellie")
    number = lodged(ellie)
    take(ellie, number)
    case = stream_of(house, number)
    wish = {"channel": "email", "what": "The receipt", "text": "Please send us the receipt."}
    assert ellie.act(number, "ask", **wish).status_code == 303
    (letter,) = outbox.send(house, case)
    assert len(events(house, case, LetterSent)) == 1
    settle(house)
    return number, case, letter


def place_of(letter: EmailMessage) -> str:
    return f"/mail/{file_name(letter.as_bytes()).removesuffix('.eml')}"


def as_customer(house: House, letter: EmailMessage, text: str) -> str:
    """Answer in the demo; where one is led to."""
    place = place_of(letter)
    answer = house.visitor("ellie").send(place, f"{place}/answer", text=text)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_letter_is_answered_and_the_answer_stands_in_its_case(
    house: House, outbox: Outbox, post: Post
) -> None:
    number, case, letter = asked(house, outbox)
    assert case_of(SECRET.encode(), letter["Reply-To"]) == case
    (sent,) = events(house, case, LetterSent)
    assert isinstance(sent, LetterSent)
    assert letter["Message-ID"] == sent.message_id
    before = house.ledger.head()
    assert as_customer(house, letter, "Here it is.") == f"/complaints/{number}"
    (wrote,) = events(house, case, CustomerWrote)
    assert isinstance(wrote, CustomerWrote)
    text = house.ledger.open(wrote.text) or ""
    assert text.startswith("Here it is.")
    assert "> Please send us the receipt." in text
    (received,) = post.received(before)
    assert (received.case, received.waits) == (case, None)
    assert len(events(house, case, InformationReceived)) == 1
    state = house.ledger.fold(complaint, case).state
    assert state.conversation.waiting == {}
    settle(house)
    ellie = house.visitor("ellie")
    assert "Here it is." in ellie.get(f"/complaints/{number}").text
    assert told(house, number) == ["The customer wrote"]
    ellie.act(number, "reply", channel="phone", text="We have it.")
    settle(house)
    assert told(house, number) == []


def told(house: House, number: str) -> list[str]:
    """What Ellie's bell tells of a case that the customer wrote in."""
    page = house.visitor("ellie").get("/notices").text
    of_case = re.search(rf'href="/complaints/{number}".*?</ul>', page, re.DOTALL)
    return re.findall(r"The customer wrote[\w ]*", of_case[0]) if of_case else []


def test_after_closing_an_answer_waits_as_after_close_mail(house: House, outbox: Outbox) -> None:
    number, case, letter = asked(house, outbox)
    ellie = house.visitor("ellie")
    closed = ellie.act(number, "not-a-complaint", instead="praise", reason="Only praise")
    assert closed.status_code == 303, closed.text
    as_customer(house, letter, "One more thing.")
    (wrote,) = events(house, case, CustomerWrote)
    assert isinstance(wrote, CustomerWrote)
    assert wrote.after_close
    assert house.ledger.fold(complaint, case).state.closed_at is not None
    settle(house)
    assert number in ellie.get("/queue?tab=after_close").text
    assert told(house, number) == ["The customer wrote after closing"]


def test_an_answer_sent_twice_comes_once(house: House, outbox: Outbox) -> None:
    _, case, letter = asked(house, outbox)
    ellie, place = house.visitor("ellie"), place_of(letter)
    form = ellie.form(ellie.get(place).text, f"{place}/answer") | {"text": "Once."}
    for _ in range(2):
        assert ellie.client.post(f"{place}/answer", data=form).status_code == 303
    assert len(events(house, case, CustomerWrote)) == 1


def test_no_answer_is_taken_where_letters_leave_the_house(
    house: House, outbox: Outbox, post: Post
) -> None:
    _, case, letter = asked(house, outbox)
    ellie, place = house.visitor("ellie"), place_of(letter)
    form = ellie.form(ellie.get(place).text, f"{place}/answer") | {"text": "Forged"}
    for state in ({"demo": False}, {"processes": {"mailbox": {}}}, {"lmtp_port": None}):
        tell(house, post.port, **state)
        assert f"{place}/answer" not in ellie.get(place).text
        assert ellie.client.post(f"{place}/answer", data=form).status_code == 404
    (house.home / "state.json").write_text("no state")
    assert ellie.client.post(f"{place}/answer", data=form).status_code == 404
    assert events(house, case, CustomerWrote) == []


def test_what_cannot_be_taken_is_told_and_the_words_are_kept(
    house: House, outbox: Outbox, post: Post
) -> None:
    _, case, letter = asked(house, outbox)
    ellie, place = house.visitor("ellie"), place_of(letter)
    form = ellie.form(ellie.get(place).text, f"{place}/answer")
    for text, words in (("", "This is needed."), ("x" * 20_001, "At most 20000 characters.")):
        refused = ellie.client.post(f"{place}/answer", data=form | {"text": text})
        assert refused.status_code == 422
        assert words in refused.text
    tell(house, 1)
    away = ellie.client.post(f"{place}/answer", data=form | {"text": "Hear me"})
    assert away.status_code == 503
    assert "The mailbox does not take it at the moment." in away.text
    assert "Hear me" in away.text
    tell(house, post.port)
    dayo = house.visitor("dayo")
    assert dayo.get(place).status_code == 404
    csrf = dayo.form(dayo.get("/me").text, "/language")["csrf"]
    forged = form | {"text": "Forged", "csrf": csrf}
    assert dayo.client.post(f"{place}/answer", data=forged).status_code == 404
    assert events(house, case, CustomerWrote) == []


# what comes in is refused or taken, never lost


def test_an_unknown_sender_waits_in_the_inbox(house: House, post: Post) -> None:
    raw = written("Who am I?", sender="Nobody <n@nobody.example>", subject="A question")
    before = house.ledger.head()
    post.give(raw, sender="n@nobody.example")
    (received,) = post.received(before)
    settle(house)
    assert received.mail in house.visitor("ellie").get("/inbox").text


def test_a_broken_header_loses_no_words(house: House, post: Post) -> None:
    raw = (
        b"From: \xff\xfe <mei@example.org\r\nSubject: =?utf-9?B?!!!?=\r\nMessage-ID: <\r\n"
        b"Date: yesterday\r\nContent-Type: text/plain; charset=nothing\r\n\r\nRead me all the same."
    )
    before = house.ledger.head()
    post.give(raw)
    (received,) = post.received(before)
    assert received.waits is not None
    settle(house)
    page = house.visitor("ellie").get(f"/inbox/{received.mail}")
    assert page.status_code == 200
    assert "Read me all the same." in page.text


def test_two_thousand_recipients_are_taken_a_hundred_at_a_time(house: House, post: Post) -> None:
    """A mail server brings the others again: they are told to come later, not that they are not."""
    raw = written("To everybody.", sender="n@nobody.example", **{"Message-ID": f"<{uuid4()}@x>"})
    before = house.ledger.head()
    with smtplib.LMTP("127.0.0.1", post.port, timeout=120) as server:
        server.ehlo()
        assert server.mail("n@nobody.example")[0] == 250
        codes = [server.rcpt(OWN)[0] for _ in range(2_000)]
        assert codes == [250] * 100 + [452] * 1_900
        assert server.data(raw)[0] == 250
        assert [server.getreply()[0] for _ in range(99)] == [250] * 99, "one answer for each"
    assert len(post.received(before)) == 1
    listed = b"To: " + b", ".join(b"someone%d@x.example" % n for n in range(2_000))
    post.give(listed + b"\r\n" + raw.replace(b"Message-ID: <", b"Message-ID: <again-"))
    assert len(post.received(before)) == 2


def test_a_mail_of_thirty_megabytes_is_taken_with_its_file_or_says_why_not(
    house: House, outbox: Outbox, post: Post
) -> None:
    """25 MB are the most of a file: in base64 that is more, so one is left out and named."""
    number, case, letter = asked(house, outbox)
    large = b"a,b\n" * 5_500_000
    for content, kept in ((large, True), (large + b"c,d\n" * 1_000_000, False)):
        raw = written("The table.", files=(("table.csv", content, "text/csv"),))
        assert len(raw) > 30_000_000 - kept * 1_000_000
        post.give(raw, letter["Reply-To"])
        page = house.visitor("ellie").get(f"/complaints/{number}").text
        assert "table.csv" in page
        assert ("not kept: too large" in page) is not kept
    assert len(events(house, case, CustomerWrote)) == 2
    with posting(house.ledger, largest_mail_mb=30) as small:
        with pytest.raises(smtplib.SMTPResponseException) as refused:
            small.give(raw, letter["Reply-To"])
        assert refused.value.smtp_code == 552
