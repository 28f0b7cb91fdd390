"""One raw mail, read: any bytes become something a person can look at. Nothing in it is trusted.

What it costs to read grows with its length and no faster: the library's own reading of structured
headers, and of parts without end, would not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32
from email.utils import getaddresses
from itertools import count
from typing import Any, Final

from desk.keeping import Handed
from domain.inbound import MailKind
from workers.mailbox.html_text import words_of
from workers.mailbox.signs import bare, decoded, in_words

DEEPEST: Final = 20
MOST_PARTS: Final = 1000
MOST_LINES: Final = 3_000_000
LONGEST_HEAD: Final = 1_000_000
"""Bytes of all headers."""
LONGEST_TEXT: Final = 100_000
LONGEST_HTML: Final = 2_000_000
LONGEST_HEADER: Final = 10_000
MOST_OF_A_NAME: Final = 50
"""Headers of one name."""
LONGEST_ADDRESS: Final = 254
_MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,250}>")
_SAYS_SO: Final = re.compile(r"\s*(?:自动[回答][复覆]|自動[回答][復覆])\s*[:：]")
"""How Chinese mail services begin the subject of what nobody wrote; often their only sign."""
_TURNS: Final = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Signs that change the direction of what stands behind them."""
_BULK: Final = frozenset({"bulk", "junk", "list", "auto_reply"})


@dataclass(slots=True)
class Mail:
    """``message_id``: "" where there is none. ``bounced``: letters of ours that it says failed.

    whole: False where some of it could not be read.
    """

    message_id: str = ""
    sender: str = field(default="", repr=False)
    shown_sender: str = field(default="", repr=False)
    headline: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    files: list[Handed] = field(default_factory=list, repr=False)
    references: tuple[str, ...] = ()
    bounced: tuple[str, ...] = ()
    kind: MailKind = "person"
    whole: bool = True


def read(raw: bytes, envelope_sender: str) -> Mail:
    """Never raises: what cannot be read is kept as the text it came as."""
    mail = Mail()
    try:
        head = BytesHeaderParser(policy=_CUT).parsebytes(raw[:LONGEST_HEAD])
        _headers(mail, head)
        mail.kind = _kind(head, envelope_sender)
        if max(raw.count(b"\n"), raw.count(b"\r")) > MOST_LINES:
            raise _Tangled
        message = message_from_bytes(raw, _Part, policy=_CUT)
        mail.bounced = _bounced(message) if mail.kind == "bounce" else ()
        _Parts(mail).take(message)
    except Exception:
        # The library breaks on some bytes in ways of its own; a mail is never lost for that.
        mail.whole = False
    if not mail.whole and not mail.text:
        mail.text = raw[:LONGEST_TEXT].decode("utf-8", "replace")
    _fit(mail)
    return mail


class _Tangled(Exception):
    """More parts, deeper ones, or more lines than anybody sends."""


class _Cut(Compat32):
    """Headers as they stand, also in plain UTF-8, and no longer than what is looked at."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        with suppress(UnicodeError):
            value = value.encode("ascii", "surrogateescape").decode()
        return name[:LONGEST_HEADER], value[:LONGEST_HEADER]


_CUT: Final = _Cut(max_line_length=None)


class _Part(Message):
    """Stops the reading where parts are too deep or too many to be looked at."""

    def __init__(self, policy: Any = _CUT) -> None:
        super().__init__(policy)
        self.depth = 0
        self.made = count(1)

    def attach(self, payload: Any) -> None:
        payload.depth, payload.made = self.depth + 1, self.made
        if payload.depth > DEEPEST or next(self.made) > MOST_PARTS:
            raise _Tangled
        super().attach(payload)


def _fit(mail: Mail) -> None:
    """Words only, and only so many: a longer text comes along as a file besides."""
    mail.headline = _line(mail.headline, 1000)
    mail.shown_sender = _line(mail.shown_sender, 500)
    mail.text = clean(mail.text).strip()
    if len(mail.text) > LONGEST_TEXT:
        content = mail.text.encode()
        mail.files.insert(0, Handed("message.txt", content, len(content)))
        mail.text = mail.text[:LONGEST_TEXT]
        mail.whole = False


def _line(text: str, most: int) -> str:
    """One line that turns nothing round it."""
    return " ".join(clean(text)[:most].translate(_TURNS).split())


def clean(text: str) -> str:
    """Without control signs and half characters."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        "\ufffd" if "\ud800" <= sign <= "\udfff" else sign
        for sign in plain
        if sign in "\n\t" or not (sign < " " or "\x7f" <= sign <= "\x9f")
    )


# headers


def _values(message: Message, name: str) -> list[str]:
    """As they stand in the mail: the library's own reading of a header may break on it."""
    found = [bare(str(value)) for key, value in message.raw_items() if key.lower() == name]
    return found[:MOST_OF_A_NAME]


def _first(message: Message, name: str) -> str:
    return next(iter(_values(message, name)), "")


def _headers(mail: Mail, message: Message) -> None:
    found = _MESSAGE_ID.search(_first(message, "message-id"))
    mail.message_id = found[0] if found else ""
    mail.headline = decoded(_first(message, "subject"))
    answered = [*_values(message, "in-reply-to"), *_values(message, "references")]
    known = [id for value in answered for id in _MESSAGE_ID.findall(value)]
    mail.references = tuple(dict.fromkeys(known))[:50]
    senders = _values(message, "from")
    addresses = [address for _, address in getaddresses(senders) if "@" in address]
    mail.shown_sender = decoded(" ".join(senders)[:LONGEST_HEADER])
    # Of several senders nobody can say who wrote.
    if len(addresses) == 1 and len(addresses[0]) <= LONGEST_ADDRESS:
        mail.sender = clean(addresses[0]).strip().lower()


def _kind(message: Message, envelope_sender: str) -> MailKind:
    if message.get_content_type() == "multipart/report":
        return "bounce"
    nobody = envelope_sender in ("", "<>") or envelope_sender.lower().startswith("mailer-daemon@")
    if _first(message, "list-id") or _first(message, "list-unsubscribe"):
        return "list"
    machine = _first(message, "auto-submitted").partition(";")[0].strip().lower()
    precedence = _first(message, "precedence").strip().lower()
    if nobody or machine not in ("", "no") or precedence in _BULK:
        return "automatic"
    if _SAYS_SO.match(decoded(_first(message, "subject"))):
        return "automatic"
    return "person"


def _bounced(message: Message) -> tuple[str, ...]:
    """The letters that a report on their delivery gives up for good."""
    statuses = [part for part in message.walk() if part.get_content_type().startswith("message/")]
    failed = any(
        "failed" in _first(fields, "action").lower()
        for status in statuses
        if status.get_content_type() == "message/delivery-status"
        for fields in _inside(status)
    )
    if not failed:
        return ()
    kept = [_first(one, "message-id") for part in message.walk() for one in _originals(part)]
    return tuple(id for text in kept for id in _MESSAGE_ID.findall(text))[:5]


def _inside(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _originals(part: Message) -> Iterator[Message]:
    match part.get_content_type():
        case "message/rfc822":
            yield from _inside(part)
        case "text/rfc822-headers":
            yield message_from_bytes(_bytes(part)[:LONGEST_HEADER], policy=_CUT)


# parts


class _Parts:
    """Walks a mail's parts: the first words are its text, what has a name is a file."""

    def __init__(self, mail: Mail) -> None:
        self.mail = mail

    def take(self, part: Message) -> None:
        kind = part.get_content_type()
        if kind == "message/rfc822":
            content = _message_bytes(part)
            self.mail.files.append(Handed(_name(part) or "message.eml", content, len(content)))
        elif kind == "multipart/alternative":
            self.alternative(_inside(part))
        elif part.is_multipart():
            for each in _inside(part):
                self.take(each)
        elif _is_words(part):
            self.say(self.words(part))
        else:
            content = _bytes(part)
            name = _name(part) or f"file.{part.get_content_subtype()}"
            self.mail.files.append(Handed(name, content, len(content)))

    def alternative(self, parts: list[Message]) -> None:
        """The same words in several dresses: plain ones before others."""
        plain = [part for part in parts if part.get_content_type() == "text/plain"]
        chosen = next((part for part in plain if self.words(part).strip()), None)
        if chosen is not None:
            self.say(self.words(chosen))
        for part in parts:
            if part.get_content_type() not in ("text/plain", "text/html") or (
                chosen is None and part.get_content_type() == "text/html"
            ):
                self.take(part)

    def say(self, words: str) -> None:
        self.mail.text = f"{self.mail.text}\n\n{words}" if self.mail.text else words

    def words(self, part: Message) -> str:
        text = _text(part)
        if part.get_content_type() != "text/html":
            return text
        if len(text) > LONGEST_HTML:
            self.mail.whole = False
        return words_of(text[:LONGEST_HTML])


def _is_words(part: Message) -> bool:
    named = part.get_content_disposition() == "attachment" or bool(_name(part))
    return part.get_content_type() in ("text/plain", "text/html") and not named


def _name(part: Message) -> str:
    try:
        return clean(_told_name(part))
    except Exception:
        return "file"


def _told_name(part: Message) -> str:
    """As the mail spells it: the library's newer reading loses signs that exceed their charset."""
    heads = Message()
    for name in ("content-disposition", "content-type"):
        if value := _first(part, name):
            heads[name] = value
    found = heads.get_param("filename", header="content-disposition") or heads.get_param("name")
    match found:
        case (charset, _, words):
            return in_words(words.encode("latin-1"), charset)
        case str():
            return decoded(found)
        case _:
            return ""


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _message_bytes(part: Message) -> bytes:
    try:
        return b"".join(one.as_bytes() for one in _inside(part))
    except Exception:
        return b""


def _text(part: Message) -> str:
    """In the charset it claims, else in what it seems to be."""
    return in_words(_bytes(part), part.get_content_charset())
