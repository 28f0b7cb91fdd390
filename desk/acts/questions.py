"""Questions that many acts ask, and what is picked of their choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from desk.acts.act import Making
from desk.forms import FormRefused, Question
from desk.words.facts import Speaker
from desk.words.terms import choices
from domain.letter import Channel


def pick(making: Making, name: str, allowed: Sequence[str]) -> str:
    value = making.need(name)
    if value not in allowed:
        raise FormRefused({name: making.say("Choose one of the list.")})
    return value


def channel_of(making: Making) -> Channel:
    allowed = [value for value, _ in choices("en", "channel")]
    return cast(Channel, pick(making, "channel", allowed))


def channel_question(say: Speaker, value: str = "", title: str = "") -> Question:
    return Question(
        "channel",
        title or say("How it came"),
        "choice",
        choices=choices(say.language, "channel"),
        value=value,
    )


def when_question(say: Speaker) -> Question:
    return Question(
        "at",
        say("When, if not just now"),
        "moment",
        required=False,
        help=say("In the time of %(zone)s.", zone=say.zone_name(say.zone)),
    )
