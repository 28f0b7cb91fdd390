"""The mail drop: an SMTP server on the loopback that keeps letters instead of sending them."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from workers.settings import Settings

LARGEST_MESSAGE_BYTES = 10_000_000


def file_name(content: bytes) -> str:
    """The same for every delivery of one letter: from its Message-ID, else from all of it."""
    identifier = message_from_bytes(content, policy=default).get("Message-ID")
    key = str(identifier).strip().encode() if identifier else content
    return f"{hashlib.sha256(key).hexdigest()[:32]}.eml"


def keep(folder: Path, content: bytes) -> bool:
    """Store a message once, whole or not at all, readable by us alone. False: it was there."""
    file = folder / file_name(content)
    if file.exists():
        return False
    draft = file.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)
    return True


class Drop:
    """What aiosmtpd asks for each message."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        new = keep(self.folder, content)
        structlog.get_logger().info("mail kept", file=file_name(content), new=new)
        return "250 2.0.0 kept"


def run(settings: Settings) -> None:
    """Take mail until SIGTERM."""
    settings.mail_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.mail_folder.chmod(0o700)
    asyncio.run(serve(settings.mail_folder, settings.smtp_host, settings.smtp_port))


async def serve(folder: Path, host: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, told.set)
    drop = Drop(folder)

    def session() -> SMTP:
        return SMTP(drop, data_size_limit=LARGEST_MESSAGE_BYTES, enable_SMTPUTF8=True)

    server = await loop.create_server(session, host, port)
    await told.wait()
    server.close()
