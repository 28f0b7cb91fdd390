"""The verdict on a case as of a moment: limits, decision, people and papers as they were then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Final

from desk.case import Case
from desk.history.lines import Moved, template_words
from desk.language import N_
from desk.words.clock import mark_of, source_words
from desk.words.facts import Speaker
from domain.as_of import AsOf
from domain.clock import Clock, state_of
from domain.conversation import SavedReplyUsed
from domain.letter import LetterWritten
from domain.staff import INITIAL as NEWCOMER
from domain.staff import evolve
from domain.staff_facts import Role

MOST_PEOPLE: Final = 12


@dataclass(frozen=True)
class Kept:
    """One limit. ``moved``: its due times before, each with why it was moved."""

    name: str
    kind: str
    mark: str
    reading: str
    due: datetime
    source: str
    moved: Sequence[Moved]
    excused: bool


@dataclass(frozen=True)
class Verdict:
    """``people``: (name, roles then, whether they answer for it); ``papers``: what held then."""

    limits: Sequence[Kept]
    counts: Sequence[tuple[str, int]]
    stage: str
    decision: str
    redress: str
    people: Sequence[tuple[str, str, bool]]
    papers: Sequence[str]


def verdict(case: Case, as_of: AsOf, then: datetime, moved: Sequence[Moved]) -> Verdict:
    """``case`` is folded as of then."""
    say = case.speaker()
    limits = [
        _kept(clock, case, then, moved, say)
        for clock in case.state.clocks.values()
        if clock.superseded_at is None
    ]
    limits.sort(key=lambda it: (it.kind != "statutory", it.due))
    counted = Counter(it.reading for it in limits)
    return Verdict(
        limits=limits,
        counts=[(say.term("reading", name), counted[name])
                for name in ("met", "breached", "excused")],
        stage=say.term("stage", case.row.stage),
        decision=say.term("decision", case.state.outcome) if case.state.outcome else "",
        redress=_redress(case, say),
        people=_people(case, as_of, say),
        papers=_papers(case, say),
    )  # fmt: skip


def _kept(clock: Clock, case: Case, then: datetime, moved: Sequence[Moved], say: Speaker) -> Kept:
    assert case.state.terms is not None
    line = _line_of(clock, case)
    return Kept(
        name=say.clock(clock.id),
        kind=clock.kind,
        mark=mark_of(clock, then),
        reading=state_of(clock, then),
        due=clock.due,
        source=source_words(clock, case.state.terms, say),
        moved=[it for it in moved if it.to in line],
        excused=clock.excused is not None,
    )


def _line_of(clock: Clock, case: Case) -> set[str]:
    """The clock and those it stands in for."""
    line: set[str] = set()
    at: Clock | None = clock
    while at is not None and at.id not in line:
        line.add(at.id)
        at = case.state.clocks.get(at.replaces or "")
    return line


def _redress(case: Case, say: Speaker) -> str:
    proposal = case.state.proposal
    if proposal is None or proposal.redress is None:
        return ""
    words = say.money(proposal.redress.amount, proposal.redress.currency)
    return words + " · " + (say("paid") if case.state.redress_paid_at else say("not paid yet"))


def _people(case: Case, as_of: AsOf, say: Speaker) -> list[tuple[str, str, bool]]:
    owner = case.state.ownership.owner
    acted = [it.actor.id for it in case.records if it.actor.kind == "staff"]
    streams = [it for it in dict.fromkeys([owner, *acted]) if it][:MOST_PEOPLE]
    return [
        (say.name(stream), _roles(case, stream, as_of, say), stream == owner) for stream in streams
    ]


def _roles(case: Case, stream: str, as_of: AsOf, say: Speaker) -> str:
    """The roles that this person had then, in the company of the case."""
    facts = as_of.seen(case.house.ledger.history(stream))
    state = reduce(evolve, (it.event for it in facts), NEWCOMER)  # type: ignore[arg-type]
    entity = case.state.legal_entity
    held = state.roles_at(as_of.moment or case.house.now())
    here = sorted((it for it in held if it.legal_entity == entity), key=lambda it: it.name)
    return say.listed(_role(it, entity, say) for it in here)


def _role(role: Role, entity: str, say: Speaker) -> str:
    words = say.term("role", role.name)
    team = say.team(entity, role.team) if role.team else ""
    return say("%(words)s (%(more)s)", words=words, more=team) if team else words


def _papers(case: Case, say: Speaker) -> list[str]:
    """What the case agreed; the templates and saved replies it was written with."""
    terms = case.state.terms
    if terms is None:
        return []
    used = {it.command_id: it.event for it in case.records if isinstance(it.event, SavedReplyUsed)}
    templates = dict.fromkeys(
        it.event.words.template
        for it in case.records
        if isinstance(it.event, LetterWritten) and it.command_id not in used
    )
    replies = dict.fromkeys(event.reply for event in used.values())
    version = N_("%(title)s, version %(version)s")
    return [
        say(version, title=say.text(terms.policy.title), version=terms.policy.version),
        say(version, title=say.procedure(terms.rules), version=terms.rules.version),
        *(say("calendar of %(zone)s, version %(version)s", zone=say.zone_name(it.zone),
              version=it.version)
          for it in terms.calendars.values()),
        *(template_words(it, say) for it in templates),
        *(say(version, title=say.saved_reply(it), version=it.version) for it in replies),
    ]  # fmt: skip
