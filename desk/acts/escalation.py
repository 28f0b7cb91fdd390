"""Acts when a case runs late or is stuck: say why, call the lead."""

from __future__ import annotations

from typing import Final, cast

from desk.acts.act import Act, Making
from desk.acts.approval import clock_question
from desk.acts.questions import pick
from desk.case import Case
from desk.forms import Question
from desk.language import N_
from desk.words.facts import Speaker
from desk.words.terms import TERMS, choices
from domain.clock import Clock
from domain.complaint_wishes import ComplaintCommand
from domain.escalation import CallLead, DelayCause, ExplainBreach


def unexplained(case: Case) -> list[Clock]:
    """The missed limits whose cause nobody has said."""
    clocks = case.state.clocks.values()
    return [c for c in clocks if c.breached_at and c.id not in case.state.explained]


def _explain_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    causes = choices(say.language, "delay")
    return [
        clock_question(unexplained(case), say),
        Question("cause", say("What was the cause?"), "choice", choices=causes),
        Question("words", say("In a few words"), required=False, most=500),
    ]


def _explain(making: Making) -> ComplaintCommand:
    cause = pick(making, "cause", list(TERMS["delay"]))
    words = making.maybe_private("words")
    clock = making.need("clock")
    return ExplainBreach(**making.base(), clock=clock, cause=cast(DelayCause, cause), words=words)


def _why_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return [Question("why", say("What do you need from the lead?"), "long_text", most=2_000)]


ACTS: Final = (
    Act("explain", N_("Say why the limit was missed"), N_("Save the cause"), _explain,
        _explain_questions, done=N_("Done: the cause is noted.")),
    Act("call-lead", N_("Call the team lead"), N_("Call the lead"),
        lambda making: CallLead(**making.base(), why=making.private("why")), _why_questions,
        key="e", done=N_("Done: the lead is called.")),
)  # fmt: skip
