"""Acts between people: reply, note, messages, questions to the customer, letters, owners."""

from __future__ import annotations

from typing import Final

from desk.act import Act, Making
from desk.case import Case
from desk.finding import open_cases
from desk.forms import FormRefused, Question
from desk.language import N_
from desk.letters import letter_questions, told
from desk.life_acts import channel_of, channel_question, when_question
from desk.words import Speaker
from domain.complaint_facts import ComplaintCommand
from domain.conversation import (
    AddNote,
    AskForInformation,
    DecideNoReplyNeeded,
    RecordCustomerMessage,
    RecordInformation,
    RemindCustomer,
    ReplyToCustomer,
)
from domain.decider import Words
from domain.letter import PullBackLetter, RecordDelivery
from domain.ownership import (
    AcceptHandOver,
    AssignComplaint,
    Assignee,
    OfferHandOver,
    ReturnHandOver,
)
from domain.personal import Personal
from projections.case import Case as Row

# conversation


def _reply_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return letter_questions(case, say, "reply")


def _reply(making: Making) -> ComplaintCommand:
    return ReplyToCustomer.model_validate({**making.base(), **told(making, "reply")})


def _note_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return [Question("text", say("Only colleagues read this"), "long_text", most=20_000)]


def _message_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    text = Question("text", say("In the customer's words"), "long_text", rows=5, most=20_000)
    return [channel_question(say), text, when_question(say)]


def _message(making: Making) -> ComplaintCommand:
    return RecordCustomerMessage(
        **making.base(making.moment("at")),
        message=str(making.command_id),
        channel=channel_of(making),
        text=making.private("text"),
    )


def _ask_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    what = Question("what", say("What we need, in a few words"), most=500)
    return [what, *letter_questions(case, say, "information_request")]


def _ask(making: Making) -> ComplaintCommand:
    fields = told(making, "information_request")
    what = making.private("what")
    said = fields.pop("said", None)
    words = fields.get("words")
    if isinstance(said, Personal):
        what = said
    assert words is None or isinstance(words, Words)
    return AskForInformation.model_validate(
        {**making.base(), **fields, "request": str(making.command_id), "what": what}
    )


def _information_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    text = Question("text", say("What the customer gave"), "long_text", rows=4, most=20_000)
    return [channel_question(say), text, when_question(say)]


def _information(making: Making) -> ComplaintCommand:
    return RecordInformation(
        **making.base(making.moment("at")),
        request=making.about,
        channel=channel_of(making),
        text=making.private("text"),
    )


def _without_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return [Question("text", say("Why we go on without it"), "long_text", most=2_000)]


def _without(making: Making) -> ComplaintCommand:
    return RecordInformation(
        **making.base(), request=making.about, text=making.private("text"), without=True
    )


def _remind_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return letter_questions(case, say, "reminder")


def _remind(making: Making) -> ComplaintCommand:
    fields = told(making, "reminder")
    if "words" not in fields:
        raise FormRefused({"channel": making.say("A reminder is written.")})
    return RemindCustomer.model_validate({**making.base(), **fields, "request": making.about})


# owners


def assignee(case: Case, staff: str) -> Assignee | None:
    """A colleague who can work this case, resolved: team, load, capacity; None: cannot."""
    record = case.house.directory.staff.get(staff)
    if record is None or record.left:
        return None
    line: Row = case.row
    roles = [
        role
        for role in record.roles
        if role.name in ("agent", "team_lead")
        and role.legal_entity == line.legal_entity
        and role.branch in (None, line.branch)
    ]
    if not roles:
        return None
    role = min(roles, key=lambda r: (r.team != line.team, r.team is None, r.team or ""))
    return Assignee(
        staff=staff,
        team=role.team or line.team,
        open_cases=open_cases(case.house, staff) if record.capacity is not None else 0,
        capacity=record.capacity,
        conflicted=staff in case.state.recused,
    )


def _people(case: Case, say: Speaker) -> list[tuple[str, str]]:
    named = [
        (staff, say.name(staff))
        for staff in case.house.directory.staff
        if staff not in case.state.recused and assignee_quick(case, staff)
    ]
    return sorted(named, key=lambda pair: pair[1])


def assignee_quick(case: Case, staff: str) -> bool:
    record = case.house.directory.staff[staff]
    return not record.left and any(
        role.name in ("agent", "team_lead")
        and role.legal_entity == case.row.legal_entity
        and role.branch in (None, case.row.branch)
        for role in record.roles
    )


def _resolved(making: Making, staff: str, field: str = "to") -> Assignee:
    found = assignee(making.case, staff)
    if found is None:
        raise FormRefused({field: making.say("This person cannot take the case.")})
    return found


def _take(making: Making) -> ComplaintCommand:
    return AssignComplaint(**making.base(), to=_resolved(making, making.case.person.staff))


def _assign_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return [Question("to", say("To whom"), "choice", choices=_people(case, say))]


def _assign(making: Making) -> ComplaintCommand:
    return AssignComplaint(**making.base(), to=_resolved(making, making.need("to")))


def _hand_over_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    people = [pair for pair in _people(case, say) if pair[0] != case.state.ownership.owner]
    return [
        Question("to", say("To whom"), "choice", choices=people),
        Question("known", say("What I know"), "long_text", rows=2, most=5_000),
        Question("promised", say("What I promised"), "long_text", rows=2, required=False),
        Question("next", say("What is next"), "long_text", rows=2, most=5_000),
    ]


def _hand_over(making: Making) -> ComplaintCommand:
    to = _resolved(making, making.need("to"))
    return OfferHandOver(
        **making.base(),
        to=to,
        team=to.team,
        known=making.private("known"),
        promised=making.maybe_private("promised"),
        next=making.private("next"),
    )


def _accept(making: Making) -> ComplaintCommand:
    return AcceptHandOver(**making.base(), by=_resolved(making, making.case.person.staff))


def _return_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    return [Question("word", say("A word to the sender"), required=False)]


# letters


def _posted(making: Making) -> ComplaintCommand:
    return RecordDelivery(**making.base(making.moment("at")), letter=making.about, sent=True)


ACTS: Final = (
    Act("reply", N_("To the customer"), N_("Send to customer"), _reply, _reply_questions,
        kind="out", key="r", guarded=True, done=N_("Done: your words go out.")),
    Act("note", N_("Only colleagues"), N_("Save note"),
        lambda making: AddNote(**making.base(), text=making.private("text")), _note_questions,
        right=("write", "note"), kind="internal", key="m", done=N_("Done: noted.")),
    Act("message", N_("The customer said something"), N_("Record message"), _message,
        _message_questions, done=N_("Done: recorded.")),
    Act("no-reply", N_("Decide that no reply is needed"), N_("No reply needed"),
        lambda making: DecideNoReplyNeeded(**making.base()), guarded=True,
        done=N_("Done: no reply is needed.")),
    Act("ask", N_("Ask the customer"), N_("Ask customer"), _ask, _ask_questions, kind="out",
        key="i", done=N_("Done: the customer is asked.")),
    Act("information", N_("The customer gave the information"), N_("Record answer"), _information,
        _information_questions, done=N_("Done: recorded.")),
    Act("remind", N_("Remind the customer"), N_("Remind now"), _remind, _remind_questions,
        kind="out", done=N_("Done: the reminder goes out.")),
    Act("without", N_("Go on without it"), N_("Go on without it"), _without, _without_questions,
        done=N_("Done: going on.")),
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
    Act("pull-back", N_("Pull the letter back"), N_("Undo"),
        lambda making: PullBackLetter(**making.base(), letter=making.about), key="u",
        done=N_("Done: the letter stays here.")),
    Act("posted", N_("The letter was sent by hand"), N_("Record as sent"), _posted,
        lambda case, say, about: [when_question(say)], done=N_("Done: recorded as sent.")),
)  # fmt: skip
