"""The words of a letter as staff find them in the form: the template, filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from desk import language as speech
from desk.acts.act import Making
from desk.case import Case
from desk.forms import FormRefused, Question
from desk.words.facts import Speaker
from desk.words.terms import choices, term
from domain.approval import Extension
from domain.clock import Clock
from domain.complaint_standing import terms_of
from domain.conversation import InformationRequested
from domain.customer import Detail
from domain.decider import DomainError, Words
from domain.decider import LetterPurpose as Purpose
from domain.letter import Channel, as_channel
from domain.personal import Personal
from domain.policy import DocumentMissing
from domain.proposal import ResolutionProposed
from domain.template import fill
from domain.timekeeping import extension, running

SPOKEN = frozenset({"phone", "visit", "chat"})
ADDRESS: Final[Mapping[Channel, Detail]] = {
    "email": "email",
    "letter": "address",
    "text_message": "phone",
}


NOTHING: Final[Mapping[str, str]] = {}


@dataclass(frozen=True)
class Draft:
    template: str
    subject: str
    body: str


def draft(case: Case, purpose: Purpose, own: Mapping[str, str] = NOTHING) -> Draft:
    """The entity's template for the purpose, filled in the customer's language.

    ``own``: what places hold in this letter alone.
    """
    language = case.customer.language
    try:
        template = case.house.directory.library.template(purpose, case.state.legal_entity)
    except DocumentMissing:
        return Draft("free", case.state.number, "")
    places = {**places_of(case), **own}
    return Draft(
        template=f"{template.id}@{template.version}",
        subject=fill(template.subject.in_(language), places).strip(),
        body=fill(template.body.in_(language), places),
    )


def places_of(case: Case) -> dict[str, str]:
    """What a letter may speak of, in the customer's language; left out where there is none."""
    state, say = case.state, case.speaker(case.customer.language)
    limit = _nearest(case, "statutory")
    promise = _nearest(case, "service")
    places = {
        "customer": case.customer_name or "",
        "number": state.number,
        "product": say.product(state.legal_entity, state.product),
        "entity": say.entity(state.legal_entity),
        "owner": say.name(state.ownership.owner) if state.ownership.owner else "",
    }
    if state.received_at:
        places["received"] = speech.day(say.language, say.zone, state.received_at)
    if limit:
        places["limit"] = speech.due_day(say.language, say.zone, limit.due)
    if promise:
        places["promise"] = say.due(promise.due)
    if state.proposal:
        places["decision"] = term(say.language, "decision", state.proposal.decision)
        places |= _proposed(case, say)
    return places


def _proposed(case: Case, say: Speaker) -> dict[str, str]:
    """Why it was decided so and what is given for it, as the maker put it."""
    events = [entry.event for entry in case.entries]
    last = [event for event in events if isinstance(event, ResolutionProposed)][-1]
    given = [] if last.redress is None else [say.money(last.redress.amount, last.redress.currency)]
    if last.goods is not None:
        given.append(case.house.ledger.open(last.goods) or "")
    return {"reasons": case.house.ledger.open(last.reasons) or "", "redress": say.listed(given)}


def asking(case: Case) -> dict[str, str]:
    """Until when a customer who is asked now has time."""
    terms = case.state.terms
    if terms is None:
        return {}
    until = terms.calendar().add(case.house.now(), terms.policy.information_within)
    return {"answer_by": _last_day(case, until)}


def reminding(case: Case, request: str) -> dict[str, str]:
    """What the customer was asked for, and until when."""
    known = case.state.conversation.requests.get(request)
    events = [entry.event for entry in case.entries]
    what = [
        it.what for it in events if isinstance(it, InformationRequested) and it.request == request
    ]
    if known is None or not what:
        return {}
    asked = case.house.ledger.open(what[-1]) or ""
    return {"asked": asked, "answer_by": _last_day(case, known.answer_by)}


def extending(case: Case, approval: str) -> dict[str, str]:
    """The new limit; the reasons are for whoever writes, never those of a decision not yet told."""
    asked = case.state.approvals.get(approval)
    if asked is None or not isinstance(asked.matter, Extension):
        return {}
    try:
        (moved,) = extension(
            case.state, asked.matter, asked.asked_by, case.person.staff, case.house.now()
        )
    except DomainError:
        return {"reasons": ""}
    return {"reasons": "", "new_limit": _last_day(case, moved.due)}


def _last_day(case: Case, due: datetime) -> str:
    return speech.due_day(case.customer.language, case.zone, due)


def _nearest(case: Case, kind: str) -> Clock | None:
    """The next due one of a kind; the acknowledgement's own clock promises nothing."""
    due = [clock for clock in running(case.state) if clock.kind == kind and clock.name != "ack"]
    return min(due, key=lambda clock: clock.due, default=None)


def letter_questions(
    case: Case,
    say: Speaker,
    purpose: Purpose,
    *,
    body: str = "",
    title: str = "",
    own: Mapping[str, str] = NOTHING,
) -> list[Question]:
    """Channel, subject and text. What is said in person needs no subject."""
    ready = draft(case, purpose, own)
    channel = case.customer.preferred_channel
    avoid = case.customer.avoid
    ways = [
        (way, words + (" · " + say("not wanted") if way in avoid else ""))
        for way, words in choices(say.language, "channel")
    ]
    if channel in avoid or channel in ("social", "app", "portal"):
        channel = "email"
    return [
        Question("channel", say("How"), "choice", choices=ways, value=channel),
        Question("subject", say("Subject"), required=False, value=ready.subject),
        Question(
            "text",
            title or say("Words to the customer"),
            "long_text",
            rows=8,
            most=20_000,
            value=body or ready.body,
            help=say("On the phone or in person: what was said."),
        ),
    ]


def told(
    making: Making,
    purpose: Purpose,
    own: Mapping[str, str] = NOTHING,
    typed: Mapping[str, str] = NOTHING,
) -> dict[str, object]:
    """``channel`` with ``words`` and ``address`` for what is written, ``said`` for what is not.

    ``typed``: places that another field of the form fills where the draft was left as it stood.
    """
    try:
        channel: Channel = as_channel(making.need("channel"))
    except ValueError:
        raise FormRefused({"channel": making.say("This does not fit here.")}) from None
    text = making.need("text")
    if channel in SPOKEN:
        return {"channel": channel, "said": Personal(text)}
    ready = draft(making.case, purpose, own)
    subject = making.maybe("subject") or ready.subject
    same = (subject, text.strip()) == (ready.subject, ready.body.strip())
    if same and typed:
        text = draft(making.case, purpose, {**own, **typed}).body
    words = Words(
        template=ready.template if same else "free",
        language=making.case.customer.language,
        subject=Personal(subject),
        body=Personal(text),
    )
    return {
        "channel": channel,
        "words": words,
        "address": address_of(making.case, channel),
        "leaves_at": leaving(making.case, making.now),
    }


def leaving(case: Case, now: datetime) -> datetime:
    """When words written now leave, so that whoever wrote them can pull them back."""
    return now + terms_of(case.state).policy.undo_within


def address_of(case: Case, channel: Channel) -> Personal | None:
    """The customer's address for the channel. E-mail needs one; a letter may be handed over.

    Raises: FormRefused.
    """
    name = ADDRESS.get(channel)
    box = case.customer.details.get(name) if name else None
    text = case.house.ledger.open(box) if box is not None else None
    if text is None and channel == "email":
        words = case.speaker()("No e-mail address of the customer is known.")
        raise FormRefused({"channel": words})
    return Personal(text) if text else None
