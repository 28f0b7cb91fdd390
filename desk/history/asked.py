"""What of a history is asked for: as of which moment, narrowed to what; all in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, ValidationError

from desk.forms import FormRefused
from desk.history.kinds import KINDS
from desk.words.facts import Entry, Speaker
from domain.as_of import AsOf
from domain.event import Event, Recorded

Short = Annotated[str, Field(max_length=60)]
Axis = Literal["recorded", "occurred"]


class Asked(BaseModel):
    """``fact``: the nth moment of ``axis``; ``changes``: only what corrects something."""

    occurred: Short = ""
    recorded: Short = ""
    axis: Axis = "recorded"
    fact: Annotated[int, Field(ge=0, le=100_000)] | None = None
    kind: Short = ""
    by: Short = ""
    who: Short = ""
    rule: Short = ""
    since: Short = ""
    until: Short = ""
    changes: Literal["", "yes"] = ""
    page: Annotated[int, Field(ge=1, le=100_000)] = 1

    def address(self, **changed: Any) -> str:
        """The query with these fields changed, from its first page on; what says nothing is out."""
        fields = self.model_dump(exclude={"page", "fact"}) | changed
        usual = {name: field.default for name, field in Asked.model_fields.items()}
        return "?" + urlencode({k: v for k, v in fields.items() if v != usual[k]})

    @property
    def narrowed(self) -> list[str]:
        """The filters in use, as an export says them."""
        names = ("kind", "by", "who", "rule", "since", "until", "changes")
        return [f"{name}={getattr(self, name)}" for name in names if getattr(self, name)]


def spelled(at: datetime) -> str:
    """A moment in an address, whole and without a sign that means something there."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def as_of_asked(occurred: datetime | None, recorded: datetime | None) -> Asked:
    return Asked(
        occurred=spelled(occurred) if occurred else "",
        recorded=spelled(recorded) if recorded else "",
    )


def asked_in(typed: Mapping[str, str]) -> Asked:
    """As a form carries it along; one that was tampered with asks for everything."""
    try:
        return Asked.model_validate({k: v for k, v in typed.items() if k in Asked.model_fields})
    except ValidationError:
        return Asked()


def moment(name: str, text: str, zone: str, say: Speaker, *, end: bool = False) -> datetime | None:
    """As typed in the zone of the entity; a day alone as an ``end`` is that whole day.

    Raises: FormRefused.
    """
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        at += timedelta(days=1 if end and len(text) == len("2026-11-24") else 0)
        at = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))
        if not 1900 < at.year < 2200:
            raise ValueError
    except (ValueError, OverflowError):
        raise FormRefused({name: say("A date and time is needed.")}) from None
    return at.astimezone(UTC)


@dataclass(frozen=True)
class Narrow:
    """The filters, understood. ``words``: typed, of this one case, never in an address."""

    asked: Asked
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""

    def holds(self, record: Recorded[Event], entry: Entry) -> bool:
        asked, actor, cause = self.asked, record.actor, record.context.cause
        return (
            (not asked.kind or record.event.type_name in KINDS.get(asked.kind, ()))
            and (not asked.by or asked.by == actor.kind or asked.by == entry.kind == "breach")
            and (not asked.who or asked.who in (actor.id, actor.on_behalf_of))
            and (not asked.rule or (cause is not None and cause.rule == asked.rule))
            and (self.since is None or record.occurred_at >= self.since)
            and (self.until is None or record.occurred_at < self.until)
            and (not self.words or self._says(entry))
        )

    def _says(self, entry: Entry) -> bool:
        said = f"{entry.because or ''}\n{entry.quote or ''}".casefold()
        return all(word in said for word in self.words.casefold().split())


def narrow(asked: Asked, zone: str, say: Speaker, words: str = "") -> Narrow:
    """Raises: FormRefused."""
    since = moment("since", asked.since, zone, say)
    until = moment("until", asked.until, zone, say, end=True)
    return Narrow(asked, since, until, words.strip())


@dataclass(frozen=True)
class Steps:
    """The moments of one axis, and which of them is looked at (0: before the first)."""

    axis: Axis
    moments: Sequence[datetime]
    at: int

    @property
    def back(self) -> datetime | None:
        return self.moments[self.at - 2] if self.at > 1 else None

    @property
    def forward(self) -> datetime | None:
        """None: today, or already there."""
        return self.moments[self.at] if self.at < len(self.moments) else None


def steps(records: Sequence[Recorded[Any]], axis: Axis, as_of: AsOf) -> Steps:
    by = {it.recorded_at if axis == "recorded" else it.occurred_at for it in records}
    moments = sorted(by)
    looked = as_of.recorded if axis == "recorded" else as_of.occurred
    at = sum(1 for it in moments if looked is None or it <= looked)
    return Steps(axis, moments, at)
