"""What is the same for every case: people, houses and published documents, from the log.

They are few, so they are kept in memory and caught up from the log when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Final

from domain.calendar import Calendar
from domain.document import DocumentDrafted, DocumentPublished, Kind, parse
from domain.organisation import INITIAL as NOBODY
from domain.organisation import LegalEntity, LegalEntityDescribed, Organisation
from domain.organisation import evolve as evolve_organisation
from domain.policy import Library, Policy
from domain.procedure import Procedure
from domain.reporting import Managers, below, line_of
from domain.saved_reply import SavedReply
from domain.staff import INITIAL as NEWCOMER
from domain.staff import Staff
from domain.staff import evolve as evolve_staff
from domain.staff_facts import Role, StaffEvent
from domain.target import Ref
from domain.template import Template

if TYPE_CHECKING:
    from domain.event import Event, Recorded
    from ledger import Ledger

STAFF_TYPES: Final = tuple(cls.type_name for cls in StaffEvent.__args__)
TYPES: Final = frozenset(
    {
        *STAFF_TYPES,
        *(it.type_name for it in (DocumentDrafted, DocumentPublished, LegalEntityDescribed)),
    }
)
PAGE: Final = 1000


class Directory:
    """Thread-safe. Every reading is as of the last ``catch_up``."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = Lock()
        self._position = 0
        self._staff: dict[str, Staff] = {}
        self.organisation: Organisation = NOBODY
        self.library = Library()
        self.drafts: Mapping[tuple[Kind, str], DocumentDrafted] = {}
        """What nobody has published yet."""
        self._procedures: dict[tuple[str, int], Procedure] = {}
        self._replies: dict[tuple[str, int], SavedReply] = {}
        self._calendars: dict[str, Calendar] = {}

    def catch_up(self) -> None:
        """Read what was stored since the last time."""
        head = self._ledger.head()
        if head <= self._position:
            return
        with self._lock:
            while self._position < head:
                batch = self._ledger.log(self._position, PAGE, TYPES)
                for recorded in batch:
                    self._take(recorded)
                self._position = batch[-1].position if len(batch) == PAGE else head

    def _take(self, recorded: Recorded[Event]) -> None:
        match recorded.event:
            case LegalEntityDescribed() as event:
                self.organisation = evolve_organisation(self.organisation, event)
            case DocumentDrafted() as event:
                self.drafts = {**self.drafts, (event.kind, event.id): event}
            case DocumentPublished(kind=kind, id=id) as event:
                self.drafts = {it: d for it, d in self.drafts.items() if it != (kind, id)}
                self._publish(event)
            case event if event.type_name in STAFF_TYPES:
                state = self._staff.get(recorded.stream, NEWCOMER)
                changed = {**self._staff, recorded.stream: evolve_staff(state, event)}  # type: ignore[arg-type]
                self._staff = changed

    def _publish(self, event: DocumentPublished) -> None:
        was = self.library
        match parse(event.kind, event.body):
            case Policy() as policy:
                new: dict[str, object] = {"policies": (*was.policies, policy)}
            case Procedure() as procedure:
                new = {"procedures": {**was.procedures, procedure.id: procedure}}
                self._procedures[procedure.id, procedure.version] = procedure
            case Calendar() as calendar:
                new = {"calendars": {**was.calendars, calendar.id: calendar}}
                self._calendars[str(Ref(id=calendar.id, version=calendar.version))] = calendar
            case Template() as template:
                others = tuple(t for t in was.templates if t.id != template.id)
                new = {"templates": (*others, template)}
            case SavedReply() as reply:
                new = {"saved_replies": {**was.saved_replies, reply.id: reply}}
                self._replies[reply.id, reply.version] = reply
        self.library = was.model_copy(update=new)

    @property
    def staff(self) -> Mapping[str, Staff]:
        return self._staff

    def name(self, stream: str, language: str) -> str:
        """What a member of staff is called; streams without a person stand as they are."""
        known = self._staff.get(stream)
        if known is None:
            return stream
        return known.name.zh if language == "zh" else known.name.en

    def holders(self, at: datetime, fits: Callable[[Role], bool]) -> Mapping[str, list[Role]]:
        """Who holds a role of a kind at a moment, and which: nobody who has left, no role that has
        run out."""
        held = {
            staff: [role for role in one.roles_at(at) if fits(role)]
            for staff, one in self._staff.items()
            if not one.left
        }
        return {staff: roles for staff, roles in held.items() if roles}

    def mail_address(self, staff: str) -> str | None:
        """Where letters to a member of staff go."""
        known = self._staff.get(staff)
        box = known.email if known else None
        return None if box is None else self._ledger.open(box)

    def line(self, staff: str) -> frozenset[str]:
        """Everybody above and below them, as of now."""
        return line_of(staff, self._managers())

    def below(self, staff: str) -> frozenset[str]:
        """Everybody who reports to them, and to those, as of now."""
        return below(staff, self._managers())

    def _managers(self) -> Managers:
        return {each: one.manager for each, one in self._staff.items()}

    def entity(self, id: str) -> LegalEntity | None:
        return self.organisation.entities.get(id)

    def zone(self, entity: str) -> str:
        known = self.entity(entity)
        return known.zone if known else "UTC"

    def procedure(self, id: str, version: int) -> Procedure | None:
        """That very version: cases keep the words they began with."""
        return self._procedures.get((id, version))

    def saved_reply(self, ref: Ref) -> SavedReply | None:
        """That very version."""
        return self._replies.get((ref.id, ref.version))

    def calendar(self, ref: str) -> Calendar | None:
        """That very version, named as ``id@version``."""
        return self._calendars.get(ref)
