from __future__ import annotations

import smtplib
import stat
from email.message import EmailMessage
from email.policy import SMTP

from houses import eventually

from workers.embedded.ports import answers, free_port


def letter(identifier: str, words: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = f"<{identifier}@evercase.example>"
    message["From"], message["To"] = "care@evercase.example", "somebody@example.org"
    message["Subject"] = "您的投诉 C-2026-000001"
    message.set_content(words)
    return message.as_bytes()


def test_each_letter_is_kept_once_however_often_it_is_delivered(evercase, database, tmp_path):
    home, port = tmp_path / "home", free_port()
    drop = evercase.start(
        "maildrop",
        home=home,
        DATABASE_URL=database.app_url,
        EVERCASE_DEMO="true",
        EVERCASE_SMTP_PORT=str(port),
    )
    eventually(lambda: answers("127.0.0.1", port), "the mail drop listens")
    for words, identifier in (("first", "l-1"), ("again", "l-1"), ("second", "l-2")):
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.sendmail(
                "care@evercase.example", ["somebody@example.org"], letter(identifier, words)
            )
    kept = list((home / "mail").iterdir())
    assert sorted(b"first" in file.read_bytes() for file in kept) == [False, True]
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept} == {0o600}
    assert stat.S_IMODE((home / "mail").stat().st_mode) == 0o700
    assert drop.end() == 0
    assert "somebody@example.org" not in drop.text()
