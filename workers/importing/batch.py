"""The cases that one import carried over, as they stand now: read from the log itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from domain.access import Place
from domain.clock_facts import ClockBreached
from domain.complaint_facts import ComplaintClosed, ComplaintLodged, ComplaintReopened
from domain.event import Recorded
from domain.ownership import HandOverAccepted, OwnerAssigned
from ledger import Ledger
from workers.trouble import Trouble

_PAGE: Final = 1_000
_TYPES: Final = frozenset(
    event.type_name
    for event in (
        ComplaintLodged,
        OwnerAssigned,
        HandOverAccepted,
        ClockBreached,
        ComplaintClosed,
        ComplaintReopened,
    )
)
_NAMES_SHOWN: Final = 10


class BatchUnknown(Trouble):
    """No case was carried over by a batch of that name; the text says which there are."""


@dataclass(slots=True)
class CarriedCase:
    """``broken``: past one of its limits, now or once."""

    stream: str
    place: Place
    open: bool = True
    broken: bool = False


def carried_by(
    ledger: Ledger, batch: str, moved: Callable[[int, int], None] = lambda done, of: None
) -> list[CarriedCase]:
    """Every case of the batch, in the order of the log. Raises BatchUnknown."""
    cases: dict[str, CarriedCase] = {}
    batches: set[str] = set()
    after, head = 0, ledger.head()
    while page := ledger.log(after, _PAGE, _TYPES):
        after = page[-1].position
        for recorded in page:
            if isinstance(recorded.event, ComplaintLodged):
                if recorded.actor.kind == "import":
                    batches.add(recorded.actor.id)
                if (recorded.actor.kind, recorded.actor.id) == ("import", batch):
                    cases[recorded.stream] = _lodged(recorded.stream, recorded.event)
            elif (case := cases.get(recorded.stream)) is not None:
                _change(case, recorded)
        moved(min(after, head), head)
    moved(head, head)
    if not cases:
        there = ", ".join(sorted(batches)[:_NAMES_SHOWN]) or "none"
        raise BatchUnknown(f"no case was carried over by the batch {batch}; there is: {there}")
    return list(cases.values())


def _lodged(stream: str, event: ComplaintLodged) -> CarriedCase:
    place = Place(legal_entity=event.legal_entity, branch=event.branch, team=event.team)
    return CarriedCase(stream, place)


def _change(case: CarriedCase, recorded: Recorded[Any]) -> None:
    match recorded.event:
        case OwnerAssigned(owner=owner, team=team) | HandOverAccepted(owner=owner, team=team):
            case.place = case.place.model_copy(update={"owner": owner, "team": team})
        case ClockBreached():
            case.broken = True
        case ComplaintClosed():
            case.open = False
        case ComplaintReopened():
            case.open = True
