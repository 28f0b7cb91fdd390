"""Terms: time limits, what moves them and what acts on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from desk.language import N_

CLOCK_TERMS: Final[Mapping[str, Mapping[str, str]]] = {
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
    "kind": {"service": N_("our promise"), "statutory": N_("law")},
    "ground": {
        "waiting_for_customer": N_("waiting for customer"),
        "closed": N_("closed"),
    },
    "delay": {
        "workload": N_("too much work"),
        "absence": N_("somebody was away"),
        "colleague": N_("another department did not answer"),
        "third_party": N_("somebody outside did not answer"),
        "customer": N_("the customer's answer came late"),
        "system": N_("a system was down"),
        "overlooked": N_("it was overlooked"),
        "other": N_("another cause"),
    },
    "moved": {
        "receipt_corrected": N_("the receipt was corrected"),
        "severity_changed": N_("the severity changed"),
        "policy_changed": N_("another policy holds"),
        "reopened": N_("the case was reopened"),
        "extended": N_("extended with approval"),
        "paused": N_("it stood still"),
    },
    "reading": {
        "running": N_("runs"),
        "paused": N_("paused"),
        "overdue": N_("overdue"),
        "met": N_("met"),
        "breached": N_("broken"),
        "excused": N_("excused"),
        "cancelled": N_("nothing is owed"),
    },
    "rule": {
        "acknowledge": N_("acknowledge"),
        "remind": N_("remind the customer"),
        "escalate": N_("escalate"),
        "silent": N_("no answer in time"),
        "warn": N_("warn"),
        "breach": N_("note a missed limit"),
        "deliver": N_("send letters"),
        "return_hand_over": N_("give a hand-over back"),
        "fall_due_promise": N_("remind of a promise"),
        "break_promise": N_("note a broken promise"),
        "return_promise": N_("give a promise back"),
        "miss_order": N_("note an order without an answer"),
        "miss_review": N_("note a review without an outcome"),
        "confirm_withdrawal": N_("confirm a withdrawal"),
        "ask_satisfaction": N_("ask about satisfaction"),
        "archive": N_("archive"),
    },
    "why": {
        "legal_entity": N_("Company"),
        "product": N_("Product"),
        "category": N_("Category"),
        "channel": N_("Channel"),
        "in_force_since": N_("In force since"),
    },
}
