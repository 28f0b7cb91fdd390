"""The mail server of the settings, and the post that takes letters to colleagues there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import structlog

from desk.house import StaffLetter
from workers.settings import Settings
from workflows.mail import MailServer, Outgoing
from workflows.staff_letters import post

log = structlog.get_logger()


def mail_server(settings: Settings, secret: bytes = b"") -> MailServer:
    """``secret`` signs the addresses that customers answer to; mail to staff needs none."""
    password = settings.smtp_password
    return MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.mail_from,
        username=settings.smtp_user,
        password=password.get_secret_value() if password else None,
        start_tls=settings.smtp_security == "starttls",
        secret=secret,
        use_tls=settings.smtp_security == "tls",
    )


@contextmanager
def staff_post(settings: Settings) -> Iterator[Callable[[StaffLetter], None]]:
    """Takes letters to colleagues and hands them over one by one, while nobody waits.

    At the end it waits for the last of them.
    """
    server = mail_server(settings)
    with ThreadPoolExecutor(1, "post") as threads:

        def take(letter: StaffLetter) -> None:
            threads.submit(_hand_over, server, letter)

        yield take


def _hand_over(server: MailServer, letter: StaffLetter) -> None:
    outgoing = Outgoing(
        stream=letter.staff,
        letter=letter.name,
        language=letter.language,
        written_at=letter.written_at,
        subject=letter.subject,
        body=letter.body,
        address=letter.address,
    )
    for delivery in asyncio.run(post(server, [outgoing])):
        if delivery.sent:
            log.info("tell.sent", letter=delivery.letter)
        else:
            log.warning("tell.not_sent", letter=delivery.letter, code=delivery.code)
