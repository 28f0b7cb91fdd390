"""What was agreed for cases of long ago: from what is published, as of the day of receipt."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from domain.calendar import Calendar
from domain.decider import DomainError
from domain.document import Document, DocumentPublished, parse
from domain.organisation import STREAM, LegalEntity, organisation
from domain.policy import Library, NoPolicy, Policy, Terms
from domain.procedure import Procedure
from domain.saved_reply import SavedReply
from domain.template import Template
from ledger import Ledger
from workers.importing.entry import RowRefused, broken_rule
from workers.importing.mapping import CaseMapping, MappingRefused
from workers.packs import publish

_PAGE: Final = 500
_KEPT: Final = 10_000
_A_DAY: Final = timedelta(days=1)
_NOON: Final = time(12, tzinfo=UTC)


def published(ledger: Ledger) -> Library:
    """Everything published, read from the log itself: no read model need be up to date."""
    policies: list[Policy] = []
    latest: dict[tuple[str, str], Document] = {}
    after = 0
    while page := ledger.log(after, _PAGE, frozenset({DocumentPublished.type_name})):
        after = page[-1].position
        for recorded in page:
            event = recorded.event
            assert isinstance(event, DocumentPublished)
            document = parse(event.kind, event.body)
            if isinstance(document, Policy):
                policies.append(document)
            else:
                latest[event.kind, event.id] = document
    others = list(latest.values())
    return Library(
        policies=tuple(policies),
        procedures={each.id: each for each in others if isinstance(each, Procedure)},
        calendars={each.id: each for each in others if isinstance(each, Calendar)},
        templates=tuple(each for each in others if isinstance(each, Template)),
        saved_replies={each.id: each for each in others if isinstance(each, SavedReply)},
    )


@dataclass(slots=True)
class Agreements:
    """Chooses the terms of each case; equal ones are one object."""

    library: Library
    entities: Mapping[str, LegalEntity]
    _turns: list[date] = field(init=False)
    """The days on which a policy begins or ends, in order."""
    _chosen: dict[tuple[str, ...], Terms] = field(default_factory=dict)
    _same: dict[tuple[str, ...], Terms] = field(default_factory=dict)

    def __post_init__(self) -> None:
        days = {day for each in self.library.policies for day in (each.valid_from, each.valid_to)}
        self._turns = sorted(day for day in days if day is not None)

    @classmethod
    def of(cls, ledger: Ledger, now: datetime) -> Agreements:
        """Where nothing has been published yet, what ships is published first."""
        library = published(ledger)
        if not library.policies:
            publish(ledger, now)
            library = published(ledger)
        return cls(library, ledger.fold(organisation, STREAM).state.entities)

    def check(self, mapping: CaseMapping) -> None:
        """Raises MappingRefused where the house does not know what the mapping speaks of."""
        for entity in mapping.complaint.legal_entity.known():
            for team in mapping.complaint.team.known():
                self._place(entity, team)

    def _place(self, entity: str, team: str) -> None:
        """A house that has described no entity yet takes any."""
        if entity not in self.entities:
            if self.entities:
                known = ", ".join(sorted(self.entities))
                raise MappingRefused(f"there is no legal entity {entity}; there is: {known}")
            return
        teams = self.entities[entity].teams
        if teams and team not in teams:
            known = ", ".join(sorted(teams))
            raise MappingRefused(f"{entity} has no team {team}; it has: {known}")

    def terms(self, facts: Mapping[str, str | None], at: datetime) -> Terms:
        """Of a case of these facts received at ``at``. Raises RowRefused.

        Where nothing was in force yet, the first policy that came into force later holds.
        """
        asked = {
            name: facts[name] or "" for name in ("legal_entity", "product", "category", "channel")
        }
        team = facts["team"] or ""
        era = self._era(at)
        key = (*asked.values(), team, str(era))
        if era is not None and key in self._chosen:
            return self._chosen[key]
        try:
            self._place(asked["legal_entity"], team)
            found = self._choose(asked, at)
        except MappingRefused:
            raise RowRefused("its legal entity or team is none of this house") from None
        except DomainError as error:
            raise RowRefused(f"no terms for it: {broken_rule(error)}") from None
        terms = self._same.setdefault((str(found.policy.ref), *found.why), found)
        if era is not None:
            if len(self._chosen) >= _KEPT:
                self._chosen.clear()
            self._chosen[key] = terms
        return terms

    def _era(self, at: datetime) -> int | None:
        """Between which turns the moment lies in every time zone; None near one of them."""
        before = bisect(self._turns, at.date() - _A_DAY)
        return before if before == bisect(self._turns, at.date() + _A_DAY) else None

    def _choose(self, asked: Mapping[str, str], at: datetime) -> Terms:
        try:
            return self.library.terms(**asked, at=at)
        except NoPolicy:
            later = sorted({each.valid_from for each in self.library.policies})
            for day in later:
                start = datetime.combine(day, _NOON)
                if start <= at:
                    continue
                try:
                    terms = self.library.terms(**asked, at=start)
                except NoPolicy:
                    continue
                return terms.model_copy(update={"why": (*terms.why, "received_before_any=yes")})
            raise
