"""The page of a complaint on which one works, and what else came about the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk import presence
from desk.acts.every import ACTS, Offered, allowed, offered
from desk.acts.oversight import orders_of
from desk.acts.review import reviews_of
from desk.bell import opened
from desk.case import Case, find
from desk.contacts import last_contacts
from desk.conversation import TABS, messages, unanswered
from desk.customer import moment_words
from desk.drafts import box_of, drafts_of, elsewhere
from desk.finding import cases_of
from desk.now import first_due, now_of
from desk.page import page
from desk.promised import promises_of, tasks_of
from desk.pulled_back import waiting
from desk.queue import lines, viewer_of
from desk.quoted import own_words
from desk.visit import SEEN, SignedIn, TheHouse, by_itself
from desk.walk import Walk, next_for, raced_words, walk_of
from desk.words.clock import cards
from desk.words.facts import Speaker
from desk.words.talk import matter_words
from domain.complaint_standing import standings
from domain.conversation import NoteAdded
from domain.procedure import Standing
from projections import queue
from projections.case import Row
from projections.reading import Freshness, look
from projections.timeline import TimelineEntry

router = APIRouter(include_in_schema=False)

At = Annotated[int | None, Query(ge=1)]
SIMILAR_WITHIN: Final = timedelta(days=90)


@router.get("/complaints/{ref}")
def work(
    request: Request,
    *,
    person: SignedIn,
    house: TheHouse,
    ref: str,
    at: At = None,
    tab: Annotated[str, Query(max_length=10)] = "all",
    done: Annotated[str, Query(max_length=30)] = "",
    came_from: Annotated[str, Query(max_length=20, alias="from")] = "",
    raced: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """The guided case page."""
    case = find(request, person, ref, at)
    if not by_itself(request):
        _opened(case)
    tab = tab if tab in TABS else "all"
    words = case.speaker()(ACTS[done].done) if done in ACTS else ""
    if raced:
        words = raced_words(find(request, person, raced), case.speaker())
    return _work(request, case, tab, words, walk_of(case, came_from))


def _opened(case: Case) -> None:
    """The note that called the reader is seen: its notice goes."""
    me = case.person.staff
    calls = [
        it.position
        for it in case.records
        if isinstance(it.event, NoteAdded) and me in it.event.mentions
    ]
    if calls:
        with case.house.pool.connection() as db:
            opened(db, case.person, case.stream, calls[-1])


def _work(request: Request, case: Case, tab: str, done: str, walk: Walk) -> Response:
    say, now = case.speaker(), case.house.now()
    card, offers = now_of(case, say), offered(case)
    law = cards(case.state, "statutory", now, say)
    promises = cards(case.state, "service", now, say)
    drafts = drafts_of(case)
    boxes = {
        name: box_of(case, act, about, say, drafts)
        for name, act, about in (
            ("now", card.act, card.about), ("reply", ACTS["reply"], ""), ("note", ACTS["note"], "")
        )
        if act is not None and allowed(case, act, about)
    }  # fmt: skip
    return page(
        request,
        "case.html",
        live={"case": case.state.number, "version": case.version},
        since=_since(request, case),
        there=presence.on(case, say),
        zone=case.zone,
        case=case,
        state=case.state,
        say=say,
        card=card,
        box=boxes.get("now"),
        due=first_due([*promises, *law]),
        stages=_stages(case, say),
        law=law,
        promises=promises,
        made=promises_of(case, say),
        tasks=tasks_of(case, say),
        reviews=reviews_of(case, say),
        may_write=case.may("write"),
        messages=messages(case, tab),
        unanswered=unanswered(case),
        waiting=waiting(case),
        tab=tab,
        tabs=TABS,
        offers=_grouped([it for it in offers if it.act.slug != "pull-back"]),
        primary=card.act,
        late=[it for it in offers if it.act.slug in ("explain", "excuse")],
        reply=boxes.get("reply"),
        note=boxes.get("note"),
        drafts=elsewhere(case, say, drafts, {box.name for box in boxes.values()}),
        others=_other_cases(case),
        contacts=_contacts(case, say),
        done=done,
        next=next_for(case, say) if done else None,
        walk=walk,
        orders=orders_of(case, say),
        acts=ACTS,
        matter_words=matter_words,
    )


def _since(request: Request, case: Case) -> str:
    """What others did since the version that the page shows, when it asks for itself again."""
    seen = request.headers.get(SEEN, "")
    news = case.news(int(seen)) if seen.isdecimal() and len(seen) < 10 else []
    told = [f"{entry.who}: {entry.words}" for entry in news if entry.kind == "person"]
    return " · ".join(told[-3:])


def _grouped(offers: Sequence[Offered]) -> Mapping[str, list[Offered]]:
    """Some acts stand beside the title, the others behind "More"."""
    first = (
        "ask",
        "hand-over",
        "posted",
        "grant",
        "accept",
        "answer-order",
        "information",
        "reopen",
    )
    shown = [it for it in offers if it.act.slug in first]
    return {"first": shown, "more": [it for it in offers if it.act.slug not in first]}


def _other_cases(case: Case) -> Sequence[Row]:
    if case.state.customer is None:
        return []
    found = cases_of(case.house, case.person, case.state.customer)
    others = [row for row in found if row.stream != case.stream]
    return sorted(others, key=lambda row: row.closed_at is not None)[:5]


def _contacts(case: Case, say: Speaker) -> list[tuple[TimelineEntry, str, str | None]]:
    """The customer's last contacts: what kind each was, and the words that are its own."""
    found = last_contacts(case.house, case.person, case.state.customer or "")
    texts = case.house.ledger.open_in([it.said for it in found])
    return [
        (it, moment_words(it, say), text and own_words(text))
        for it, text in zip(found, texts, strict=True)
    ]


def _stages(case: Case, say: Speaker) -> list[tuple[str, str]]:
    """(title, done, at or later) of each stage of the procedure."""
    terms = case.state.terms
    if terms is None:
        return []
    procedure = case.house.directory.procedure(terms.rules.id, terms.rules.version)
    by_stage: dict[str, list[Standing]] = {stage: [] for stage in terms.rules.stages}
    for standing in standings(case.state):
        by_stage[terms.rules.step(standing.step).stage].append(standing)
    named = procedure.stages if procedure else {}
    given_up = case.state.ending not in (None, "resolved")
    shown, reached = [], given_up
    for stage, steps in by_stage.items():
        title = say.text(named[stage]) if stage in named else stage
        done = bool(steps) and all(step.step in case.state.done for step in steps)
        shown.append((title, "done" if done else "later" if reached else "at"))
        reached = reached or not done
    return shown


@router.get("/complaints/{ref}/similar")
def similar(request: Request, person: SignedIn, house: TheHouse, ref: str) -> Response:
    """What else came about the same product and category of late."""
    case = find(request, person, ref)
    viewer, say = viewer_of(house, person, house.now()), case.speaker()
    rows, fresh = similar_to(case)
    return page(
        request, "similar.html", zone=case.zone, case=case, state=case.state, say=say, fresh=fresh,
        lines=lines(house, person, rows, viewer, say), days=SIMILAR_WITHIN.days,
    )  # fmt: skip


def similar_to(case: Case) -> tuple[list[Row], Freshness]:
    house = case.house
    with house.pool.connection() as db, look(db) as reading:
        since = house.now() - SIMILAR_WITHIN
        rows = queue.similar(reading, case.person.scope("case"), case.row, since)
        return rows, reading.freshness(queue.NAME)
