"""Saved replies in a case: which fit it, filled for its customer, and what was sent of one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from desk.acts.act import Making
from desk.case import Case
from desk.forms import Question
from desk.house import House
from desk.letters import draft, places_of
from desk.person import Person
from desk.problem import NotAllowed
from desk.words.facts import Speaker
from domain.saved_reply import (
    FIELD,
    SavedReply,
    SavedReplyUnknown,
    check_channel,
    check_usable,
    check_written,
    filled,
)
from domain.target import Ref

NAMED: Final = re.compile(r"([a-z0-9-]{1,60})(?:@([0-9]{1,9}))?")


@dataclass(frozen=True)
class Ready:
    """Filled for a case, in the customer's language; the title is in the reader's.

    replaces: the words of the letter's own template, in whose stead it stands.
    """

    reply: str
    title: str
    text: str
    replaces: str
    channels: Sequence[str]


def fitting(case: Case, words: str = "") -> list[SavedReply]:
    """Those in use for such a case that hold the words, by title."""
    state, say = case.state, case.speaker()
    found = [
        reply
        for reply in case.house.directory.library.saved_replies.values()
        if not reply.retired
        and reply.is_for(state.legal_entity, state.category)
        and reply.says(words)
    ]
    return sorted(found, key=lambda reply: say.text(reply.title).casefold())


def shelf(house: House, person: Person, words: str = "") -> list[SavedReply]:
    """Those of the person's companies that hold the words; retired ones too.

    Raises: NotAllowed.
    """
    if not (mine := person.entities("document")):
        raise NotAllowed()
    house.directory.catch_up()
    return [
        reply
        for reply in house.directory.library.saved_replies.values()
        if reply.legal_entity in (None, *mine) and reply.says(words)
    ]


def ready(case: Case, replies: Sequence[SavedReply]) -> list[Ready]:
    say, places, language = case.speaker(), places_of(case), case.customer.language
    replaces = draft(case, "reply").body
    return [
        Ready(
            reply=str(reply.ref),
            title=say.text(reply.title),
            text=filled(reply.body.in_(language), places),
            replaces=replaces,
            channels=reply.channels,
        )
        for reply in replies
    ]


def usable(case: Case, name: str, channel: str) -> Ready:
    """The last version of the one named ``id`` or ``id@version``, for words sent by ``channel``.

    Raises: SavedReplyUnknown, SavedReplyRetired, SavedReplyGoesOtherwise.
    """
    reply = _last(case, _ref(name))
    check_channel(reply, channel)
    return ready(case, [reply])[0]


def origin(case: Case, name: str, text: str) -> Mapping[str, Any]:
    """For the command: which saved reply the text began as, and whether it was changed by hand.

    Raises: SavedReplyUnknown, SavedReplyRetired, PlaceLeftOpen.
    """
    check_written(text)
    ref = _ref(name)
    last = _last(case, ref)
    version = case.house.directory.saved_reply(ref) if ref.version else last
    if version is None:
        raise SavedReplyUnknown(field=FIELD)
    (as_saved,) = ready(case, [version])
    return {"saved_reply": version.ref, "changed": as_saved.text.strip() != text.strip()}


def began_as(making: Making) -> Mapping[str, Any]:
    name = making.maybe(FIELD)
    return origin(making.case, name, making.need("text")) if name else {}


def _ref(name: str) -> Ref:
    """Version 0 where none is named."""
    found = NAMED.fullmatch(name)
    if found is None:
        raise SavedReplyUnknown(field=FIELD)
    return Ref(id=found[1], version=int(found[2] or 0))


def _last(case: Case, ref: Ref) -> SavedReply:
    last = case.house.directory.library.saved_reply(ref.id)
    check_usable(last, case.state.legal_entity, case.state.category)
    return last


def pick_question(case: Case, say: Speaker) -> list[Question]:
    """Nothing where no saved reply fits the case."""
    choices = [(str(reply.ref), say.text(reply.title)) for reply in fitting(case)]
    if not choices:
        return []
    return [
        Question(
            FIELD, say("Saved reply"), "pick", required=False, choices=choices,
            source=f"/complaints/{case.state.number}",
        )
    ]  # fmt: skip
