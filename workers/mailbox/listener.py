"""The LMTP listener: answers 250 when a mail is durable, 451 when it may come again."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from threading import Lock
from typing import AnyStr, Final

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from ledger import Ledger
from workers.mailbox.receiving import Receiver
from workers.mailbox.route import Router
from workers.settings import Settings

log = structlog.get_logger()

MOST_RECIPIENTS: Final = 100
LONGEST_LINE: Final = 1_000_000
SECONDS_OF_SILENCE: Final = 300.0


class Mailbox(LMTP):
    """LMTP answers once for each recipient after the mail's end, whatever the answer is."""

    line_length_limit = LONGEST_LINE

    async def smtp_DATA(self, arg: str) -> None:
        assert self.envelope is not None
        self._answers = len(self.envelope.rcpt_tos) or 1
        try:
            await super().smtp_DATA(arg)
        finally:
            self._answers = 1

    _answers = 1

    async def push(self, status: AnyStr) -> None:
        said = status.encode() if isinstance(status, str) else bytes(status)
        times = 1 if said.startswith((b"354", b"503", b"501")) else self._answers
        await super().push(b"\r\n".join([said] * times))


class Intake:
    """What aiosmtpd asks. Mail for nobody here is refused at once, so that its sender is told."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver

    async def handle_RCPT(
        self, _server: LMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients at once"
        try:
            ours = await asyncio.to_thread(self.receiver.router.takes, address)
        except Exception as error:
            log.warning("mail.not_now", reason=type(error).__name__)
            return "451 4.3.0 Try again later"
        if not ours:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: LMTP, _session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        sender = envelope.mail_from or ""
        try:
            await asyncio.to_thread(self.receiver.receive, raw, sender, envelope.rcpt_tos)
        except Exception as error:
            log.warning("mail.not_now", reason=type(error).__name__, exc_info=error)
            return "451 4.3.0 Not stored; try again later"
        return "250 2.0.0 Stored"


def receiver_of(settings: Settings, ledger: Ledger) -> Receiver:
    router = Router(
        ledger,
        settings.signing_secret().encode(),
        parseaddr(settings.mail_from)[1],
        settings.mailboxes,
    )
    largest = settings.largest_file_mb * 1_000_000
    return Receiver(ledger, router, largest, lambda: datetime.now(UTC), Lock())


def run(settings: Settings) -> None:
    """Take mail until SIGTERM; a mail that is under way is answered."""
    with Ledger(settings.database(), master_key=settings.key()) as ledger:
        asyncio.run(serve(settings, receiver_of(settings, ledger)))


async def serve(settings: Settings, receiver: Receiver) -> None:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, told.set)
    server = await listen(settings, receiver)
    log.info("mailbox.runs")
    await told.wait()
    server.close()


async def listen(settings: Settings, receiver: Receiver) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    intake = Intake(receiver)

    def session() -> Mailbox:
        return Mailbox(
            intake,
            data_size_limit=settings.largest_mail_mb * 1_000_000,
            enable_SMTPUTF8=True,
            timeout=SECONDS_OF_SILENCE,
            hostname="evercase",
            ident="evercase",
            loop=loop,
        )

    if settings.lmtp_socket is not None:
        return await _on_socket(loop, session, settings.lmtp_socket)
    return await loop.create_server(session, settings.lmtp_host, settings.lmtp_port)


async def _on_socket(
    loop: asyncio.AbstractEventLoop, session: Callable[[], Mailbox], path: Path
) -> asyncio.Server:
    with suppress(FileNotFoundError):
        path.unlink()
    server = await loop.create_unix_server(session, path)
    path.chmod(0o660)
    return server
