"""The pages of a complaint: work on it, do one act, read its whole history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk import presence
from desk.act import Act
from desk.acts import ACTS, Offered, allowed, offered
from desk.bell import opened
from desk.case import Case, load
from desk.clock_words import cards
from desk.contacts import last_contacts
from desk.conversation import TABS, messages, unanswered
from desk.customer import moment_words
from desk.drafts import add, box_of, drafts_of, elsewhere, sent
from desk.finding import cases_of, complaint_stream
from desk.forms import filled, form_id
from desk.now import due_of, now_of
from desk.oversight_acts import orders_of
from desk.page import page
from desk.person import Person
from desk.problem import NotAllowed, NotFound
from desk.promise_acts import ABOUT_PROMISES
from desk.promised import promises_of, tasks_of
from desk.pulled_back import return_words, waiting
from desk.queue import lines, viewer_of
from desk.review_acts import reviews_of
from desk.submit import Refused, act_of, submit
from desk.talk_words import matter_words
from desk.uploads import NO_FILES, Uploads
from desk.visit import SEEN, Files, KeptForm, SignedIn, TheHouse, by_itself, same_site, see
from desk.walk import Walk, next_for, raced_words, walk_of
from desk.words import Speaker
from domain.clock_facts import ClockEvent
from domain.complaint_standing import standings
from domain.conversation import (
    NoteAdded,
)
from domain.procedure import Standing
from ledger.naming import uuid7
from projections import queue
from projections.case import Row
from projections.reading import look
from projections.timeline import TimelineEntry

router = APIRouter(include_in_schema=False)

At = Annotated[int | None, Query(ge=1)]
SIMILAR_WITHIN: Final = timedelta(days=90)


def find(request: Request, person: Person, ref: str, at: int | None = None) -> Case:
    """The case of a number, for who may see it. Raises: NotFound."""
    stream = complaint_stream(request.app.state.house, person, ref, at)
    if stream is None:
        raise NotFound()
    return load(request, person, stream)


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
    card = now_of(case, say)
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
        due=due_of(case, say, now),
        stages=_stages(case, say),
        law=cards(case.state, "statutory", now, say),
        promises=cards(case.state, "service", now, say),
        made=promises_of(case, say),
        tasks=tasks_of(case, say),
        reviews=reviews_of(case, say),
        may_write=case.may("write"),
        messages=messages(case, tab),
        unanswered=unanswered(case),
        waiting=waiting(case),
        tab=tab,
        tabs=TABS,
        offers=_grouped([it for it in offered(case) if it.act.slug != "pull-back"]),
        primary=card.act,
        late=[it for it in offered(case) if it.act.slug in ("explain", "excuse")],
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
    """The customer's last contacts: what kind each was, and its words."""
    found = last_contacts(case.house, case.person, case.state.customer or "")
    texts = case.house.ledger.open_in([it.said for it in found])
    return [(it, moment_words(it, say), text) for it, text in zip(found, texts, strict=True)]


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
    shown, reached = [], False
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
    viewer = viewer_of(house, person, house.now())
    since = house.now() - SIMILAR_WITHIN
    with house.pool.connection() as db, look(db) as reading:
        rows = queue.similar(reading, viewer.scope, case.row, since)
        fresh = reading.freshness(queue.NAME)
    say = case.speaker()
    return page(
        request, "similar.html", zone=case.zone, case=case, state=case.state, say=say, fresh=fresh,
        lines=lines(house, person, rows, viewer, say), days=SIMILAR_WITHIN.days,
    )  # fmt: skip


@router.get("/complaints/{ref}/policy")
def policy(request: Request, person: SignedIn, ref: str) -> Response:
    """Which procedure, policy and calendars hold for the case, and why these."""
    case = find(request, person, ref)
    if case.state.terms is None:
        raise NotFound()
    say = case.speaker()
    terms = case.state.terms
    procedure = case.house.directory.procedure(terms.rules.id, terms.rules.version)
    return page(
        request, "policy.html", zone=case.zone, case=case, state=case.state, say=say, terms=terms,
        procedure=procedure, standings=standings(case.state),
        why=[_why(words, case, say) for words in terms.why],
        moves=[entry for entry in case.entries if isinstance(entry.event, ClockEvent)],
    )  # fmt: skip


def _why(reason: str, case: Case, say: Speaker) -> str:
    """``property=value`` of the choice of a policy, in words."""
    name, _, value = reason.partition("=")
    entity = case.state.legal_entity
    if name == "others":
        return say.many(
            "chosen before one other that fits", "chosen before %(count)s others that fit",
            int(value),
        ) if value != "0" else say("no other policy fits")  # fmt: skip
    title = say.term("why", name)
    if value == "any":
        return say("%(title)s: any", title=title)
    named = {
        "legal_entity": say.entity(value),
        "product": say.product(entity, value),
        "category": say.category(entity, value),
        "channel": say.term("channel", value) if name == "channel" else value,
    }
    return say("%(title)s: %(value)s", title=title, value=named.get(name, value))


@router.get("/complaints/{ref}/{slug}")
def form(request: Request, person: SignedIn, ref: str, slug: str) -> Response:
    return act_page(request, find(request, person, ref), act_of(slug), "", typed=_given(request))


@router.get("/complaints/{ref}/{slug}/{about}")
def form_about(request: Request, person: SignedIn, ref: str, slug: str, about: str) -> Response:
    return act_page(request, find(request, person, ref), act_of(slug), about, typed=_given(request))


def _given(request: Request) -> Mapping[str, str]:
    """What a form may be opened with: to whom, and where to go on."""
    given = request.query_params
    return {name: given[name][:200] for name in ("to", "next") if name in given}


def act_page(
    request: Request,
    case: Case,
    act: Act,
    about: str,
    *,
    typed: Mapping[str, str] | None = None,
    refused: Refused | None = None,
) -> Response:
    """One act on a page of its own; after a refusal with everything that was typed."""
    if not allowed(case, act, about):
        raise NotAllowed()
    say = case.speaker()
    check_about(case, act, about)
    box = box_of(case, act, about, say, drafts_of(case))
    if typed and refused is None and not box.edition:
        box = replace(box, questions=filled(box.questions, typed))
    if typed is not None and refused is not None:
        shown = filled(box.questions, {} if box.edition else typed, refused.fields)
        form = box.form if box.edition else form_again(typed, refused)
        box = replace(box, questions=shown, form=form, news=())
    subject = case.state.approvals.get(about)
    return page(
        request,
        "act.html",
        status=refused.status if refused else 200,
        zone=case.zone,
        case=case,
        state=case.state,
        say=say,
        act=act,
        about=about,
        box=box,
        refused=refused,
        next=(typed or {}).get("next", ""),
        matter=matter_words(subject.matter, say) if subject else "",
    )


def form_again(typed: Mapping[str, str], refused: Refused) -> UUID:
    """The same form, so that what it sends is sent once; a new one where it is worn out."""
    return uuid7() if refused.worn_out else form_id(typed)


def check_about(case: Case, act: Act, about: str) -> None:
    """What an act is about must be of this case. Raises: NotFound."""
    state = case.state
    steps = {step.id for step in state.terms.rules.steps} if state.terms else set()
    among: Mapping[str, set[str]] = {
        "step": steps,
        "information": set(state.conversation.requests),
        "without": set(state.conversation.requests),
        "remind": set(state.conversation.requests),
        "grant": set(state.approvals),
        "refuse": set(state.approvals),
        "answer-colleague": set(state.tasks),
        "answer-order": set(state.oversight.orders) | state.oversight.answered,
        **{slug: set(state.promises) for slug in ABOUT_PROMISES},
        "decide-review": set(state.reviews),
        "pull-back": set(state.letters),
        "posted": set(state.letters),
    }
    if about not in among.get(act.slug, {""}):
        raise NotFound()


@router.post("/complaints/{ref}/{slug}")
def do(
    request: Request, *, person: SignedIn, typed: KeptForm, uploads: Files, ref: str, slug: str
) -> Response:
    return _do(request, person, typed, ref, slug=slug, about="", uploads=uploads)


@router.post("/complaints/{ref}/{slug}/{about}")
def do_about(
    request: Request, *, person: SignedIn, typed: KeptForm, ref: str, slug: str, about: str
) -> Response:
    return _do(request, person, typed, ref, slug=slug, about=about, uploads=NO_FILES)


def _still_there(request: Request, case: Case) -> bool:
    """Whether the reader has not just shut themselves out."""
    try:
        load(request, case.person, case.stream)
    except NotFound:
        return False
    return True


def _do(
    request: Request,
    person: Person,
    typed: Mapping[str, str],
    ref: str,
    *,
    slug: str,
    about: str,
    uploads: Uploads,
) -> Response:
    case, act = find(request, person, ref), act_of(slug)
    check_about(case, act, about)
    try:
        if not typed["csrf"]:
            say = case.speaker()
            raise Refused(403, say("You have logged in again since. Read it, then send it again."))
        receipt = submit(request, case, act, about, typed, uploads=uploads)
    except Refused as refused:
        add(case, act, about, typed, form_again(typed, refused))
        return act_page(
            request, load(request, person, case.stream), act, about, typed=typed, refused=refused
        )
    sent(case, act, about, typed, again=receipt.outcome == "repeated")
    if act.slug == "pull-back" and receipt.outcome == "stored" and receipt.last:
        return_words(load(request, person, case.stream), about)
    if act.slug in ("named", "recuse") and not _still_there(request, case):
        return see("/queue")
    if back := typed.get("next"):
        return see(f"{same_site(back)}?done={act.slug}&position={receipt.last or 1}")
    return see(f"/complaints/{case.state.number}?done={act.slug}")
