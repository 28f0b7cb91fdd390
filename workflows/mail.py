"""Letters on their way: one message to one mail server, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from uuid import NAMESPACE_URL, uuid5

import aiosmtplib

from domain.event import Frozen
from domain.reply_address import reply_address


class Delivery(Frozen):
    """What became of an attempt. ``code`` is the server's answer; None where it gave none.

    permanent: no later attempt can help (the address, or this very message, was refused)
    """

    letter: str
    sent: bool
    message_id: str | None = None
    code: int | None = None
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that goes with a letter."""

    name: str = field(repr=False)
    media: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter opened for sending. It holds personal data and lives for one attempt only."""

    stream: str
    letter: str
    language: str
    written_at: datetime
    subject: str = field(repr=False)
    body: str = field(repr=False)
    address: str = field(repr=False)
    answerable: bool = False
    """Whether an answer to it belongs to the case."""
    files: Sequence[Enclosed] = ()


@dataclass(frozen=True)
class MailServer:
    """Where letters are handed over. ``timeout`` in seconds is for each step of the talk.

    secret: signs the address that an answer goes to; without it answers go to the sender's.
    """

    host: str
    port: int
    sender: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    start_tls: bool | None = None
    use_tls: bool = False
    secret: bytes = field(default=b"", repr=False)
    timeout: float = 15.0

    def message_id(self, letter: Outgoing) -> str:
        """The same for every attempt, so that a letter sent twice is one to whoever receives it."""
        name = uuid5(NAMESPACE_URL, f"{letter.stream}/{letter.letter}").hex
        return f"<{name}@{parseaddr(self.sender)[1].rpartition('@')[2]}>"

    async def send(self, letter: Outgoing) -> Delivery:
        """Hand it over once. Never raises for what the server, the network or the address did."""
        name = letter.letter
        message_id = self.message_id(letter)
        try:
            message = self._message(letter, message_id)
        except (ValueError, IndexError, MessageError):
            return Delivery(letter=name, sent=False, permanent=True)
        try:
            await self._talk(message)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return _refused(name, refused.recipients[0].code)
        except aiosmtplib.SMTPDataError as refused:
            return _refused(name, refused.code)
        except aiosmtplib.SMTPResponseException as answer:
            return Delivery(letter=name, sent=False, code=answer.code)
        except aiosmtplib.SMTPNotSupported:
            return Delivery(letter=name, sent=False, permanent=True)
        except (aiosmtplib.SMTPException, OSError):
            return Delivery(letter=name, sent=False)
        return Delivery(letter=name, sent=True, message_id=message_id)

    async def _talk(self, message: EmailMessage) -> None:
        await aiosmtplib.send(
            message,
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            start_tls=self.start_tls,
            use_tls=self.use_tls,
            timeout=self.timeout,
        )

    def _message(self, letter: Outgoing, message_id: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = Address(addr_spec=letter.address)
        message["Subject"] = " ".join(letter.subject.split())
        message["Date"] = format_datetime(letter.written_at)
        message["Message-ID"] = message_id
        if letter.answerable and self.secret:
            answers = reply_address(self.secret, letter.stream, parseaddr(self.sender)[1])
            message["Reply-To"] = Address(addr_spec=answers)
        message.set_content(letter.body)
        message["Content-Language"] = letter.language
        for file in letter.files:
            main, _, sub = file.media.partition("/")
            message.add_attachment(file.content, main, sub, filename=file.name)
        return message


def _refused(letter: str, code: int) -> Delivery:
    """A refusal of the address or of the message: for good from 500 up, for now below."""
    return Delivery(letter=letter, sent=False, code=code, permanent=code >= 500)
