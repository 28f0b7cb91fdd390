"""Files that somebody hands in: checked, encrypted, stored; what is not kept is told with why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid5

from desk.file_kinds import PictureRefused, media_of, plain_name, thumbnail
from domain.attachment import Attachment, LeftOut, WhyNot
from domain.personal import Personal
from ledger import FilePlace, Ledger

MOST_FILES: Final = 20


@dataclass(frozen=True, slots=True)
class Handed:
    """A file as it was handed in. ``content`` None: too large to be taken; ``size`` in bytes."""

    name: str = field(repr=False)
    content: bytes | None = field(repr=False)
    size: int


@dataclass(frozen=True)
class Kept:
    """For the command that brings the files: its ``files`` and ``left_out``."""

    files: tuple[Attachment, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def why_not(handed: Handed, largest: int) -> WhyNot | None:
    """Why a file is not kept; ``largest`` in bytes."""
    if handed.content is None or handed.size > largest:
        return "size"
    media = media_of(plain_name(handed.name), handed.content)
    if media is None:
        return "type"
    try:
        thumbnail(media, handed.content)
    except PictureRefused:
        return "unreadable"
    return None


def keep(
    ledger: Ledger,
    handed: Iterable[Handed],
    *,
    subject: str,
    stream: str,
    command: UUID,
    largest: int,
) -> Kept:
    """Store what may be kept. The same files for the same command are the same bytes again.

    Raises: KeyDestroyed, LedgerUnavailable.
    """
    files, left_out = [], []
    for n, one in enumerate(handed):
        reason = "many" if n >= MOST_FILES else why_not(one, largest)
        if reason is None:
            id = str(uuid5(command, f"file {n}"))
            files.append(_store(ledger, one, subject, stream, id))
        else:
            name = Personal(plain_name(one.name))
            left_out.append(LeftOut(name=name, size=one.size, why=reason))
    return Kept(tuple(files), tuple(left_out))


def _store(ledger: Ledger, one: Handed, subject: str, stream: str, id: str) -> Attachment:
    assert one.content is not None
    name = plain_name(one.name)
    media = media_of(name, one.content)
    assert media is not None
    small = thumbnail(media, one.content)
    place = FilePlace(stream, id)
    drawn = FilePlace(stream, id, "thumbnail")
    return Attachment(
        stream=stream,
        id=id,
        digest=ledger.keep_file(subject, place, one.content),
        size=one.size,
        media=media,
        name=Personal(name),
        thumbnail=None if small is None else ledger.keep_file(subject, drawn, small),
    )


def opened(ledger: Ledger, file: Attachment) -> bytes | None:
    """The bytes of a kept file; None where they were erased."""
    return ledger.open_file(FilePlace(file.stream, file.id), file.digest)


def drawn_small(ledger: Ledger, file: Attachment) -> bytes | None:
    """The small picture of a kept file; None where it has none or was erased."""
    if file.thumbnail is None:
        return None
    return ledger.open_file(FilePlace(file.stream, file.id, "thumbnail"), file.thumbnail)


def handed_again(ledger: Ledger, files: Sequence[Attachment]) -> list[Handed]:
    """Kept files on their way to another place; what was erased stays behind."""
    found = []
    for file, name in zip(files, ledger.open_in([file.name for file in files]), strict=True):
        content = opened(ledger, file)
        if content is not None and name is not None:
            found.append(Handed(name, content, file.size))
    return found
