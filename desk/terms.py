"""The vocabulary: what the domain's short names are called in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from desk.language import N_, say

TERMS: Final[Mapping[str, Mapping[str, str]]] = {
    "channel": {
        "phone": N_("phone"),
        "email": N_("e-mail"),
        "chat": N_("chat"),
        "visit": N_("visit"),
        "letter": N_("letter"),
        "portal": N_("portal"),
        "social": N_("social media"),
        "text_message": N_("text message"),
        "app": N_("app"),
    },
    "by": {
        "phone": N_("by phone"),
        "email": N_("by e-mail"),
        "chat": N_("by chat"),
        "visit": N_("in person"),
        "letter": N_("by letter"),
        "portal": N_("through the portal"),
        "social": N_("on social media"),
        "text_message": N_("by text message"),
        "app": N_("in the app"),
    },
    "severity": {
        "low": N_("low"),
        "medium": N_("medium"),
        "high": N_("high"),
        "critical": N_("critical"),
    },
    "tier": {
        "standard": N_("standard customer"),
        "middle": N_("valued customer"),
        "key": N_("key customer"),
    },
    "decision": {
        "upheld": N_("upheld"),
        "partly_upheld": N_("partly upheld"),
        "rejected": N_("not upheld"),
        "no_decision": N_("no decision"),
    },
    "ending": {
        "resolved": N_("resolved"),
        "withdrawn": N_("withdrawn"),
        "not_a_complaint": N_("not a complaint"),
    },
    "instead": {
        "inquiry": N_("inquiry"),
        "suggestion": N_("suggestion"),
        "praise": N_("praise"),
    },
    "purpose": {
        "acknowledgement": N_("Acknowledgement"),
        "reply": N_("Reply"),
        "information_request": N_("Question to the customer"),
        "reminder": N_("Reminder"),
        "decision": N_("Final answer"),
        "holding": N_("Holding letter"),
        "withdrawal_confirmed": N_("Confirmation of withdrawal"),
        "satisfaction": N_("Question about satisfaction"),
        "hand_over": N_("New person in charge"),
    },
    "role": {
        "agent": N_("support"),
        "customer_success": N_("customer success"),
        "team_lead": N_("team lead"),
        "sales": N_("sales"),
        "retention": N_("keeping customers"),
        "compliance": N_("compliance"),
        "dpo": N_("data protection"),
        "admin": N_("administration"),
        "auditor": N_("auditor"),
    },
    "clock": {
        "ack": N_("Acknowledge"),
        "first_reply": N_("First reply"),
        "next_reply": N_("Next reply"),
        "update": N_("Next update to customer"),
        "resolution": N_("Resolve"),
        "total_resolution": N_("Resolve, reopenings counted"),
        "final_response": N_("Final answer"),
        "acknowledgement": N_("Acknowledgement"),
        "acceptance": N_("Accept or decline"),
        "payment_response": N_("Answer on the payment"),
        "summary_resolution": N_("Resolve with a summary letter"),
        "odr_settlement": N_("Settle with the customer"),
        "authority_mediation": N_("Mediation by the authority"),
    },
    "gate": {
        "owned": N_("an owner"),
        "decided": N_("a decision"),
        "approved": N_("the approval"),
        "answered": N_("the answer to the customer"),
        "customer_decided": N_("the customer's answer, or its time to run out"),
        "redress_paid": N_("proof of payment"),
        "not_waiting": N_("the customer's information"),
    },
    "detail": {
        "name": N_("name"),
        "email": N_("e-mail"),
        "phone": N_("phone"),
        "address": N_("address"),
        "order": N_("order number"),
    },
    "field": {
        "received_at": N_("moment of receipt"),
        "customer": N_("customer"),
        "product": N_("product"),
        "channel": N_("channel"),
    },
    "sort": {"person": N_("person"), "organisation": N_("organisation")},
    "language": {"en": N_("English"), "zh": N_("Chinese")},
    "direction": {"in": N_("from the customer"), "out": N_("to the customer")},
    "ground": {
        "waiting_for_customer": N_("waiting for customer"),
        "closed": N_("closed"),
    },
    "next": {
        "take": N_("Take it"),
        "acknowledge": N_("Acknowledge"),
        "assess": N_("Assess"),
        "investigate": N_("Investigate"),
        "wait": N_("Waiting for customer"),
        "approve": N_("Waits for approval"),
        "offer": N_("Put the proposal to the customer"),
        "record_answer": N_("Record customer's answer"),
        "answer": N_("Send final answer"),
        "pay": N_("Record payment"),
        "close": N_("Close"),
        "read_mail": N_("Read what came after closing"),
        "nothing": N_("Nothing to do"),
    },
    "stage": {
        "received": N_("received"),
        "acknowledged": N_("acknowledged"),
        "assessed": N_("assessed"),
        "investigating": N_("investigating"),
        "waiting": N_("waiting for customer"),
        "approval": N_("waits for approval"),
        "proposed": N_("proposal made"),
        "proposal_out": N_("proposal out"),
        "decided": N_("decided"),
        "answered": N_("answered"),
        "closed": N_("closed"),
        "withdrawn": N_("withdrawn"),
        "not_a_complaint": N_("not a complaint"),
        "archived": N_("archived"),
    },
    "tab": {
        "mine": N_("Mine"),
        "team": N_("My team"),
        "unassigned": N_("Unassigned"),
        "waiting": N_("Waiting"),
        "paused": N_("Paused"),
        "answered": N_("Late, answered"),
        "after_close": N_("After-close mail"),
        "all": N_("All"),
    },
    "kind": {"service": N_("our promise"), "statutory": N_("law")},
    "moment": {
        "interaction": N_("Contact"),
        "lodged": N_("Complaint received"),
        "answered": N_("Told the decision"),
        "closed": N_("Closed"),
        "reopened": N_("Reopened"),
        "wrote": N_("The customer said something"),
        "said": N_("Told the customer something"),
        "offered": N_("Proposal"),
        "asked": N_("Asked the customer"),
        "received": N_("The customer gave the information"),
        "letter": N_("Letter"),
    },
    "reason": {
        "error_of_ours": N_("Our error"),
        "error_of_partner": N_("A partner's error"),
        "misunderstanding": N_("Misunderstanding"),
        "unclear_information": N_("Unclear information from us"),
        "product_fault": N_("Fault of the product"),
        "conduct": N_("Conduct of staff"),
        "delay": N_("Delay"),
        "no_fault_found": N_("No fault found"),
    },
    "document": {
        "calendar": N_("Calendars"),
        "policy": N_("Policies"),
        "procedure": N_("Procedures"),
        "template": N_("Letters"),
    },
    "why": {
        "legal_entity": N_("Company"),
        "product": N_("Product"),
        "category": N_("Category"),
        "channel": N_("Channel"),
        "in_force_since": N_("In force since"),
    },
    "matter": {
        "extension": N_("More time"),
        "excuse": N_("Excuse of a missed limit"),
        "correction": N_("Correction"),
        "redress": N_("Redress"),
        "letter_release": N_("Letters held back may go out"),
    },
}
"""Kind of word -> short name -> English; Chinese is in the catalogue."""


def term(language: str, kind: str, value: str) -> str:
    """The word for a short name; a name that a company added itself stands as it is."""
    words = TERMS[kind].get(value)
    return say(language, words) if words else value.replace("_", " ")


def choices(language: str, kind: str, *, among: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(value, term(language, kind, value)) for value in among or TERMS[kind]]
