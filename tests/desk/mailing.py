"""A real LMTP listener on the loopback over the house of the tests, and mail for it."""

from __future__ import annotations

import asyncio
import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from uuid import uuid4

from visiting import House

from domain.complaint_facts import ComplaintLodged
from domain.event import Event
from domain.inbound import MailReceived
from ledger import Ledger
from workers.mailbox.listener import listen, receiver_of
from workers.settings import Settings

OWN = "care@house.example"
SECRET = "a secret of tests, thirty-two bytes"


@dataclass
class Post:
    """Where mail is handed in."""

    port: int
    ledger: Ledger

    def give(self, raw: bytes, *recipients: str, sender: str = "mei@example.org") -> None:
        """As a mail server does. Raises smtplib's errors for what is refused."""
        with smtplib.LMTP("127.0.0.1", self.port, timeout=60) as server:
            server.sendmail(sender, list(recipients) or [OWN], raw)

    def received(self, after: int) -> list[MailReceived]:
        """What came since that position of the log."""
        events = [each.event for each in self.ledger.log(after, 1000)]
        return [event for event in events if isinstance(event, MailReceived)]


def settings(**more: object) -> Settings:
    given = {"mail_from": f"Care <{OWN}>", "session_secret": SECRET, "demo": True, **more}
    return Settings.model_validate(given)


@contextmanager
def posting(ledger: Ledger, **more: object) -> Iterator[Post]:
    """The listener in a thread of its own, on a free port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    said = settings(lmtp_port=0, **more)
    opened = asyncio.run_coroutine_threadsafe(listen(said, receiver_of(said, ledger)), loop)
    server = opened.result(30)
    try:
        yield Post(server.sockets[0].getsockname()[1], ledger)
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def written(
    text: str = "Where is my money?",
    *,
    sender: str = "Mei Hanlu <mei@example.org>",
    subject: str = "Re: your complaint",
    html: str = "",
    files: tuple[tuple[str, bytes, str], ...] = (),
    **headers: str,
) -> bytes:
    """A mail as a good program writes it; ``headers`` with _ for -."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, OWN, subject
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in ({"Message-ID": f"<{uuid4()}@example.org>"} | named).items():
        mail[name] = value
    if text:
        mail.set_content(text)
    if html:
        (mail.add_alternative if text else mail.set_content)(html, subtype="html")
    for name, content, kind in files:
        main, _, sub = kind.partition("/")
        mail.add_attachment(content, main, sub, filename=name)
    return mail.as_bytes()


def stream_of(house: House, number: str) -> str:
    """The stream of a case, from the log."""
    return next(
        each.stream
        for each in house.ledger.log(0, 100_000)
        if isinstance(each.event, ComplaintLodged) and each.event.number == number
    )


def events(house: House, stream: str, kind: type[Event]) -> list[Event]:
    found = [each.event for each in house.ledger.history(stream)]
    return [event for event in found if isinstance(event, kind)]
