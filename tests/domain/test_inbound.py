"""Given what came by mail, when it is filed or dismissed, then that is a fact once."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.event import Actor
from domain.inbound import (
    INITIAL,
    DismissMail,
    FileMail,
    Mail,
    MailCommand,
    MailDealtWith,
    MailUnknown,
    ReceiveMail,
    decide,
    evolve,
    subject,
)
from domain.personal import Personal
from domain.reply_address import case_of, plain_address, reply_address

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BOX = Personal("words")
CASE = "complaint-018f0000-0000-7000-8000-000000000001"
BASE = {"at": AT, "actor": Actor(kind="automation", id="mailbox")}


def after(*commands: MailCommand) -> Mail:
    state = INITIAL
    for command in commands:
        state = reduce(evolve, decide(command, state), state)
    return state


def received(**more: object) -> ReceiveMail:
    fields = {"mail": "mail-1", "legal_entity": "shop", "kind": "person", "headline": BOX}
    return ReceiveMail.model_validate({"command_id": uuid4(), **BASE, **fields, **more})


def filed(case: str = CASE) -> FileMail:
    return FileMail(command_id=uuid4(), **BASE, case=case)


def dismissed() -> DismissMail:
    return DismissMail(command_id=uuid4(), **BASE, reason=BOX)


def test_a_mail_is_received_once_and_filed_once():
    assert decide(received(), after(received())) == []
    assert after(received(), filed()).filed_to == CASE
    assert decide(filed(), after(received(), filed())) == []


def test_what_is_dealt_with_is_not_dealt_with_again():
    for done in (filed(), dismissed()):
        state = after(received(), done)
        assert not state.open
        with pytest.raises(MailDealtWith):
            decide(dismissed(), state)
        with pytest.raises(MailDealtWith):
            decide(filed("complaint-other"), state)


def test_nothing_is_done_with_a_mail_that_never_came():
    with pytest.raises(MailUnknown):
        decide(filed(), INITIAL)


def test_a_strangers_words_have_a_subject_of_their_own():
    assert subject(after(received())) == "mail-1"
    assert subject(after(received(customer="customer-1", case=CASE))) == "customer-1"


@given(st.binary(min_size=1, max_size=40), st.binary(min_size=16, max_size=16))
def test_a_reply_address_names_its_case_and_no_forged_one_does(secret: bytes, id: bytes):
    stream = f"complaint-{UUID(bytes=id)}"
    address = reply_address(secret, stream, "care@house.example")
    assert len(address.rpartition("@")[0]) <= 64
    assert case_of(secret, address) == stream
    assert case_of(secret, address.upper()) == stream
    assert case_of(secret + b"other", address) is None
    assert plain_address(address) == "care@house.example"


@given(st.text())
def test_any_text_is_no_reply_address(text: str):
    assert case_of(b"secret", text) is None
    assert case_of(b"secret", f"care+{text}@house.example") is None
