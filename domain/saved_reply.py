"""Saved replies: words that staff send again and again, with the places of a letter to fill.

A reply is retired by a further version that says so; it is drafted and published as any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from domain.decider import DomainError
from domain.event import Frozen
from domain.letter import Channel
from domain.target import Ref
from domain.template import OF_ONE_LETTER, PLACES, check_places, fill, places_in
from domain.text import Text

ID: Final = re.compile(r"^[a-z0-9][a-z0-9-]{0,59}$")
OF_CASE: Final = PLACES - OF_ONE_LETTER
"""The places that it may speak of."""
LONGEST_TITLE: Final = 120
LONGEST_BODY: Final = 20_000
FIELD: Final = "saved_reply"
"""Where a reply says which saved one it began as."""


class SavedReply(Frozen):
    """``title`` is for staff, ``body`` for the customer, who reads it in their own language.

    An empty tuple is any; legal_entity None: of every company.
    """

    kind: Literal["saved_reply"] = "saved_reply"
    id: str = Field(pattern=ID)
    version: int = Field(ge=1)
    title: Text
    body: Text
    legal_entity: str | None = None
    channels: tuple[Channel, ...] = ()
    categories: tuple[str, ...] = ()
    retired: bool = False

    @model_validator(mode="after")
    def _is_whole_in_both_languages(self) -> Self:
        for text, most in ((self.title, LONGEST_TITLE), (self.body, LONGEST_BODY)):
            for words in (text.en, text.zh):
                if not words.strip():
                    raise ValueError("words are needed in both languages")
                if len(words) > most:
                    raise ValueError(f"at most {most} characters")
        check_places(self.body.en, self.body.zh, among=OF_CASE)
        return self

    @property
    def ref(self) -> Ref:
        return Ref(id=self.id, version=self.version)

    def is_for(self, legal_entity: str, category: str) -> bool:
        """Whether it fits such a case, by whatever channel."""
        return (
            self.legal_entity in (None, legal_entity)
            and (not self.categories or category in self.categories)
        )  # fmt: skip

    def says(self, wanted: str) -> bool:
        """Whether every word wanted is in its id, title or body, in either language."""
        texts = (self.id, self.title.en, self.title.zh, self.body.en, self.body.zh)
        whole = "\n".join(texts).casefold()
        return all(word in whole for word in wanted.casefold().split())


class SavedReplyUnknown(DomainError):
    """There is none of that name for such a case."""


class SavedReplyRetired(DomainError):
    """Its last version says that it is not used any more."""


class SavedReplyGoesOtherwise(DomainError):
    """It is meant for other channels (facts: channels)."""


class PlaceLeftOpen(DomainError):
    """The words still hold places for which the case has no value (facts: places)."""


def filled(text: str, places: Mapping[str, str]) -> str:
    """With its places filled; one without a value stays, for whoever sends it to write."""
    return fill(text, {place: f"${place}" for place in OF_CASE} | dict(places))


def check_written(text: str) -> None:
    """Raises: PlaceLeftOpen."""
    if left := sorted(places_in(text) & OF_CASE):
        raise PlaceLeftOpen(field="text", places=[f"${place}" for place in left])


def check_usable(reply: SavedReply, legal_entity: str, category: str) -> None:
    """``reply``: its last version. Raises: SavedReplyUnknown, SavedReplyRetired."""
    if not reply.is_for(legal_entity, category):
        raise SavedReplyUnknown(field=FIELD)
    if reply.retired:
        raise SavedReplyRetired(field=FIELD)


def check_channel(reply: SavedReply, channel: str) -> None:
    """Raises: SavedReplyGoesOtherwise."""
    if reply.channels and channel not in reply.channels:
        raise SavedReplyGoesOtherwise(field=FIELD, channels=reply.channels)


def joined(typed: str, untouched: str, words: str) -> str:
    """The words below what was typed; instead of it where it is empty or ``untouched``."""
    if typed.strip() in ("", untouched.strip()):
        return words
    return f"{typed.rstrip()}\n\n{words}"
