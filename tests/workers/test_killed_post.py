"""The mail listener and the sender of webhooks are killed in the middle of their work."""

from __future__ import annotations

import os
import signal
import smtplib
from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
from houses import eventually
from mailing import OWN, SECRET, written
from people import PASSWORD, SETUP
from receiving import receiver
from storm import Cases, prepare, terms

from desk import webhook
from desk.authentication.session import set_password
from desk.webhook_delivery import BATCH
from domain.conversation import CustomerWrote
from domain.inbound import MailReceived
from domain.personal import Personal
from domain.reply_address import reply_address
from domain.staff import GiveRole, RegisterStaff, staff
from domain.staff_facts import Role
from domain.text import Text
from ledger.follow import catch_up
from projections import registry
from workers.embedded.ports import answers, free_port

HOUR = 3600.0


def cases(ledger, many: int) -> list[str]:
    registry.prepare(ledger)
    prepare(ledger)
    made = Cases(ledger, terms(reply_within=HOUR))
    made.lodge(many, per_second=1_000)
    return made.streams


def read_models(ledger) -> None:
    for follower in registry.followers(ledger):
        catch_up(ledger, follower)


def test_kill_9_of_the_mail_listener_files_each_mail_once(evercase, database, ledger, tmp_path):
    (case,) = cases(ledger, 1)
    read_models(ledger)
    port = free_port()

    def start():
        mailbox = evercase.start(
            "mailbox", home=tmp_path / "home", DATABASE_URL=database.app_url, EVERCASE_DEMO="true",
            EVERCASE_LMTP_PORT=str(port), EVERCASE_MAIL_FROM=OWN, EVERCASE_SESSION_SECRET=SECRET,
        )  # fmt: skip
        eventually(lambda: answers("127.0.0.1", port), "the mailbox listens")
        return mailbox

    def give(raw: bytes, recipient: str, killed: bool) -> bool:
        """As a mail server does; whether it was told that the mail is durable."""
        with smtplib.LMTP("127.0.0.1", port, timeout=60) as server:
            server.ehlo()
            server.mail(sender)
            server.rcpt(recipient)
            server.docmd("DATA")
            server.send(raw + b"\r\n.\r\n")
            if killed:
                os.kill(mailbox.process.pid, signal.SIGKILL)
            return server.getreply()[0] == 250

    sender, to_case = "case-0@example.org", reply_address(SECRET.encode(), case, OWN)
    mailbox = start()
    for number in range(32):
        recipient = to_case if number % 2 else OWN
        raw = written(f"mail-{number}-end", sender=sender)
        durable = False
        for killed in (number % 8 in (3, 6), False):
            if durable:
                break
            try:
                durable = give(raw, recipient, killed)
            except (smtplib.SMTPException, OSError):
                durable = False
            if killed:
                mailbox.process.wait()
                mailbox = start()
        assert durable
    events = [record.event for record in ledger.log(0, 10_000)]
    came = [event for event in events if isinstance(event, MailReceived)]
    assert len(came) == 32
    told = [ledger.open(event.text) for event in events if isinstance(event, CustomerWrote)]
    assert Counter(told) == {f"mail-{number}-end": 1 for number in range(1, 32, 2)}


def test_kill_9_of_the_sender_leaves_out_no_fact_and_keeps_their_order(
    evercase, database, ledger, tmp_path
):
    now = datetime.now(UTC)
    base = {"at": now, "actor": SETUP}
    who, role = "staff-kim", Role(name="compliance", legal_entity="storm")
    name = Text(en="Kim", zh="金")
    registered = RegisterStaff(
        command_id=uuid4(), **base, staff=who, login="kim", name=name, language="en",
        email=Personal("kim@house.example"),
    )  # fmt: skip
    ledger.handle(staff, who, registered)
    ledger.handle(staff, who, GiveRole(command_id=uuid4(), **base, role=role))
    cases(ledger, 60)
    read_models(ledger)
    facts = [
        record.position
        for record in ledger.log(0, 10_000)
        if record.stream.startswith(("complaint-", "customer-"))
    ]

    def start():
        return evercase.start(
            "webhooks", home=tmp_path / "home", DATABASE_URL=database.app_url,
            EVERCASE_DEMO="true", EVERCASE_WEBHOOKS_WITHIN="127.0.0.0/8",
        )  # fmt: skip

    with receiver() as taking:
        with psycopg.connect(database.app_url, autocommit=True) as db:
            set_password(db, "kim", PASSWORD, who, "en")
            assert webhook.make(db, "kim", taking.url, (), position=0, now=now)
        for _ in range(3):
            seen = len(taking.requests)
            sending = start()
            taking.before_answer = lambda sending=sending: sending.end(signal.SIGKILL)
            eventually(lambda seen=seen: len(taking.requests) > seen, "a delivery comes")
            eventually(lambda sending=sending: sending.process.poll() is not None, "it is dead")
            taking.before_answer = lambda: None
        sending = start()
        eventually(lambda: facts[-1] in taking.positions, "the last fact comes")
        assert sending.end(signal.SIGTERM) == 0
    assert len(facts) > 2 * BATCH
    assert len(taking.positions) > len(facts)
    first_times = list(dict.fromkeys(taking.positions))
    assert first_times == facts
