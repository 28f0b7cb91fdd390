"""Which files are kept: told by their content, held against their name. And small pictures."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Mapping
from typing import Final

from PIL import Image, ImageOps

from domain.attachment import Media

MOST_PIXELS: Final = 40_000_000
MOST_SCANS: Final = 50
"""Of a JPEG picture, which cost as much as a picture each; programs write about ten."""
MOST_PACKED: Final = 20_000
"""Files in an archive."""
THUMBNAIL_PIXELS: Final = (320, 320)
THUMBNAIL_MEDIA: Final = "image/png"
LONGEST_NAME: Final = 150

ENDINGS: Final[Mapping[Media, tuple[str, ...]]] = {
    "application/pdf": ("pdf",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "text/plain": ("txt",),
    "text/csv": ("csv",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx",),
    "application/vnd.oasis.opendocument.text": ("odt",),
    "application/zip": ("zip",),
}
"""What may be kept, and how its name must end: a name that promises another thing is refused."""

_PICTURES: Final[Mapping[Media, bytes]] = {
    "image/png": rb"\x89PNG\r\n\x1a\n",
    "image/jpeg": rb"\xff\xd8\xff",
    "image/gif": rb"GIF8[79]a",
    "image/webp": rb"RIFF....WEBP",
}
_SCAN: Final = b"\xff\xda"
_PACKED: Final = b"PK\x01\x02"
_TEST_VIRUS: Final = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_MARKUP: Final = re.compile(rb"\A[\s\xef\xbb\xbf]*(?:<!|<\?|<html|<svg|<script|#!)", re.IGNORECASE)


class PictureRefused(Exception):
    """A picture that cannot be read, or would be far too large once it is."""


def media_of(name: str, content: bytes) -> Media | None:
    """What the file is, None for what is not kept."""
    ending = name.rpartition(".")[2].lower()
    media = _by_content(ending, content)
    return media if media and ending in ENDINGS[media] and _TEST_VIRUS not in content else None


def _by_content(ending: str, content: bytes) -> Media | None:
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    for media, sign in _PICTURES.items():
        if re.match(sign, content, re.DOTALL):
            return media
    if content.startswith(b"PK\x03\x04"):
        return _archive(content)
    if ending in ("txt", "csv") and not _CONTROL.search(content) and not _MARKUP.match(content):
        return "text/csv" if ending == "csv" else "text/plain"
    return None


def _archive(content: bytes) -> Media | None:
    """By what is in it; nothing is unpacked but the few bytes that name a text document."""
    if content.count(_PACKED) > MOST_PACKED:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if any(name.endswith("vbaProject.bin") for name in names):
                return None
            if "word/document.xml" in names:
                return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
            if "xl/workbook.xml" in names:
                return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                open_text: Media = "application/vnd.oasis.opendocument.text"
                return open_text if archive.read("mimetype") == open_text.encode() else None
    except Exception:
        # What a damaged archive makes the readers of zips raise is no closed list.
        return None
    return "application/zip"


def thumbnail(media: Media, content: bytes) -> bytes | None:
    """A small picture without what cameras write into files; None for what is no picture.

    Raises: PictureRefused.
    """
    if media not in _PICTURES:
        return None
    if media == "image/jpeg" and content.count(_SCAN) > MOST_SCANS:
        raise PictureRefused
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF", "WEBP")) as found:
                if found.width * found.height > MOST_PIXELS:
                    raise PictureRefused
                found.draft("RGB", THUMBNAIL_PIXELS)
                small = ImageOps.exif_transpose(found).convert("RGBA")
    except PictureRefused:
        raise
    except Exception as error:
        # What a damaged picture makes the readers of pictures raise is no closed list.
        raise PictureRefused from error
    small.thumbnail(THUMBNAIL_PIXELS)
    drawn = Image.new("RGBA", small.size)
    drawn.paste(small)
    out = io.BytesIO()
    drawn.save(out, "PNG")
    return out.getvalue()


def plain_name(name: str) -> str:
    """A file's name without folders and control signs, at most so long, its ending kept."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign for sign in last if sign.isprintable()).strip(" .") or "file"
    if len(shown) <= LONGEST_NAME:
        return shown
    stem, dot, ending = shown.rpartition(".")
    return stem[: LONGEST_NAME - 12] + dot + ending[:10]
