"""What happened in the life of a complaint, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from desk.words.facts import Said, Speaker
from desk.words.terms import TERMS
from domain.complaint_facts import (
    ColleagueNamed,
    ComplaintAcknowledged,
    ComplaintArchived,
    ComplaintAssessed,
    ComplaintClosed,
    ComplaintCorrected,
    ComplaintEscalated,
    ComplaintLodged,
    ComplaintReopened,
    ComplaintWithdrawn,
    HistoricalStepKept,
    LifeEvent,
    NotAComplaint,
    PersonRecusedFromCase,
    RequestReceived,
    SatisfactionAsked,
    SatisfactionGiven,
    StepRecorded,
    TermsAgreed,
    TermsSwitched,
)
from domain.proposal import (
    ComplaintAnswered,
    CustomerStayedSilent,
    ProposalAccepted,
    ProposalOffered,
    ProposalRejected,
    RedressPaid,
    ResolutionProposed,
)


def life_words(event: LifeEvent, opened: Mapping[str, Any], say: Speaker) -> Said:
    """``opened`` is the event as plain data with its personal texts opened (erased: None)."""
    match event:
        case ComplaintLodged():
            by = say.term("by", event.channel)
            return Said(say("Complaint received %(by)s", by=by), say.shown(opened["what_happened"]))
        case TermsAgreed(terms=terms):
            return Said(
                say(
                    "Agreed: procedure %(procedure)s, policy %(policy)s",
                    procedure=_in_version(say.procedure(terms.rules), terms.rules.version, say),
                    policy=_in_version(say.text(terms.policy.title), terms.policy.version, say),
                )
            )
        case TermsSwitched(terms=terms):
            policy = _in_version(say.text(terms.policy.title), terms.policy.version, say)
            return Said(say("From here on by policy %(policy)s", policy=policy))
        case ComplaintAcknowledged():
            by = say.term("by", event.channel)
            return Said(say("Receipt acknowledged %(by)s", by=by), opened["said"])
        case ComplaintAssessed():
            return _assessed(event, opened, say)
        case StepRecorded(step=step):
            answers = say.answers(step, opened["answers"])
            return Said(say("Done: %(step)s", step=say.step(step)), answers or None)
        case HistoricalStepKept():
            return Said(say("Carried over: %(activity)s", activity=event.activity))
        case ResolutionProposed():
            return _proposed(event, opened, say)
        case ProposalOffered():
            by = say.term("by", event.channel)
            return Said(say("The proposal was put to the customer %(by)s", by=by), opened["said"])
        case ProposalAccepted():
            by = say.term("by", event.channel)
            return Said(say("The customer accepted the proposal %(by)s", by=by), None, "customer")
        case ProposalRejected():
            by = say.term("by", event.channel)
            words = say("The customer rejected the proposal %(by)s", by=by)
            return Said(words, opened["why"], "customer")
        case CustomerStayedSilent():
            return Said(say("No answer to the proposal in time; nothing is taken as accepted"))
        case ComplaintAnswered():
            decision = say.term("decision", event.decision)
            by = say.term("by", event.channel)
            words = say("The customer was told the decision %(by)s: %(decision)s",
                        by=by, decision=decision)  # fmt: skip
            return Said(words, opened["said"])
        case RedressPaid(money=money):
            paid = say.money(money.amount, money.currency)
            return Said(say("Paid: %(money)s", money=paid), say.shown(opened["proof"]))
        case ComplaintClosed():
            return _closed(event, say)
        case ComplaintReopened():
            return Said(say("Reopened"), say.shown(opened["why"]))
        case ComplaintWithdrawn():
            by = say.term("by", event.channel)
            words = say("The customer withdrew the complaint %(by)s", by=by)
            return Said(words, opened["why"], "customer")
        case NotAComplaint():
            instead = say.term("instead", event.instead)
            words = say("Decided: not a complaint but %(instead)s", instead=instead)
            return Said(words, say.shown(opened["reason"]))
        case ComplaintCorrected():
            return _corrected(event, say)
        case ComplaintEscalated():
            words = say(
                "Escalated to %(role)s, step %(level)s, because of “%(clock)s”",
                role=say.term("role", event.role),
                level=event.level,
                clock=say.clock(event.clock),
            )
            return Said(words, None, "breach")
        case SatisfactionAsked():
            return Said(say("The customer was asked how content they are"))
        case SatisfactionGiven():
            words = say("The customer gave %(score)s of 5", score=event.score)
            return Said(words, opened["comment"], "customer")
        case PersonRecusedFromCase():
            words = say("%(name)s is kept out of this case", name=say.name(event.staff))
            return Said(words, say.shown(opened["reason"]))
        case RequestReceived():
            kind = say.term("request", event.kind)
            words = say("%(kind)s: open to data protection until %(at)s", kind=kind,
                        at=say.at(event.until))  # fmt: skip
            return Said(words, say.shown(opened["reason"]))
        case ColleagueNamed():
            words = say("The complaint is about %(name)s", name=say.name(event.staff))
            return Said(words, say.shown(opened["reason"]))
        case ComplaintArchived():
            return Said(say("Archived: the time to reopen it is over"))
        case _:
            assert_never(event)


def _in_version(title: str, version: int, say: Speaker) -> str:
    return say("%(title)s, version %(version)s", title=title, version=version)


def _assessed(event: ComplaintAssessed, opened: Mapping[str, Any], say: Speaker) -> Said:
    severity = say.term("severity", event.severity)
    if event.severity != event.was:
        was = say.term("severity", event.was)
        words = say("Assessed: severity %(severity)s, was %(was)s", severity=severity, was=was)
    else:
        words = say("Assessed: severity %(severity)s", severity=severity)
    if event.fast_lane:
        words += " · " + say("fast lane")
    rules = say.terms.rules.step_for("assess") if say.terms else None
    answers = say.answers(rules.id if rules else "", opened["answers"])
    return Said(words, answers or None)


def _proposed(event: ResolutionProposed, opened: Mapping[str, Any], say: Speaker) -> Said:
    words = say("Proposed: %(decision)s", decision=say.term("decision", event.decision))
    if event.redress:
        words += " · " + say.money(event.redress.amount, event.redress.currency)
    if opened["goods"]:
        words += " · " + str(opened["goods"])
    if event.needs_approval:
        words += " · " + say("waits for approval")
    return Said(words, say.shown(opened["reasons"]))


def _closed(event: ComplaintClosed, say: Speaker) -> Said:
    words = say(
        "Closed: %(ending)s, %(outcome)s",
        ending=say.term("ending", event.ending),
        outcome=say.term("decision", event.outcome),
    )
    if event.reason_code in TERMS["reason"]:
        words += " · " + say.term("reason", event.reason_code)
    return Said(words)


def _corrected(event: ComplaintCorrected, say: Speaker) -> Said:
    was, is_ = event.was, event.is_
    match event.field:
        case "received_at":
            was, is_ = say.at(was), say.at(is_)
        case "channel":
            was, is_ = say.term("channel", was), say.term("channel", is_)
        case "customer":
            return Said(say("Corrected: it is another customer's complaint"))
        case "product":
            pass
    words = say(
        "Corrected %(field)s: was %(was)s, is %(is_)s",
        field=say.term("field", event.field),
        was=was,
        is_=is_,
    )
    return Said(words)
