"""Every page of the desk by its route, with addresses to look at it; a route without is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from uuid import uuid4

from states import Cases
from visiting import House

from desk.app import ROOMS
from desk.language import utc_now
from domain.attachment import LeftOut
from domain.event import Actor
from domain.inbound import ReceiveMail, mail
from domain.personal import Personal
from ledger.naming import new_stream


@dataclass(frozen=True)
class Ground:
    """What addresses are made of."""

    house: House
    cases: Cases

    @property
    def number(self) -> str:
        return self.cases["talked about"]

    @property
    def customer(self) -> str:
        page = self.house.visitor("ellie").get(f"/complaints/{self.number}").text
        found = re.search(r"/customers/(K-\d{4}-\d{6})", page)
        assert found
        return found[1]

    @cached_property
    def mail(self) -> str:
        """One that waits, with a file that was not kept."""
        stream = new_stream("mail")
        came = ReceiveMail(
            command_id=uuid4(),
            at=utc_now(),
            actor=Actor(kind="automation", id="mailbox"),
            mail=stream,
            legal_entity="larkmere-uk",
            kind="person",
            waits="unknown_sender",
            sender=Personal("王梅 <wang@mail.example.org>"),
            headline=Personal("扣款问题"),
            text=Personal("三月的费用被扣了两次"),
            left_out=(LeftOut(name=Personal("账单"), size=1_200, why="type"),),
        )
        self.house.ledger.handle(mail, stream, came)
        return stream


Addresses = Callable[[Ground], list[tuple[str, str]]]
"""(login, address): who looks, and where."""

ACTS = (
    "acknowledge", "assess", "propose", "close", "withdraw", "not-a-complaint", "reply", "note",
    "message", "ask", "hand-over", "correct", "promise", "ask-colleague", "review",
)  # fmt: skip
TABS = ("mine", "team", "unassigned", "waiting", "after_close", "all")


def for_agent(*addresses: str) -> Addresses:
    return lambda ground: [
        ("ellie", address.format(number=ground.number, customer=ground.customer))
        for address in addresses
    ]


PAGES: Mapping[str, Addresses] = {
    "/login": for_agent("/login"),
    "/me": for_agent("/me"),
    "/me/evening": for_agent("/me/evening"),
    "/me/password": for_agent("/me/password"),
    "/me/second-factor": for_agent("/me/second-factor"),
    "/me/sessions": for_agent("/me/sessions", "/me/sessions?done=password"),
    "/live": lambda _: [],
    "/live/now": lambda _: [],
    "/": for_agent("/"),
    "/queue": for_agent(*(f"/queue?tab={tab}" for tab in TABS), "/queue?severity=critical"),
    "/queue/new": lambda _: [],
    "/board": lambda _: [("priya", "/board"), ("song", "/board"), ("priya", "/board?over=yes")],
    "/board/trend": lambda _: [("priya", "/board/trend")],
    "/board/causes": lambda _: [("priya", "/board/causes")],
    "/complaints/{ref}/time": for_agent("/complaints/{number}/time"),
    "/complaints/new": lambda ground: [
        *for_agent("/complaints/new", "/complaints/new?customer={customer}")(ground),
        ("ellie", f"/complaints/new?mail={ground.mail}"),
        ("ellie", f"/complaints/new?mail={ground.mail}&customer={ground.customer}"),
    ],
    "/complaints/{ref}": for_agent(
        "/complaints/{number}", *(f"/complaints/{{number}}?tab={it}" for it in ("notes", "system"))
    ),
    "/complaints/{ref}/history": for_agent("/complaints/{number}/history"),
    "/complaints/{ref}/history/export": lambda ground: [
        ("song", f"/complaints/{ground.number}/history/export"),
        ("song", f"/complaints/{ground.number}/history?changes=yes"),
        ("song", f"/complaints/{ground.number}/history?axis=recorded&fact=3"),
    ],
    "/compliance": lambda _: [("song", "/compliance"), ("song", "/compliance?rule=warn")],
    "/complaints/{ref}/files/{id}": lambda _: [],
    "/complaints/{ref}/similar": for_agent("/complaints/{number}/similar"),
    "/complaints/{ref}/policy": for_agent("/complaints/{number}/policy"),
    "/complaints/{ref}/{slug}": for_agent(*(f"/complaints/{{number}}/{act}" for act in ACTS)),
    "/complaints/{ref}/{slug}/{about}": for_agent("/complaints/{number}/step/investigate"),
    "/search": for_agent("/search"),
    "/customers": for_agent("/customers"),
    "/customers/new": lambda ground: [
        ("ellie", "/customers/new"),
        ("ellie", f"/customers/new?mail={ground.mail}"),
    ],
    "/customers/{ref}": for_agent("/customers/{customer}"),
    "/staff": lambda _: [("ines", "/staff")],
    "/staff/new": lambda _: [("ines", "/staff/new")],
    "/staff/{login}": lambda _: [("ines", "/staff/ellie"), ("ines", "/staff/ines")],
    "/roles": lambda _: [("ines", "/roles")],
    "/organisation": lambda _: [("ines", "/organisation")],
    "/organisation/{id}": lambda _: [("ines", "/organisation/larkmere-uk")],
    "/password": for_agent("/password"),
    "/disclosures": lambda _: [("song", "/disclosures"), ("priya", "/disclosures")],
    "/notices": lambda _: [("ellie", "/notices"), ("priya", "/notices")],
    "/follow-ups": for_agent("/follow-ups"),
    "/offers": for_agent("/offers"),
    "/calls/{ref}": for_agent("/calls/{customer}"),
    "/calls/{ref}/record": for_agent("/calls/{customer}/record"),
    "/compliance/export": lambda _: [("song", "/compliance/export?kind=letter")],
    "/away": lambda _: [("ellie", "/away"), ("priya", "/away")],
    "/limits": lambda _: [("priya", "/limits"), ("song", "/limits")],
    "/limits/behind": lambda _: [],
    "/inbox": for_agent("/inbox"),
    "/inbox/{mail}": lambda ground: [("ellie", f"/inbox/{ground.mail}")],
    "/inbox/{mail}/files/{id}": lambda _: [],
    "/mail": for_agent("/mail"),
    "/mail/{name}": lambda _: [],
    "/documents": lambda _: [("song", "/documents"), ("ines", "/documents")],
    "/documents/saved_reply": lambda _: [
        ("song", "/documents/saved_reply"),
        ("ines", "/documents/saved_reply"),
        ("ellie", "/documents/saved_reply?words=nothing"),
    ],
    "/documents/{kind}/{id}": lambda _: [
        ("song", "/documents/procedure/iso-10002"),
        ("ines", "/documents/saved_reply/thank-you"),
    ],
    "/webhooks": for_agent("/webhooks"),
    "/webhooks/{id}": lambda _: [],
    "/satisfaction/{token}": for_agent("/satisfaction/none"),
}
"""Route -> who looks at it where. Empty: a page that its own tests look at."""


def routes() -> Iterator[str]:
    """Every page that answers GET."""
    for room in ROOMS:
        for route in room.router.routes:
            path = getattr(route, "path", "")
            if "GET" in (getattr(route, "methods", None) or ()) and not path.startswith("/api/"):
                yield path


class Shown(HTMLParser):
    """The words that a person sees or hears on a page."""

    SILENT = frozenset({"script", "style", "svg", "kbd", "pre", "code"})
    SPOKEN = ("title", "placeholder", "aria-label", "alt")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0
        self._own: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag in self.SILENT or given.get("lang") in ("en", "zh"):
            self._own.append(tag)
        if not self._own and tag != "time":
            self.words += [given[name] or "" for name in self.SPOKEN if given.get(name)]

    def handle_endtag(self, tag: str) -> None:
        if self._own and self._own[-1] == tag:
            self._own.pop()

    def handle_data(self, data: str) -> None:
        if not self._own and data.strip():
            self.words.append(" ".join(data.split()))
