"""Why the rules said no, in plain words: the class name of a DomainError is the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from desk.language import N_, listed, say
from desk.words.terms import term
from domain.decider import DomainError

REASONS: Final[Mapping[str, tuple[int, str]]] = {
    # access and four eyes
    "NotAllowed": (403, N_("Your role does not reach this. Nothing was changed.")),
    "MakerCannotApprove": (403, N_("You asked for it, so somebody else must decide.")),
    "ApproverIsMaker": (403, N_("You asked for it, so somebody else must decide.")),
    "BeyondYourLimit": (403, N_("The amount is more than you may approve.")),
    "ErasureNeedsTwo": (403, N_("You asked for it, so somebody else must carry it out.")),
    "OnlyOneself": (403, N_("Everybody turns on their second factor themselves.")),
    "OwnManager": (409, N_("Nobody reports to themselves.")),
    "OwnRightsUnchangeable": (403, N_("Nobody changes their own rights.")),
    "DrafterCannotPublish": (403, N_("You drafted it, so somebody else must publish it.")),
    "ApprovalUnknown": (404, N_("Nothing of that name waits for approval here.")),
    "AlreadyDecided": (409, N_("It was decided the other way before.")),
    # the life of a complaint
    "ComplaintUnknown": (404, N_("There is no such complaint.")),
    "CaseIsClosed": (409, N_("The case is closed. Reopen it first.")),
    "MailUnknown": (404, N_("There is no such mail.")),
    "MailDealtWith": (409, N_("Somebody has dealt with this mail already.")),
    "MailOfAnotherCompany": (
        409,
        N_("This mail came to another company: only a case or a customer of that one fits."),
    ),
    "NothingBreached": (409, N_("This limit was not missed.")),
    "CaseIsNotClosed": (409, N_("The case is not closed yet.")),
    "ReopenWindowOver": (
        409,
        N_("The time to reopen it (%(days)s days) is over. Lodge a new complaint instead."),
    ),
    "NothingProposed": (409, N_("No resolution has been proposed yet.")),
    "ApprovalStillWaiting": (409, N_("The resolution still waits for approval.")),
    "NoRedressOwed": (409, N_("Nothing is owed that could be paid.")),
    "DecisionUnderWay": (
        409,
        N_("The final answer is written and has not left yet. Pull it back first."),
    ),
    "PaymentDiffers": (409, N_("It was decided to pay %(currency)s %(amount)s, not this.")),
    "StepNotAvailable": (409, N_("This step needs first: %(missing)s.")),
    "StepUnknown": (404, N_("The procedure of this case has no such step.")),
    "CorrectionOutOfDate": (409, N_("The fact was changed meanwhile. Look again.")),
    "WordsMissing": (422, N_("The words are missing.")),
    "NothingSaid": (422, N_("The words are missing.")),
    "FieldMissing": (422, N_("This is needed.")),
    "FieldRefused": (422, N_("This does not fit here.")),
    # satisfaction
    "SurveyUnknown": (404, N_("This link belongs to no question of ours.")),
    "SatisfactionAlreadyGiven": (409, N_("The question was answered before.")),
    "ScoreOutOfRange": (422, N_("Choose one of the five.")),
    # conversation and letters
    "RequestUnknown": (404, N_("The customer was not asked for this.")),
    "NothingUnanswered": (409, N_("No message waits for a reply.")),
    "LetterAlreadyLeft": (409, N_("The letter has left already.")),
    "LetterUnknown": (404, N_("There is no such letter in this case.")),
    "SavedReplyUnknown": (404, N_("There is no such saved reply for this case.")),
    "SavedReplyRetired": (
        409,
        N_("This saved reply is used no more. Read your words: sent again, they are your own."),
    ),
    "PlaceLeftOpen": (422, N_("Nothing is known here for %(places)s. Write it yourself.")),
    "SavedReplyGoesOtherwise": (409, N_("This saved reply only goes %(channels)s.")),
    # owners
    "AlreadyTaken": (409, N_("Somebody else took it first.")),
    "OverCapacity": (
        409,
        N_("This person has %(capacity)s open cases, as many as they can carry."),
    ),
    "PersonRecused": (409, N_("This person is named in the complaint, so cannot handle it.")),
    "NoHandOverOffered": (409, N_("No hand-over is offered here.")),
    "OfferedToSomebodyElse": (409, N_("The hand-over was offered to somebody else.")),
    "OrderUnknown": (404, N_("No such order was given in this case.")),
    "NobodyToNudge": (409, N_("Nobody answers for it yet, so nobody can be nudged.")),
    "NudgedToday": (409, N_("You nudged the owner today already.")),
    "SkippedIsTaken": (409, N_("Somebody has taken it already.")),
    "NobodyOwnsIt": (409, N_("Nobody answers for it yet. Take it first.")),
    "PersonAway": (409, N_("This person is away, so nothing new is given to them.")),
    # promises and tasks
    "PromiseUnknown": (404, N_("There is no such open promise in this case.")),
    "MomentHasPassed": (422, N_("This moment has passed.")),
    "MomentTooFar": (422, N_("This is too far ahead.")),
    "PromiseNeedsReason": (422, N_("It was moved twice before. Say why it moves again.")),
    "TaskUnknown": (404, N_("No colleague was asked this.")),
    "NotAskedOfYou": (403, N_("Only whoever was asked can answer.")),
    # second reviews
    "NothingDecided": (409, N_("Nothing was decided that could be looked at again.")),
    "ReviewWindowOver": (
        409,
        N_("The time to ask for a second review (%(days)s days) is over."),
    ),
    "ReviewUnderWay": (409, N_("A second review is under way already.")),
    "ReviewUnknown": (404, N_("No second review waits for its outcome here.")),
    "HadAPart": (
        403,
        N_("Whoever had a part in the decision, or reports to them, does not look at it again."),
    ),
    "CannotBeCalled": (422, N_("Somebody who is called cannot be called into this case.")),
    # time
    "ClockUnknown": (404, N_("This case has no such time limit.")),
    "GroundNotListed": (409, N_("The law lists no such reason to pause.")),
    "NothingToExcuse": (409, N_("Nothing was missed.")),
    "NoFurtherExtension": (409, N_("The law allows no more time.")),
    "ExtensionTooLate": (409, N_("The time is over, so it cannot be extended.")),
    "ExtensionTaken": (409, N_("This extension was granted before. Look again.")),
    "NoticeNotSent": (409, N_("The customer has not been told of it yet.")),
    "LimitNotInForce": (409, N_("This rule of law was not in force on that day.")),
    "LimitNotConfirmed": (409, N_("This rule of law is still to be confirmed.")),
    "CalendarExhausted": (409, N_("The calendar has too little working time ahead.")),
    # customers
    "CustomerUnknown": (404, N_("There is no such customer.")),
    "CustomerIsErased": (409, N_("This customer's data was erased. Nothing is added to it.")),
    "CasesStillOpen": (409, N_("%(open_cases)s cases are still open. Erasure waits for them.")),
    "InteractionUnknown": (404, N_("There is no such contact.")),
    "LoginTaken": (422, N_("This login is taken.")),
    "StaffUnknown": (404, N_("There is no such colleague.")),
    # documents
    "NoPolicy": (409, N_("No policy covers such a case. Ask compliance to publish one.")),
    "PolicyUnsigned": (409, N_("The policy for such a case is not signed yet.")),
    "DocumentMissing": (409, N_("A document that the policy names is not published.")),
    "DocumentRefused": (422, N_("The document does not hold together: %(where)s.")),
    "VersionOutOfOrder": (409, N_("The next version is %(expected)s.")),
    "NothingDrafted": (409, N_("There is no draft to publish.")),
}
"""Class name -> status and words. Every DomainError has its line; a test holds it."""

SINGULAR: Final = N_("This is not possible as things stand.")


def reason_of(error: DomainError, language: str) -> tuple[int, str, str | None]:
    """Status, words, and the field they are about."""
    status, words = REASONS.get(type(error).__name__, (409, SINGULAR))
    return status, say(language, words, **_facts(error, language)), error.facts.get("field")


def _facts(error: DomainError, language: str) -> dict[str, Any]:
    """The facts of an error with short names in words."""
    facts = {**error.facts}
    if "missing" in facts:
        gates = (str(gate) for gate in facts["missing"])
        facts["missing"] = listed(language, [gate_words(gate, language) for gate in gates])
    if "places" in facts:
        facts["places"] = listed(language, facts["places"])
    if "channels" in facts:
        facts["channels"] = listed(language, [term(language, "by", it) for it in facts["channels"]])
    return facts


def gate_words(gate: str, language: str) -> str:
    _, _, rest = gate.partition(":")
    return term(language, "gate", gate) if not rest else f"“{rest.replace('_', ' ')}”"
