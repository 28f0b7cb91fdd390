"""Files that somebody hands in: checked, encrypted, stored; what is not kept is told with why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from desk.file_kinds import PictureRefused, media_of, plain_name, thumbnail
from domain.attachment import Attachment, LeftOut, Media, WhyNot
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


class _Fine(NamedTuple):
    """A file that may be kept. ``small``: its small picture, where it is one."""

    content: bytes
    media: Media
    small: bytes | None


def why_not(handed: Handed, largest: int) -> WhyNot | None:
    """Why a file is not kept; ``largest`` in bytes."""
    found = _looked_at(handed, largest)
    return None if isinstance(found, _Fine) else found


def _looked_at(handed: Handed, largest: int) -> _Fine | WhyNot:
    if handed.content is None or handed.size > largest:
        return "size"
    media = media_of(plain_name(handed.name), handed.content)
    if media is None:
        return "type"
    try:
        return _Fine(handed.content, media, thumbnail(media, handed.content))
    except PictureRefused:
        return "unreadable"


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
        name = Personal(plain_name(one.name))
        found = "many" if n >= MOST_FILES else _looked_at(one, largest)
        if isinstance(found, _Fine):
            place = FilePlace(stream, str(uuid5(command, f"file {n}")))
            files.append(_store(ledger, found, name, subject, place))
        else:
            left_out.append(LeftOut(name=name, size=one.size, why=found))
    return Kept(tuple(files), tuple(left_out))


def _store(
    ledger: Ledger, file: _Fine, name: Personal, subject: str, place: FilePlace
) -> Attachment:
    drawn = replace(place, part="thumbnail")
    return Attachment(
        stream=place.stream,
        id=place.id,
        digest=ledger.keep_file(subject, place, file.content),
        size=len(file.content),
        media=file.media,
        name=name,
        thumbnail=None if file.small is None else ledger.keep_file(subject, drawn, file.small),
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
