"""The mail server of the settings."""

from __future__ import annotations

from workers.settings import Settings
from workflows.mail import MailServer


def mail_server(settings: Settings, secret: bytes = b"") -> MailServer:
    """``secret`` signs the addresses that customers answer to; mail to staff needs none."""
    password = settings.smtp_password
    return MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.mail_from,
        username=settings.smtp_user,
        password=password.get_secret_value() if password else None,
        start_tls=settings.smtp_security == "starttls",
        secret=secret,
        use_tls=settings.smtp_security == "tls",
    )
