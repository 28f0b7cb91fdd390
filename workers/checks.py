"""What ``doctor`` looks at: each check is one question with a plain answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import psycopg

from domain.rulebooks import RULEBOOKS
from domain.upkeep import days_to_tell, law_to_read
from ledger import Ledger, LedgerUnavailable, WrongMasterKey, excess_rights, pending
from projections import owed
from projections.lateness import LATE_ACT, LATE_SECONDS
from projections.library import load
from projections.reading import look
from workers.settings import Settings, SettingsRefused

MOST_NAMED: Final = 20


@dataclass(frozen=True)
class Check:
    """``words`` say what is; where it is not ``well``, also what to do."""

    name: str
    well: bool
    words: str
    facts: dict[str, Any] = field(default_factory=dict)

    def report(self) -> dict[str, Any]:
        return asdict(self)


def examine(settings: Settings, *, temporal_answers: bool | None) -> Iterator[Check]:
    """Every check in the order it makes sense to read them.

    temporal_answers: None where no Temporal is meant to run.
    """
    yield secrets(settings)
    try:
        missing = pending(settings.database())
    except psycopg.OperationalError as error:
        words = f"The database does not answer at DATABASE_URL: {str(error).strip()}"
        yield Check("database", False, words)
        return
    yield tables(missing)
    if missing:
        return
    with psycopg.connect(settings.database(), autocommit=True) as connection:
        yield rights(connection)
        yield keys(connection)
    try:
        with Ledger(settings.database(), master_key=settings.key()) as ledger:
            yield master_key(ledger)
            yield from followers(ledger)
            yield from parked(ledger)
            yield obligations(ledger)
            yield law(ledger)
    except (SettingsRefused, LedgerUnavailable) as error:
        yield Check("ledger", False, str(error))
    yield temporal(temporal_answers)


def secrets(settings: Settings) -> Check:
    try:
        settings.refuse_default_secrets()
    except SettingsRefused as error:
        return Check("secrets", False, str(error))
    words = "No default secret is in use."
    return Check("secrets", True, "The demo may use any secret." if settings.demo else words)


def tables(missing: list[str]) -> Check:
    if missing:
        words = f"The database lacks {', '.join(missing)}: run `evercase migrate`."
        return Check("migrations", False, words, {"missing": missing})
    return Check("migrations", True, "The database is up to date.", {"missing": []})


def rights(connection: psycopg.Connection[Any]) -> Check:
    """Whether this login could change the log."""
    reasons = excess_rights(connection)
    if reasons:
        words = f"Too many rights: {'; '.join(reasons)}. Use the role evercase_app."
        return Check("rights", False, words, {"reasons": reasons})
    return Check("rights", True, "This login can append to the log and change nothing in it.")


def keys(connection: psycopg.Connection[Any]) -> Check:
    row = connection.execute("SELECT epoch FROM keys.epoch").fetchone()
    epoch = row[0] if row is not None else None
    return Check("keys", row is not None, f"The keys are at epoch {epoch}.", {"epoch": epoch})


def master_key(ledger: Ledger) -> Check:
    try:
        ledger.keys.try_master()
    except WrongMasterKey:
        words = (
            "EVERCASE_MASTER_KEY is not the one that this database's keys are wrapped with: no "
            "personal data opens. Take the one that was kept apart from the data."
        )
        return Check("master key", False, words)
    return Check("master key", True, "EVERCASE_MASTER_KEY opens the keys of this database.")


def followers(ledger: Ledger) -> Iterator[Check]:
    """How far each follower is behind the log, in events and in seconds."""
    head = ledger.head()
    now = datetime.now(UTC)
    standing = [each for each in ledger.positions() if each.live]
    if not standing:
        yield Check("followers", False, "No follower has ever run: start `evercase projector`.")
    for each in standing:
        behind = max(head - each.position, 0)
        following = ledger.log(each.position, 1) if behind else []
        lag = (now - following[0].recorded_at).total_seconds() if following else 0.0
        words = f"{each.name} is {behind} events, {lag:.1f} s behind."
        if each.stopped_by is not None:
            words = (
                f"{each.name} stands still before event {each.position + 1} ({each.stopped_by}): "
                "mend the cause, then `evercase doctor --retry`."
            )
        well = each.stopped_by is None and lag <= LATE_SECONDS
        yield Check(
            f"follower {each.name}",
            well,
            words,
            {"position": each.position, "head": head, "behind": behind, "lag": round(lag, 3)},
        )


def parked(ledger: Ledger) -> Iterator[Check]:
    """Events that a follower left aside."""
    aside = ledger.parked()
    if not aside:
        yield Check("parked events", True, "No event is parked.")
    for each in aside[:MOST_NAMED]:
        state = "asked to be tried again" if each.retry else "`evercase doctor --retry` tries again"
        yield Check(
            "parked events",
            False,
            f"{each.name} left event {each.position} aside ({each.error}); {state}.",
            {"follower": each.name, "position": each.position, "error": each.error},
        )


def obligations(ledger: Ledger) -> Check:
    """What is owed and was not done in time, by its key; the rules have the last word on each."""
    now = datetime.now(UTC)
    with ledger.reading() as connection, look(connection) as reading:
        try:
            rows = owed.overdue(reading, now - LATE_ACT, MOST_NAMED)
        except LookupError:
            words = "The projector has not made its read models yet."
            return Check("owed", False, words)
    late = [
        due.key
        for row in rows
        if (rules := RULEBOOKS.get(owed.prefix_of(row.stream))) is not None
        for due in rules.agenda(ledger.fold(rules, row.stream).state)
        if due.at < now - LATE_ACT
    ]
    if late:
        words = (
            f"Still owed after its time: {', '.join(late[:MOST_NAMED])}. A worker that was away "
            "catches up by itself; what stays is a fault of a rule."
        )
        return Check("owed", False, words, {"late": late})
    return Check("owed", True, "Everything that is due has been done.", {"late": []})


def law(ledger: Ledger) -> Check:
    """Law to be read again, and holidays to be told. Nothing stands still for them."""
    today = datetime.now(UTC).date()
    with ledger.reading() as connection, look(connection) as reading:
        try:
            published = load(reading)
        except LookupError:
            return Check("law", False, "The projector has not made its read models yet.")
    read, tell = law_to_read(published, today), days_to_tell(published, today)
    words = [f"Read the law of {id} again by {by}." for id, by in read.items()]
    words += [f"Publish the holidays of {year} in the calendar {id}." for id, year in tell.items()]
    facts = {"read": {id: by.isoformat() for id, by in read.items()}, "tell": tell}
    return Check("law", True, " ".join(words) or "No law is to be read again soon.", facts)


def temporal(answers: bool | None) -> Check:
    if answers is None:
        words = "No Temporal runs here; `evercase up` starts one, or set TEMPORAL_ADDRESS."
        return Check("temporal", False, words)
    if not answers:
        words = "Temporal does not answer. Staff can go on working; what is owed waits for it."
        return Check("temporal", False, words)
    return Check("temporal", True, "Temporal answers.")
