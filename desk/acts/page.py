"""One act on a page of its own, and what becomes of it when it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.acts.act import Act
from desk.acts.approval import what_follows
from desk.acts.every import allowed
from desk.acts.promise import ABOUT_PROMISES
from desk.case import Case, find, load
from desk.drafts import add, box_of, drafts_of, sent
from desk.forms import filled, form_id
from desk.page import page
from desk.person import Person
from desk.problem import NotAllowed, NotFound
from desk.pulled_back import return_words
from desk.submit import Refused, act_of, submit
from desk.uploads import NO_FILES, Uploads
from desk.visit import Files, KeptForm, SignedIn, same_site, see
from desk.words.talk import matter_words
from ledger.naming import uuid7

router = APIRouter(include_in_schema=False)

AWAY: Final = frozenset({"named", "recuse", "return", "decide-review", "assign"})
"""Acts behind which one may not see the case any more."""


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
        follows=what_follows(case, about, say),
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
    """Whether the reader may still see it."""
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
    if act.slug in AWAY and not _still_there(request, case):
        return see("/queue")
    if back := typed.get("next"):
        return see(f"{same_site(back)}?done={act.slug}&position={receipt.last or 1}")
    return see(f"/complaints/{case.state.number}?done={act.slug}")
