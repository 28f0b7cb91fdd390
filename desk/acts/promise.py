"""Acts on promises, and questions to colleagues."""

from __future__ import annotations

from typing import Final

from desk.acts.act import Act, Making
from desk.case import Case
from desk.colleagues import helpers, resolved_helper
from desk.forms import FormRefused, Question
from desk.language import N_, local
from desk.promised import promise_questions, promised
from desk.words.facts import Speaker
from domain.assist import AnswerColleague, AskColleague
from domain.complaint_wishes import ComplaintCommand
from domain.promise import (
    AcceptPromise,
    KeepPromise,
    MakePromise,
    MovePromise,
    OfferPromise,
    ReturnPromise,
)


def _promise_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    to = Question("promise_to", say("To whom, if not the customer"), required=False, most=300)
    return [*promise_questions(say, required=True), to]


def _promise(making: Making) -> ComplaintCommand:
    line = promised(making)
    if line is None:
        needed = making.say("This is needed.")
        raise FormRefused({"promise": needed, "promise_due": needed})
    return MakePromise(**making.base(), promise=str(making.command_id), promised=line)


def _keep_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return [Question("how", say("How it was kept"), required=False, most=2_000)]


def _keep(making: Making) -> ComplaintCommand:
    return KeepPromise(**making.base(), promise=making.about, how=making.maybe_private("how"))


def _move_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    promise = case.state.promises[about]
    return [
        Question(
            "promise_due",
            say("New date and time"),
            "moment",
            value=local(promise.due, say.zone),
            help=say("In the time of %(zone)s.", zone=say.zone_name(say.zone)),
        ),
        Question("reason", say("Why"), required=promise.moved >= promise.free_moves, most=2_000),
    ]


def _move(making: Making) -> ComplaintCommand:
    return MovePromise(
        **making.base(),
        promise=making.about,
        due=making.later("promise_due"),
        reason=making.maybe_private("reason"),
    )


def _to_question(case: Case, say: Speaker, about: str) -> list[Question]:
    return [helpers(case, say)]


def _offer(making: Making) -> ComplaintCommand:
    to = resolved_helper(making, making.need("to"))
    return OfferPromise(**making.base(), promise=making.about, to=to)


def _accept(making: Making) -> ComplaintCommand:
    by = resolved_helper(making, making.case.person.staff)
    return AcceptPromise(**making.base(), promise=making.about, by=by)


def _return(making: Making) -> ComplaintCommand:
    return ReturnPromise(**making.base(), promise=making.about, word=making.maybe_private("word"))


def _ask_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return [
        helpers(case, say),
        Question("what", say("What you need to know or have done"), "long_text", most=5_000),
        Question(
            "answer_by",
            say("Until when"),
            "moment",
            help=say("In the time of %(zone)s.", zone=say.zone_name(say.zone)),
        ),
    ]


def _ask(making: Making) -> ComplaintCommand:
    return AskColleague(
        **making.base(),
        task=str(making.command_id),
        to=resolved_helper(making, making.need("to")),
        what=making.private("what"),
        answer_by=making.later("answer_by"),
    )


def _answer_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return [Question("answer", say("Your answer"), "long_text", rows=4, most=20_000)]


def _answer(making: Making) -> ComplaintCommand:
    return AnswerColleague(**making.base(), task=making.about, answer=making.private("answer"))


def _word(case: Case, say: Speaker, about: str) -> list[Question]:
    return [Question("word", say("A word to the sender"), required=False)]


ACTS: Final = (
    Act("promise", N_("Note a promise"), N_("Note promise"), _promise, _promise_questions,
        key="w", done=N_("Done: the promise is noted, and you are told before it is due.")),
    Act("keep", N_("The promise is kept"), N_("Kept"), _keep, _keep_questions,
        done=N_("Done: the promise is kept.")),
    Act("move", N_("Move the promise"), N_("Move"), _move, _move_questions,
        done=N_("Done: the promise is moved.")),
    Act("offer-promise", N_("Hand the promise over"), N_("Hand over"), _offer, _to_question,
        done=N_("Done: offered. You answer for it until it is accepted.")),
    Act("accept-promise", N_("Accept the promise"), N_("Accept"), _accept,
        done=N_("Done: the promise is yours.")),
    Act("return-promise", N_("Send the promise back"), N_("Send back"), _return, _word,
        done=N_("Done: sent back.")),
    Act("ask-colleague", N_("Ask a colleague"), N_("Ask colleague"), _ask, _ask_questions,
        kind="internal", key="q", done=N_("Done: the colleague is asked.")),
    Act("answer-colleague", N_("Answer a colleague's question"), N_("Answer"), _answer,
        _answer_questions, kind="internal",
        done=N_("Done: answered.")),
)  # fmt: skip
ABOUT_PROMISES: Final = frozenset(
    {"keep", "move", "offer-promise", "accept-promise", "return-promise"}
)
