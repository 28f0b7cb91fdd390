"""The customer of a demo: what somebody types under a kept letter comes in as a real answer to it.

Only where the house keeps its letters itself, so that no real customer is spoken for.
"""

from __future__ import annotations

import smtplib
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Final
from uuid import UUID

import orjson

from desk.house import House
from desk.language import N_, say

LONGEST: Final = 20_000
_SECONDS: Final = 30.0
_WROTE: Final = N_("On %(at)s, %(who)s wrote:")


class NotTaken(Exception):
    """The mailbox does not take it: it is away, or it refuses."""


def door(house: House) -> int | None:
    """The port at which this demo takes mail; None where it is none, or sends its letters away."""
    try:
        state = orjson.loads((house.home / "state.json").read_bytes())
        ours = state["demo"] is True and "maildrop" in state["processes"]
        return int(state["lmtp_port"]) if ours else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def answer(letter: EmailMessage, text: str, *, id: UUID, now: datetime) -> EmailMessage:
    """As the customer's mail program writes it. ``id``: the same for the same answer."""
    sender = parseaddr(str(letter["To"]))[1]
    subject = str(letter.get("Subject", ""))
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = parseaddr(str(letter["Reply-To"] or letter["From"]))[1]
    mail["Subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{id}@{sender.rpartition('@')[2]}>"
    mail["In-Reply-To"] = mail["References"] = str(letter["Message-ID"])
    mail.set_content(f"{text}\n\n{_quoted(letter)}")
    return mail


def _quoted(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    words = str(body.get_content()) if body is not None else ""
    language = str(letter.get("Content-Language", "en"))
    who, at = str(letter["From"]), str(letter.get("Date", ""))
    lines = [say(language, _WROTE, at=at, who=who), *words.rstrip().splitlines()]
    return "\n> ".join(lines)


def hand_in(port: int, mail: EmailMessage) -> None:
    """To this machine's own mailbox. Raises: NotTaken."""
    try:
        with smtplib.LMTP("127.0.0.1", port, timeout=_SECONDS) as server:
            server.send_message(mail)
    except (OSError, smtplib.SMTPException) as error:
        raise NotTaken from error
