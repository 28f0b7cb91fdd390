"""Letters to colleagues: an escalation for whoever holds its role, one digest for carried cases.

Who gets one follows from roles as the read model of staff shows them; what it says holds nothing
of a customer. Its Message-ID is made of its cause and the person, so sent again it is the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from string import Template as Placeholders
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from domain.access import Person, Place, may, shut_out
from domain.complaint_facts import ComplaintLodged
from domain.complaint_state import Complaint
from domain.decider import Due
from domain.organisation import STREAM, LegalEntity, organisation
from domain.reporting import line_of
from domain.text import Language, Text
from ledger import Ledger
from projections.reading import look
from projections.staff import StaffRow, everyone
from workflows.letters import LOCALES
from workflows.mail import Delivery, Outgoing
from workflows.staff_words import (
    CARRIED_OVER,
    ESCALATED,
    OWN_LINE,
    TEAM_LINE,
    clock_words,
    role_words,
)

SECONDS: Final = 20.0
"""For one letter to a colleague, from first to last: longer nothing waits for it."""

MOMENT: Final[Mapping[Language, str]] = {
    "en": "EEE d MMM yyyy HH:mm (zzzz)",
    "zh": "yyyy年M月d日 EEE HH:mm（zzzz）",
}


@dataclass(frozen=True, slots=True)
class Share:
    """Open cases of one place; where it has no owner, nobody took them. broken: past a limit."""

    place: Place
    open: int
    broken: int


@dataclass(frozen=True)
class StaffLetters:
    """``address``: of the desk, for links."""

    ledger: Ledger
    address: str

    def escalated(self, state: Complaint, due: Due, at: datetime) -> list[Outgoing]:
        """What to mail before ``due`` is performed: nothing but for an escalation.

        A case whose letters an import holds back is told of in the digest of its batch instead.
        Raises LookupError where the staff have no read model yet.
        """
        if due.rule != "escalate" or state.hold_letters:
            return []
        role, broken = due.facts["role"], state.clocks[due.facts["clock"]]
        entity = self._entities().get(state.legal_entity)
        zone = entity.zone if entity else "UTC"
        return [
            self._outgoing(
                (state.stream, f"{due.key.removeprefix(state.stream + '/')}/{colleague.staff}"),
                (colleague, address),
                at,
                ESCALATED,
                number=state.number,
                clock=clock_words(broken.id, colleague.language),
                since=moment(broken.breached_at or broken.due, zone, colleague.language),
                role=role_words(role, colleague.language),
                link=self._link(f"complaints/{state.number}"),
            )
            for colleague, address in self._reached(
                holders(self._staff(), role, self._place(state), at)
            )
        ]

    def carried_over(self, batch: str, shares: Iterable[Share], at: datetime) -> list[Outgoing]:
        """One digest for each owner, and for each lead of a team where there is no owner.

        Raises LookupError where the staff have no read model yet.
        """
        staff, entities = self._staff(), self._entities()
        theirs: dict[str, list[Share]] = {}
        colleagues: dict[str, StaffRow] = {}
        for share in shares:
            for colleague in answerable(staff, share.place, at):
                colleagues[colleague.staff] = colleague
                theirs.setdefault(colleague.staff, []).append(share)
        return [
            self._outgoing(
                (batch, f"digest/{colleague.staff}"),
                (colleague, address),
                at,
                CARRIED_OVER,
                open=str(sum(share.open for share in theirs[colleague.staff])),
                lines="\n".join(
                    _line(share, entities, colleague.language) for share in theirs[colleague.staff]
                ),
                link=self._link("queue"),
            )
            for colleague, address in self._reached(colleagues.values())
        ]

    def _staff(self) -> list[StaffRow]:
        with self.ledger.reading() as connection, look(connection) as reading:
            return everyone(reading)

    def _entities(self) -> Mapping[str, LegalEntity]:
        return self.ledger.fold(organisation, STREAM).state.entities

    def _place(self, state: Complaint) -> Place:
        team = state.ownership.team
        if team is None:
            lodged = self.ledger.history(state.stream)[0].event
            assert isinstance(lodged, ComplaintLodged)
            team = lodged.team
        return Place(
            legal_entity=state.legal_entity,
            branch=state.branch,
            team=team,
            owner=state.ownership.owner,
            recused=state.recused,
            named=state.named,
        )

    def _reached(self, colleagues: Iterable[StaffRow]) -> Iterator[tuple[StaffRow, str]]:
        """Those who have an address."""
        for colleague in colleagues:
            box = colleague.address
            address = None if box is None else self.ledger.open(box)
            if address:
                yield colleague, address

    def _link(self, path: str) -> str:
        return f"{self.address.rstrip('/')}/{path}"

    def _outgoing(
        self,
        name: tuple[str, str],
        to: tuple[StaffRow, str],
        at: datetime,
        texts: tuple[Text, Text],
        **places: str,
    ) -> Outgoing:
        colleague, address = to
        subject, body = (
            Placeholders(text.in_(colleague.language)).substitute(places) for text in texts
        )
        return Outgoing(
            stream=name[0],
            letter=name[1],
            language=colleague.language,
            written_at=at,
            subject=subject,
            body=body,
            address=address,
        )


def holders(staff: Sequence[StaffRow], role: str, place: Place, at: datetime) -> list[StaffRow]:
    """Who holds that role for a case at ``place``, each once; whoever is away by their deputy."""
    lines = _reporting(staff)
    reaching = (
        row
        for row in staff
        if may(
            Person(
                staff=row.staff,
                roles=frozenset(r for r in row.roles_at(at) if r.name == role),
                line=lines(row.staff),
            ),
            "read",
            "case",
            place,
        )
    )
    return _present(staff, reaching, place, at)


def answerable(staff: Sequence[StaffRow], place: Place, at: datetime) -> list[StaffRow]:
    """The owner of the cases at ``place``; where there is none, the leads of their team."""
    owners = [row for row in staff if row.staff == place.owner]
    return _present(staff, owners, place, at) or holders(staff, "team_lead", place, at)


def _present(
    staff: Sequence[StaffRow], wanted: Iterable[StaffRow], place: Place, at: datetime
) -> list[StaffRow]:
    """Each of them, or the deputy, or the deputy's; nobody who left or must not see the case."""
    by_stream, lines = {row.staff: row for row in staff}, _reporting(staff)
    found: dict[str, StaffRow] = {}
    for row in wanted:
        seen: set[str] = set()
        here: StaffRow | None = row
        while here is not None and here.away(at) and here.staff not in seen:
            seen.add(here.staff)
            here = by_stream.get(here.deputy or "")
        if here is None or here.away(at) or shut_out(here.staff, lines(here.staff), place):
            continue
        found[here.staff] = here
    return list(found.values())


def _reporting(staff: Sequence[StaffRow]) -> Callable[[str], frozenset[str]]:
    return partial(line_of, managers={row.staff: row.manager for row in staff})


def _line(share: Share, entities: Mapping[str, LegalEntity], language: Language) -> str:
    entity, team = entities.get(share.place.legal_entity), share.place.team or ""
    named = entity.teams.get(team) if entity else None
    line = TEAM_LINE if share.place.owner is None else OWN_LINE
    return Placeholders(line.in_(language)).substitute(
        open=share.open, broken=share.broken, team=named.in_(language) if named else team
    )


def moment(at: datetime, zone: str, language: Language) -> str:
    """Day and time in a zone, which is named."""
    return format_datetime(at, MOMENT[language], tzinfo=ZoneInfo(zone), locale=LOCALES[language])


class Post(Protocol):
    """A mail server, as ``workflows.mail`` has one."""

    async def send(self, letter: Outgoing) -> Delivery: ...


async def post(server: Post, letters: Sequence[Outgoing]) -> list[Delivery]:
    """Hand them over, all at once and each within ``SECONDS``; what became of each, in order."""
    return await asyncio.gather(*(_hand_over(server, letter) for letter in letters))


async def _hand_over(server: Post, letter: Outgoing) -> Delivery:
    try:
        async with asyncio.timeout(SECONDS):
            return await server.send(letter)
    except TimeoutError:
        return Delivery(letter=letter.letter, sent=False)
