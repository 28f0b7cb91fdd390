"""Commands of a complaint over the API: which there are, and what the desk fills in for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from desk.acts.approval import new_customer, product_of, terms_with, thing_of
from desk.acts.owner import right_if_asked
from desk.acts.review import involved
from desk.api.bodies import Body, LetterWords, Wanted, body_of
from desk.called import check_reply, mentioned, readers
from desk.case import Case
from desk.colleagues import assignee, helper
from desk.forms import FormRefused
from desk.letters import address_of, leaving
from desk.named_reply import from_saved
from domain import approval as two
from domain import assist as asking
from domain import complaint_wishes as life
from domain import conversation as talk
from domain import escalation as late
from domain import letter as post
from domain import oversight as seeing
from domain import ownership as owning
from domain import promise as promising
from domain import proposal
from domain import review as reviewing
from domain.access import Thing
from domain.complaint_wishes import ComplaintCommand
from domain.decider import Words
from domain.event import Command, Frozen
from domain.letter import Channel
from domain.personal import Personal


@dataclass(frozen=True)
class Wish:
    """``ids``: fields that name what the command makes: they are its own id."""

    name: str
    kind: type[Command]
    body: type[Body]
    ids: frozenset[str]
    thing: Thing


def _speaks(kind: type[Command]) -> bool:
    """Whether the customer reads or hears of it."""
    fields = kind.model_fields
    return "channel" in fields and ("words" in fields or "said" in fields)


def _wish(
    name: str,
    kind: type[Command],
    *ids: str,
    thing: Thing = "case",
    **made: Any,
) -> Wish:
    body = body_of(kind, frozenset(ids), made, asks=kind is talk.AddNote or _speaks(kind))
    return Wish(name, kind, body, frozenset(ids), thing)


WISHES: Final[Mapping[str, Wish]] = {
    wish.name: wish
    for wish in (
        _wish("acknowledge", life.AcknowledgeComplaint),
        _wish("assess", life.AssessComplaint),
        _wish("record-step", life.RecordStep),
        _wish("propose", proposal.ProposeResolution, "proposal"),
        _wish("offer", proposal.OfferProposal),
        _wish("accept-proposal", proposal.AcceptProposal),
        _wish("reject-proposal", proposal.RejectProposal),
        _wish("tell-decision", proposal.TellDecision),
        _wish("record-payment", proposal.RecordPayment),
        _wish("close", life.CloseComplaint),
        _wish("reopen", life.ReopenComplaint),
        _wish("withdraw", life.WithdrawComplaint),
        _wish("not-a-complaint", life.DecideNotAComplaint),
        _wish("recuse", life.RecusePerson, thing="recusal"),
        _wish("name-colleague", life.NameColleague),
        _wish("assign", owning.AssignComplaint, thing="team"),
        _wish("take", owning.AssignComplaint, "to"),
        _wish("offer-hand-over", owning.OfferHandOver, to=Wanted | None),
        _wish("accept-hand-over", owning.AcceptHandOver, "by"),
        _wish("return-hand-over", owning.ReturnHandOver),
        _wish("reply", talk.ReplyToCustomer, saved_reply=Wanted | None),
        _wish("note", talk.AddNote, thing="note"),
        _wish("record-message", talk.RecordCustomerMessage, "message"),
        _wish("no-reply-needed", talk.DecideNoReplyNeeded),
        _wish("ask-for-information", talk.AskForInformation, "request"),
        _wish("record-information", talk.RecordInformation),
        _wish("remind-customer", talk.RemindCustomer),
        _wish("explain-breach", late.ExplainBreach),
        _wish("call-lead", late.CallLead),
        _wish("order-follow-through", seeing.OrderFollowThrough, "order", thing="oversight"),
        _wish("answer-follow-through", seeing.AnswerFollowThrough),
        _wish("nudge", seeing.NudgeOwner),
        _wish("skip", seeing.SkipComplaint),
        _wish("make-promise", promising.MakePromise, "promise"),
        _wish("keep-promise", promising.KeepPromise),
        _wish("move-promise", promising.MovePromise),
        _wish("offer-promise", promising.OfferPromise),
        _wish("accept-promise", promising.AcceptPromise, "by"),
        _wish("return-promise", promising.ReturnPromise),
        _wish("ask-colleague", asking.AskColleague, "task"),
        _wish("answer-colleague", asking.AnswerColleague),
        _wish("ask-approval", two.AskApproval, "approval"),
        _wish("grant-approval", two.GrantApproval, thing="approval"),
        _wish("refuse-approval", two.RefuseApproval, thing="approval"),
        _wish("ask-for-review", reviewing.AskForReview, "review"),
        _wish("decide-review", reviewing.DecideReview),
        _wish("pull-back-letter", post.PullBackLetter),
        _wish("record-delivery", post.RecordDelivery, "code", "permanent", "message_id"),
    )
}


def thing_for(wish: Wish, case: Case, body: Body) -> Thing:
    """The right that decides: that of the matter, where an approval is granted or refused."""
    if getattr(getattr(body, "matter", None), "kind", "") == "excuse":
        return "excuse_proposal"
    if wish.thing == "approval":
        return thing_of(case, str(getattr(body, "approval", "")))
    if wish.kind in (owning.AcceptHandOver, owning.ReturnHandOver, reviewing.DecideReview):
        return right_if_asked(case)[1]
    return wish.thing


def command_for(wish: Wish, case: Case, body: Body, id: UUID, now: datetime) -> ComplaintCommand:
    """Raises FormRefused, and pydantic's ValidationError for what the command itself refuses."""
    given = {
        name: value
        for name in type(body).model_fields
        if name not in ("at", "files", "anyway") and (value := getattr(body, name)) is not None
    }
    at = _moment(getattr(body, "at", None), now, case)
    own = str(id)
    if (name := given.pop("saved_reply", None)) is not None:
        given |= from_saved(case, given, name, id)
    filled: dict[str, Any] = {
        "command_id": id,
        "at": at,
        "actor": case.person.actor(),
        **{name: _made(value) for name, value in given.items()},
        **dict.fromkeys(wish.ids - {"to", "by", "code", "permanent", "message_id"}, own),
    }
    if "staff" in wish.kind.model_fields and given["staff"] not in case.house.directory.staff:
        raise FormRefused({"staff": case.speaker()("Choose one of the list.")})
    for name in ("to", "by"):
        if name in wish.kind.model_fields:
            filled[name] = _assignee(case, given.get(name), name, wish)
    for name in ("words", "notice"):
        if isinstance(given.get(name), LetterWords):
            filled[name] = _letter(case, given[name])
            filled["address"] = address_of(case, _channel(given))
            filled["leaves_at"] = leaving(case, now)
    if isinstance(matter := given.get("matter"), Frozen):
        filled["matter"] = _matter(case, matter, now)
    if "anyway" in type(body).model_fields:
        again = id in {record.command_id for record in case.records}
        filled |= _called(wish, case, given, anyway=again or body.anyway)  # type: ignore[attr-defined]
    if "involved" in wish.kind.model_fields:
        filled["involved"] = involved(case)
    if "limit" in wish.kind.model_fields:
        filled["limit"] = _limit(case, wish, given)
    if wish.kind is two.GrantApproval:
        asked = case.state.approvals.get(given["approval"])
        if asked is not None and isinstance(asked.matter, two.Correction):
            filled["terms"] = terms_with(case, asked.matter)
    return wish.kind.model_validate(filled)  # type: ignore[return-value]


def _called(wish: Wish, case: Case, given: Mapping[str, Any], *, anyway: bool) -> dict[str, Any]:
    """Colleagues whom a note calls; in words to the customer there are none, or it is meant."""
    if wish.kind is talk.AddNote:
        called = mentioned(case, given["text"], anyway=anyway)
        mentions = dict.fromkeys((*called, *given.get("mentions", ())))
        return {"mentions": tuple(mentions), "readers": readers(case)}
    if not anyway:
        check_reply(case, _texts(given.values()))
    return {}


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, LetterWords):
            yield from (value.subject, value.body)


def _moment(at: datetime | None, now: datetime, case: Case) -> datetime:
    if at is None:
        return now
    if at > now:
        raise FormRefused({"at": case.speaker()("This is in the future.")})
    if at.year < 1990:
        raise FormRefused({"at": case.speaker()("This is too long ago.")})
    return at


def _made(value: Any) -> Any:
    return value.model_dump() if isinstance(value, Body) else value


def _channel(given: Mapping[str, Any]) -> Channel:
    return post.as_channel(str(given.get("channel", "email")))


def _letter(case: Case, words: Any) -> Words:
    return Words(
        template="free",
        language=case.customer.language,
        subject=Personal(words.subject),
        body=Personal(words.body),
    )


def _assignee(case: Case, staff: str | None, field: str, wish: Wish) -> owning.Assignee | None:
    """The colleague named; in "take" and "accept" oneself; nobody where a team is asked."""
    if staff is None and field not in wish.ids:
        return None
    whom = staff or case.person.staff
    taking = issubclass(wish.kind, owning.OwnershipCommand | reviewing.AskForReview)
    found = assignee(case, whom) if taking else helper(case, whom)
    if found is None:
        raise FormRefused({field: case.speaker()("This person cannot take the case.")})
    return found


def _matter(case: Case, matter: Frozen, now: datetime) -> Frozen:
    """What may be asked for by itself, with names that are known. Raises: FormRefused."""
    say = case.speaker()
    if isinstance(matter, two.Redress):
        raise FormRefused({"matter": say("This does not fit here.")})
    if not isinstance(matter, two.Correction):
        return matter
    match matter.field:
        case "customer":
            return matter.model_copy(update={"is_": new_customer(case, "matter.is_", matter.is_)})
        case "product":
            product_of(case, "matter.is_", matter.is_)
        case "received_at" if datetime.fromisoformat(matter.is_) > now:
            raise FormRefused({"matter.is_": say("This is in the future.")})
    return matter


def _limit(case: Case, wish: Wish, given: Mapping[str, Any]) -> two.Money | None:
    """The person's own limit in the currency that is meant."""
    if wish.name == "propose":
        money = given.get("redress")
    else:
        asked = case.state.approvals.get(str(given.get("approval")))
        money = asked.matter.money if asked and isinstance(asked.matter, two.Redress) else None
    return case.person.limit_for(money) if isinstance(money, two.Money) else None
