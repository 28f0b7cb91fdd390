"""What travels to and from Temporal: ids, versions, moments and rules. Never a fact about a person.

Every workflow, signal and activity takes exactly one of these (a second parameter would
arrive as a plain dict).
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import AwareDatetime

from domain.event import Frozen

NUDGE = "nudge"
"""Signal: the stream has come to this version; look where you have not seen it yet."""
LOOK_AGAIN = "look_again"
"""Signal of a resync: look, even if that version was seen."""


class Nudge(Frozen):
    version: int


class Wait(Frozen):
    """An item that was still owed after it was performed: how often, and when it is tried again."""

    tries: int
    until: AwareDatetime


class Watch(Frozen):
    """A stream to be kept in time. The rest is carried over from run to run.

    heard: the highest version any nudge has named
    waits: by key of the item
    """

    stream: str
    heard: int = 0
    waits: Mapping[str, Wait] = {}


class Look(Frozen):
    """Ask what the stream owes."""

    stream: str


class Item(Frozen):
    """One thing that is owed: ``domain.decider.Due`` without its facts."""

    key: str
    at: AwareDatetime
    rule: str


class Agenda(Frozen):
    """What a stream owes, earliest first, as of its version."""

    version: int
    items: tuple[Item, ...] = ()


class PerformItem(Frozen):
    """Do what is due at ``at``, the workflow's moment."""

    stream: str
    workflow: str
    key: str
    at: AwareDatetime


class Swept(Frozen):
    """How many overdue streams the sweep nudged."""

    nudged: int
