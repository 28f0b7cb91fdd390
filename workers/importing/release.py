"""Letters that an import held back: one person asks for all cases of a batch, another approves.

Each case gets an approval of its own, under the rules that hold on its page: whoever asked cannot
approve, and whoever approves needs the right to where the case stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid5

from domain.access import Person, Place, Thing, may
from domain.approval import AskApproval, GrantApproval, LetterRelease, MakerCannotApprove
from domain.complaint import complaint
from domain.complaint_state import Complaint
from domain.complaint_wishes import ComplaintCommand
from domain.event import Actor, Context
from domain.personal import Personal
from ledger import Ledger, Receipt
from workers.importing.batch import carried_by
from workers.importing.feed import Feed

NAMESPACE: Final = UUID("2c7f6a0e-9d0b-5b1c-8a53-6e1f0c9d7a42")
Moved = Callable[[str, int, int], None]
"""(phase, done, of): "looking" in events, then "asking" or "approving" in cases."""


@dataclass(slots=True)
class Released:
    """What became of the open cases of a batch.

    done: asked for or approved now; before: that was so already. not_asked: nobody has asked yet.
    own: the approver asked for it. not_allowed: beyond the person's reach. failed: refused by a
    rule, or the ledger did not answer; the same command again goes on.
    """

    batch: str
    act: Literal["ask", "approve"]
    open: int = 0
    done: int = 0
    before: int = 0
    not_asked: int = 0
    own: int = 0
    not_allowed: int = 0
    failed: int = 0

    @property
    def whole(self) -> bool:
        """Whether nothing is left for this act."""
        return self.done + self.before == self.open

    def plain(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True)
class Release:
    """One run of one person; ``now`` is the moment of the wish."""

    ledger: Ledger
    batch: str
    person: Person
    now: datetime
    moved: Moved = lambda phase, done, of: None
    _feed: Feed = field(init=False)

    def __post_init__(self) -> None:
        self._feed = Feed(self.ledger)

    def ask(self, reason: str) -> Released:
        """Ask for every open case that holds letters back. Raises BatchUnknown."""
        told = Released(self.batch, "ask")
        for place, state in self._open(told, "asking"):
            if not state.hold_letters or waiting(state):
                told.before += 1
            elif self._may("case", place, told):
                name = f"release-{sum(1 for _ in asked(state))}"
                wish = AskApproval(
                    **self._base(state.stream, name, "ask"),
                    approval=name,
                    matter=LetterRelease(),
                    reason=Personal(reason),
                )
                self._give(state.stream, wish, told)
        self._feed.drain()
        return told

    def approve(self) -> Released:
        """Approve what was asked for in every open case. Raises BatchUnknown."""
        told = Released(self.batch, "approve")
        for place, state in self._open(told, "approving"):
            names = waiting(state)
            if not state.hold_letters:
                told.before += 1
            elif not names:
                told.not_asked += 1
            elif self._may("approval", place, told):
                name = min(names, key=lambda n: state.approvals[n].asked_by == self.person.staff)
                base = self._base(state.stream, name, "approve")
                self._give(state.stream, GrantApproval(**base, approval=name), told)
        self._feed.drain()
        return told

    def _open(self, told: Released, phase: str) -> Iterator[tuple[Place, Complaint]]:
        """Where each stands, and its state."""
        carried = carried_by(
            self.ledger, self.batch, lambda done, of: self.moved("looking", done, of)
        )
        cases = [case for case in carried if case.open]
        told.open = len(cases)
        for n, case in enumerate(cases):
            self.moved(phase, n, len(cases))
            state = self.ledger.fold(complaint, case.stream).state
            yield (
                case.place.model_copy(update={"recused": state.recused, "named": state.named}),
                state,
            )
        self.moved(phase, len(cases), len(cases))

    def _may(self, thing: Thing, place: Place, told: Released) -> bool:
        allowed = may(self.person, "write", thing, place)
        told.not_allowed += not allowed
        return allowed

    def _base(self, stream: str, approval: str, act: str) -> dict[str, Any]:
        name = "/".join((stream, approval, act, self.person.staff))
        return {
            "command_id": uuid5(NAMESPACE, name),
            "at": self.now,
            "actor": Actor(kind="staff", id=self.person.staff, role=self.person.main_role),
        }

    def _give(self, stream: str, wish: ComplaintCommand, told: Released) -> None:
        def answered(future: Future[Receipt]) -> None:
            match future.exception():
                case None:
                    told.done += 1
                case MakerCannotApprove():
                    told.own += 1
                case _:
                    told.failed += 1

        self._feed.give(complaint, stream, wish, Context(correlation=stream), answered)


def asked(state: Complaint) -> Iterator[str]:
    """The names of all approvals of a release, decided or not."""
    for name, approval in state.approvals.items():
        if isinstance(approval.matter, LetterRelease):
            yield name


def waiting(state: Complaint) -> list[str]:
    return [name for name in asked(state) if state.approvals[name].waiting]
