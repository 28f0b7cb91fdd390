"""One complaint as it is told: every deed is tried on the rules before the ledger sees it.

Past facts are carried over with the moments they had. What time alone brought about then
(warnings, a broken promise, reminders) is performed at its true moment, in order with the rest,
so nothing old is owed when the story ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from babel.dates import format_date

from domain.complaint import complaint
from domain.complaint_state import Complaint
from domain.complaint_wishes import (
    AcknowledgeComplaint,
    AssessComplaint,
    LodgeComplaint,
    RecordStep,
)
from domain.conversation import AskForInformation, ReplyToCustomer
from domain.decider import Due, LetterPurpose, Perform, Words
from domain.event import Actor, Command
from domain.letter import Channel
from domain.ownership import AssignComplaint, Assignee
from domain.personal import Personal
from domain.policy import Terms
from domain.template import fill
from domain.timekeeping import running
from workers.demo.telling import OLD_SYSTEM, Telling, envelope, stream_of
from workflows.letters import LOCALES

C = TypeVar("C", bound=Command)


class StoryBroken(Exception):
    """The story asks for something that the rules do not answer with a fact."""


class Case:
    """``at`` is the moment of the last fact; no fact is told before it.

    Deeds whose ``at`` is None happen at this very moment, by staff: they are not carried over.
    """

    def __init__(self, telling: Telling, key: str, customer: str) -> None:
        self.telling = telling
        self.key = key
        self.customer = telling.customers[customer]
        self.entity = telling.entities[self.customer.legal_entity]
        self.moments = telling.moments(self.entity.id)
        self.stream = stream_of("complaint", key)
        self.state: Complaint = complaint.initial
        self.at = telling.now - timedelta(days=1000)
        self._told = 0
        self._asked: dict[str, str] = {}

    # what happens

    def lodge(
        self,
        by: str,
        at: datetime | None,
        channel: Channel,
        *,
        product: str,
        category: str,
        what: str,
        remedy: str | None = None,
        branch: str | None = None,
        **more: Any,
    ) -> None:
        """The receipt, under the terms that the library chooses for such a case."""
        received = at or self.telling.now
        terms = self.telling.library.terms(
            legal_entity=self.entity.id,
            product=product,
            category=category,
            channel=channel,
            at=received,
        )
        self.do(
            LodgeComplaint,
            by,
            at,
            complaint=self.stream,
            number=self.telling.number("complaint", self.stream, self._local(received).year),
            legal_entity=self.entity.id,
            branch=branch,
            team=next(iter(self.entity.teams)),
            customer=self.customer.customer,
            channel=channel,
            product=product,
            category=category,
            tier=self.customer.tier,
            language=self.customer.language,
            what_happened=Personal(what),
            remedy_sought=Personal(remedy) if remedy else None,
            terms=terms,
            **more,
        )

    def assign(self, to: str, at: datetime | None, open_cases: int = 0, **more: Any) -> None:
        """Taken by ``to``."""
        team = next(iter(self.entity.teams))
        assignee = Assignee(staff=stream_of("staff", to), team=team, open_cases=open_cases, **more)
        self.do(AssignComplaint, to, at, to=assignee)

    def acknowledge(self, by: str, at: datetime, channel: Channel) -> None:
        """In writing, with the words of the entity's template."""
        words = self.template("acknowledgement")
        self.do(AcknowledgeComplaint, by, at, channel=channel, words=words)

    def acknowledge_in_person(self, by: str, at: datetime, channel: Channel, *, said: str) -> None:
        """In words, which are a first reply too."""
        self.do(AcknowledgeComplaint, by, at, channel=channel, said=Personal(said))
        self.do(ReplyToCustomer, by, at, channel=channel, said=Personal(said))

    def assess(
        self,
        by: str,
        at: datetime | None,
        severity: str,
        harm: str,
        *,
        others: bool = False,
        fast_lane: bool = False,
    ) -> None:
        answers = {"harm": harm, "others_affected": "yes" if others else "no"}
        self.do(
            AssessComplaint,
            by,
            at,
            severity=severity,
            category=self.state.category,
            fast_lane=fast_lane,
            answers=answers,
        )

    def find(
        self, by: str, at: datetime | None, finding: str, cause: str = "not_known_yet"
    ) -> None:
        answers = {"finding": finding, "cause": cause}
        self.do(RecordStep, by, at, step="investigate", answers=answers)

    def reply(self, by: str, at: datetime, channel: Channel, *, subject: str, body: str) -> None:
        self.do(ReplyToCustomer, by, at, channel=channel, words=self.words(subject, body))

    def ask(
        self, by: str, at: datetime, channel: Channel, *, request: str, subject: str, what: str
    ) -> None:
        self._asked[request] = what
        self.do(
            AskForInformation,
            by,
            at,
            request=request,
            channel=channel,
            what=Personal(what),
            words=self.words(subject, what),
        )

    def do(self, kind: type[C], by: str, at: datetime | None, **fields: Any) -> None:
        """Any other deed of a member of staff."""
        actor = self.telling.actor(by, self.entity.id, carried=at is not None)
        self._do(kind, actor, at, fields)

    def by_customer(self, kind: type[C], at: datetime, **fields: Any) -> None:
        """What the customer did alone."""
        self._do(kind, Actor(kind="import", id=self.customer.customer), at, fields)

    def perform_due(self, until: datetime) -> None:
        """What time alone brought about, each at its own moment."""
        while due := next((d for d in complaint.agenda(self.state) if d.at <= until), None):
            words = self.template(due.letter, due) if due.letter else None
            at = max(due.at, self.at)
            self._tell(Perform, OLD_SYSTEM, at, {"key": due.key, "words": words}, carried=True)

    # when, and with which words

    def soon(self, hours: float) -> datetime:
        """So much working time after the last fact; where that is not yet, on the way to now."""
        moment = self.terms.calendar().add(self.at, timedelta(hours=hours))
        return moment if moment < self.telling.now else self.at + (self.telling.now - self.at) / 2

    def words(self, subject: str, body: str) -> Words:
        """A letter in staff's own words."""
        return Words(
            template="free",
            language=self.state.language,
            subject=Personal(subject),
            body=Personal(body.strip() + "\n"),
        )

    def template(self, purpose: LetterPurpose, due: Due | None = None) -> Words:
        """A letter in the words of the entity's template."""
        template = self.telling.library.template(purpose, self.entity.id)
        places = self._places(str((due.facts if due else {}).get("request")))
        language = self.state.language
        return Words(
            template=f"{template.id}@{template.version}",
            language=language,
            subject=Personal(fill(template.subject.in_(language), places).strip()),
            body=Personal(fill(template.body.in_(language), places)),
        )

    @property
    def terms(self) -> Terms:
        assert self.state.terms is not None
        return self.state.terms

    # how it is told

    def _do(
        self, kind: type[C], actor: Actor, at: datetime | None, fields: Mapping[str, Any]
    ) -> None:
        moment = self.telling.now if at is None else max(at, self.at)
        self.perform_due(moment)
        self._tell(kind, actor, moment, fields, carried=at is not None)

    def _tell(
        self, kind: type[C], actor: Actor, at: datetime, fields: Mapping[str, Any], *, carried: bool
    ) -> None:
        if at > self.telling.now:
            raise StoryBroken(f"{self.key}: {kind.__name__} would happen in the future")
        self._told += 1
        command = kind(**envelope(self.stream, str(self._told), at, actor), **fields)
        events = complaint.decide(command, self.state)  # type: ignore[arg-type]
        if not events:
            raise StoryBroken(f"{self.key}: {kind.__name__} changes nothing")
        self.state, self.at = reduce(complaint.evolve, events, self.state), at
        self.telling.tell(complaint, self.stream, command, carried=carried)

    def _places(self, request: str) -> dict[str, str]:
        language = self.state.language
        asked = self.state.conversation.requests.get(request)
        moments = {
            "received": self.state.received_at,
            "limit": self._nearest("statutory"),
            "promise": self._nearest("service"),
            "answer_by": asked.answer_by if asked else None,
        }
        return {
            "customer": self.telling.names[self.customer.customer],
            "number": self.state.number,
            "entity": self.entity.name.in_(language),
            "product": self.entity.products[self.state.product].in_(language),
            "asked": self._asked.get(request, ""),
            "link": "https://old-system.example/satisfaction",
            **{
                place: format_date(self._local(at), "long", locale=LOCALES[language])
                for place, at in moments.items()
                if at is not None
            },
        }

    def _nearest(self, kind: str) -> datetime | None:
        due = [c.due for c in running(self.state) if c.kind == kind and c.name != "ack"]
        return min(due, default=None)

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.entity.zone))
