"""Acts in the life of a complaint: acknowledge, assess, steps, and its endings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from desk.acts.act import Act, Making
from desk.acts.questions import channel_of, channel_question, pick, when_question
from desk.case import Case
from desk.forms import Question
from desk.language import N_
from desk.letters import letter_questions, told
from desk.words.facts import Speaker
from desk.words.terms import TERMS, choices
from domain.complaint_facts import Severity
from domain.complaint_wishes import (
    AcknowledgeComplaint,
    AssessComplaint,
    CloseComplaint,
    ComplaintCommand,
    DecideNotAComplaint,
    NameColleague,
    RecordStep,
    RecusePerson,
    ReopenComplaint,
    WithdrawComplaint,
)
from domain.procedure import Step

# acknowledge


def _acknowledge_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return letter_questions(case, say, "acknowledgement")


def _acknowledge(making: Making) -> ComplaintCommand:
    fields = told(making, "acknowledgement")
    return AcknowledgeComplaint.model_validate({**making.base(), **fields})


# assess, and the steps of the procedure


def step_questions(case: Case, say: Speaker, step: Step | None) -> list[Question]:
    """The questions of a step in the words of the procedure."""
    if step is None:
        return []
    words = say.step_words(step.id)
    questions = []
    for field in step.fields:
        kind = "choice" if field.kind == "yes_no" else field.kind
        ids = ("yes", "no") if field.kind == "yes_no" else field.choices
        named = {"yes": say("yes"), "no": say("no")}
        if words:
            named |= {i: say.text(words.choices[f"{field.id}.{i}"]) for i in field.choices}
        questions.append(
            Question(
                f"answer.{field.id}",
                say.text(words.fields[field.id]) if words else field.id,
                kind,
                required=field.required,
                choices=[(i, named.get(i, i)) for i in ids],
                most=20_000 if kind == "long_text" else 500,
            )
        )
    return questions


def answers_of(typed: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("answer."): value
        for name, value in typed.items()
        if name.startswith("answer.") and value.strip()
    }


def _assess_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    state, entity = case.state, case.house.directory.entity(case.state.legal_entity)
    categories = dict(entity.categories) if entity else {}
    named = [(id, say.text(text)) for id, text in categories.items()]
    if state.category not in categories:
        named.insert(0, (state.category, say.category(state.legal_entity, state.category)))
    rules = state.terms.rules.step_for("assess") if state.terms else None
    return [
        Question(
            "severity",
            say("Severity"),
            "choice",
            choices=choices(say.language, "severity"),
            value=state.severity,
        ),
        Question("category", say("Category"), "choice", choices=named, value=state.category),
        *step_questions(case, say, rules),
        Question(
            "fast_lane",
            say("Fast lane: danger to life or health, or great harm"),
            "yes_no",
            required=False,
            value="yes" if state.fast_lane else "",
        ),
    ]


def _assess(making: Making) -> ComplaintCommand:
    severity = pick(making, "severity", [value for value, _ in choices("en", "severity")])
    return AssessComplaint(
        **making.base(),
        severity=cast(Severity, severity),
        category=making.need("category")[:100],
        fast_lane=making.maybe("fast_lane") == "yes",
        answers=answers_of(making.typed),
    )


def _step_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    assert case.state.terms is not None
    return step_questions(case, say, case.state.terms.rules.step(about))


def _step(making: Making) -> ComplaintCommand:
    return RecordStep(**making.base(), step=making.about, answers=answers_of(making.typed))


# endings


def _close_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    codes = choices(say.language, "reason")
    return [Question("reason_code", say("What was the cause?"), "choice", choices=codes)]


def _close(making: Making) -> ComplaintCommand:
    return CloseComplaint(
        **making.base(), reason_code=pick(making, "reason_code", list(TERMS["reason"]))
    )


def _why(title: str, name: str = "why") -> list[Question]:
    return [Question(name, title, "long_text", most=5_000)]


def _withdraw_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    why = Question("why", say("Why, in the customer's words"), "long_text", required=False)
    return [channel_question(say), why, when_question(say)]


def _withdraw(making: Making) -> ComplaintCommand:
    base = making.base(making.moment("at"))
    why = making.maybe_private("why")
    return WithdrawComplaint(**base, channel=channel_of(making), why=why)


def _instead_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return [
        Question("instead", say("It is"), "choice", choices=choices(say.language, "instead")),
        *_why(say("Why it is not a complaint"), "reason"),
    ]


def _instead(making: Making) -> ComplaintCommand:
    instead = pick(making, "instead", ["inquiry", "suggestion", "praise"])
    return DecideNotAComplaint.model_validate(
        {**making.base(), "instead": instead, "reason": making.private("reason")}
    )


def _colleague(case: Case, say: Speaker, left_out: frozenset[str]) -> list[Question]:
    people = [
        (stream, say.text(one.name))
        for stream, one in case.house.directory.staff.items()
        if not one.left and stream not in left_out
    ]
    who = Question("staff", say("Who"), "choice", choices=say.in_order(people))
    return [who, *_why(say("Reason"), "reason")]


def _recuse_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return _colleague(case, say, case.state.recused)


def _named_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return _colleague(case, say, case.state.named)


def _recuse(making: Making) -> ComplaintCommand:
    staff = pick(making, "staff", list(making.case.house.directory.staff))
    return RecusePerson(**making.base(), staff=staff, reason=making.private("reason"))


def _named(making: Making) -> ComplaintCommand:
    staff = pick(making, "staff", list(making.case.house.directory.staff))
    return NameColleague(**making.base(), staff=staff, reason=making.private("reason"))


ACTS: Final = (
    Act("acknowledge", N_("Acknowledge the complaint"), N_("Send acknowledgement"), _acknowledge,
        _acknowledge_questions, kind="out", done=N_("Done: the receipt is acknowledged.")),
    Act("assess", N_("Assess the complaint"), N_("Save assessment"), _assess, _assess_questions,
        guarded=True, done=N_("Done: assessed.")),
    Act("step", N_("Record a step"), N_("Record finding"), _step, _step_questions,
        done=N_("Done: recorded.")),
    Act("close", N_("Close the complaint"), N_("Close"), _close, _close_questions, key="c",
        guarded=True, done=N_("Done: closed.")),
    Act("reopen", N_("Reopen the complaint"), N_("Reopen"),
        lambda making: ReopenComplaint(**making.base(), why=making.private("why")),
        lambda case, say, about: _why(say("Why it is opened again")), guarded=True,
        done=N_("Done: reopened.")),
    Act("withdraw", N_("The customer withdraws the complaint"), N_("Record withdrawal"), _withdraw,
        _withdraw_questions, guarded=True, done=N_("Done: withdrawn.")),
    Act("not-a-complaint", N_("Decide that it is not a complaint"), N_("Not a complaint"), _instead,
        _instead_questions, guarded=True, done=N_("Done: decided.")),
    Act("recuse", N_("Keep somebody out of this case"), N_("Keep out"), _recuse, _recuse_questions,
        right=("write", "recusal"), done=N_("Done: kept out.")),
    Act("named", N_("Somebody of ours is complained about"), N_("Record who"), _named,
        _named_questions, done=N_("Done: they and their line see nothing of it.")),
)  # fmt: skip
