"""Acts that need two persons: more time, excuses, corrections, redress, held letters."""

from __future__ import annotations

from typing import Final

from desk.acts.act import Act, Making
from desk.acts.questions import pick
from desk.case import Case
from desk.finding import customer_of, customer_stream
from desk.forms import FormRefused, Question
from desk.language import N_
from desk.letters import extending, letter_questions, told
from desk.words.facts import Speaker
from desk.words.terms import choices
from domain.access import Thing
from domain.approval import (
    AskApproval,
    Correction,
    Excuse,
    Extension,
    GrantApproval,
    LetterRelease,
    Matter,
    Redress,
    RefuseApproval,
)
from domain.clock import Clock
from domain.complaint_standing import terms_of
from domain.complaint_wishes import ComplaintCommand
from domain.decider import DomainError
from domain.policy import Terms
from domain.target import Limit

FIELDS: Final = ("received_at", "product", "channel", "customer")


def _asking(making: Making, matter: Matter) -> ComplaintCommand:
    return AskApproval(
        **making.base(),
        approval=str(making.command_id),
        matter=matter,
        reason=making.private("reason"),
    )


def _reason(say: Speaker) -> Question:
    return Question("reason", say("Reason"), "long_text", most=5_000)


def extendable(case: Case) -> list[Clock]:
    """Limits of the law that run and have an extension left."""
    return [
        clock
        for clock in case.state.clocks.values()
        if clock.ended_at is None
        and isinstance(clock.terms, Limit)
        and len(clock.terms.extensions) > len(clock.extensions)
    ]


def excusable(case: Case) -> list[Clock]:
    """Breaches that nobody has excused."""
    clocks = case.state.clocks.values()
    return [c for c in clocks if c.breached_at is not None and c.excused is None]


def clock_question(clocks: list[Clock], say: Speaker) -> Question:
    named = [(clock.id, f"{say.clock(clock.id)} · {say.at(clock.due)}") for clock in clocks]
    value = named[0][0] if len(named) == 1 else ""
    return Question("clock", say("Time limit"), "choice", choices=named, value=value)


def _extension_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return [clock_question(extendable(case), say), _reason(say)]


def _extension(making: Making) -> ComplaintCommand:
    clock = making.need("clock")
    known = making.case.state.clocks.get(clock)
    step = len(known.extensions) if known else 0
    return _asking(making, Extension(clock=clock, step=step))


def _excuse_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return [clock_question(excusable(case), say), _reason(say)]


def _correction_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    state = case.state
    entity = case.house.directory.entity(state.legal_entity)
    products = [(id, say.text(name)) for id, name in (entity.products if entity else {}).items()]
    return [
        Question("field", say("What is wrong"), "choice", choices=choices(say.language, "field")),
        Question(
            "received_at",
            say("Right moment of receipt"),
            "moment",
            required=False,
            help=say("In the time of %(zone)s.", zone=say.zone_name(say.zone)),
        ),
        Question("product", say("Right product"), "choice", required=False, choices=products),
        Question(
            "channel",
            say("Right channel"),
            "choice",
            required=False,
            choices=choices(say.language, "channel"),
        ),
        Question(
            "customer", say("Number of the right customer"), required=False, help="K-2026-000001"
        ),
        _reason(say),
    ]


def _correction(making: Making) -> ComplaintCommand:
    state, field = making.case.state, pick(making, "field", FIELDS)
    match field:
        case "received_at":
            at = making.moment("received_at")
            if at is None:
                raise FormRefused({"received_at": making.say("This is needed.")})
            was, is_ = state.received_at.isoformat() if state.received_at else "", at.isoformat()
        case "product":
            was, is_ = state.product, product_of(making.case, "product", making.need("product"))
        case "channel":
            allowed = [value for value, _ in choices("en", "channel")]
            was, is_ = state.channel, pick(making, "channel", allowed)
        case _:
            was = state.customer or ""
            is_ = new_customer(making.case, "customer", making.need("customer"))
    return _asking(making, Correction.model_validate({"field": field, "was": was, "is_": is_}))


def product_of(case: Case, field: str, product: str) -> str:
    """A product of the case's company. Raises: FormRefused."""
    entity = case.house.directory.entity(case.state.legal_entity)
    if entity is None or product not in entity.products:
        raise FormRefused({field: case.speaker()("Choose one of the list.")})
    return product


def new_customer(case: Case, field: str, ref: str) -> str:
    """The stream of a customer of the case's company. Raises: FormRefused."""
    stream = customer_stream(case.house, case.person, ref)
    state = customer_of(case.house, case.person, stream) if stream else None
    if stream is None or state is None or state.legal_entity != case.state.legal_entity:
        raise FormRefused({field: case.speaker()("No customer has this number.")})
    return stream


def _grant_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    approval = case.state.approvals.get(about)
    if approval and isinstance(approval.matter, Extension):
        title = say("What the customer is told")
        return letter_questions(case, say, "holding", title=title, own=extending(case, about))
    return []


def what_follows(case: Case, approval: str, say: Speaker) -> str:
    """That another policy holds once a correction is approved; nothing where it stays the same."""
    asked = case.state.approvals.get(approval)
    if asked is None or not asked.waiting or not isinstance(asked.matter, Correction):
        return ""
    try:
        terms = terms_with(case, asked.matter)
    except DomainError:
        return ""  # the act itself says why
    if terms is None or terms.policy.ref == terms_of(case.state).policy.ref:
        return ""
    policy = say.text(terms.policy.title)
    return say(
        "With it the limits of the policy “%(policy)s” hold, counted from the receipt.",
        policy=policy,
    )


def _grant(making: Making) -> ComplaintCommand:
    case = making.case
    approval = case.state.approvals.get(making.about)
    fields: dict[str, object] = {}
    if approval and isinstance(approval.matter, Extension):
        fields = told(making, "holding", extending(case, making.about))
        if "words" not in fields:
            raise FormRefused({"channel": making.say("More time must be told in writing.")})
        fields["notice"] = fields.pop("words")
    if approval and isinstance(approval.matter, Redress):
        fields["limit"] = case.person.limit_for(approval.matter.money)
    if approval and isinstance(approval.matter, Correction):
        fields["terms"] = terms_with(case, approval.matter)
    return GrantApproval.model_validate({**making.base(), "approval": making.about, **fields})


def terms_with(case: Case, correction: Correction) -> Terms | None:
    """What holds for the case as corrected, published when it was received; None: as before.

    Raises: NoPolicy, PolicyUnsigned, DocumentMissing.
    """
    state, field = case.state, correction.field
    if field not in ("product", "channel") or state.received_at is None:
        return None
    facts = {"product": state.product, "channel": state.channel, field: correction.is_}
    return case.house.directory.library.terms(
        legal_entity=state.legal_entity, category=state.category, at=state.received_at, **facts
    )


def _refuse(making: Making) -> ComplaintCommand:
    return RefuseApproval(**making.base(), approval=making.about, reason=making.private("reason"))


def thing_of(case: Case, approval: str) -> Thing:
    """Which right decides it: an excuse is compliance's, all else is an approval."""
    asked = case.state.approvals.get(approval)
    return "excuse" if asked and asked.matter.kind == "excuse" else "approval"


ACTS: Final = (
    Act("extend", N_("Ask for more time"), N_("Ask for approval"), _extension,
        _extension_questions, guarded=True, done=N_("Done: somebody else decides now.")),
    Act("excuse", N_("Ask for an excuse"), N_("Ask for approval"),
        lambda making: _asking(making, Excuse(clock=making.need("clock"))), _excuse_questions,
        right=("write", "excuse_proposal"), done=N_("Done: somebody else decides now.")),
    Act("correct", N_("Correct a fact"), N_("Ask for approval"), _correction,
        _correction_questions, guarded=True, done=N_("Done: somebody else decides now.")),
    Act("release", N_("Let the held letters go out"), N_("Ask for approval"),
        lambda making: _asking(making, LetterRelease()), lambda case, say, about: [_reason(say)],
        done=N_("Done: somebody else decides now.")),
    Act("grant", N_("Approve"), N_("Approve"), _grant, _grant_questions,
        right=("write", "approval"), done=N_("Done: approved.")),
    Act("refuse", N_("Do not approve"), N_("Send back"), _refuse,
        lambda case, say, about: [_reason(say)], right=("write", "approval"),
        done=N_("Done: sent back.")),
)  # fmt: skip
