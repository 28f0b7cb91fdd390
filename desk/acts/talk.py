"""Acts between people: reply, note, messages, questions to the customer, letters."""

from __future__ import annotations

from typing import Final

from desk.acts.act import Act, Making
from desk.acts.questions import channel_of, channel_question, when_question
from desk.called import mentioned, readers
from desk.case import Case
from desk.forms import FormRefused, Question
from desk.language import N_
from desk.letters import asking, letter_questions, reminding, told
from desk.promised import promise_questions, promised
from desk.saved_replies import began_as, pick_question
from desk.uploads import question
from desk.words.facts import Speaker
from domain.complaint_wishes import ComplaintCommand
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
from domain.personal import Personal

# conversation


def _reply_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    *head, text = letter_questions(case, say, "reply")
    return [
        *head, *pick_question(case, say), text, *promise_questions(say),
        question(case.house, say),
    ]  # fmt: skip


def _reply(making: Making) -> ComplaintCommand:
    said = {**told(making, "reply"), **began_as(making), "promise": promised(making)}
    return ReplyToCustomer.model_validate({**making.base(), **said})


def _note_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    help = say("@ and a name tells a colleague of it.")
    text = Question("text", say("Note"), "long_text", most=20_000, help=help, calls=True)
    return [text, *promise_questions(say), question(case.house, say)]


def _note(making: Making) -> ComplaintCommand:
    text = making.need("text")
    return AddNote(
        **making.base(),
        text=Personal(text),
        mentions=mentioned(making.case, text, anyway="anyway" in making.typed),
        readers=readers(making.case),
        promise=promised(making),
    )


def _message_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    text = Question("text", say("In the customer's words"), "long_text", rows=5, most=20_000)
    return [
        channel_question(say), text, when_question(say), *promise_questions(say),
        question(case.house, say),
    ]  # fmt: skip


def _message(making: Making) -> ComplaintCommand:
    return RecordCustomerMessage(
        **making.base(making.moment("at")),
        message=str(making.command_id),
        channel=channel_of(making),
        text=making.private("text"),
        promise=promised(making),
    )


def _ask_questions(case: Case, say: Speaker, about: str) -> list[Question]:
    what = Question("what", say("What we need, in a few words"), most=500)
    return [what, *letter_questions(case, say, "information_request", own=asking(case))]


def _ask(making: Making) -> ComplaintCommand:
    needed = {"asked": making.need("what")}
    fields = told(making, "information_request", asking(making.case), needed)
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
    return letter_questions(case, say, "reminder", own=reminding(case, about))


def _remind(making: Making) -> ComplaintCommand:
    fields = told(making, "reminder", reminding(making.case, making.about))
    if "words" not in fields:
        raise FormRefused({"channel": making.say("A reminder is written.")})
    return RemindCustomer.model_validate({**making.base(), **fields, "request": making.about})


# letters


def _posted(making: Making) -> ComplaintCommand:
    return RecordDelivery(**making.base(making.moment("at")), letter=making.about, sent=True)


ACTS: Final = (
    Act("reply", N_("To the customer"), N_("Send to customer"), _reply, _reply_questions,
        kind="out", key="r", guarded=True, done=N_("Done: your words go out.")),
    Act("note", N_("Only colleagues"), N_("Save note"),
        _note, _note_questions, right=("write", "note"), kind="internal", key="m",
        done=N_("Done: noted.")),
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
    Act("pull-back", N_("Pull the letter back"), N_("Undo"),
        lambda making: PullBackLetter(**making.base(), letter=making.about), key="u",
        done=N_("Done: the letter stays here.")),
    Act("posted", N_("The letter was sent by hand"), N_("Record as sent"), _posted,
        lambda case, say, about: [when_question(say)], done=N_("Done: recorded as sent.")),
)  # fmt: skip
