from __future__ import annotations

import signal
import smtplib

from houses import eventually

from domain.inbound import MailReceived
from projections import registry
from workers.embedded.ports import answers, free_port

MAIL = (
    b"From: Mei Hanlu <mei@secret.example>\r\nTo: care@evercase.example\r\n"
    b"Message-ID: <one@secret.example>\r\nSubject: A secret\r\n\r\nSecret words.\r\n"
)


def test_a_mail_is_kept_once_over_a_kill_and_no_log_tells_of_whom(
    evercase, database, ledger, tmp_path
):
    registry.prepare(ledger)
    port = free_port()
    told = []
    for _ in range(2):
        mailbox = evercase.start(
            "mailbox",
            home=tmp_path / "home",
            DATABASE_URL=database.app_url,
            EVERCASE_DEMO="true",
            EVERCASE_LMTP_PORT=str(port),
            EVERCASE_LOG_LEVEL="debug",
        )
        eventually(lambda: answers("127.0.0.1", port), "the mailbox listens")
        for _ in range(2):
            with smtplib.LMTP("127.0.0.1", port) as server:
                server.sendmail("mei@secret.example", ["care@evercase.example"], MAIL)
        mailbox.end(signal.SIGKILL)
        told.append(mailbox.text())
    received = [each for each in ledger.log(0, 100) if isinstance(each.event, MailReceived)]
    assert len(received) == 1
    assert "mail.received" in told[0]
    assert "ecret" not in "".join(told)


def test_a_socket_takes_mail_too(evercase, database, ledger, tmp_path):
    registry.prepare(ledger)
    path = tmp_path / "lmtp"
    mailbox = evercase.start(
        "mailbox",
        home=tmp_path / "home",
        DATABASE_URL=database.app_url,
        EVERCASE_DEMO="true",
        EVERCASE_LMTP_SOCKET=str(path),
    )
    eventually(path.is_socket, "the mailbox listens")
    with smtplib.LMTP(str(path)) as server:
        assert server.sendmail("mei@secret.example", ["care@evercase.example"], MAIL) == {}
    assert mailbox.end(signal.SIGTERM) == 0
