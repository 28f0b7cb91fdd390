"""A few hundred cases whose time runs in seconds, and what must be true of them afterwards."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from houses import Command as House

from domain.calendar import Calendar
from domain.complaint import complaint
from domain.complaint_wishes import LodgeComplaint
from domain.customer import RegisterCustomer, customer
from domain.document import PublishDocument, document
from domain.event import Actor
from domain.organisation import STREAM, DescribeLegalEntity, LegalEntity, organisation
from domain.personal import Personal
from domain.policy import Policy, Terms
from domain.procedure import Rules
from domain.text import Text
from ledger import Ledger

SPACE = UUID("7b0c1c0e-0d55-5b7e-9d4e-2f9f0a6cc0de")
IMPORT = Actor(kind="import", id="storm")
STAFF = Actor(kind="staff", id="staff-storm", role="agent")
SECRETS = ("Quillfeather", "kettleflood", "example.org")
"""Parts of every personal text here: none may stand in a log or in Temporal's file."""

ALWAYS = Calendar.model_validate(
    {
        "id": "always",
        "version": 1,
        "zone": "UTC",
        "weekly": {
            day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        },
    }
)
TITLE = Text(en="Storm", zh="风暴")
ACTS = ("lodge", "acknowledge", "assess", "propose", "answer", "close")


def terms(reply_within: float) -> Terms:
    def promise(name: str, seconds: float, ends: str) -> dict[str, Any]:
        target = {"name": name, "calendar": "always", "working_time": timedelta(seconds=seconds)}
        return {"target": target | {"starts_on": ["lodged"], "fulfilled_by": [ends]}}

    rules = {
        "id": "storm",
        "version": 1,
        "stages": ["all"],
        "steps": [{"id": act, "stage": "all", "act": act} for act in ACTS],
    }
    policy = {
        "id": "storm",
        "version": 1,
        "title": TITLE,
        "source": TITLE,
        "procedure": "storm",
        "calendar": "always",
        "valid_from": "2020-01-01",
        "signed_by": "staff-storm",
        "promises": [promise("ack", 60, "acknowledged"), promise("reply", reply_within, "replied")],
        "ladder": [{"level": 1, "after": timedelta(seconds=1), "role": "team_lead"}],
        "acknowledge_after": 0.02,
        "information_within": timedelta(days=1),
        "hand_over_within": timedelta(hours=2),
        "silent_after_days": 14,
        "satisfaction_after": None,
        "reopen_days": 30,
    }
    return Terms(
        rules=Rules.model_validate(rules),
        policy=Policy.model_validate(policy),
        calendars={"always": ALWAYS},
    )


def told(process: int) -> dict[str, str]:
    """The environment of one of a house's processes."""
    pairs = Path(f"/proc/{process}/environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


@contextmanager
def ledger_of(house: House) -> Iterator[Ledger]:
    """A ledger of the test's own on that house's database, patient with its falls."""
    environment = told(house.pids()["desk"])
    key = bytes.fromhex(environment["EVERCASE_MASTER_KEY"])
    with Ledger(environment["DATABASE_URL"], master_key=key, patience=120) as opened:
        yield opened


def prepare(ledger: Ledger) -> None:
    """The company and the one letter that goes by itself."""
    now = datetime.now(UTC)
    entity = LegalEntity(
        id="storm", name=TITLE, zone="UTC", language="en", currency="GBP", calendar="always"
    )
    ledger.handle(
        organisation,
        STREAM,
        DescribeLegalEntity(command_id=uuid5(SPACE, "e"), at=now, actor=IMPORT, entity=entity),
    )
    letter = {
        "id": "ack",
        "version": 1,
        "purpose": "acknowledgement",
        "subject": TITLE.model_dump(),
        "body": {"en": "Dear $customer, $number is here.", "zh": "$customer：$number已登记。"},
    }
    ledger.handle(
        document,
        "template-ack",
        PublishDocument(
            command_id=uuid5(SPACE, "t"), at=now, actor=IMPORT, kind="template", body=letter
        ),
    )


@dataclass
class Cases:
    """``lodge`` puts them in, some each second; ``streams`` are those whose receipt is stored."""

    ledger: Ledger
    terms: Terms
    first: int = 0
    streams: list[str] = field(default_factory=list)

    def lodge(self, many: int, per_second: float) -> None:
        for number in range(self.first, self.first + many):
            began = time.monotonic()
            self._one(number)
            time.sleep(max(0.0, 1 / per_second - (time.monotonic() - began)))

    def aside(self, many: int, per_second: float) -> threading.Thread:
        thread = threading.Thread(target=self.lodge, args=(many, per_second), daemon=True)
        thread.start()
        return thread

    def _one(self, number: int) -> None:
        now = datetime.now(UTC)
        who, case = (f"{kind}-{uuid5(SPACE, str(number))}" for kind in ("customer", "complaint"))
        self.ledger.handle(
            customer,
            who,
            RegisterCustomer(
                command_id=uuid5(SPACE, who),
                at=now,
                actor=STAFF,
                customer=who,
                number=f"K-2026-{number:06}",
                legal_entity="storm",
                language="en",
                name=Personal(f"Quillfeather {number}"),
                details={"email": Personal(f"case-{number}@example.org")},
            ),
        )
        self.ledger.handle(
            complaint,
            case,
            LodgeComplaint(
                command_id=uuid5(SPACE, case),
                at=now,
                actor=STAFF,
                complaint=case,
                number=f"C-2026-{number:06}",
                legal_entity="storm",
                team="first",
                customer=who,
                channel="phone",
                product="kettle",
                category="quality",
                what_happened=Personal("kettleflood in the kitchen"),
                terms=self.terms,
            ),
        )
        self.streams.append(case)


def facts_of(ledger: Ledger, stream: str) -> Counter[str]:
    """How often each fact stands in a case; its versions are checked on the way."""
    history = ledger.history(stream)
    assert [each.version for each in history] == [*range(1, len(history) + 1)]
    return Counter(
        f"{each.event.type_name} {getattr(each.event, 'clock', '')}".strip() for each in history
    )


EXPECTED = (
    "ComplaintLodged",
    "TermsAgreed",
    "LetterWritten",
    "LetterSent",
    "ComplaintAcknowledged",
    "ClockFulfilled ack/1",
    "ClockBreached reply/1",
    "ComplaintEscalated reply/1",
)


def wrongs(ledger: Ledger, streams: list[str]) -> list[str]:
    """Every fact that is not there exactly once, and whatever is due and not done."""
    found = []
    for stream in streams:
        facts = facts_of(ledger, stream)
        found += [f"{stream}: {facts[name]} x {name}" for name in EXPECTED if facts[name] != 1]
        found += [f"{stream}: {n} x {name}" for name, n in facts.items() if n > 1]
        state = ledger.fold(complaint, stream).state
        owed = [due.key for due in complaint.agenda(state) if due.at <= datetime.now(UTC)]
        found += [f"owed still: {key}" for key in owed]
    return found


def spoken_of(folder: Path) -> list[str]:
    """Files of the house, beside its database and its mail, that hold personal data."""
    looked_at = [*folder.glob("*.log*"), *folder.glob("temporal.db*"), folder / "state.json"]
    return [
        f"{file.name}: {secret}"
        for file in looked_at
        for secret in SECRETS
        if file.is_file() and secret.encode() in file.read_bytes()
    ]
