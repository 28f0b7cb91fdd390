"""Every act of a complaint by its name in the address, and which of them are offered when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from desk.acts import approval, escalation, life, oversight, owner, promise, proposal, review, talk
from desk.acts.act import Act
from desk.acts.approval import excusable, extendable, thing_of
from desk.acts.escalation import unexplained
from desk.acts.owner import right_if_asked
from desk.acts.review import after_closing
from desk.case import Case

ACTS: Final[Mapping[str, Act]] = {
    act.slug: act
    for act in (
        *life.ACTS,
        *proposal.ACTS,
        *talk.ACTS,
        *escalation.ACTS,
        *oversight.ACTS,
        *review.ACTS,
        *owner.ACTS,
        *promise.ACTS,
        *approval.ACTS,
    )
}


class Offered(NamedTuple):
    """An act that can be begun from the case page; ``about``: which step, request, letter …"""

    act: Act
    about: str = ""

    @property
    def path(self) -> str:
        return f"{self.act.slug}/{self.about}" if self.about else self.act.slug


def allowed(case: Case, act: Act, about: str = "") -> bool:
    """Whether the person's rights reach it. The rules have the last word when it is sent."""
    right, thing = act.right
    if act.slug in ("grant", "refuse") and thing_of(case, about) == "excuse":
        thing = "excuse"
    if act.slug in ("accept", "return", "decide-review"):
        right, thing = right_if_asked(case)
    return case.may(right, thing)


def offered(case: Case) -> list[Offered]:
    """What somebody may want to do with the case as it stands, beside the next act."""
    return [it for it in _sensible(case) if allowed(case, it.act, it.about)]


def _sensible(case: Case) -> Iterator[Offered]:
    state, row = case.state, case.row
    me = case.person.staff
    yield from (Offered(ACTS["pull-back"], name) for name in leaving(case))
    yield from (Offered(ACTS["posted"], name) for name in by_hand(case))
    for name, asked in state.approvals.items():
        if asked.waiting and asked.asked_by != me:
            yield Offered(ACTS["grant"], name)
            yield Offered(ACTS["refuse"], name)
    if state.archived_at is None:
        yield from (Offered(ACTS["answer-order"], order) for order in state.oversight.orders)
    yield Offered(ACTS["message"])
    if state.archived_at is None:
        yield Offered(ACTS["promise"])
    if state.conversation.unanswered_since:
        yield Offered(ACTS["no-reply"])
    if row.closed_at is not None:
        yield from (Offered(ACTS[slug], name) for slug, name in after_closing(case))
    else:
        yield from _open(case, me)
    if unexplained(case):
        yield Offered(ACTS["explain"])
    yield Offered(ACTS["correct"])
    if extendable(case) and row.closed_at is None:
        yield Offered(ACTS["extend"])
    if excusable(case):
        yield Offered(ACTS["excuse"])
    if state.hold_letters:
        yield Offered(ACTS["release"])
    yield Offered(ACTS["recuse"])
    yield Offered(ACTS["named"])


def _open(case: Case, me: str) -> Iterator[Offered]:
    state, offer = case.state, case.state.ownership.offer
    if offer is not None and me != state.ownership.owner and offer.to in (None, me):
        yield Offered(ACTS["accept"])
        yield Offered(ACTS["return"])
    for request in state.conversation.waiting:
        yield Offered(ACTS["information"], request)
        yield Offered(ACTS["remind"], request)
        yield Offered(ACTS["without"], request)
    yield Offered(ACTS["ask"])
    yield Offered(ACTS["ask-colleague"])
    if state.ownership.owner is not None and offer is None:
        yield Offered(ACTS["hand-over"])
    if state.ownership.owner != me:
        yield Offered(ACTS["take"])
    yield Offered(ACTS["assign"])
    yield Offered(ACTS["order"])
    if state.ownership.owner not in (None, me):
        yield Offered(ACTS["nudge"])
        yield Offered(ACTS["reassign"])
    yield Offered(ACTS["call-lead"])
    if state.answered_at is None:
        if state.terms is not None:
            for step in state.terms.rules.steps:
                if step.act == "record" and (step.repeatable or step.id not in state.done):
                    yield Offered(ACTS["step"], step.id)
        yield Offered(ACTS["propose"])
        if state.proposal is not None and state.proposal.approved:
            yield Offered(ACTS["offer"])
            yield Offered(ACTS["answer"])
            yield Offered(ACTS["tell"])
        yield Offered(ACTS["not-a-complaint"])
    yield Offered(ACTS["close"])
    yield Offered(ACTS["withdraw"])


def leaving(case: Case) -> list[str]:
    """Letters of persons that have not left yet and can be pulled back."""
    letters = case.state.letters.items()
    return [
        name
        for name, letter in letters
        if letter.author == "person"
        and letter.leaves_at
        and not letter.sent_at
        and not letter.ended
    ]


def by_hand(case: Case) -> list[str]:
    """Letters that a person must post; what an import holds back is not among them."""
    if case.state.hold_letters:
        return []
    letters = case.state.letters.items()
    return [
        name
        for name, letter in letters
        if letter.leaves_at is None and not letter.sent_at and not letter.ended
    ]
