"""Terms: customers, colleagues and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from desk.language import N_

PEOPLE_TERMS: Final[Mapping[str, Mapping[str, str]]] = {
    "tier": {
        "standard": N_("standard customer"),
        "middle": N_("valued customer"),
        "key": N_("key customer"),
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
    "detail": {
        "name": N_("name"),
        "email": N_("e-mail"),
        "phone": N_("phone"),
        "address": N_("address"),
        "order": N_("order number"),
    },
    "sort": {"person": N_("person"), "organisation": N_("organisation")},
    "language": {"en": N_("English"), "zh": N_("Chinese")},
    "direction": {"in": N_("from the customer"), "out": N_("to the customer")},
    "actor": {
        "staff": N_("Staff"),
        "automation": N_("Automation"),
        "customer": N_("Customer"),
        "import": N_("Carried over"),
    },
    "thing": {
        "case": N_("text and letters of a complaint"),
        "outline": N_("that there is an open complaint, its stage and owner"),
        "summary": N_("what a complaint was about, and the decision"),
        "note": N_("internal notes"),
        "customer": N_("who a customer is"),
        "need": N_("what to take care of with a customer"),
        "health": N_("what stands behind a need"),
        "identifiers": N_("phone, e-mail, address and numbers: masked, in full with a reason"),
        "team": N_("assigning others, figures of the team"),
        "oversight": N_("ordered follow-through"),
        "approval": N_("approving redress, more time, corrections"),
        "excuse_proposal": N_("proposing an excuse of a missed limit"),
        "excuse": N_("deciding an excuse"),
        "recusal": N_("keeping somebody out of a complaint"),
        "history": N_("the compliance history, as of any moment"),
        "document": N_("drafts of policies, procedures, companies"),
        "publication": N_("publishing them"),
        "staff": N_("staff and their roles"),
        "erasure": N_("erasing a person, as the second one"),
        "asked": N_("taking over or reviewing a complaint when asked"),
        "assignment": N_("who answers for a customer"),
        "absence": N_("being away, and who stands in"),
        "request": N_("requests of customers about their data"),
        "disclosure": N_("who looked something up"),
        "deal": N_("deals and their values"),
        "open_deal": N_("that there is an open deal"),
        "figure": N_("figures per person"),
        "hold": N_("stopping an erasure"),
        "offer": N_("offers to keep a customer"),
    },
}
