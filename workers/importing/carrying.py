"""The rows of one foreign case as the commands that carry it over, ready but for their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, get_args

from domain.carried_step import CarriedStep
from domain.carry_over import CarryOverComplaint
from domain.customer import Detail, GiveContactDetail, RegisterCustomer
from domain.event import Context
from domain.personal import Personal
from domain.procedure import Answer
from workers.importing.entry import RowRefused
from workers.importing.facts import fact_of, first, in_time, moment_of
from workers.importing.identity import Identity
from workers.importing.mapping import CaseMapping, ComplaintMap, Source, StepMap
from workers.importing.rows import money, resource_of, value
from workers.importing.spool import Spooled
from workers.importing.terms import Agreements

DETAILS: Final[tuple[Detail, ...]] = get_args(Detail)
PERSONAL_FACTS: Final = frozenset({"what_happened", "remedy_sought", "lodged_by", "order"})


@dataclass(frozen=True, slots=True)
class Person:
    """Whose case it is: what the file says, keyed as the customer's details are, and ``name``."""

    key: str
    stream: str
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Carried:
    """One case, checked. ``fields`` make the command; ``rows`` counts the rows of the file."""

    key: str
    stream: str
    person: Person
    fields: Mapping[str, Any]
    context: Context
    rows: int

    def command(self, number: str) -> CarryOverComplaint:
        return CarryOverComplaint(**self.fields, number=number)


@dataclass(slots=True)
class Carrier:
    """What all cases of a run share."""

    mapping: CaseMapping
    identity: Identity
    agreements: Agreements
    known_at: datetime
    _facts: dict[str, Source | None] = field(init=False)
    _taken: frozenset[str] = field(init=False)
    """Columns that stand elsewhere in full, whatever the row."""
    _once: frozenset[str] = field(init=False)
    """Columns that say the same in every row of a case."""
    _used: dict[str, frozenset[str]] = field(init=False)
    """Activity -> the columns that its acts take over."""

    def __post_init__(self) -> None:
        ours = self.mapping
        self._facts = {name: getattr(ours.complaint, name) for name in ComplaintMap.model_fields}
        moments = (ours.time, *(each.time for each in ours.milestones))
        names = (*_plain(ours.activity), *_plain(ours.resource))
        self._taken = frozenset((*names, *(when.from_ for when in moments)))
        self._once = frozenset((*_plain(ours.case), *_plain(ours.customer.key)))
        self._used = {
            activity: frozenset(
                n for act in acts for source in act.sources() for n in _plain(source)
            )
            for activity, acts in ours.steps.items()
        }

    def carried(self, key: str, spooled: Sequence[Spooled]) -> Carried:
        """Raises RowRefused where the case as a whole cannot be one of ours."""
        rows = in_time(spooled)
        facts = {name: fact_of(name, source, rows) for name, source in self._facts.items()}
        receipt = next((each for each in rows if "lodge" in self._acts(each)), rows[0])
        at = moment_of(receipt)
        stream = f"complaint-{self.identity.id('case', key)}"
        person = self._person(key, rows)
        terms = self.agreements.terms(facts, at)
        fields = {
            **{
                name: Personal(text) if name in PERSONAL_FACTS and text is not None else text
                for name, text in facts.items()
            },
            "command_id": self.identity.id("carry over", key),
            "at": at,
            "actor": self.identity.actor,
            "complaint": stream,
            "customer": person.stream,
            "terms": terms,
            "known_at": self.known_at,
            "steps": self._steps(rows, receipt, facts, person),
        }
        context = Context(source_recorded_at=receipt.row.recorded)
        own = sum(each.row.own for each in rows)
        return Carried(key, stream, person, fields, context, own)

    def _acts(self, spooled: Spooled) -> set[str]:
        return {step.act for step in self.mapping.steps.get(spooled.row.activity, ())}

    def _person(self, case: str, rows: Sequence[Spooled]) -> Person:
        ours = self.mapping.customer
        found = None if ours.key is None else first(ours.key, rows)
        key = f"case {case}" if found is None else f"key {found}"
        said = {
            name: text
            for name, source in ours.sources()
            if (text := first(source, rows)) is not None
        }
        if "name" not in said:
            raise RowRefused(f"nothing tells the customer's name ({', '.join(ours.name.names())})")
        return Person(key, f"customer-{self.identity.id('customer', key)}", said)

    def register(self, carried: Carried, number: str) -> RegisterCustomer:
        """The person, as this case tells."""
        fields, said = carried.fields, carried.person.said
        return RegisterCustomer(
            command_id=self.identity.id("register", carried.person.key, self.identity.batch),
            at=fields["at"],
            actor=fields["actor"],
            customer=carried.person.stream,
            number=number,
            sort=self.mapping.customer.sort,
            legal_entity=fields["legal_entity"],
            branch=fields["branch"],
            language=fields["language"],
            preferred_channel=fields["channel"],
            tier=fields["tier"],
            name=Personal(said["name"]),
            details={
                detail: Personal(said[detail])
                for detail in self.mapping.customer.details
                if detail in said
            },
        )

    def changes(self, carried: Carried, before: Mapping[str, str]) -> list[GiveContactDetail]:
        """What this case tells of the person otherwise than was known ``before``."""
        batch = self.identity.batch
        return [
            GiveContactDetail(
                command_id=self.identity.id("detail", carried.key, batch, detail, told),
                at=carried.fields["at"],
                actor=carried.fields["actor"],
                detail=detail,
                value=Personal(told),
            )
            for detail in DETAILS
            if (told := carried.person.said.get(detail)) not in (None, before.get(detail))
        ]

    # steps

    def _steps(
        self,
        rows: Sequence[Spooled],
        receipt: Spooled,
        facts: Mapping[str, str | None],
        person: Person,
    ) -> tuple[CarriedStep, ...]:
        known = self._known(facts, person)
        told: set[tuple[str, str]] = set()
        steps: list[CarriedStep] = []
        for each in rows:
            attributes = self._attributes(each, each is receipt, known)
            fresh = {name: text for name, text in attributes.items() if (name, text) not in told}
            steps += self._step(each, fresh)
            told |= {(name, text) for name, text in fresh.items() if name in self._once}
        return tuple(steps)

    def _known(self, facts: Mapping[str, str | None], person: Person) -> dict[str, set[str]]:
        """Column -> what of it stands elsewhere in full: in the case's facts, on the customer."""
        pairs = [(self._facts[name], text) for name, text in facts.items()]
        pairs += [(source, person.said.get(n)) for n, source in self.mapping.customer.sources()]
        known: dict[str, set[str]] = {}
        for source, text in pairs:
            for name in _plain(source):
                if text is not None:
                    known.setdefault(name, set()).add(text)
        return known

    def _attributes(
        self, spooled: Spooled, is_receipt: bool, known: Mapping[str, set[str]]
    ) -> dict[str, str]:
        """What of a row has no place in our facts: it stays with the step."""
        recorded = self.mapping.recorded
        taken = self._taken
        if is_receipt and recorded is not None:
            taken |= {recorded.from_}
        return {
            name: text
            for name, text in spooled.values.items()
            if name not in taken and text not in known.get(name, ())
        }

    def _step(self, spooled: Spooled, attributes: dict[str, str]) -> list[CarriedStep]:
        """One for each act that happened at once; what the row has besides stands on the first."""
        row, acts = spooled.row, self.mapping.steps.get(spooled.row.activity, ())
        used = self._used.get(row.activity, frozenset())
        first = {
            "resource": resource_of(self.mapping, spooled.values) if row.own else None,
            "attributes": {n: self._answer(n, t) for n, t in attributes.items() if n not in used},
        }
        common = {"at": moment_of(spooled), "activity": row.activity}
        if not acts:
            return [CarriedStep(**common, **first)]
        return [
            CarriedStep(**common, **self._special(act, spooled.values), **(first if n == 0 else {}))
            for n, act in enumerate(acts)
        ]

    def _special(self, step: StepMap, values: Mapping[str, str]) -> dict[str, Any]:
        words = None if step.words is None else value(step.words, values)
        return {
            "act": step.act,
            "step": step.step,
            "decision": step.decision,
            "severity": step.severity,
            "channel": step.channel,
            "words": None if words is None else Personal(words),
            "money": money(self.mapping, step, values),
            "reason_code": step.reason_code,
        }

    def _answer(self, name: str, text: str) -> Answer:
        return text if name in self.mapping.countable else Personal(text)


def _plain(source: Source | None) -> tuple[str, ...]:
    """The column that is taken over as it stands."""
    return () if source is None or source.from_ is None or source.values else (source.from_,)
