"""Facts as plain sentences in both languages: what a history page and a timeline read out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from babel.numbers import format_currency

from desk import language as speech
from desk.words.terms import term
from domain.event import Actor, Event
from domain.policy import Terms
from domain.procedure import Rules, StepWords
from domain.target import Ref

if TYPE_CHECKING:
    from desk.directory import Directory

Tone = Literal["person", "automation", "customer", "breach", "import"]


@dataclass(frozen=True)
class Said:
    """One fact read out. ``quote``: somebody's own words; ``tone`` None: that of the actor."""

    words: str
    quote: str | None = None
    tone: Tone | None = None


@dataclass(frozen=True)
class Speaker:
    """Speaks one language, in one zone, knowing who is who and what the case agreed."""

    language: str
    zone: str
    now: datetime
    directory: Directory
    terms: Terms | None = None
    customer: str = ""

    def __call__(self, text: str, /, **values: object) -> str:
        return speech.say(self.language, text, **values)

    def many(self, one: str, many: str, count: int, /, **values: object) -> str:
        return speech.say_many(self.language, one, many, count, **values)

    def term(self, kind: str, value: str) -> str:
        return term(self.language, kind, value)

    def at(self, value: datetime | str) -> str:
        value = datetime.fromisoformat(value) if isinstance(value, str) else value
        return speech.moment(self.language, self.zone, value, self.now)

    def due(self, value: datetime) -> str:
        return speech.due(self.language, self.zone, value, self.now)

    def hours(self, length: timedelta) -> str:
        return speech.hours(self.language, length)

    def span(self, length: timedelta) -> str:
        return speech.span(self.language, length)

    def listed(self, words: Iterable[str]) -> str:
        return speech.listed(self.language, words)

    def zone_name(self, zone: str) -> str:
        return speech.zone_name(self.language, zone)

    def by_sound(self, name: str) -> bytes:
        return speech.by_sound(self.language, name)

    def in_order(self, named: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Ids and names as a list to choose from shows them."""
        return sorted(named, key=lambda pair: self.by_sound(pair[1]))

    def text(self, value: Any) -> str:
        """A domain ``Text`` in this language."""
        return str(value.zh if self.language == "zh" else value.en)

    def name(self, staff: str | None) -> str:
        return self.directory.name(staff, self.language) if staff else self("nobody")

    def clock(self, instance: str) -> str:
        """``first_reply/2`` as "First reply"; a pack's own clocks by the name they have."""
        return self.term("clock", instance.partition("/")[0])

    def money(self, amount: Decimal | str, currency: str) -> str:
        return str(format_currency(Decimal(amount), currency, locale=speech.LOCALES[self.language]))

    def team(self, entity: str, team: str | None) -> str:
        known = self.directory.entity(entity)
        return self._named(known.teams if known else {}, team)

    def product(self, entity: str, product: str) -> str:
        known = self.directory.entity(entity)
        return self._named(known.products if known else {}, product)

    def category(self, entity: str, category: str) -> str:
        known = self.directory.entity(entity)
        return self._named(known.categories if known else {}, category)

    def entity(self, entity: str) -> str:
        known = self.directory.entity(entity)
        return self.text(known.name) if known else entity

    def branch(self, entity: str, branch: str | None) -> str:
        known = self.directory.entity(entity)
        return self._named(known.branches if known else {}, branch)

    def _named(self, names: Mapping[str, Any], id: str | None) -> str:
        if id is None:
            return ""
        return self.text(names[id]) if id in names else id.replace("_", " ")

    def saved_reply(self, ref: Ref) -> str:
        """The title that version has."""
        known = self.directory.saved_reply(ref)
        return self.text(known.title) if known else ref.id

    def step_words(self, step: str) -> StepWords | None:
        """The words of a step in the version of the procedure that the case began with."""
        if self.terms is None:
            return None
        rules = self.terms.rules
        procedure = self.directory.procedure(rules.id, rules.version)
        return procedure.words.get(step) if procedure else None

    def procedure(self, rules: Rules) -> str:
        known = self.directory.procedure(rules.id, rules.version)
        return self.text(known.title) if known else rules.id

    def step(self, step: str) -> str:
        words = self.step_words(step)
        return self.text(words.title) if words else step.replace("_", " ")

    def gates(self, missing: Iterable[str]) -> str:
        """What a step waits for, in words."""
        words = [
            f"“{self.step(gate.removeprefix('step:'))}”"
            if gate.startswith("step:")
            else self.term("gate", gate)
            for gate in missing
        ]
        return speech.listed(self.language, words)

    def answers(self, step: str, answers: Mapping[str, Any]) -> str:
        """What a step's form holds, a line for each question."""
        words = self.step_words(step)
        lines = []
        for name, value in answers.items():
            title = self.text(words.fields[name]) if words and name in words.fields else name
            chosen = words.choices.get(f"{name}.{value}") if words else None
            shown = self.text(chosen) if chosen else self.shown(value)
            lines.append(self("%(title)s: %(value)s", title=title, value=shown))
        return "\n".join(lines)

    def shown(self, value: Any) -> str:
        """An opened value; what was erased says so."""
        if value is None:
            return self("(erased)")
        if value in ("yes", "no"):
            return self("yes") if value == "yes" else self("no")
        return str(value)

    def who(self, actor: Actor, rule: str | None = None) -> str:
        """Who did it, in which role, on whose behalf; an automation by its rule."""
        match actor.kind:
            case "staff":
                role = self.term("role", actor.role) if actor.role else ""
                who = self.name(actor.id) + (f" · {role}" if role else "")
            case "customer":
                who = self.customer or self("the customer")
            case "automation":
                who = self("Automation")
                if rule:
                    who += " · " + self("rule %(rule)s", rule=rule)
            case "import":
                who = self("carried over from the old system")
        if actor.on_behalf_of:
            who += " · " + self("on behalf of %(name)s", name=self.name(actor.on_behalf_of))
        return who


def tone_of(actor: Actor) -> Tone:
    tones: Mapping[str, Tone] = {"staff": "person", "automation": "automation",
                                 "customer": "customer", "import": "import"}  # fmt: skip
    return tones[actor.kind]


@dataclass(frozen=True)
class Entry:
    """One line of a timeline. ``late``: entered noticeably later than it happened."""

    at: datetime
    recorded_at: datetime
    late: bool
    claimed_at: datetime | None
    words: str
    quote: str | None
    because: str | None
    who: str
    kind: Tone
    event: Event
    position: int
