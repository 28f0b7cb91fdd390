"""Policies: which promises and which limits of the law hold for which case, and why.

A policy is a dated, versioned document. What a case is promised is agreed on its first day
(``Terms``) and stands in its own stream, so nothing published later changes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, Self

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from domain.calendar import Calendar
from domain.decider import DomainError
from domain.event import Frozen
from domain.procedure import Procedure, Rules
from domain.saved_reply import FIELD, SavedReply, SavedReplyUnknown
from domain.target import Limit, Ref, Target
from domain.template import Template
from domain.text import Text

UNDO: Final = timedelta(seconds=10)
UNDO_MOST: Final = timedelta(minutes=2)
PROMISE_NOTICE: Final = timedelta(hours=1)
REVIEW_ASK_DAYS: Final = 30
REVIEW_DAYS: Final = 30
PROMISE_FREE_MOVES: Final = 2
REQUEST_DAYS: Final = 30


class Promise(Frozen):
    """One service clock. ``by`` gives other working times for ``severity`` or ``severity/tier``."""

    target: Target
    by: Mapping[str, timedelta] = {}

    def for_(self, severity: str, tier: str) -> Target:
        hours = self.by.get(f"{severity}/{tier}", self.by.get(severity))
        return self.target if hours is None else self.target.model_copy(
            update={"working_time": hours}
        )  # fmt: skip


class Rung(Frozen):
    """One step of the ladder: so much working time after a breach, this role is told."""

    level: int = Field(ge=1)
    after: timedelta = Field(ge=timedelta())
    role: str


class Match(Frozen):
    """Which cases a policy is for; an empty tuple is any."""

    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


class Policy(Frozen):
    """Published as a document. Working times count on ``calendar`` unless a row names another.

    acknowledge_after: the share of the ack clock after which the letter goes by itself (0: at
    once; None: never). signed_by None: to be confirmed, and it refuses to run.
    """

    kind: Literal["policy"] = "policy"
    id: str
    version: int = Field(ge=1)
    title: Text
    source: Text
    legal_entity: str | None = None
    applies: Match = Match()
    procedure: str
    calendar: str
    valid_from: date
    valid_to: date | None = None
    check_by: date | None = None
    signed_by: str | None
    promises: tuple[Promise, ...] = ()
    limits: tuple[Limit, ...] = ()
    ladder: tuple[Rung, ...] = ()
    acknowledge_after: float | None = Field(default=None, ge=0, le=1)
    personal_acknowledgement_is_reply: bool = True
    information_within: timedelta
    reminders: tuple[timedelta, ...] = ()
    """Working time after the request, one for each reminder."""
    hand_over_within: timedelta
    undo_within: timedelta = Field(default=UNDO, ge=timedelta(), le=UNDO_MOST)
    """How long a letter of a person waits in the house, to be pulled back."""
    promise_notice: timedelta = Field(default=PROMISE_NOTICE, ge=timedelta())
    """How long before a promise is due its owner is told."""
    promise_free_moves: int = Field(default=PROMISE_FREE_MOVES, ge=0)
    """How often a promise may be moved before the customer is owed a reason."""
    silent_after_days: int = Field(ge=1)
    satisfaction_after: timedelta | None
    reopen_days: int = Field(ge=0)
    review_ask_days: int = Field(default=REVIEW_ASK_DAYS, ge=1)
    """Days in which a second review can be asked for, from when the decision was told."""
    review_days: int = Field(default=REVIEW_DAYS, ge=1)
    """Days in which a second review of a decision has its outcome."""
    request_days: int = Field(default=REQUEST_DAYS, ge=1)
    """Days for which a customer's request about their data opens a case to who answers it; GDPR
    Article 12(3) wants it answered within a month."""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        names = [p.target.name for p in self.promises] + [limit.name for limit in self.limits]
        if len(set(names)) < len(names):
            raise ValueError("a clock is named twice")
        levels = [rung.level for rung in self.ladder]
        if levels != sorted(set(levels)):
            raise ValueError("the ladder's levels must rise")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("the policy ends before it is in force")
        return self

    @property
    def ref(self) -> Ref:
        return Ref(id=self.id, version=self.version)

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day <= (self.valid_to or date.max)

    def calendars(self) -> set[str]:
        rows = [promise.target.calendar for promise in self.promises]
        return {self.calendar, *rows, *(limit.calendar for limit in self.limits)}


class Terms(Frozen):
    """What was agreed for one case: the rules of its procedure, its policy, its calendars.

    ``why``: what of the case the policy was chosen by, as ``property=value``.
    Stored in full in each case's stream; read back, equal terms are one object.
    """

    rules: Rules
    policy: Policy
    calendars: Mapping[str, Calendar]
    why: tuple[str, ...] = ()

    _stored: dict[str, Any] | None = PrivateAttr(default=None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Terms) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.rules.id, self.rules.version, self.policy.ref))

    def calendar(self, name: str | None = None) -> Calendar:
        return self.calendars[name or self.policy.calendar]

    def targets(self, severity: str, tier: str) -> list[Target]:
        return [promise.for_(severity, tier) for promise in self.policy.promises]

    @model_validator(mode="wrap")
    @classmethod
    def _one_object(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(value, dict) or not isinstance(value.get("rules"), dict):
            return handler(value)
        key = json.dumps(value, sort_keys=True, default=str)
        known = _TERMS.get(key)
        if known is None:
            if len(_TERMS) >= _TERMS_KEPT:
                _TERMS.clear()
            known = _TERMS[key] = handler(value)
        return known  # type: ignore[return-value]

    @model_serializer(mode="wrap")
    def _once(self, handler: SerializerFunctionWrapHandler, info: SerializationInfo) -> Any:
        if info.mode != "json":
            return handler(self)
        if self._stored is None:
            self._stored = handler(self)
        return self._stored


_TERMS: dict[str, Terms] = {}
_TERMS_KEPT = 256
"""Terms are few and large: cases that agreed the same share one object in memory."""


class NoPolicy(DomainError):
    """No published policy covers such a case at that moment."""


class PolicyUnsigned(DomainError):
    """The policy is to be confirmed: it runs when somebody with the right has signed it."""


class DocumentMissing(DomainError):
    """A policy names a procedure or calendar that is not published (facts: kind, id)."""


class Library(Frozen):
    """Everything published, by kind: the latest version of procedures and calendars, all policies.

    ``policies`` holds each version, oldest first.
    """

    policies: tuple[Policy, ...] = ()
    procedures: Mapping[str, Procedure] = {}
    calendars: Mapping[str, Calendar] = {}
    templates: tuple[Template, ...] = ()
    saved_replies: Mapping[str, SavedReply] = {}

    def terms(
        self, *, legal_entity: str, product: str, category: str, channel: str, at: datetime
    ) -> Terms:
        """What holds for such a case received at ``at``: the most specific policy, then the newest.

        Raises: NoPolicy, PolicyUnsigned, DocumentMissing.
        """
        facts = {"product": product, "category": category, "channel": channel}
        found: list[tuple[tuple[int, date, int], Policy]] = []
        for policy in self.policies:
            rank = _rank(policy, legal_entity, facts)
            calendar = self.calendars.get(policy.calendar)
            if rank is None or calendar is None or not policy.in_force(calendar.local_date(at)):
                continue
            found.append(((rank, policy.valid_from, policy.version), policy))
        if not found:
            raise NoPolicy(legal_entity=legal_entity)
        policy = max(found, key=lambda pair: pair[0])[1]
        if policy.signed_by is None:
            raise PolicyUnsigned(policy=str(policy.ref))
        procedure = self.procedures.get(policy.procedure)
        if procedure is None:
            raise DocumentMissing(kind="procedure", id=policy.procedure)
        return Terms(
            rules=procedure.rules,
            policy=policy,
            calendars={name: self._calendar(name) for name in sorted(policy.calendars())},
            why=_why(policy, legal_entity, facts, others=len(found) - 1),
        )

    def template(self, purpose: str, legal_entity: str) -> Template:
        """The entity's own template, else the common one. Raises: DocumentMissing."""
        for owner in (legal_entity, None):
            for template in self.templates:
                if (template.purpose, template.legal_entity) == (purpose, owner):
                    return template
        raise DocumentMissing(kind="template", id=purpose)

    def saved_reply(self, id: str) -> SavedReply:
        """Its last version. Raises: SavedReplyUnknown."""
        if id not in self.saved_replies:
            raise SavedReplyUnknown(field=FIELD)
        return self.saved_replies[id]

    def _calendar(self, name: str) -> Calendar:
        if name not in self.calendars:
            raise DocumentMissing(kind="calendar", id=name)
        return self.calendars[name]


def _rank(policy: Policy, legal_entity: str, facts: Mapping[str, str]) -> int | None:
    """How specific a policy is for the case, or None where it is not for it."""
    if policy.legal_entity not in (None, legal_entity):
        return None
    rank = 1 if policy.legal_entity else 0
    for weight, (name, listed) in zip((8, 4, 2), _listed(policy.applies), strict=True):
        if listed and facts[name] not in listed:
            return None
        rank += weight if listed else 0
    return rank


def _why(
    policy: Policy, legal_entity: str, facts: Mapping[str, str], others: int
) -> tuple[str, ...]:
    entity = f"legal_entity={legal_entity if policy.legal_entity else 'any'}"
    matched = [
        f"{name}={facts[name] if listed else 'any'}" for name, listed in _listed(policy.applies)
    ]
    return (entity, *matched, f"in_force_since={policy.valid_from}", f"others={others}")


def _listed(match: Match) -> Sequence[tuple[str, tuple[str, ...]]]:
    return (
        ("product", match.products),
        ("category", match.categories),
        ("channel", match.channels),
    )
