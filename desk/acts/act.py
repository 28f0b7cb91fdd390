"""An act: one wish that somebody has about a complaint, with its form and its command."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from desk.case import Case
from desk.forms import FormRefused, Question
from desk.language import N_
from desk.words.facts import Speaker
from domain.access import Right, Thing
from domain.approval import Money
from domain.complaint_wishes import ComplaintCommand
from domain.later import FURTHEST
from domain.personal import Personal

Kind = Literal["", "out", "internal"]


@dataclass(frozen=True)
class Making:
    """What a command is made of."""

    case: Case
    typed: Mapping[str, str]
    command_id: UUID
    now: datetime
    say: Speaker
    about: str = ""
    """What of the case the act is about: a step, a request, an approval, a letter."""

    def base(self, at: datetime | None = None) -> dict[str, Any]:
        actor = self.case.person.actor()
        return {"command_id": self.command_id, "at": at or self.now, "actor": actor}

    def maybe(self, name: str) -> str | None:
        return self.typed.get(name, "").strip() or None

    def need(self, name: str) -> str:
        text = self.maybe(name)
        if text is None:
            raise FormRefused({name: self.say("This is needed.")})
        return text

    def private(self, name: str) -> Personal:
        return Personal(self.need(name))

    def maybe_private(self, name: str) -> Personal | None:
        text = self.maybe(name)
        return Personal(text) if text else None

    def moment(self, name: str) -> datetime | None:
        """A moment typed in the zone of the case's entity; not in the future."""
        text = self.maybe(name)
        return parse_moment(name, text, self.case.zone, self.now, self.say) if text else None

    def later(self, name: str) -> datetime:
        """A moment to come, typed in the zone of the case's entity."""
        return parse_later(name, self.need(name), self.case.zone, self.now, self.say)

    def money(self) -> Money | None:
        """From the fields ``amount`` and ``currency``."""
        text = self.maybe("amount")
        if text is None:
            return None
        return parse_money(text, self.need("currency"), self.say)


def _parsed(name: str, text: str, zone: str, say: Speaker) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise FormRefused({name: say("A date and time is needed.")}) from None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def parse_later(name: str, text: str, zone: str, now: datetime, say: Speaker) -> datetime:
    """Raises FormRefused for what is no moment, has passed, or is years away."""
    at = _parsed(name, text, zone, say)
    if not timedelta() < at - now <= FURTHEST:
        words = say("This moment has passed.") if at <= now else say("This is too far ahead.")
        raise FormRefused({name: words})
    return at.astimezone(now.tzinfo)


def parse_moment(name: str, text: str, zone: str, now: datetime, say: Speaker) -> datetime:
    at = _parsed(name, text, zone, say)
    if at.year < 1990:
        raise FormRefused({name: say("This is too long ago.")})
    if at > now:
        if (at - now).total_seconds() < 60:
            return now
        raise FormRefused({name: say("This is in the future.")})
    return at.astimezone(now.tzinfo)


def parse_money(text: str, currency: str, say: Speaker) -> Money:
    try:
        amount = Decimal(unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", ""))
    except InvalidOperation:
        raise FormRefused({"amount": say("A number is needed, such as 12.50.")}) from None
    exponent = amount.as_tuple().exponent
    fits = amount.is_finite() and 0 <= amount < 10**12
    if not fits or not isinstance(exponent, int) or exponent < -2:
        raise FormRefused({"amount": say("A number is needed, such as 12.50.")})
    return Money(amount=amount, currency=currency)


def no_questions(case: Case, say: Speaker, about: str) -> Sequence[Question]:
    return ()


@dataclass(frozen=True)
class Act:
    """``title`` says what is done, ``button`` is its verb; both marked for the catalogue.

    guarded: the form carries the version seen, and somebody else's act since then stops it.
    """

    slug: str
    title: str
    button: str
    make: Callable[[Making], ComplaintCommand]
    questions: Callable[[Case, Speaker, str], Sequence[Question]] = no_questions
    guidance: str = ""
    right: tuple[Right, Thing] = ("write", "case")
    kind: Kind = ""
    key: str = ""
    guarded: bool = False
    because: str = ""
    """The field whose words are the reason of the fact."""
    done: str = field(default=N_("Done."))
