"""The mapping document: which column or attribute of a foreign file is what in a complaint."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from domain.carried_step import Act
from domain.complaint_facts import Severity
from domain.customer import Detail, Tier
from domain.event import Frozen
from domain.letter import Channel
from domain.proposal import Decision
from domain.text import Language
from workers.importing.amounts import Mark
from workers.importing.entry import TRACE
from workers.importing.faults import Twice, lines_of, told

PLACE: Final = re.compile(r"\{([^{}]+)\}")
"""A column's place in a text: ``{issue}``."""


class MappingRefused(Exception):
    """The mapping is not one, or not one for this file; the text says where and why."""


Said = Annotated[str, Field(min_length=1)]


class Source(Frozen):
    """Where a value comes from: a column or attribute, a constant, or a text with columns in it.

    ``values`` translates what is there; ``otherwise`` stands in for what is missing or has no
    translation. Written as a plain string it is the name of a column.
    """

    model_config = ConfigDict(populate_by_name=True)

    from_: Said | None = Field(default=None, alias="from")
    constant: Said | None = None
    text: Said | None = None
    values: Mapping[str, Said] | None = None
    otherwise: Said | None = None

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if sum(given is not None for given in (self.from_, self.constant, self.text)) != 1:
            raise ValueError("say one of from, constant and text")
        if self.values is not None and self.from_ is None:
            raise ValueError("values translate what is taken from a column")
        return self

    def names(self) -> tuple[str, ...]:
        """The columns it speaks of."""
        return (self.from_,) if self.from_ else tuple(PLACE.findall(self.text or ""))

    def known(self) -> tuple[str, ...]:
        """What comes out of it that is known before any row is read."""
        out = (self.constant, *(self.values or {}).values(), self.otherwise)
        return tuple(each for each in out if each is not None)


def _plainly(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


Src = Annotated[Source, BeforeValidator(_plainly)]


class When(Frozen):
    """A moment: from where, written how, on the clocks of which zone where it names none itself.

    format: "iso", "unix" (seconds), "unix_ms", "excel" (days since 30 December 1899), or patterns
    of strptime, tried in order.
    missing: "previous" takes the moment of the row before it in the same case.
    """

    model_config = ConfigDict(populate_by_name=True)

    from_: str = Field(alias="from")
    format: str | tuple[str, ...] = "iso"
    zone: str | None = None
    missing: Literal["reject", "previous"] = "reject"

    @model_validator(mode="after")
    def _zone_exists(self) -> Self:
        if self.zone is not None:
            try:
                ZoneInfo(self.zone)
            except (OSError, ValueError, KeyError):
                raise ValueError(f"there is no time zone {self.zone}") from None
        return self


class Milestone(Frozen):
    """A second thing that a row tells, with its own column of time; no time, no milestone."""

    activity: str
    time: When


class CsvFormat(Frozen):
    """delimiter None: the one of , ; tab and | under which the named columns are found.

    blank: texts that stand for nothing (``NULL``, ``N/A``), as an empty cell does.
    """

    kind: Literal["csv"] = "csv"
    encoding: str = "utf-8"
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    quote: str = Field(default='"', min_length=1, max_length=1)
    escape: str | None = Field(default=None, min_length=1, max_length=1)
    skip_lines: int = Field(default=0, ge=0, le=1000)
    blank: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _encoding_known(self) -> Self:
        try:
            "".encode(self.encoding)
            codecs.lookup(self.encoding)
        except LookupError:
            raise ValueError(f"there is no encoding {self.encoding}") from None
        return self

    @property
    def codec(self) -> str:
        """Where UTF-8 is said, a byte order mark before it is no part of the first column."""
        return "utf-8-sig" if codecs.lookup(self.encoding).name == "utf-8" else self.encoding

    @property
    def is_utf_16(self) -> bool:
        return codecs.lookup(self.encoding).name.startswith("utf-16")


class XesFormat(Frozen):
    kind: Literal["xes"] = "xes"


class CustomerMap(Frozen):
    """``key``: what tells customers apart; None makes one for each case."""

    key: Src | None = None
    name: Src = Source(constant="Unnamed customer")
    sort: Literal["person", "organisation"] = "person"
    details: Mapping[Detail, Src] = {}

    @model_validator(mode="after")
    def _name_stands_apart(self) -> Self:
        if "name" in self.details:
            raise ValueError("the name is given as name")
        return self

    def sources(self) -> Iterator[tuple[str, Source]]:
        """What is told of the person, and from where."""
        yield "name", self.name
        yield from self.details.items()


class ComplaintMap(Frozen):
    """The facts of the case; each is taken from the first row in time that tells it."""

    legal_entity: Src
    branch: Src | None = None
    team: Src
    product: Src
    category: Src
    severity: Src = Source(constant="medium")
    tier: Src = Source(constant="standard")
    channel: Src
    language: Src = Source(constant="en")
    what_happened: Src
    remedy_sought: Src | None = None
    lodged_by: Src | None = None
    order: Src | None = None

    @model_validator(mode="after")
    def _words_exist(self) -> Self:
        for name, words in WORDS.items():
            for word in getattr(self, name).known():
                if word not in words:
                    raise ValueError(f"{name}: {word} is none of {', '.join(words)}")
        return self


WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "severity": get_args(Severity),
    "tier": get_args(Tier),
    "channel": get_args(Channel),
    "language": get_args(Language),
}
"""The facts that are one word of a list."""


class StepMap(Frozen):
    """What an activity of theirs is with us. Written as a plain string it is the act alone.

    step: of "record"; decision: of "propose" and of an answer or end without a proposal;
    words: what was said or written; amount and currency: of "propose" and "pay".
    """

    act: Act
    step: str | None = None
    decision: Decision | None = None
    severity: Severity | None = None
    channel: Channel | None = None
    words: Src | None = None
    amount: Src | None = None
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    reason_code: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.act == "record") != (self.step is not None):
            raise ValueError("an act of record names its step, and no other does")
        if self.amount is not None and self.currency is None:
            raise ValueError("an amount needs its currency")
        return self

    def sources(self) -> Iterator[Source]:
        yield from (source for source in (self.words, self.amount) if source is not None)


def _acts(value: Any) -> Any:
    acts = value if isinstance(value, list | tuple) else [value]
    return [{"act": act} if isinstance(act, str) else act for act in acts]


Acts = Annotated[tuple[StepMap, ...], BeforeValidator(_acts), Field(min_length=1)]
"""One act, or several that happened at once (an answer that closed the case)."""


class CaseMapping(Frozen):
    """``source`` names the system it comes from: with the case's id it makes the case's identity,
    so that the same case is never carried over twice. ``decimal``: what stands before the cents.
    """

    name: str
    source: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")
    about: str = ""
    format: Annotated[CsvFormat | XesFormat, Field(discriminator="kind")]
    case: Src | None = None
    activity: Src
    time: When
    decimal: Mark = "."
    recorded: When | None = None
    resource: Src | None = None
    customer: CustomerMap = CustomerMap()
    complaint: ComplaintMap
    steps: Mapping[str, Acts] = {}
    milestones: tuple[Milestone, ...] = ()
    countable: frozenset[str] = frozenset()
    """Columns or attributes kept clear because reports count them; all others are personal."""

    @model_validator(mode="after")
    def _case_is_told(self) -> Self:
        if self.format.kind == "xes" and self.case is None:
            raise ValueError(f"a log's case comes from {TRACE}concept:name or the like")
        return self

    def into(self, entity: str | None, team: str | None) -> Self:
        """The same for another legal entity or team than it names itself."""
        ours = {"legal_entity": entity, "team": team}
        changed = {name: Source(constant=word) for name, word in ours.items() if word}
        return self.model_copy(update={"complaint": self.complaint.model_copy(update=changed)})

    def named(self) -> list[str]:
        """Every column or attribute the mapping speaks of, once, in order."""
        facts = [getattr(self.complaint, name) for name in ComplaintMap.model_fields]
        ours = [self.case, self.activity, self.resource, self.customer.key, self.customer.name]
        sources = [*ours, *self.customer.details.values(), *facts]
        names = [name for source in sources if source is not None for name in source.names()]
        for step in (step for acts in self.steps.values() for step in acts):
            names += [name for source in step.sources() for name in source.names()]
        moments = [self.time, self.recorded, *(each.time for each in self.milestones)]
        names += [when.from_ for when in moments if when is not None]
        return list(dict.fromkeys((*names, *sorted(self.countable))))


SHIPPED: Final = files("workers.importing").joinpath("mappings")


def shipped() -> list[str]:
    """The names of the mappings that come along."""
    return sorted(
        file.name.removesuffix(".json") for file in SHIPPED.iterdir() if file.name.endswith(".json")
    )


def load_mapping(name: str) -> CaseMapping:
    """From a file, or one that ships by its name. Raises MappingRefused."""
    path = Path(name)
    try:
        text = path.read_text("utf-8-sig") if path.is_file() else _shipped_text(name)
    except (OSError, UnicodeDecodeError):
        raise MappingRefused(f"the mapping {name} cannot be read as text in UTF-8") from None
    try:
        document, lines = json.loads(text), lines_of(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MappingRefused(f"the mapping {name} is no JSON: {where}: {error.msg}") from None
    except RecursionError:
        raise MappingRefused(f"the mapping {name} is nested deeper than any mapping") from None
    except Twice as error:
        raise MappingRefused(f"the mapping {name} does not fit: {error}") from None
    try:
        return CaseMapping.model_validate(document)
    except ValidationError as error:
        raise MappingRefused(f"the mapping {name} does not fit: {told(error, lines)}") from None


def _shipped_text(name: str) -> str:
    if name not in shipped():
        raise MappingRefused(
            f"there is no mapping file {name}, and none of that name ships: {', '.join(shipped())}"
        )
    return SHIPPED.joinpath(f"{name}.json").read_text("utf-8")
