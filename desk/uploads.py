"""Files in a form: read from disk one at a time, refused in words, kept once all fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from typing import Final, TypeVar

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Message

from desk.file_kinds import ENDINGS, plain_name
from desk.forms import Question
from desk.guard import TooLarge
from desk.house import House
from desk.keeping import MOST_FILES, Handed, keep, why_not
from desk.language import N_
from desk.words.facts import Speaker
from domain.attachment import WhyNot
from domain.event import Command

C = TypeVar("C", bound=Command)

FIELD: Final = "files"
DIGESTS: Final = "digests"
"""Among what was typed: the files, by their content, so that other files are another wish."""
LOST: Final = "files_lost"
"""What a form carries that is sent again after logging in, its files having stayed behind."""

_WORDS: Final[dict[WhyNot, str]] = {
    "size": N_("“%(name)s” is larger than %(most)s MB."),
    "type": N_("“%(name)s” is of a kind that is not kept, or its name ends otherwise."),
    "unreadable": N_("The picture “%(name)s” cannot be read."),
}


@dataclass(frozen=True)
class FilesRefused(Exception):
    """Files that cannot be kept; nothing of what was sent was."""

    status: int
    words: str


@dataclass(frozen=True)
class Uploads:
    """whole: all of the form was taken; lost: it came without its files, after logging in."""

    files: Sequence[UploadFile] = ()
    whole: bool = True
    lost: bool = False

    def digests(self) -> str:
        told = []
        for one in self.files:
            told.append(f"{one.filename}:{file_digest(one.file, 'sha256').hexdigest()}")  # type: ignore[arg-type]
            one.file.seek(0)
        return "\n".join(told)

    def handed(self, largest: int) -> Iterator[Handed]:
        """One after the other, so that no two are in memory; ``largest`` in bytes."""
        for one in self.files:
            size = one.size or 0
            one.file.seek(0)
            yield Handed(one.filename or "", one.file.read() if size <= largest else None, size)

    def check(self, house: House, say: Speaker) -> None:
        """Raises: FilesRefused."""
        if self.lost:
            words = say("Your session was over, so the files did not come along. Choose again.")
            raise FilesRefused(422, words)
        if not self.whole:
            raise FilesRefused(413, too_much(house, say))
        check_files(self.handed(house.largest_file), house, say)

    def close(self) -> None:
        for one in self.files:
            one.file.close()


NO_FILES: Final = Uploads()


def check_files(handed: Iterable[Handed], house: House, say: Speaker) -> None:
    """Raises: FilesRefused."""
    most = in_mb(house.largest_file)
    wrong: dict[str, WhyNot] = {}
    for n, one in enumerate(handed):
        if n >= MOST_FILES:
            raise FilesRefused(422, say("At most %(most)s files at once.", most=MOST_FILES))
        if (why := why_not(one, house.largest_file)) is not None:
            wrong[say(_WORDS[why], name=plain_name(one.name), most=most)] = why
    if wrong:
        again = say("Choose the others again, if there are any.")
        status = 413 if "size" in wrong.values() else 422
        raise FilesRefused(status, " ".join([*wrong, again]))


def too_much(house: House, say: Speaker) -> str:
    most = in_mb(house.largest_upload)
    return say("All files together may have %(most)s MB. Choose fewer.", most=most)


def with_files(
    command: C, handed: Iterable[Handed], house: House, *, subject: str, stream: str
) -> C:
    """The command bringing its files, which are stored. Raises: KeyDestroyed, LedgerUnavailable."""
    kept = keep(
        house.ledger, handed, subject=subject, stream=stream, command=command.command_id,
        largest=house.largest_file,
    )  # fmt: skip
    return command.model_copy(update={"files": kept.files})


def question(house: House, say: Speaker) -> Question:
    """The last of a form, so that its words come first and are kept where files are too much."""
    words = say(
        "PDF, pictures, text, CSV, Word, Excel, OpenDocument text or ZIP: "
        "at most %(most)s MB each and %(all)s MB together.",
        most=in_mb(house.largest_file),
        all=in_mb(house.largest_upload),
    )
    accept = ",".join(f".{ending}" for endings in ENDINGS.values() for ending in endings)
    return Question(FIELD, say("Files"), "files", required=False, help=words, accept=accept)


def in_mb(size: int) -> int:
    return size // 1_000_000


class Bounded:
    """A request's body as far as it may be taken; the rest is read and thrown away."""

    def __init__(self, request: Request, most: int) -> None:
        self.request = request
        self.left = most
        self.whole = True

    async def __call__(self) -> Message:
        message = await self.request.receive()
        body = message.get("body", b"")
        fits, self.left = body[: self.left], self.left - len(body)
        if self.left >= 0:
            return message
        self.whole = False
        try:
            while message.get("more_body"):
                message = await self.request.receive()
        except TooLarge:
            pass
        return {"type": "http.request", "body": fits, "more_body": False}
