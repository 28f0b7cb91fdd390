"""Acts of who answers for a case: take, assign, hand over in three lines, accept, send back."""

from __future__ import annotations

from typing import Final

from desk.acts.act import Act, Making
from desk.case import Case
from desk.colleagues import assignable, resolved
from desk.forms import Question
from desk.language import N_
from desk.promised import promises_of
from desk.words.facts import Speaker
from domain.access import Right, Thing
from domain.complaint_wishes import ComplaintCommand
from domain.ownership import AcceptHandOver, AssignComplaint, OfferHandOver, ReturnHandOver
from domain.timekeeping import running

MOST: Final = 5_000


def _take(making: Making) -> ComplaintCommand:
    return AssignComplaint(**making.base(), to=resolved(making, making.case.person.staff))


def _assign_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return [assignable(case, say)]


def _assign(making: Making) -> ComplaintCommand:
    return AssignComplaint(**making.base(), to=resolved(making, making.need("to")))


def promised_line(case: Case, say: Speaker, owner: str | None) -> str:
    """What the owner has promised and still owes, a line each."""
    promises = case.state.promises
    return "\n".join(
        say("%(what)s, by %(at)s", what=it.what, at=say.at(it.due))
        for it in promises_of(case, say)
        if promises[it.name].owner == owner
    )[:MOST]


def next_line(case: Case, say: Speaker) -> str:
    """What is next, as lists show it, with what runs out first."""
    act = say.term("next", case.row.next_act)
    due = min((clock.due for clock in running(case.state)), default=None)
    return act if due is None else say("%(what)s, by %(at)s", what=act, at=say.at(due))


def _hand_over_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    owner = case.state.ownership.owner
    return [
        assignable(case, say, owner),
        Question("known", say("What I know"), "long_text", rows=2, most=MOST),
        Question(
            "promised", say("What I promised"), "long_text", rows=2, most=MOST, required=False,
            value=promised_line(case, say, owner),
            help=say("Open promises travel along to whoever accepts."),
        ),
        Question(
            "next", say("What is next"), "long_text", rows=2, most=MOST,
            value=next_line(case, say),
        ),
    ]  # fmt: skip


def _hand_over(making: Making) -> ComplaintCommand:
    to = resolved(making, making.need("to"))
    return OfferHandOver(
        **making.base(),
        to=to,
        team=to.team,
        known=making.private("known"),
        promised=making.maybe_private("promised"),
        next=making.private("next"),
    )


def right_if_asked(case: Case) -> tuple[Right, Thing]:
    """Whoever works in the team by that, others for as long as they are asked."""
    return "write", "case" if case.may("write") else "asked"


def _accept(making: Making) -> ComplaintCommand:
    return AcceptHandOver(**making.base(), by=resolved(making, making.case.person.staff))


def _return_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return [Question("word", say("A word to the sender"), required=False)]


ACTS: Final = (
    Act("take", N_("Take it"), N_("Take it"), _take, key="a", done=N_("Done: it is yours.")),
    Act("assign", N_("Give it to somebody"), N_("Assign"), _assign, _assign_questions,
        right=("write", "team"), done=N_("Done: assigned.")),
    Act("hand-over", N_("Hand it over"), N_("Hand over"), _hand_over, _hand_over_questions,
        key="h", done=N_("Done: offered. You answer for it until it is accepted.")),
    Act("accept", N_("Accept the hand-over"), N_("Accept"), _accept,
        done=N_("Done: it is yours.")),
    Act("return", N_("Send the hand-over back"), N_("Send back"),
        lambda making: ReturnHandOver(**making.base(), word=making.maybe_private("word")),
        _return_questions, done=N_("Done: sent back.")),
)  # fmt: skip
