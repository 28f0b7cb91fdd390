"""Tell the story into a ledger: once per ledger, however often and however interrupted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, Protocol

from domain.event import Recorded
from domain.organisation import STREAM as ORGANISATION
from domain.rulebooks import rulebook
from domain.text import Language, Text
from ledger import Ledger, Receipt
from workers.demo.people import read
from workers.demo.story import begin, documents, tell_history, tell_watched
from workers.demo.telling import KeyStep, Step, envelope, stream_of
from workers.packs import publish

FIRST_ENTITY: Final = "larkmere-uk"


class Credentials(Protocol):
    """Gives a member of staff a password; the desk's ``set_password`` with a database bound."""

    def __call__(self, login: str, password: str, staff: str, language: str, /) -> None: ...


@dataclass(frozen=True)
class Login:
    """Who can log in, as the table of the demo prints it. ``entities`` in order."""

    login: str
    password: str
    staff: str
    name: Text
    role: str
    language: Language
    entities: tuple[str, ...]


@dataclass(frozen=True)
class Seeded:
    """told_at: the moment that the story counts from, of the first run on this ledger.

    complaints and customers: key of the story (C1, K1) -> stream. new: told by this very call.
    """

    told_at: datetime
    complaints: Mapping[str, str]
    customers: Mapping[str, str]
    logins: tuple[Login, ...]
    new: bool


def seed(ledger: Ledger, *, now: datetime, fast: bool, credentials: Credentials) -> Seeded:
    """Tell the story as of ``now`` (aware); on a ledger that has it, nothing is changed.

    A telling that was cut off goes on as of the moment at which it began. ``fast``: the case that
    is watched runs in seconds. Raises what ``Ledger.handle`` and the story's rules raise.
    """
    told_at = first_told(ledger)
    watched = stream_of("complaint", "C1")
    new = told_at is None or not ledger.known([watched])
    if told_at is None:
        told_at = now.astimezone(UTC)
    if new:
        _tell(ledger, told_at, now.astimezone(UTC), fast, credentials)
    return Seeded(
        told_at,
        {f"C{number}": stream_of("complaint", f"C{number}") for number in _NUMBERS},
        {row["key"]: stream_of("customer", row["key"]) for row in read("customers")},
        logins(),
        new,
    )


_NUMBERS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13)


def first_told(ledger: Ledger) -> datetime | None:
    """When the story was told, None on a ledger without it: its first fact says so."""
    first = envelope(ORGANISATION, FIRST_ENTITY, datetime.now(UTC))["command_id"]
    return next((fact.occurred_at for fact in _history(ledger) if fact.command_id == first), None)


def _history(ledger: Ledger) -> list[Recorded[Any]]:
    return ledger.history(ORGANISATION)


def logins() -> tuple[Login, ...]:
    """Everybody's login, in the order of the story."""
    return tuple(
        Login(
            row["login"],
            f"evercase-{row['login']}",
            stream_of("staff", row["login"]),
            Text.model_validate(row["name"]),
            row["role"],
            row["language"],
            tuple(row["at"]),
        )
        for row in read("staff")
    )


def _tell(
    ledger: Ledger, told_at: datetime, now: datetime, fast: bool, credentials: Credentials
) -> None:
    telling = begin(told_at, fast, partial(number_of, ledger))
    _store(ledger, telling.steps[:1])
    publish(ledger, told_at, documents(told_at, fast))
    _store(ledger, telling.steps[1:])
    for each in logins():
        credentials(each.login, each.password, each.staff, each.language)
    told = len(telling.steps)
    tell_history(telling)
    _store(ledger, telling.steps[told:])
    # By now some time has gone by, and the watched case has little.
    telling.now = max(now, told_at)
    told = len(telling.steps)
    tell_watched(telling)
    _store(ledger, telling.steps[told:])


def number_of(ledger: Ledger, kind: str, stream: str, year: int) -> str:
    """The one it has, where an earlier telling came so far: letters speak of it."""
    known: str = ledger.fold(rulebook(stream), stream).state.number
    return known or ledger.next_number(kind, year)


def _store(ledger: Ledger, steps: Sequence[Step | KeyStep]) -> None:
    """In order; what belongs to one stream is handed over together, so that it is stored at once.

    Otherwise a worker could take a case for what it is halfway through its past.
    """
    waiting: list[Future[Receipt]] = []
    stream = ""
    for step in steps:
        if isinstance(step, KeyStep) or step.stream != stream:
            _settle(waiting)
        if isinstance(step, KeyStep):
            ledger.destroy_key(step.command, step.context)
            continue
        stream = step.stream
        waiting.append(ledger.submit(step.decider, step.stream, step.command, step.context))
    _settle(waiting)


def _settle(waiting: list[Future[Receipt]]) -> None:
    """Raises the first error; all are waited for."""
    answers = [future.exception() for future in waiting]
    waiting.clear()
    for error in answers:
        if error is not None:
            raise error
