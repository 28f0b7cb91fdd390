"""The history of a case: every fact as a sentence, as of any moment, and the verdict of then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk import disclosing
from desk.case import Case
from desk.forms import FormRefused, Question
from desk.history.asked import Asked, Steps, asked_in, spelled, steps
from desk.history.kinds import KINDS, kind_of
from desk.history.lines import Reader
from desk.history.verdict import Verdict, verdict
from desk.history.view import View, find, view
from desk.page import page
from desk.problem import NotFound
from desk.visit import OwnForm, SignedIn, see
from desk.words.facts import Speaker
from domain.as_of import AsOf
from domain.customer import CustomerErased
from projections import disclosures
from projections.reading import look

router = APIRouter(include_in_schema=False)

A_PAGE: Final = 50
Given = Annotated[Asked, Query()]


@router.get("/complaints/{ref}/history")
def show(request: Request, person: SignedIn, ref: str, asked: Given) -> Response:
    case = find(request, person, ref)
    if asked.fact is not None:
        return see(f"/complaints/{case.state.number}/history{_stepped(case, asked)}")
    return _show(request, case, asked)


@router.post("/complaints/{ref}/history")
def look_for_words(request: Request, person: SignedIn, typed: OwnForm, ref: str) -> Response:
    """Words in reasons: they stand in no address, so the answer is the page itself."""
    case = find(request, person, ref)
    if not case.may("read", "history"):
        raise NotFound()
    return _show(request, case, asked_in(typed), typed.get("words", "")[:200])


def _stepped(case: Case, asked: Asked) -> str:
    """From the slider's place to the moment it stands for."""
    moments = steps(case.records, asked.axis, AsOf()).moments
    n = min(asked.fact or 0, len(moments))
    at = "" if n == len(moments) else spelled(_before(moments, n))
    return asked.address(**{asked.axis: at})


def _before(moments: Sequence[datetime], n: int) -> datetime:
    return moments[n - 1] if n else moments[0] - timedelta(seconds=1)


def _show(request: Request, case: Case, asked: Asked, words: str = "") -> Response:
    wrong, status = "", 200
    try:
        seen = view(case, asked, words)
    except FormRefused as refused:
        wrong, status = next(iter(refused.fields.values())), 422
        asked = Asked()
        seen = view(case, asked)
    say, now = case.speaker(), case.house.now()
    shown = [it for it in seen.lines(seen.shown) if it.change] if asked.changes else None
    last = max(1, -(-len(seen.shown) // A_PAGE))
    number = min(asked.page, last)
    part = seen.shown[(number - 1) * A_PAGE : number * A_PAGE]
    lines = shown if shown is not None else seen.lines(part)
    step = steps(case.records, _axis(asked), seen.as_of)
    then = min(seen.as_of.moment or now, now)
    return page(
        request,
        "history.html",
        status=status,
        zone=case.zone,
        case=case,
        state=case.state,
        say=say,
        asked=asked,
        address=asked.address,
        words=words,
        wrong=wrong,
        lines=lines,
        page_number=number,
        page_last=1 if shown is not None else last,
        total=len(case.records),
        hidden=len(case.records) - seen.seen,
        as_of=seen.as_of,
        boxes=_boxes(seen.as_of, case.zone),
        step=step,
        links=_links(asked, step),
        filters=_filters(case, asked),
        verdict=_verdict(seen, then),
        then=seen.case,
        tools=case.may("read", "history"),
        reads_papers=case.person.reaches("document"),
        readers=_readers(case),
        erased=_erased(case),
    )


def _axis(asked: Asked) -> Any:
    return "occurred" if asked.occurred and not asked.recorded else asked.axis


def _links(asked: Asked, step: Steps) -> dict[str, str]:
    """One moment back and forward; the last one forward is today."""
    links = {}
    if step.back is not None:
        links["back"] = asked.address(**{step.axis: spelled(step.back)})
    if step.forward is not None:
        last = step.at + 1 == len(step.moments)
        links["forward"] = asked.address(**{step.axis: "" if last else spelled(step.forward)})
    return links


def _boxes(as_of: AsOf, zone: str) -> dict[str, str]:
    """What the date boxes hold: whole seconds, so that sent again they show the same facts."""
    held = {"occurred": as_of.occurred, "recorded": as_of.recorded}
    return {
        name: (at + timedelta(microseconds=999_999)).astimezone(ZoneInfo(zone)).replace(
            microsecond=0, tzinfo=None
        ).isoformat() if at else ""
        for name, at in held.items()
    }  # fmt: skip


def _filters(case: Case, asked: Asked) -> list[Question]:
    """Only what occurs in this case can be chosen."""
    say = case.speaker()
    kinds = {kind_of(it.event) for it in case.records}
    actors = {it.actor.kind for it in case.records}
    staff = {it.actor.id for it in case.records if it.actor.kind == "staff"}
    rules = {it.context.cause.rule for it in case.records if it.context.cause}
    options = {
        "kind": (say("Fact"), _terms(say, "fact", [kind for kind in KINDS if kind in kinds])),
        "by": (
            say("Who acted"),
            [*_terms(say, "actor", sorted(actors)), ("breach", say("Missed limits"))],
        ),
        "who": (say("Person"), say.in_order((it, say.name(it)) for it in staff)),
        "rule": (say("Rule"), _terms(say, "rule", sorted(rules))),
    }
    return [
        Question(name, title, "choice", required=False, choices=values, value=getattr(asked, name))
        for name, (title, values) in options.items()
        if values
    ]


def _terms(say: Speaker, kind: str, among: Sequence[str]) -> list[tuple[str, str]]:
    return [(it, say.term(kind, it)) for it in among]


def _verdict(seen: View, then: datetime) -> Verdict | None:
    if seen.case is None:
        return None
    reader = Reader(seen.case, late=timedelta(), clear=False)
    return verdict(seen.case, seen.as_of, then, reader.moved)


def _readers(case: Case) -> list[disclosing.Line] | None:
    """Who looked this case up; None where that is not for this person."""
    scope = case.person.scope("disclosure")
    if not scope.regions:
        return None
    with case.house.pool.connection() as db, look(db) as reading:
        rows = disclosures.of_case(reading, scope, case.stream)
    return disclosing.lines(case.house, rows, case.speaker())


def _erased(case: Case) -> tuple[datetime, str, str] | None:
    """When the customer's name was erased, by which request, approved by whom."""
    if not case.customer.erased or case.state.customer is None:
        return None
    facts = [it.event for it in case.house.ledger.history(case.state.customer)]
    (fact,) = [it for it in facts if isinstance(it, CustomerErased)]
    return fact.at, fact.request, case.speaker().name(fact.approved_by)
