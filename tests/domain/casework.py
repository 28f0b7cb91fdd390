"""A case in a test's hand: wish something, let time pass, look at what became true."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from domain.calendar import Calendar
from domain.complaint import complaint
from domain.complaint_facts import ComplaintEvent
from domain.complaint_state import Complaint
from domain.complaint_wishes import LodgeComplaint
from domain.decider import Perform, Words
from domain.event import Actor, Command
from domain.letter import RecordDelivery
from domain.ownership import Assignee
from domain.personal import Personal
from domain.policy import Policy, Terms
from domain.procedure import Rules
from domain.text import Text

MONDAY = datetime(2026, 11, 2, 10, tzinfo=UTC)
"""A Monday morning in London, one hour after opening."""

AGENT = Actor(kind="staff", id="staff-agent", role="agent")
LEAD = Actor(kind="staff", id="staff-lead", role="team_lead")
AUTOMATION = Actor(kind="automation", id="handle-complaint")
IMPORT = Actor(kind="import", id="batch-1")
LETTER = Words(template="free", language="en", subject=Personal("s"), body=Personal("b"))
ADDRESS = Personal("somebody@example.org")
BOX = Personal("words")
MAIL: dict[str, Any] = {"channel": "email", "words": LETTER, "address": ADDRESS}
ME = Assignee(staff=AGENT.id, team="first")
HER = Assignee(staff=LEAD.id, team="first")

_TITLE = Text(en="a", zh="一")


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def days(n: float) -> timedelta:
    return timedelta(days=n)


LONDON = Calendar.model_validate(
    {
        "id": "london",
        "version": 1,
        "zone": "Europe/London",
        "weekly": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    }
)

RULES = Rules.model_validate(
    {
        "id": "iso-10002",
        "version": 1,
        "stages": ["receive", "work", "end"],
        "steps": [
            {"id": "receive", "stage": "receive", "act": "lodge"},
            {"id": "acknowledge", "stage": "receive", "act": "acknowledge"},
            {"id": "assess", "stage": "work", "act": "assess"},
            {
                "id": "investigate",
                "stage": "work",
                "gates": ["step:assess", "owned"],
                "fields": [
                    {"id": "finding"},
                    {
                        "id": "cause",
                        "kind": "choice",
                        "choices": ["ours", "theirs"],
                        "countable": True,
                        "required": False,
                    },
                ],
            },
            {"id": "respond", "stage": "work", "act": "propose", "gates": ["step:investigate"]},
            {"id": "communicate", "stage": "end", "act": "answer", "gates": ["approved"]},
            {
                "id": "close",
                "stage": "end",
                "act": "close",
                "gates": ["answered", "redress_paid", "not_waiting"],
            },
            {"id": "follow_up", "stage": "end", "act": "follow_up"},
        ],
    }
)


def _promise(name: str, working_time: timedelta, starts: str, ends: str, **more: Any) -> Any:
    target = {
        "name": name,
        "calendar": "london",
        "working_time": working_time,
        "starts_on": starts.split(),
        "fulfilled_by": ends.split(),
    }
    by = more.pop("by", {})
    return {"target": target | more, "by": by}


def policy(**changes: Any) -> Policy:
    waits = {"pauses_on": ["waiting_for_customer"]}
    document = {
        "id": "house",
        "version": 1,
        "title": _TITLE,
        "source": _TITLE,
        "procedure": "iso-10002",
        "calendar": "london",
        "valid_from": "2020-01-01",
        "signed_by": "staff-compliance",
        "promises": [
            _promise("ack", hours(4), "lodged", "acknowledged", warn=[{"share": 0.5}]),
            _promise("first_reply", hours(8), "lodged reopened", "replied"),
            _promise("next_reply", hours(8), "customer_wrote", "replied no_reply_needed"),
            _promise("update", hours(40), "lodged replied reopened", "replied"),
            _promise("resolution", hours(80), "lodged", "closed", by={"high": hours(40)}, **waits),
            _promise("total_resolution", hours(160), "lodged reopened", "closed", **waits),
            _promise("after_close", hours(8), "wrote_after_close", "replied no_reply_needed"),
        ],
        "limits": [
            {
                "name": "final_response",
                "calendar": "london",
                "count": 8,
                "unit": "weeks",
                "article": "DISP 1.6.2R",
                "valid_from": "2013-01-01",
                "starts_on": ["lodged"],
                "fulfilled_by": ["answered", "holding"],
                "extensions": [{"count": 2, "unit": "weeks"}],
            }
        ],
        "ladder": [
            {"level": 1, "after": hours(0), "role": "team_lead"},
            {"level": 2, "after": hours(8), "role": "compliance"},
        ],
        "acknowledge_after": 0.75,
        "information_within": hours(40),
        "reminders": [hours(16), hours(32)],
        "hand_over_within": hours(2),
        "silent_after_days": 14,
        "satisfaction_after": hours(8),
        "reopen_days": 30,
    }
    return Policy.model_validate(document | changes)


def terms(**changes: Any) -> Terms:
    return Terms(rules=RULES, policy=policy(**changes), calendars={"london": LONDON})


class Case:
    """One complaint, driven by commands; ``now`` moves with them."""

    def __init__(self, at: datetime = MONDAY, **lodged: Any) -> None:
        self.state: Complaint = complaint.initial
        self.events: list[ComplaintEvent] = []
        self.now = at
        self._count = 0
        self._performed: set[str] = set()
        wish = {
            "complaint": "complaint-1",
            "number": "C-2026-000001",
            "legal_entity": "larkmere-uk",
            "team": "first",
            "customer": "customer-1",
            "channel": "email",
            "product": "account",
            "category": "fees",
            "what_happened": BOX,
            "terms": terms(),
        }
        self.do(LodgeComplaint, **(wish | lodged))

    def do(self, command: type[Command], *, who: Actor = AGENT, **fields: Any) -> list[str]:
        """Handle it now; the names of the facts it made (clock facts with their clock)."""
        self._count += 1
        wish = command(
            command_id=uuid5(UUID(int=0), str(self._count)), at=self.now, actor=who, **fields
        )
        return self._take(complaint.decide(wish, self.state))  # type: ignore[arg-type]

    def _take(self, events: list[ComplaintEvent]) -> list[str]:
        for event in events:
            self.state = complaint.evolve(self.state, event)
        self.events += events
        return [name_of(event) for event in events]

    def after(self, span: timedelta) -> Case:
        """Let time pass: everything due by then is done at its own moment."""
        until = self.now + span
        for _ in range(200):
            owed = complaint.agenda(self.state)
            if not owed or owed[0].at > until:
                break
            due = owed[0]
            assert due.key not in self._performed, f"{due.key} is owed again and cannot be done"
            self._performed.add(due.key)
            self.now = max(self.now, due.at)
            if due.rule == "deliver":
                self.do(RecordDelivery, who=AUTOMATION, letter=due.facts["letter"], sent=True)
                continue
            written: Mapping[str, Any] = (
                {"words": LETTER, "address": ADDRESS} if due.letter is not None else {}
            )
            self.do(Perform, who=AUTOMATION, key=due.key, **written)
        else:
            raise AssertionError("the agenda does not come to rest")
        self.now = until
        return self

    def names(self) -> list[str]:
        return [name_of(event) for event in self.events]

    def rules_owed(self) -> list[str]:
        return [due.rule for due in complaint.agenda(self.state)]


def name_of(event: ComplaintEvent) -> str:
    clock = getattr(event, "clock", None)
    return event.type_name if clock is None else f"{event.type_name} {clock}"
