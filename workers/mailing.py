"""The mail server of the settings."""

from __future__ import annotations

from workers.settings import Settings
from workflows.mail import MailServer


def mail_server(settings: Settings) -> MailServer:
    password = settings.smtp_password
    return MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.mail_from,
        username=settings.smtp_user,
        password=password.get_secret_value() if password else None,
        start_tls=settings.smtp_security == "starttls",
        secret=settings.signing_secret().encode(),
        use_tls=settings.smtp_security == "tls",
    )
