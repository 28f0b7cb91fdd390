"""Files that came or went with words. Their bytes lie apart, encrypted under the same subject.

A file belongs to the words that the same command stored: a message, a letter, a note, a lodging.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from domain.event import Command, Event, Frozen
from domain.personal import Personal

Media = Literal[
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "text/plain",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.text",
    "application/zip",
]
WhyNot = Literal["size", "type", "unreadable", "many"]


class Attachment(Frozen):
    """``digest``: SHA-256 of what is stored, encrypted. ``thumbnail``: digest of its small picture.

    ``stream`` and ``id`` are the place it was encrypted for; it opens nowhere else.
    """

    stream: str
    id: str
    digest: str
    size: int
    media: Media
    name: Personal
    thumbnail: str | None = None


class LeftOut(Frozen):
    """A file that was not kept, and why; whoever reads the words knows that there was one."""

    name: Personal
    size: int
    why: WhyNot


class AttachmentKept(Event, type="AttachmentKept"):
    file: Attachment


class AttachmentLeftOut(Event, type="AttachmentLeftOut"):
    file: LeftOut


AttachmentEvent = AttachmentKept | AttachmentLeftOut


class WithFiles(Command):
    """A wish that may bring files along."""

    files: tuple[Attachment, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def kept(command: Command) -> Sequence[AttachmentEvent]:
    if not isinstance(command, WithFiles):
        return ()
    return [
        *(AttachmentKept(at=command.at, file=file) for file in command.files),
        *(AttachmentLeftOut(at=command.at, file=file) for file in command.left_out),
    ]
