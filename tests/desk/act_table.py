"""Who may do what, copied by hand from the matrix of who may see what: every address that takes
a form or a command, with who may send it and, of the others, who is told that it is not theirs
(403). For everybody else it is not there (404)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from everybody import ALL, CASE, CUSTOMER, WORK

NOBODY = "00000000-0000-0000-0000-000000000000"
LEADS = "lead"
APPROVES = "expert lead"
HISTORY = "compliance auditor"
REVEALS = "agent expert lead keeper compliance dpo auditor"
AWAY = "agent expert success lead compliance dpo"


@dataclass(frozen=True)
class Deed:
    """``who`` may; ``sees``: who is told that it is not theirs. ``typed``: what decides who may."""

    address: str
    who: str
    sees: str = ""
    typed: Mapping[str, Any] = field(default_factory=dict)


def own(address: str, /, **typed: Any) -> list[Deed]:
    """What concerns nobody but whoever does it."""
    return [Deed(address, ALL, typed=typed)]


CASE_ACTS: Mapping[str, tuple[str, str]] = {
    # act on a case: (what it is about, who may)
    "acknowledge": ("", WORK),
    "assess": ("", WORK),
    "step": ("investigate", WORK),
    "propose": ("", WORK),
    "offer": ("", WORK),
    "answer": ("", WORK),
    "tell": ("", WORK),
    "pay": ("", WORK),
    "reply": ("", WORK),
    "note": ("", WORK),
    "message": ("", WORK),
    "no-reply": ("", WORK),
    "ask": ("", WORK),
    "information": ("{request}", WORK),
    "remind": ("{request}", WORK),
    "without": ("{request}", WORK),
    "pull-back": ("{letter}", WORK),
    "posted": ("{letter}", WORK),
    "explain": ("", WORK),
    "call-lead": ("", WORK),
    "order": ("", "lead compliance"),
    "answer-order": ("{order}", WORK),
    "nudge": ("", WORK),
    "skip": ("", WORK),
    "take": ("", WORK),
    "assign": ("", LEADS),
    "reassign": ("", LEADS),
    "hand-over": ("", WORK),
    "accept": ("", WORK),
    "return": ("", WORK),
    "promise": ("", WORK),
    "move": ("{promise}", WORK),
    "offer-promise": ("{promise}", WORK),
    "accept-promise": ("{promise}", WORK),
    "return-promise": ("{promise}", WORK),
    "keep": ("{promise}", WORK),
    "ask-colleague": ("", WORK),
    "answer-colleague": ("{task}", WORK),
    "extend": ("", WORK),
    "excuse": ("", LEADS),
    "correct": ("", WORK),
    "release": ("", WORK),
    "grant": ("{approval}", APPROVES),
    "refuse": ("{approval}", APPROVES),
    "recuse": ("", LEADS),
    "named": ("", WORK),
    "review": ("", WORK),
    "decide-review": ("nothing", ""),
    "close": ("", WORK),
    "reopen": ("", WORK),
    "withdraw": ("", WORK),
    "not-a-complaint": ("", WORK),
}
COMMANDS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    # command on a case that not everybody who works on it may give: (who, what decides it)
    "assign": (LEADS, {"to": "{target}"}),
    "recuse": (LEADS, {"staff": "{target}"}),
    "order-follow-through": ("lead compliance", {}),
    "ask-for-review": (WORK, {"to": "{target}"}),
    "ask-approval": (LEADS, {"matter": {"kind": "excuse", "clock": "c"}}),
    "grant-approval": (APPROVES, {"approval": "{approval}"}),
    "refuse-approval": (APPROVES, {"approval": "{approval}"}),
    "name-colleague": (WORK, {"staff": "{target}"}),
    "ask-colleague": (WORK, {"to": "{target}"}),
}
CUSTOMER_ACTS = ("detail", "preferences", "tier", "need", "end-need", "contact", "assign")
STAFF_ACTS = ("give-role", "take-role", "capacity", "limit", "manager", "password", "end-sessions",
              "second-factor", "leave")  # fmt: skip

NEW_CUSTOMER = {"name": "Nia Field", "legal_entity": "larkmere-uk", "language": "en"}
FORM_CUSTOMER = {**NEW_CUSTOMER, "sort": "person", "preferred_channel": "email",
                 "tier": "standard"}  # fmt: skip
NEW_CASE = {
    "customer": "{customer}", "team": "first", "channel": "phone", "product": "account",
    "category": "delay", "what_happened": "It froze",
}  # fmt: skip
FROM_MAIL = {name: value for name, value in NEW_CASE.items() if name != "channel"}
STAFF_BODIES = {
    "give-role": {"role": {"name": "sales", "legal_entity": "larkmere-uk"}},
    "take-role": {"role": {"name": "sales", "legal_entity": "larkmere-uk"}},
    "limit": {"limit": {"amount": "1.00", "currency": "GBP"}},
}
NEW_STAFF = {"name": "Newcomer", "language": "en", "email": "new@x.example"}


def _whom(wish: str) -> str:
    """Whoever leaves is nobody else's target any more."""
    return "leaver" if wish == "leave" else "target"


TABLE: Mapping[str, list[Deed]] = {
    # one's own window, words and keys
    "POST /login": own("/login"),
    "POST /language": own("/language", language="en"),
    "POST /password": own("/password"),
    "POST /me/keys": own("/me/keys"),
    "POST /me/tokens": own("/me/tokens", label="t", days="1", read="yes"),
    "POST /me/tokens/{token}/revoke": own(f"/me/tokens/{NOBODY}/revoke"),
    "POST /login/code": own("/login/code"),
    **{
        f"POST /me/second-factor/{wish}": own(f"/me/second-factor/{wish}")
        for wish in ("begin", "confirm", "codes", "off")
    },
    "POST /me/password": own("/me/password"),
    "POST /me/sessions/end-others": own("/me/sessions/end-others"),
    "POST /me/sessions/{id}/end": own(f"/me/sessions/{NOBODY}/end"),
    "POST /logout": own("/logout"),
    "POST /queue/saved": own("/queue/saved", name="mine", address="tab=mine"),
    "POST /notices/clear": own("/notices/clear"),
    "POST /live/here": [
        Deed("/live/here", CASE, typed={"page": NOBODY, "doing": "reading", "case": "{case}"})
    ],
    "POST /search": own("/search", q="Nobody"),
    "POST /api/v1/search": own("/api/v1/search", text="Nobody"),
    # cases
    "POST /queue/next": [Deed("/queue/next", WORK, ALL)],
    "POST /queue/skip": [Deed("/queue/skip", WORK, CASE, {"number": "{case}"})],
    "POST /queue/bulk": [
        Deed("/queue/bulk", WORK, ALL, {"act": "nudge", "case-{case}": "yes"}),
        Deed("/queue/bulk", LEADS, ALL, {"act": "assign", "case-{case}": "yes"}),
    ],
    "POST /complaints/new": [Deed("/complaints/new", WORK, ALL, NEW_CASE)],
    "POST /api/v1/complaints": [Deed("/api/v1/complaints", WORK, ALL, NEW_CASE)],
    "POST /complaints/{ref}/history": [Deed("/complaints/{case}/history", HISTORY)],
    "POST /complaints/{ref}/history/export": [
        Deed("/complaints/{case}/history/export", HISTORY, typed={"format": "json"})
    ],
    "POST /api/v1/complaints/{ref}/history/export": [
        Deed("/api/v1/complaints/{case}/history/export", HISTORY)
    ],
    "POST /complaints/{ref}/reply/use": [Deed("/complaints/{case}/reply/use", WORK, CASE)],
    "POST /complaints/{ref}/{slug}": [
        Deed(f"/complaints/{{case}}/{slug}", who, CASE)
        for slug, (about, who) in CASE_ACTS.items()
        if not about
    ],
    "POST /complaints/{ref}/{slug}/{about}": [
        Deed(f"/complaints/{{case}}/{slug}/{about}", who, CASE if who else "")
        for slug, (about, who) in CASE_ACTS.items()
        if about
    ],
    "PUT /api/v1/complaints/{ref}/drafts/{box:path}": [
        Deed("/api/v1/complaints/{case}/drafts/note", WORK, CASE, {"fields": {"text": "so far"}})
    ],
    "DELETE /api/v1/complaints/{ref}/drafts/{box:path}": [
        Deed("/api/v1/complaints/{case}/drafts/note", WORK, CASE)
    ],
    "POST /offers": [Deed("/offers", WORK, ALL)],
    "POST /away": [Deed("/away", AWAY, ALL)],
    "POST /away/back": [Deed("/away/back", AWAY, ALL)],
    "POST /away/{other}/deputy": [Deed("/away/{target}/deputy", LEADS, f"{CASE} success dpo")],
    "POST /mail/{name}/answer": [Deed("/mail/nothing/answer", "")],
    "POST /satisfaction/{token}": [Deed("/satisfaction/nothing", "")],
    "POST /api/v1/queue/next": [Deed("/api/v1/queue/next", WORK, ALL)],
    "POST /api/v1/notices/clear": own("/api/v1/notices/clear", seen=0),
    "PUT /api/v1/lists/{name:path}": own("/api/v1/lists/mine", tab="mine"),
    "DELETE /api/v1/lists/{name:path}": own("/api/v1/lists/mine"),
    "POST /api/v1/offers": [Deed("/api/v1/offers", WORK, ALL)],
    "POST /api/v1/away": [Deed("/api/v1/away", AWAY, ALL)],
    "POST /api/v1/away/back": [Deed("/api/v1/away/back", AWAY, ALL)],
    "POST /api/v1/away/{other}/deputy": [
        Deed("/api/v1/away/{target}/deputy", LEADS, f"{CASE} success dpo", {"deputy": "nobody"})
    ],
    "POST /compliance/export": [
        Deed("/compliance/export", f"{HISTORY} dpo", typed={"format": "print"})
    ],
    "POST /api/v1/compliance/export": [
        Deed("/api/v1/compliance/export", f"{HISTORY} dpo", typed={"purpose": "A look"})
    ],
    "POST /api/v1/complaints/{ref}/history": [Deed("/api/v1/complaints/{case}/history", HISTORY)],
    # mail that waits
    "POST /inbox/{mail}/{deed}": [
        Deed("/inbox/{mail}/file", WORK, CASE, {"case": "{case}"}),
        Deed("/inbox/{mail}/dismiss", WORK, CASE, {"reason": " "}),
    ],
    "POST /api/v1/inbox/{mail}/file": [
        Deed("/api/v1/inbox/{mail}/file", WORK, CASE, {"case": "nothing"})
    ],
    "POST /api/v1/inbox/{mail}/lodge": [Deed("/api/v1/inbox/{mail}/lodge", WORK, CASE, FROM_MAIL)],
    "POST /api/v1/inbox/{mail}/dismiss": [
        Deed("/api/v1/inbox/{mail}/dismiss", WORK, CASE, {"reason": " "})
    ],
    # customers
    "POST /customers/new": [Deed("/customers/new", f"{WORK} success", ALL, FORM_CUSTOMER)],
    "POST /api/v1/customers": [Deed("/api/v1/customers", f"{WORK} success", ALL, NEW_CUSTOMER)],
    "POST /customers/{ref}/{wish}": [
        Deed(f"/customers/{{customer}}/{wish}", LEADS if wish == "assign" else WORK, CUSTOMER)
        for wish in CUSTOMER_ACTS
    ],
    **{
        f"POST /api/v1/customers/{{ref}}/{wish}": [
            Deed(f"/api/v1/customers/{{customer}}/{wish}", WORK, CUSTOMER)
        ]
        for wish in ("contacts", "details", "preferences", "tier", "needs", "end-need")
    },
    "POST /api/v1/customers/{ref}/assign": [
        Deed("/api/v1/customers/{customer}/assign", LEADS, CUSTOMER, {"to": "{target}"})
    ],
    "POST /customers/{ref}/reveal": [
        Deed("/customers/{customer}/reveal", REVEALS, CUSTOMER, {"field": "phone"})
    ],
    "POST /api/v1/customers/{ref}/reveal": [
        Deed("/api/v1/customers/{customer}/reveal", REVEALS, CUSTOMER, {"field": "phone"})
    ],
    "POST /customers/{ref}/request": [
        Deed("/customers/{customer}/request", "dpo", CUSTOMER, {"case": "{case}"})
    ],
    "POST /api/v1/customers/{ref}/request": [
        Deed(
            "/api/v1/customers/{customer}/request",
            "dpo",
            CUSTOMER,
            {"case": "{case}", "kind": "access", "reason": "He asks"},
        )
    ],
    "POST /api/v1/calls": [
        Deed("/api/v1/calls", f"{WORK} success", ALL, {"phone": "+44 20 7946 0018"})
    ],
    "POST /api/v1/calls/{ref}/record": [
        Deed("/api/v1/calls/{customer}/record", WORK, CUSTOMER, {"summary": "He rang"})
    ],
    "POST /calls/{ref}/record": [Deed("/calls/{customer}/record", WORK, CUSTOMER)],
    # documents and companies: one drafts, another publishes
    "POST /documents/{kind}/{id}/{wish}": [
        Deed("/documents/procedure/iso-10002/draft", "admin", ALL, {"body": "{{}}"}),
        Deed("/documents/procedure/iso-10002/publish", "compliance", ALL),
    ],
    "POST /documents/saved_reply": [Deed("/documents/saved_reply", "admin", ALL)],
    "POST /organisation/{id}/{wish}": [
        Deed("/organisation/larkmere-uk/draft", "admin", "compliance"),
        Deed("/organisation/larkmere-uk/publish", "compliance", "admin"),
    ],
    "POST /api/v1/documents/{kind}/{id}/draft": [
        Deed("/api/v1/documents/procedure/iso-10002/draft", "admin", ALL, {"body": {}})
    ],
    "POST /api/v1/documents/{kind}/{id}/publish": [
        Deed("/api/v1/documents/procedure/iso-10002/publish", "compliance", ALL)
    ],
    "POST /api/v1/organisation/{id}/draft": [
        Deed(
            "/api/v1/organisation/larkmere-uk/draft",
            "admin",
            "compliance",
            {
                "company": {
                    "id": "other",
                    "name": {"en": "O", "zh": "O"},
                    "zone": "UTC",
                    "language": "en",
                    "currency": "GBP",
                    "calendar": "c",
                }
            },
        )
    ],
    "POST /api/v1/organisation/{id}/publish": [
        Deed("/api/v1/organisation/larkmere-uk/publish", "compliance", "admin")
    ],
    # members of staff
    "POST /staff/new": [Deed("/staff/new", "admin")],
    "POST /api/v1/staff": [Deed("/api/v1/staff", "admin", typed={**NEW_STAFF, "login": "newbie"})],
    "POST /staff/{login}/{wish}": [
        Deed(f"/staff/{_whom(wish)}/{wish}", "admin") for wish in STAFF_ACTS
    ],
    **{
        f"POST /api/v1/staff/{{login}}/{wish}": [
            Deed(f"/api/v1/staff/{_whom(wish)}/{wish}", "admin", typed=STAFF_BODIES.get(wish, {}))
        ]
        for wish in STAFF_ACTS
    },
    # programs: each has their own
    "POST /webhooks": [Deed("/webhooks", f"{CASE} success dpo", ALL)],
    "POST /webhooks/{id}/replay": [Deed(f"/webhooks/{NOBODY}/replay", "")],
    "POST /webhooks/{id}/{wish}": [Deed(f"/webhooks/{NOBODY}/pause", "")],
    "POST /api/v1/webhooks": [Deed("/api/v1/webhooks", f"{CASE} success dpo", ALL)],
    "POST /api/v1/webhooks/{id}/replay": [Deed(f"/api/v1/webhooks/{NOBODY}/replay", "")],
    "POST /api/v1/webhooks/{id}/{wish}": [Deed(f"/api/v1/webhooks/{NOBODY}/pause", "")],
    "DELETE /api/v1/webhooks/{id}": [Deed(f"/api/v1/webhooks/{NOBODY}", "")],
}


def command(name: str) -> Deed:
    """A command on a case over the API: whoever works on it gives all the others."""
    who, typed = COMMANDS.get(name, (WORK, {}))
    return Deed(f"/api/v1/complaints/{{case}}/{name}", who, CASE, typed)
