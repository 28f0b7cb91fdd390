"""The quiet bell: what somebody should look at, grouped by case; a notice goes with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, assert_never

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.bell import clear, told
from desk.finding import wait
from desk.forms import version_seen
from desk.page import page
from desk.queue import customer_names, speaker
from desk.visit import OwnForm, SignedIn, TheHouse, see
from desk.words.facts import Speaker
from projections import notices, notices_page
from projections.notice import Notice
from projections.reading import look

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Group:
    """One case with what stands on it."""

    number: str
    customer: str
    owner: str
    lines: Sequence[tuple[Notice, str, str]]
    """Notice, its words, and the path of what to do about it."""
    newest: datetime


@router.get("/notices")
def show(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    position: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    say = speaker(house, person)
    wait(house, notices.NAME, position)
    with house.pool.connection() as db, look(db) as reading:
        found = told(db, reading, person)
        carried_over = notices_page.carried_over(reading, person.rights)
        fresh = reading.freshness(notices.NAME)
    names = customer_names(house, person, {group.customer for group in found}, say)
    groups = [
        Group(
            number=group.number,
            customer=names[group.customer],
            owner=say.name(group.owner) if group.owner else "",
            lines=[(it, notice_words(it, say), _path(it)) for it in group.notices],
            newest=max(it.at for it in group.notices),
        )
        for group in found
    ]
    return page(
        request,
        "notices.html",
        live={"rows": "case"},
        clearable=any(not it.by_law for group in found for it in group.notices),
        groups=groups,
        carried_over=carried_over,
        fresh=fresh,
        say=say,
    )


@router.post("/notices/clear")
def clear_all(person: SignedIn, house: TheHouse, typed: OwnForm) -> Response:
    """Clear what the person has seen; what the law wants stays."""
    seen = version_seen({"version": typed.get("seen", "")}) or 0
    with house.pool.connection() as db:
        with look(db) as reading:
            standing = [
                it for case in notices_page.notices(reading, person.rights) for it in case.notices
            ]
        clear(db, person.login, standing, seen)
    return see("/notices")


def notice_words(notice: Notice, say: Speaker) -> str:
    match notice.kind:
        case "warned":
            return say("“%(clock)s” is due %(at)s",
                       clock=say.clock(notice.about), at=_due(notice, say))  # fmt: skip
        case "breached":
            return say("“%(clock)s” overdue since %(at)s",
                       clock=say.clock(notice.about), at=_due(notice, say))  # fmt: skip
        case "escalated":
            return say("“%(clock)s” was missed and comes to you", clock=say.clock(notice.about))
        case "called":
            return say("You are called to look at this case")
        case "ordered":
            return say("An answer is ordered by %(at)s", at=_due(notice, say))
        case "order_missed":
            return say("An ordered answer is overdue since %(at)s", at=_due(notice, say))
        case "nudged":
            name = say.name(notice.author or "")
            return say("%(name)s asks you to get on with it", name=name)
        case "mentioned":
            return say("%(name)s calls you in a note", name=say.name(notice.author or ""))
        case "hand_over":
            return say("You are asked to take this over")
        case "hand_over_back":
            return say("Nobody took it over; it is back with its owner")
        case "review":
            return say("You are asked to look at the decision again by %(at)s",
                       at=_due(notice, say))  # fmt: skip
        case "review_missed":
            return say("A second review had no outcome by %(at)s", at=_due(notice, say))
        case "promise_due":
            return say("A promise is due %(at)s", at=_due(notice, say))
        case "promise_broken":
            return say("A promise was broken: it was due %(at)s", at=_due(notice, say))
        case "promise_offered":
            return say("You are asked to keep a promise")
        case "asked":
            return say("You are asked for an answer by %(at)s", at=_due(notice, say))
        case "approval":
            matter = say.term("matter", notice.detail or "")
            return say("Waits for your decision: %(matter)s", matter=matter)
        case "wrote":
            return say("The customer wrote")
        case "after_close":
            return say("The customer wrote after closing")
        case "letter_failed":
            purpose = say.term("purpose", notice.detail or "")
            return say("Could not be delivered: %(letter)s", letter=purpose)
        case "pending":
            return say("A letter is under way")
        case "promised":
            return say("A promise is due %(at)s", at=_due(notice, say))
        case _:
            assert_never(notice.kind)


def _due(notice: Notice, say: Speaker) -> str:
    return say.due(notice.due or notice.at)


def _path(notice: Notice) -> str:
    match notice.kind:
        case "hand_over":
            return "accept"
        case "promise_due" | "promise_broken":
            return f"keep/{notice.about}"
        case "promise_offered":
            return f"accept-promise/{notice.about}"
        case "asked":
            return f"answer-colleague/{notice.about}"
        case "review" | "review_missed":
            return f"decide-review/{notice.about}"
        case "ordered" | "order_missed":
            return f"answer-order/{notice.about}"
        case "approval":
            return f"grant/{notice.about}"
        case _:
            return ""
