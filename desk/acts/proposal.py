"""Acts of a proposal: propose, offer, what the customer says to it, tell the decision, pay."""

from __future__ import annotations

from typing import Final, cast

from desk.acts.act import Act, Making
from desk.acts.questions import channel_of, channel_question, pick, when_question
from desk.case import Case
from desk.forms import FormRefused, Question
from desk.language import N_
from desk.letters import letter_questions, told
from desk.words.facts import Speaker
from desk.words.terms import choices
from domain.complaint_wishes import ComplaintCommand
from domain.proposal import (
    AcceptProposal,
    Decision,
    OfferProposal,
    ProposeResolution,
    RecordPayment,
    RejectProposal,
    TellDecision,
)


def _propose_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    entity = case.house.directory.entity(case.state.legal_entity)
    currency = entity.currency if entity else "GBP"
    limit = case.person.record.limit(currency)
    help = ""
    if limit:
        most = say.money(limit.amount, limit.currency)
        help = say("Beyond %(limit)s somebody else must approve.", limit=most)
    return [
        Question("decision", say("Decision"), "choice", choices=choices(say.language, "decision")),
        Question("reasons", say("Reasons"), "long_text", rows=4, most=20_000),
        Question("amount", say("Money back"), "number", required=False, help=help),
        Question("currency", say("Currency"), "text", value=currency, required=False, most=3),
        Question("goods", say("Something else we give"), "text", required=False),
    ]


def _propose(making: Making) -> ComplaintCommand:
    decision = pick(making, "decision", [value for value, _ in choices("en", "decision")])
    money = making.money()
    return ProposeResolution(
        **making.base(),
        proposal=str(making.command_id),
        decision=cast(Decision, decision),
        reasons=making.private("reasons"),
        redress=money,
        goods=making.maybe_private("goods"),
        limit=making.case.person.limit_for(money) if money else None,
    )


def _offer_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return letter_questions(case, say, "proposal", title=say("The proposal, in your words"))


def _offer(making: Making) -> ComplaintCommand:
    return OfferProposal.model_validate({**making.base(), **told(making, "proposal")})


def _answer_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return [
        Question(
            "answer",
            say("What the customer says"),
            "choice",
            choices=[("yes", say("accepts the proposal")), ("no", say("rejects it"))],
        ),
        channel_question(say),
        Question("why", say("In the customer's words"), "long_text", required=False),
        when_question(say),
    ]


def _answer(making: Making) -> ComplaintCommand:
    answer = pick(making, "answer", ["yes", "no"])
    base = {**making.base(making.moment("at")), "channel": channel_of(making)}
    if answer == "yes":
        return AcceptProposal.model_validate(base)
    return RejectProposal.model_validate({**base, "why": making.maybe_private("why")})


def _tell_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return letter_questions(case, say, "decision", title=say("The final answer"))


def _tell(making: Making) -> ComplaintCommand:
    return TellDecision.model_validate({**making.base(), **told(making, "decision")})


def _pay_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    owed = case.state.redress_owed
    return [
        Question("amount", say("Paid"), "number", value=str(owed.amount) if owed else ""),
        Question("currency", say("Currency"), value=owed.currency if owed else "", most=3),
        Question("proof", say("Proof of payment"), help=say("Number of the transfer or voucher.")),
        when_question(say),
    ]


def _pay(making: Making) -> ComplaintCommand:
    money = making.money()
    if money is None:
        raise FormRefused({"amount": making.say("This is needed.")})
    base = making.base(making.moment("at"))
    return RecordPayment(**base, money=money, proof=making.private("proof"))


ACTS: Final = (
    Act("propose", N_("Propose a resolution"), N_("Propose"), _propose, _propose_questions,
        key="p", guarded=True, done=N_("Done: proposed.")),
    Act("offer", N_("Put the proposal to the customer"), N_("Send proposal"), _offer,
        _offer_questions, kind="out", guarded=True, done=N_("Done: the proposal goes out.")),
    Act("answer", N_("Record the customer's answer"), N_("Record customer's answer"), _answer,
        _answer_questions, guarded=True, done=N_("Done: the answer is recorded.")),
    Act("tell", N_("Tell the customer what we decided"), N_("Send final answer"), _tell,
        _tell_questions, kind="out", guarded=True, done=N_("Done: the final answer goes out.")),
    Act("pay", N_("Record the payment"), N_("Record payment"), _pay, _pay_questions,
        guarded=True, done=N_("Done: the payment is recorded.")),
)  # fmt: skip
