"""Given a mail that waits, when it becomes part of a case, then both streams say so, or neither."""

from __future__ import annotations

from functools import reduce
from uuid import uuid4

import pytest
from casework import AGENT, BOX, MONDAY, Case, terms
from test_inbound import received

from domain.complaint_standing import ComplaintUnknown
from domain.conversation import (
    REMEMBERED,
    AskForInformation,
    CustomerWrote,
    InformationReceived,
    RecordCustomerMessage,
)
from domain.decider import DomainError
from domain.event import Event
from domain.filing import (
    FileToCase,
    LodgeFromMail,
    MailOfAnotherCompany,
    decide,
    decide_across,
    evolve,
    streams_of,
    subject,
)
from domain.inbound import INITIAL, DismissMail, MailDealtWith, MailFiled, MailUnknown
from domain.inbound import decide as decide_mail
from domain.inbound import evolve as evolve_mail

MAIL = "mail-1"
LODGE = {
    "at": MONDAY, "actor": AGENT, "mail": MAIL, "complaint": "complaint-2",
    "number": "C-2026-000002", "legal_entity": "larkmere-uk", "team": "first",
    "customer": "customer-1", "channel": "email", "product": "account", "category": "fees",
    "what_happened": BOX, "terms": terms(),
}  # fmt: skip


def waiting(dismissed: bool = False):
    came = received(waits="unknown_sender", legal_entity="larkmere-uk")
    state = reduce(evolve_mail, decide_mail(came, INITIAL), INITIAL)
    if dismissed:
        gone = DismissMail(command_id=uuid4(), at=came.at, actor=AGENT, reason=BOX)
        state = reduce(evolve_mail, decide_mail(gone, state), state)
    return state


def to_case(case: Case, **more: object) -> FileToCase:
    return FileToCase.model_validate(
        {"command_id": uuid4(), "at": case.now, "actor": AGENT, "message": MAIL,
         "case": case.state.stream, "channel": "email", "text": BOX, **more}
    )  # fmt: skip


def kinds(decided: list[tuple[str, Event]]) -> list[tuple[str, type[Event]]]:
    return [(stream, type(event)) for stream, event in decided]


def test_filed_it_is_the_customers_word_and_answers_what_was_asked():
    case = Case()
    case.do(AskForInformation, request="r1", channel="phone", what=BOX)
    stream = case.state.stream
    decided = decide_across(to_case(case, answers=True), {MAIL: waiting(), stream: case.state})
    told = kinds(decided)
    assert told[-1] == (MAIL, MailFiled)
    assert (stream, CustomerWrote) in told
    assert (stream, InformationReceived) in told
    after = reduce(evolve, (event for on, event in decided if on == stream), case.state)
    assert after.conversation.waiting == {}
    assert after.conversation.unanswered_since == case.now


def test_dealt_with_it_is_filed_nowhere_else():
    case = Case()
    for state, wrong in ((waiting(dismissed=True), MailDealtWith), (INITIAL, MailUnknown)):
        with pytest.raises(wrong):
            decide_across(to_case(case), {MAIL: state, case.state.stream: case.state})
    with pytest.raises(ComplaintUnknown):
        decide_across(to_case(case), {MAIL: waiting(), case.state.stream: None})


def test_filed_twice_to_one_case_it_is_there_once():
    case = Case()
    states = {MAIL: waiting(), case.state.stream: case.state}
    for stream, event in decide_across(to_case(case), states):
        states[stream] = evolve(states[stream], event)
    assert decide_across(to_case(case), states) == []


def test_what_the_case_knows_already_is_not_told_again_when_its_mail_is_filed():
    case = Case()
    case.do(RecordCustomerMessage, message=MAIL, channel="email", text=BOX)
    states = {MAIL: waiting(), case.state.stream: case.state}
    assert kinds(decide_across(to_case(case), states)) == [(MAIL, MailFiled)]
    for n in range(2 * REMEMBERED):
        case.do(RecordCustomerMessage, message=f"m{n}", channel="phone", text=BOX)
    assert len(case.state.conversation.messages) == REMEMBERED


def test_lodged_from_a_mail_the_case_and_the_mail_know_each_other():
    lodge = LodgeFromMail.model_validate({**LODGE, "command_id": uuid4()})
    decided = decide_across(lodge, {MAIL: waiting(), lodge.complaint: None})
    filed = decided[-1][1]
    assert isinstance(filed, MailFiled)
    assert filed.case == lodge.complaint
    first = evolve(None, decided[0][1])
    assert subject(first) == lodge.customer
    with pytest.raises(MailDealtWith):
        decide_across(lodge, {MAIL: waiting(dismissed=True), lodge.complaint: None})


def test_a_mail_becomes_part_of_no_other_company():
    case = Case(legal_entity="woodquill")
    lodge = LodgeFromMail.model_validate(
        {**LODGE, "command_id": uuid4(), "legal_entity": "woodquill"}
    )
    for wish, there in ((to_case(case), case.state), (lodge, None)):
        with pytest.raises(MailOfAnotherCompany):
            decide_across(wish, {MAIL: waiting(), streams_of(wish)[0]: there})


def test_one_stream_alone_files_nothing():
    with pytest.raises(DomainError):
        decide(to_case(Case()), waiting())
    assert subject(waiting()) == MAIL
    assert subject(None) is None
