"""The living page of components: every macro of templates/components.html in each of its states."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final, get_args

from starlette.requests import Request
from starlette.responses import Response

from desk.acts.every import ACTS
from desk.drafts import Box
from desk.forms import Kind, Question
from desk.giving import Thing
from desk.house import house_of, language_of
from desk.page import page
from desk.pulled_back import Waiting
from desk.visit import recognise
from desk.words.clock import Card, Mark
from desk.words.countdown import Countdown
from desk.words.facts import Speaker
from desk.words.terms import choices
from ledger.naming import uuid7
from projections.reading import Freshness

NUMBER: Final = "C-2026-000131"
LINGERS: Final = timedelta(hours=3, minutes=20)


def components(request: Request) -> Response:
    """Every piece the pages are made of, on one page."""
    person, house = recognise(request), house_of(request)
    say = Speaker(
        language_of(request), person.zone if person else "UTC", house.now(), house.directory
    )
    return page(
        request, "specimens.html", acts=ACTS, say=say, number=NUMBER, home=f"/complaints/{NUMBER}",
        fields=_fields(say), channel=_channel(say), box=_box(say), cards=_cards(say),
        files=_files(say), entries=_entries(say), looks=_looks(say), letter=Waiting("letter", 10),
        promises=_promises(say), masked=[SimpleNamespace(kind="phone")],
        next=SimpleNamespace(
            row=SimpleNamespace(number=NUMBER), free=False, due=say.due(say.now + LINGERS)
        ),
        given=Thing("", NUMBER, "", "promise", say("Call back")),
        parts=[
            SimpleNamespace(text=say("Facts, with their source."), quoted=False),
            SimpleNamespace(text=say("What did you find?"), quoted=True),
        ],
        drafted=[
            SimpleNamespace(kind="procedure", id="iso-10002", version=2, drafted_by="Mei Hanlu")
        ],
        both={"title": {"en": "Email", "zh": "进展"}, "body": {"en": "OK", "zh": "我们在查"}},
        title_of=lambda it, say: say.term("document", it.kind), fresh=Freshness(48_213, 0.4, 1),
    )  # fmt: skip


def _fields(say: Speaker) -> list[Question]:
    """Each kind of field, and the first of them when it was filled in wrongly."""
    some = [("high", say("high")), ("low", say("low"))]
    title, help = say("What did you find?"), say("Facts, with their source.")
    found = [
        Question(
            f"a-{kind}",
            title,
            kind,
            required=n % 2 == 0,
            help=help,
            choices=some,
            value="high" if kind == "ticks" else "",
        )
        for n, kind in enumerate(get_args(Kind))
    ]
    wrong = say("This is needed.")
    return [*found, Question("a-wrong", title, wrong=wrong), Question("a-pick-of", say("Severity"),
            "choice", choices=some, value="low", wrong=wrong)]  # fmt: skip


def _channel(say: Speaker) -> Sequence[Question]:
    return [
        Question("channel", "", "choice", choices=choices(say.language, "channel"), value="email")
    ]


def _box(say: Speaker) -> Box:
    words = Question("words", say("What did you find?"), "long_text")
    return Box("note", [words], uuid7(), 1, say.now, [say("Complaint lodged")])


def _cards(say: Speaker) -> list[Card]:
    """A clock in each state: those that run count down, and what has ended is folded."""
    return [_card(mark, n, say) for n, mark in enumerate(get_args(Mark))]


def _card(mark: Mark, n: int, say: Speaker) -> Card:
    left = LINGERS if mark != "overdue" else -LINGERS
    due, live = say.now + left, mark in ("overdue", "soon", "in_time")
    words = say("in %(span)s" if live and left > timedelta(0) else "%(span)s over",
                span=say.span(abs(left)))  # fmt: skip
    return Card(
        id=mark, name=say("First reply"), mark=mark, due=due, live=live,
        ended=mark in ("met", "excused", "ended"),
        left=Countdown(int(due.timestamp()), words, int(left.total_seconds()), None, "")
        if live else None,
        source=say("%(span)s of working time", span=say.hours(timedelta(hours=8))),
        rules=say("Policy"), note="" if live else say.many("paused once", "", 1),
        bar=[(0, 40, "counted"), (40, 20, "paused"), (60, 25, "counted")],
        counted=say.hours(LINGERS),
        slices=[(say.now - LINGERS, say.now)] if n else [], struck=[say.now] if n == 1 else [],
        breached_at=say.now if mark == "excused" else None,
    )  # fmt: skip


def _files(say: Speaker) -> list[Any]:
    """One that can be opened, one that was refused, and one that is erased."""
    name, size = say("Letter"), SimpleNamespace(size=48_213)
    return [
        SimpleNamespace(small="", path="#", name=name, file=size, why_not=""),
        SimpleNamespace(small="", path="", name=name, file=size, why_not="type"),
        SimpleNamespace(small="", path="", name="", file=size, why_not=""),
    ]


def _entries(say: Speaker) -> list[dict[str, Any]]:
    whole = {"at": say.now, "recorded_at": say.now, "claimed_at": None, "late": False}
    lodged, reply = say("Complaint lodged"), say("First reply")
    return [
        {**whole, "kind": "person", "who": "Mei Hanlu", "words": lodged, "late": True,
         "because": "", "quote": say("What did you find?")},
        {**whole, "kind": "automation", "who": say("Automation"), "words": reply,
         "because": say("due soon"), "quote": ""},
        {**whole, "kind": "breach", "who": say("Automation"), "words": reply,
         "because": "", "quote": "", "claimed_at": say.now},
    ]  # fmt: skip


def _looks(say: Speaker) -> list[Any]:
    row = SimpleNamespace(at=say.now, number=NUMBER)
    return [SimpleNamespace(row=row, who="Mei Hanlu", what=say("phone"), because=say("Call back"))]


def _promises(say: Speaker) -> list[Any]:
    """One that stands, and one that is broken, moved and offered."""
    stands = {"what": say("Call back"), "to": "", "broken": False, "due": say.now + LINGERS,
              "owner": "Mei Hanlu", "moved": 0, "offered_to": ""}  # fmt: skip
    broken = {**stands, "to": "Mei", "broken": True, "moved": 2, "offered_to": "Mei"}
    return [SimpleNamespace(**stands), SimpleNamespace(**broken)]
