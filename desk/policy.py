"""Which procedure, policy and calendars hold for a case, and why."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.case import Case, find
from desk.page import page
from desk.problem import NotFound
from desk.visit import SignedIn
from desk.words.facts import Speaker
from domain.clock_facts import ClockEvent
from domain.complaint_standing import standings

router = APIRouter(include_in_schema=False)


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
