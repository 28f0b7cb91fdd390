"""The Now card: the one next act of a case, in words, with its form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from desk.acts.act import Act
from desk.acts.approval import extendable, what_follows
from desk.acts.every import ACTS, allowed, by_hand, leaving
from desk.acts.review import after_closing, involved, open_review, reviews_of
from desk.case import Case
from desk.words.clock import Card
from desk.words.facts import Speaker
from desk.words.talk import matter_words
from domain.complaint_life import reopen_until
from domain.complaint_review import review_until
from domain.complaint_standing import standings
from domain.decider import LetterPurpose
from domain.ownership import HandOverOffered
from domain.procedure import Standing
from domain.review import Review


@dataclass(frozen=True)
class Now:
    """``act`` None: nothing to press, ``words`` say why. ``also``: paths of other primary acts.

    greyed: what this person may not press, ``why_not`` says why.
    """

    title: str
    words: str = ""
    lines: str = ""
    """A colleague's own words."""
    guidance: str = ""
    more: str = ""
    act: Act | None = None
    about: str = ""
    also: tuple[str, ...] = ()
    greyed: Act | None = None
    why_not: str = ""


LETTERS: Final[Mapping[str, LetterPurpose]] = {
    "acknowledge": "acknowledgement",
    "answer": "decision",
}
"""Next acts that are done when a letter has left the house."""


def now_of(case: Case, say: Speaker) -> Now:
    """What to do next, from the same next act that lists show."""
    card = _next(case, say)
    card = replace(card, also=tuple(path for path in card.also if _allowed(case, path)))
    if card.act is not None and not allowed(case, card.act, card.about):
        why = say("Your role does not allow this step.")
        return replace(card, act=None, also=(), greyed=card.act, why_not=why)
    return card


def _allowed(case: Case, path: str) -> bool:
    slug, _, about = path.partition("/")
    return allowed(case, ACTS[slug], about)


def _next(case: Case, say: Speaker) -> Now:
    state, customer = case.state, case.customer_name or say("the customer")
    waiting = [name for name, it in state.approvals.items() if it.waiting]
    mine = [n for n in waiting if state.approvals[n].asked_by != case.person.staff]
    if state.ownership.offer and case.person.staff != state.ownership.owner:
        title = say("You are asked to take this over")
        return Now(title, lines=_offered(case), act=ACTS["accept"], also=("return",))
    if (written := _written(case, say, customer)) is not None:
        return written
    match case.row.next_act:
        case "take":
            return Now(
                say("Nobody has taken this complaint yet"),
                guidance=say("Whoever takes it answers for it until somebody else accepts it."),
                act=ACTS["take"],
                also=("assign", "not-a-complaint"),
            )
        case "acknowledge":
            title = say("Tell %(name)s that the complaint is here", name=customer)
            return _by_step(case, say, "acknowledge", title, ACTS["acknowledge"])
        case "assess":
            title = say("Assess how grave it is")
            return _by_step(case, say, "assess", title, ACTS["assess"])
        case "wait":
            return _waiting(case, say)
        case "approve":
            return _approval(case, say, waiting, mine)
        case "record_answer":
            title = say("Record what %(name)s says to the proposal", name=customer)
            return Now(title, act=ACTS["answer"], also=("propose", "tell"))
        case "answer":
            title = say("Tell %(name)s what we decided", name=customer)
            later = ("extend",) if extendable(case) else ()
            return _by_step(case, say, "answer", title, ACTS["tell"], also=later)
        case "pay":
            return Now(say("Record the payment to %(name)s", name=customer), act=ACTS["pay"])
        case "close":
            title = say("Everything is done: close the case")
            return _by_step(case, say, "close", title, ACTS["close"])
        case "read_mail":
            title = say("%(name)s wrote after closing: decide what it is", name=customer)
            return Now(title, act=ACTS["no-reply"], also=("reply", "reopen"))
        case "nothing":
            return _nothing(case, say)
        case _:
            return _investigate(case, say, customer)


def _written(case: Case, say: Speaker, customer: str) -> Now | None:
    """The letter that does the next act is written: it leaves by itself, or somebody posts it."""
    purpose, letters = LETTERS.get(case.row.next_act), case.state.letters
    for name in by_hand(case):
        if letters[name].purpose == purpose:
            title = say("Post the letter to %(name)s, then say so here", name=customer)
            return Now(title, act=ACTS["posted"], about=name)
    if any(letters[name].purpose == purpose for name in leaving(case)):
        title = say("Your words to %(name)s are on their way", name=customer)
        return Now(title, say("Until they leave you can pull them back. Then comes the next step."))
    return None


def _offered(case: Case) -> str:
    """The three lines of whoever hands over."""
    offers = [entry for entry in case.entries if isinstance(entry.event, HandOverOffered)]
    return offers[-1].quote or ""


def _investigate(case: Case, say: Speaker, customer: str) -> Now:
    """The first step of the procedure that is open; when all are done, propose, then offer."""
    proposal = case.state.proposal
    if proposal is not None and proposal.approved and proposal.answer is None:
        title = say("Put the proposal to %(name)s", name=customer)
        return Now(title, act=ACTS["offer"], also=("tell", "propose"))
    for standing in _open_steps(case):
        return _by_step(
            case, say, "", say.step(standing.step), ACTS["step"], about=standing.step,
            also=("ask", "propose"),
        )  # fmt: skip
    title = say("Propose how to put it right")
    return _by_step(case, say, "propose", title, ACTS["propose"], also=("ask",))


def _open_steps(case: Case) -> list[Standing]:
    rules = case.state.terms.rules if case.state.terms else None
    if rules is None:
        return []
    recorded = {step.id for step in rules.steps if step.act == "record"}
    return [
        standing
        for standing in standings(case.state)
        if standing.step in recorded - set(case.state.done) and standing.state == "available"
    ]


def _by_step(
    case: Case,
    say: Speaker,
    kind: str,
    title: str,
    act: Act,
    *,
    about: str = "",
    also: tuple[str, ...] = (),
) -> Now:
    """The card with the guidance that the procedure gives for its step."""
    rules = case.state.terms.rules if case.state.terms else None
    if not about and rules:
        found = next((step for step in rules.steps if step.act == kind), None)
        words = say.step_words(found.id) if found else None
    else:
        words = say.step_words(about)
    return Now(
        title=title,
        guidance=say.text(words.guidance) if words else "",
        more=say.text(words.more) if words and words.more else "",
        act=act,
        about=about,
        also=also,
    )


def _waiting(case: Case, say: Speaker) -> Now:
    requests = case.state.conversation.waiting
    name, request = max(requests.items(), key=lambda pair: pair[1].answer_by)
    customer = case.customer_name or say("the customer")
    words = say("%(name)s has until %(at)s.", name=customer, at=say.at(request.answer_by))
    if request.reminded < len(request.reminders):
        at = say.at(request.reminders[request.reminded])
        words += " " + say("Reminder %(number)s goes %(at)s.", number=request.reminded + 1, at=at)
    title = say("Waiting for %(name)s", name=customer)
    also = (f"information/{name}", f"remind/{name}", f"without/{name}")
    return Now(title, words, also=also)


def _approval(case: Case, say: Speaker, waiting: list[str], mine: list[str]) -> Now:
    if mine:
        matter = matter_words(case.state.approvals[mine[0]].matter, say)
        title = say("Decide: %(matter)s", matter=matter)
        words = what_follows(case, mine[0], say)
        return Now(title, words, act=ACTS["grant"], about=mine[0], also=(f"refuse/{mine[0]}",))
    matter = matter_words(case.state.approvals[waiting[0]].matter, say) if waiting else ""
    title = say("Waiting for approval: %(matter)s", matter=matter)
    return Now(title, say("Somebody else decides. You are told when they have."))


def _nothing(case: Case, say: Speaker) -> Now:
    ending = case.state.ending
    title = say("Closed: %(ending)s", ending=say.term("ending", ending)) if ending else ""
    if (standing := open_review(case)) is not None:
        return _review(case, say, *standing)
    if case.state.archived_at is not None:
        return Now(title or say("Archived"), say("The time to reopen it is over."))
    also = tuple(slug for slug, _ in after_closing(case))
    words = say("Nothing to do.")
    if "reopen" in also:
        until = say.at(reopen_until(case.state))
        words += " " + say("It can be reopened until %(at)s.", at=until)
    if "review" in also:
        until = say.at(review_until(case.state))
        words += " " + say("A second review can be asked for until %(at)s.", at=until)
    return Now(title, words, also=tuple(it for it in also if allowed(case, ACTS[it])))


def _review(case: Case, say: Speaker, name: str, review: Review) -> Now:
    who, at = say.name(review.reviewer), say.due(review.due)
    title = say("%(name)s looks at the decision again, by %(at)s", name=who, at=at)
    reason = next(it.reason for it in reviews_of(case, say) if it.name == name)
    act = ACTS["decide-review"]
    if case.person.staff in involved(case):
        why = say(
            "You had a part in the decision, or report to somebody who had, so somebody else looks"
            " at it again."
        )
        return Now(title, lines=reason, greyed=act, why_not=why)
    also = tuple(slug for slug, _ in after_closing(case) if slug == "reopen")
    return Now(title, lines=reason, act=act, about=name, also=also)


def first_due(cards: Iterable[Card]) -> Card | None:
    """The clock that runs out first."""
    return min((card for card in cards if card.live), key=lambda card: card.due, default=None)
