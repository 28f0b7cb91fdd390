"""A complaint as programs read it."""

from __future__ import annotations

from desk.acts.review import reviews_of
from desk.api.reads import ClockRead, ComplaintRead, PromiseRead, ReviewRead, StepRead, TaskRead
from desk.case import Case
from desk.promised import promises_of, tasks_of
from domain.clock import Clock, counted_slices, remaining, state_of
from domain.complaint_standing import standings
from domain.intervals import total


def told(case: Case) -> ComplaintRead:
    state, row = case.state, case.row
    return ComplaintRead(
        stream=case.stream,
        number=state.number,
        version=case.version,
        legal_entity=state.legal_entity,
        branch=state.branch,
        team=row.team,
        owner=row.owner,
        customer=state.customer,
        channel=state.channel,
        product=state.product,
        category=state.category,
        severity=state.severity,
        received_at=state.received_at,
        what_happened=case.words.quote,
        stage=row.stage,
        next_act=row.next_act,
        decision=state.outcome,
        ending=state.ending,
        clocks=[_clock(clock, case) for clock in state.clocks.values()],
        steps=[
            StepRead(step=it.step, state=it.state, missing=list(it.missing))
            for it in (standings(state) if state.terms else ())
        ],
        promises=[
            PromiseRead.model_validate(it, from_attributes=True)
            for it in promises_of(case, case.speaker())
        ],
        tasks=[
            TaskRead.model_validate(it, from_attributes=True)
            for it in tasks_of(case, case.speaker())
        ],
        reviews=[
            ReviewRead.model_validate(it, from_attributes=True)
            for it in reviews_of(case, case.speaker())
        ],
        waiting_requests=list(state.conversation.waiting),
        waiting_approvals=[name for name, it in state.approvals.items() if it.waiting],
        letters={
            name: "sent" if it.sent_at else "ended" if it.ended else "written"
            for name, it in state.letters.items()
        },
    )


def _clock(clock: Clock, case: Case) -> ClockRead:
    assert case.state.terms is not None
    now, calendar = case.house.now(), case.state.terms.calendar(clock.calendar.id)
    counted = total(counted_slices(clock, calendar, now))
    return ClockRead(
        id=clock.id,
        name=clock.name,
        kind=clock.kind,
        state=state_of(clock, now),
        due=clock.due,
        remaining_seconds=int(remaining(clock, calendar, now).total_seconds()),
        counted_seconds=int(counted.total_seconds()),
        policy=str(clock.policy),
        calendar=str(clock.calendar),
        breached_at=clock.breached_at,
    )
