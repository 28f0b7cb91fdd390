"""The words of an HTML mail: it is never shown as HTML, and nothing it points to is loaded.

No sign is looked at over and over, however broken the tags are: a mail of strangers costs what its
length costs.
"""

from __future__ import annotations

import html as markup
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_UNSEEN: Final = frozenset({"script", "style", "head", "title", "template", "noscript"})
_BLOCKS: Final = frozenset(
    {"address", "article", "blockquote", "br", "div", "footer", "form", "h1", "h2", "h3", "h4"}
    | {"h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul"}
)
_NAME: Final = re.compile(r"/?[a-zA-Z][^\s/>]{0,40}")
_ENDS: Final = re.compile(r"=\s*[\"']|>")
"""Of a tag: what ends it, or begins a value that may hold such a sign."""
_NO_TAGS_IN: Final = {
    name: re.compile(rf"</{name}(?![a-z])", re.IGNORECASE) for name in ("script", "style")
}


class _Piece(NamedTuple):
    """Text, and the tag behind it: with "/" before its name where it closes, "" for no tag."""

    text: str
    tag: str = ""
    empty: bool = False


def words_of(html: str) -> str:
    """The text, a line for each block."""
    parts: list[str] = []
    unseen = ""
    for text, tag, empty in _pieces(html):
        if not unseen:
            parts.append(re.sub(r"\s+", " ", markup.unescape(text)))
        name = tag.removeprefix("/")
        if name != tag:
            unseen = "" if name in (unseen, "body") else unseen
        elif not unseen and not empty and name in _UNSEEN:
            unseen = name
        if name in _BLOCKS:
            parts.append("\n")
        elif tag == "td":
            parts.append(" ")
    lines = [" ".join(line.split()) for line in "".join(parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _pieces(html: str) -> Iterator[_Piece]:
    """In their order. What begins like a tag and has no end is text, and so is all behind it."""
    begins = looked = 0
    while (opens := html.find("<", looked)) >= 0:
        name = _NAME.match(html, opens + 1)
        if name is not None:
            end = _end_of_tag(html, name.end())
        elif html.startswith("<!--", opens):
            end = _behind(html, "-->", opens + 2)
        elif html.startswith(("<!", "<?", "</"), opens):
            end = _behind(html, ">", opens)
        else:
            looked = opens + 1
            continue
        if end < 0:
            break
        tag = name[0].lower() if name else ""
        yield _Piece(html[begins:opens], tag, empty=html.endswith("/>", opens, end))
        if tag in _NO_TAGS_IN:
            closes = _NO_TAGS_IN[tag].search(html, end)
            end = closes.start() if closes else len(html)
        begins = looked = end
    yield _Piece(html[begins:])


def _behind(html: str, sign: str, at: int) -> int:
    """Where the sign ends; -1 where there is none."""
    found = html.find(sign, at)
    return found + len(sign) if found >= 0 else -1


def _end_of_tag(html: str, at: int) -> int:
    """As ``_behind``, for the ">" that is in no value."""
    while (found := _ENDS.search(html, at)) is not None:
        if found[0] == ">":
            return found.end()
        closes = html.find(found[0][-1], found.end())
        at = found.end() if closes < 0 else closes + 1
    return -1
