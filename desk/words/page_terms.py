"""Terms: files, mail, and the parts of pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from desk.language import N_

PAGE_TERMS: Final[Mapping[str, Mapping[str, str]]] = {
    "left_out": {
        "size": N_("too large"),
        "type": N_("of a kind that is not kept"),
        "unreadable": N_("it cannot be read"),
        "many": N_("too many files at once"),
    },
    "mail_waits": {
        "unknown_sender": N_("nobody is known by this address"),
        "other_sender": N_("it answers a case of somebody else's"),
        "several_customers": N_("several customers have this address"),
        "no_case": N_("it answers no letter of ours"),
        "automatic": N_("a machine wrote it"),
        "unreadable": N_("it could not be read whole"),
    },
    "mail_kind": {
        "person": N_("from a person"),
        "automatic": N_("an automatic answer"),
        "bounce": N_("a letter of ours came back"),
        "list": N_("from a mailing list"),
        "own": N_("from this house itself"),
    },
    "format": {
        "csv": N_("a table (CSV)"),
        "json": N_("a file for programs (JSON)"),
        "print": N_("a printed page"),
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
        "law": N_("The law's limit within 48 h"),
        "tonight": N_("Ours before tonight"),
        "nobody": N_("Taken by nobody"),
        "hot": N_("Most urgent"),
    },
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
    "document": {
        "calendar": N_("Calendars"),
        "policy": N_("Policies"),
        "procedure": N_("Procedures"),
        "template": N_("Letters"),
        "saved_reply": N_("Saved replies"),
    },
    "search": {"words": N_("words of products, categories, teams, stages and documents")},
    "fact": {
        "receipt": N_("Receipt and rules agreed"),
        "work": N_("Steps of work"),
        "talk": N_("Conversation"),
        "letter": N_("Letters"),
        "decision": N_("Decision and redress"),
        "ending": N_("Closing and reopening"),
        "limit": N_("Time limits"),
        "escalation": N_("Escalation and causes"),
        "owner": N_("Owners and colleagues"),
        "promise": N_("Promises"),
        "approval": N_("Approvals"),
        "correction": N_("Corrections"),
        "customer": N_("Customers and contacts"),
    },
}
