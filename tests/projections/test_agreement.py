"""Read models against the rules' own fold: what rows say is what the domain holds to be so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

from log_stories import Teller
from small_house import World

from domain import review
from domain.access import Region, Scope
from domain.clock import Clock
from domain.complaint_state import Complaint
from projections import history_page, letters, queue, sla
from projections.case import Row
from projections.reading import Reading

Current = Callable[[], AbstractContextManager[Reading]]

EVERYWHERE = Scope(
    staff="staff-nobody", regions=(Region(legal_entity="uk"), Region(legal_entity="cn"))
)


def first(clocks: list[Clock]) -> tuple[object, object]:
    clock = min(clocks, key=lambda each: each.due, default=None)
    return (None, None) if clock is None else (clock.name, clock.due)


def agree(row: Row, state: Complaint) -> None:
    """The row of a case and its state, fact by fact."""
    assert 0 < row.version <= state.version
    assert (row.number, row.customer, row.product) == (state.number, state.customer, state.product)
    assert (row.severity, row.category, row.tier) == (state.severity, state.category, state.tier)
    assert (row.fast_lane, row.received_at) == (state.fast_lane, state.received_at)
    assert row.owner == state.ownership.owner
    assert row.team == (state.ownership.team or row.team)
    offer = state.ownership.offer
    offered = (offer.to, offer.team) if offer else (None, None)
    assert (row.offered_to, row.offered_team) == offered
    reviews = review.waiting(state.reviews).values()
    assert row.reviewer == next((it.reviewer for it in reviews), None)
    assert row.recused == sorted(state.recused)
    assert row.named == sorted(state.named)
    assert row.acknowledged_at == state.acknowledged_at
    assert (row.answered_at, row.closed_at) == (state.answered_at, state.closed_at)
    assert row.unanswered_since == state.conversation.unanswered_since
    assert row.approval_waiting == any(each.waiting for each in state.approvals.values())
    running = [c for c in state.clocks.values() if c.ended_at is None]
    going = [clock for clock in running if clock.paused_at is None]
    assert (row.service_clock, row.service_due) == first([c for c in going if c.kind == "service"])
    limits = [clock for clock in going if clock.kind == "statutory"]
    assert (row.statutory_clock, row.statutory_due) == first(limits)
    broken = {clock.kind for clock in state.clocks.values() if clock.breached_at}
    assert (row.breached_service, row.breached_statutory) == (
        "service" in broken,
        "statutory" in broken,
    )
    waiting = [request.answer_by for request in state.conversation.waiting.values()]
    assert row.waiting_until == (max(waiting, default=None) if state.closed_at is None else None)
    ended = {"archived"} if state.archived_at else {state.ending, "closed"}
    assert (row.stage in ended) == (state.closed_at is not None)
    if row.stage in ("approval", "proposed", "proposal_out", "decided"):
        assert state.proposal is not None
        assert (row.stage == "approval") == (not state.proposal.approved)
        assert (row.stage == "decided") == (state.proposal.answer in ("accepted", "silent"))
        if row.stage == "proposal_out":
            assert state.proposal.offered_at is not None
    if row.next_act == "pay":
        assert state.redress_owed is not None
        assert state.redress_paid_at is None


def test_read_models_agree_with_the_rules(world: World, current: Current) -> None:
    Teller(world, 7).tell(300, between=lambda: None)
    states = {stream: world.state(stream) for stream in world.cases}
    with current() as reading:
        rows = {
            stream: row
            for stream in world.cases
            if (row := queue.case(reading, EVERYWHERE, stream)) is not None
        }
        assert set(rows) == set(world.cases)
        for stream, row in rows.items():
            agree(row, states[stream])
        assert len({row.stage for row in rows.values()}) > 4, "the story tells too little"

        told = history_page.find(reading, EVERYWHERE, history_page.Facts(), limit=9_999)
        assert [row.position for row in told] == [
            recorded.position
            for recorded in world.ledger.log(0, 100_000)
            if recorded.stream.startswith(("complaint-", "customer-", "interaction-"))
        ]

        written = {
            f"{stream}/{name}": (letter.sent_at, letter.attempts)
            for stream in world.cases
            for name, letter in states[stream].letters.items()
        }
        found = {
            row.id: (row.sent_at, row.attempts)
            for row in letters.latest(reading, EVERYWHERE, limit=9_999)
        }
        assert found == written

        figures = sla.figures(reading, EVERYWHERE, date(2026, 1, 1), date(2027, 12, 1))
        assert figures
        counted = Counter[str]()
        for figure in figures:
            counted["breached"] += figure.breached
            counted["excused"] += figure.excused
            counted["met"] += figure.met
            behind = sla.clocks_behind(reading, EVERYWHERE, figure)
            assert len(behind) == figure.met + figure.breached + figure.excused + figure.open
        clocks = [
            clock
            for state in states.values()
            for clock in state.clocks.values()
            if clock.superseded_by is None
        ]
        assert counted == Counter(
            breached=sum(bool(c.breached_at) and c.excused is None for c in clocks),
            excused=sum(bool(c.breached_at) and c.excused is not None for c in clocks),
            met=sum(c.breached_at is None and c.fulfilled_at is not None for c in clocks),
        )
