"""What one command would store: decided on the states at hand, encoded, not yet appended."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Literal, NamedTuple

from domain.decider import Decider
from domain.event import Command, Context, Event
from ledger.append import Fact
from ledger.errors import LedgerUnavailable, RivalWrote
from ledger.folds import Fold
from ledger.keys import Keys, SubjectKey
from ledger.mapper import Encoder, encode, encode_meta


class Receipt(NamedTuple):
    """``stored``: by this sending; ``repeated``: the id was known, and this is its first answer.

    first, last: positions of its events, None where it made none. version: of the (first) stream
    after it; None when repeated.
    """

    outcome: Literal["stored", "repeated"]
    first: int | None
    last: int | None
    version: int | None


@dataclass(slots=True, eq=False)
class Job:
    """A command on its way, and who waits for it."""

    decider: Decider[Any, Any, Any]
    streams: tuple[str, ...]
    command: Command
    context: Context
    digest: bytes
    across: bool = False
    future: Future[Receipt] = field(default_factory=Future)
    tries: int = 0
    since: float = field(default_factory=monotonic)


@dataclass(slots=True)
class Draft:
    """The outcome of deciding. With a ``refusal`` there is nothing to store.

    meta: who and why, as the event before said it.
    """

    facts: list[Fact] = field(default_factory=list)
    keys: dict[str, SubjectKey] = field(default_factory=dict)
    after: dict[str, Fold[Any]] = field(default_factory=dict)
    refusal: Exception | None = None
    meta: bytes | None = None


def draft(job: Job, folds: Mapping[str, Fold[Any]], keys: Keys) -> Draft:
    """Decide and encode. An error of the rules, or a fault in them, concerns this job only."""
    made = Draft(after={stream: folds[stream] for stream in job.streams})
    try:
        expected = job.context.expected_version
        if expected is not None and folds[job.streams[0]].version != expected:
            raise RivalWrote(f"version {expected} was expected")
        for stream, event in _decide(job, made.after):
            _record(job, made, stream, event, keys)
    except LedgerUnavailable:
        raise
    except Exception as error:
        return Draft(refusal=error)
    return made


def _decide(job: Job, folds: Mapping[str, Fold[Any]]) -> list[tuple[str, Event]]:
    if not job.across:
        stream = job.streams[0]
        decided = job.decider.decide(job.command, folds[stream].state)
        return [(stream, event) for event in decided]
    if job.decider.decide_across is None:
        raise TypeError(f"{job.decider.name} decides over one stream only")
    states = {stream: fold.state for stream, fold in folds.items()}
    return list(job.decider.decide_across(job.command, states))


def _record(job: Job, made: Draft, stream: str, event: Event, keys: Keys) -> None:
    """Encode one event at the place it will have, and fold it as it will be read back."""
    state, version = made.after[stream]
    version += 1
    evolve = job.decider.evolve
    encoder: Encoder | None = None

    def encoder_here() -> Encoder:
        nonlocal encoder
        if encoder is None:
            encoder = Encoder(keys, stream, version, job.decider.subject(evolve(state, event)))
        return encoder

    encoded = encode(event, encoder_here)
    if made.meta is None or job.context.reason is not None:  # a reason is encrypted for one place
        made.meta = encode_meta(job.command.actor, job.context, encoder_here)
    if encoder is not None and encoder.key is not None:
        made.keys[encoder.key.subject] = encoder.key
    kind = type(event)
    made.facts.append(
        Fact(
            stream, version, kind.type_name, kind.schema_version, event.at, made.meta, encoded.body
        )
    )
    made.after[stream] = Fold(evolve(state, encoded.event), version)
