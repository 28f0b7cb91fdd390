"""Letters handed to a real mail server on the loopback, and to none."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.smtp import SMTP

from workers.embedded.ports import free_port
from workflows.mail import Delivery, Enclosed, MailServer, Outgoing

LETTER = Outgoing(
    stream="complaint-1",
    letter="acknowledge/v1",
    language="zh",
    written_at=datetime(2026, 11, 2, 10, tzinfo=UTC),
    subject="我们已收到\n您的投诉",
    body="尊敬的王女士：\n\n我们已收到。\n",
    address="wang@example.org",
)
NAME = LETTER.letter


@dataclass
class Server:
    """Answers each stage of the talk as told, else takes the message."""

    at_recipient: str | None = None
    at_data: str | None = None
    at_sender: str | None = None
    taken: list[bytes] = field(default_factory=list)

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self.at_sender or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.at_recipient:
            return self.at_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.at_data:
            return self.at_data
        self.taken.append(envelope.original_content)
        return "250 taken"


@asynccontextmanager
async def listening(server: Server):
    loop = asyncio.get_running_loop()
    opened = await loop.create_server(lambda: SMTP(server, enable_SMTPUTF8=True), "127.0.0.1", 0)
    try:
        yield opened.sockets[0].getsockname()[1]
    finally:
        opened.close()


def mail_server(port: int) -> MailServer:
    return MailServer("127.0.0.1", port, "Customer care <care@house.example>", start_tls=False)


def send(server: Server, letter: Outgoing = LETTER, times: int = 1) -> Delivery:
    async def told():
        async with listening(server) as port:
            for _ in range(times):
                delivery = await mail_server(port).send(letter)
            return delivery

    return asyncio.run(told())


def test_a_letter_arrives_as_it_was_written():
    server = Server()
    delivery = send(server)
    (content,) = server.taken
    message = message_from_bytes(content, policy=default)
    assert message["To"] == "wang@example.org"
    assert message["From"] == "Customer care <care@house.example>"
    assert message["Subject"] == "我们已收到 您的投诉"
    assert message["Content-Language"] == "zh"
    assert message["Date"].datetime == LETTER.written_at
    assert message.get_content().replace("\r\n", "\n") == LETTER.body
    assert delivery == Delivery(letter=NAME, sent=True, message_id=message["Message-ID"])


def test_files_leave_with_the_letter_under_their_names():
    server = Server()
    files = (
        Enclosed("收据.pdf", "application/pdf", b"%PDF-1.7 receipt"),
        Enclosed("table.csv", "text/csv", b"a,b\n"),
    )
    assert send(server, replace(LETTER, files=files)).sent
    message = message_from_bytes(server.taken[0], policy=default)
    body, *parts = message.iter_parts()
    assert body.get_content().replace("\r\n", "\n") == LETTER.body
    found = [
        (it.get_filename(), it.get_content_type(), it.get_payload(decode=True)) for it in parts
    ]
    assert found == [(file.name, file.media, file.content) for file in files]


def test_every_attempt_carries_the_same_message_id_and_every_letter_its_own():
    server = Server()
    send(server, times=2)
    send(server, replace(LETTER, stream="complaint-2"))
    send(server, replace(LETTER, letter="remind/v4/1"))
    ids = [message_from_bytes(content)["Message-ID"] for content in server.taken]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert all(each.endswith("@house.example>") for each in ids)


@pytest.mark.parametrize("stage", ["at_recipient", "at_data"])
@pytest.mark.parametrize(("answer", "permanent"), [("451 later", False), ("550 no", True)])
def test_a_refusal_of_address_or_message_is_told_by_its_code(stage, answer, permanent):
    delivery = send(Server(**{stage: answer}))
    code = int(answer[:3])
    assert delivery == Delivery(letter=NAME, sent=False, code=code, permanent=permanent)


def test_a_server_that_will_not_take_mail_from_us_is_asked_again():
    """It is our setting that is wrong, not the customer's address."""
    delivery = send(Server(at_sender="550 not from you"))
    assert delivery == Delivery(letter=NAME, sent=False, code=550)


def test_nobody_listens():
    delivery = asyncio.run(mail_server(free_port()).send(LETTER))
    assert delivery == Delivery(letter=NAME, sent=False)


@pytest.mark.parametrize("address", ["", "nobody", "two@example.org, three@example.org", "a@b\nc"])
def test_an_address_that_is_none_is_not_tried_again(address):
    server = Server()
    delivery = send(server, replace(LETTER, address=address))
    assert delivery == Delivery(letter=NAME, sent=False, permanent=True)
    assert server.taken == []


def test_a_letter_and_its_server_show_nothing_of_what_they_hold():
    shown = repr(LETTER) + repr(replace(mail_server(25), password="hush"))
    for secret in ("王", "wang", "收到", "hush"):
        assert secret not in shown
