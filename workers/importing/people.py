"""Whose cases they are: registered once, and told of again where a later case tells otherwise."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from domain.customer import customer
from domain.decider import DomainError
from domain.event import Context
from ledger import KeyDestroyed, Ledger, Receipt
from workers.importing.carrying import Carried, Carrier
from workers.importing.feed import Feed
from workers.importing.report import Summary

_KEPT: Final = 20_000


@dataclass(slots=True)
class People:
    """Remembers what this run was told of the last of them."""

    ledger: Ledger
    carrier: Carrier
    feed: Feed
    summary: Summary
    _said: OrderedDict[str, Mapping[str, str]] = field(default_factory=OrderedDict)

    def new(self, cases: Iterable[Carried], known: set[str]) -> list[Carried]:
        """Of each person nobody knows yet the first case; ``known``: streams in the log."""
        first: dict[str, Carried] = {}
        for case in cases:
            stream = case.person.stream
            if stream not in known and stream not in self._said:
                first.setdefault(stream, case)
        return [*first.values()]

    def give(self, case: Carried, number: str | None) -> None:
        """Register the person under this number, or add what the case tells otherwise."""
        stream, said = case.person.stream, case.person.said
        before = self._said.get(stream)
        if before is None and number is not None:
            command = self.carrier.register(case, number)
            answered = partial(self._registered, case)
            self.feed.give(customer, stream, command, Context(), answered)
            self._remember(stream, said)
            return
        before = self._recorded(stream) if before is None else before
        self._change(case, before)
        self._remember(stream, {**before, **said})

    def _change(self, case: Carried, before: Mapping[str, str]) -> None:
        for change in self.carrier.changes(case, before):
            self.feed.give(customer, case.person.stream, change, Context(), self._changed)

    def _recorded(self, stream: str) -> Mapping[str, str]:
        """What an earlier run was told of the person."""
        state = self.ledger.fold(customer, stream).state
        texts = self.ledger.open_in({"name": state.name, **state.details})
        return {name: text for name, text in texts.items() if text is not None}

    def _remember(self, stream: str, said: Mapping[str, str]) -> None:
        self._said[stream] = said
        self._said.move_to_end(stream)
        if len(self._said) > _KEPT:
            self._said.popitem(last=False)

    def _registered(self, case: Carried, future: Future[Receipt]) -> None:
        """Where another import was faster, this one tells what it knows otherwise."""
        if self.summary.count(future.result()):
            self.summary.customers += 1
        else:
            self._change(case, self._recorded(case.person.stream))

    def _changed(self, future: Future[Receipt]) -> None:
        """Nothing is added to a person whose data was erased."""
        error = future.exception()
        if error is None:
            self.summary.count(future.result())
        elif not isinstance(error, DomainError | KeyDestroyed):
            raise error
