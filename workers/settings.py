"""Every setting of Evercase, read from the environment; nothing else in the house reads it."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Final, Literal

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from desk.outward import Outward
from workers.trouble import Trouble

DEFAULT_SECRET: Final = "change-me"  # noqa: S105 - a start outside the demo refuses this very word
MASTER_KEY_BYTES: Final = 32

Port = Annotated[int, Field(ge=0, le=65_535)]


class SettingsRefused(Trouble):
    """A setting is missing or unsafe; the text names the variable and says what to do."""


class Settings(BaseSettings):
    """Read as ``DATABASE_URL``, ``MIGRATE_DATABASE_URL``, ``TEMPORAL_*`` and ``EVERCASE_*``.

    Without a database address the engines that Evercase brings along are used, with their data
    in ``home``.
    """

    model_config = SettingsConfigDict(
        env_prefix="EVERCASE_",
        env_ignore_empty=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    home: Path = Path(".evercase")
    parent: int | None = None
    """The process to end with (make's, in ``make demo``), also when that one is killed."""
    demo: bool = False
    demo_mode: Literal["stay", "once"] = Field("stay", validation_alias="DEMO")

    database_url: str | None = Field(None, validation_alias="DATABASE_URL", repr=False)
    migrate_database_url: str | None = Field(
        None, validation_alias="MIGRATE_DATABASE_URL", repr=False
    )
    superuser_database_url: str | None = Field(
        None, validation_alias="SUPERUSER_DATABASE_URL", repr=False
    )
    temporal_address: str | None = Field(None, validation_alias="TEMPORAL_ADDRESS")
    temporal_namespace: str = Field("default", validation_alias="TEMPORAL_NAMESPACE")

    master_key: SecretStr = SecretStr(DEFAULT_SECRET)
    """Wraps the keys of personal data: 64 hexadecimal digits."""
    session_secret: SecretStr = SecretStr(DEFAULT_SECRET)
    """Signs links and forms: any text of 32 characters or more."""
    payload_key: SecretStr | None = None
    """Encrypts what Temporal stores, where set: 64 hexadecimal digits."""

    host: str = "127.0.0.1"
    port: Port = 8000
    address: str | None = None
    """The desk as people reach it (``https://desk.example.org``), for links in letters."""

    trusted_proxies: str = "127.0.0.1"
    """Whose word on a visitor's address is taken: what uvicorn's forwarded_allow_ips takes."""

    smtp_host: str = "127.0.0.1"
    smtp_port: Port = 1025
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    mail_from: str = "Customer care <care@evercase.example>"

    webhooks_within: str = ""
    """Networks of your own that webhooks may lead into, such as ``10.1.0.0/16``: with commas."""

    lmtp_host: str = "127.0.0.1"
    lmtp_port: Port = 1026
    lmtp_socket: Path | None = None
    """Where set, mail is taken on this Unix socket instead of on the port."""
    mailboxes: dict[str, str] = {}
    """Address -> legal entity, as JSON, besides the addresses that companies send from."""
    largest_mail_mb: int = Field(36, ge=1, le=100)
    largest_file_mb: int = Field(25, ge=1, le=50)
    """Of one attachment, in millions of bytes."""
    largest_upload_mb: int = Field(40, ge=1, le=200)
    """Of a form with all its files."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("database_url", "migrate_database_url", "superuser_database_url")
    @classmethod
    def an_address(cls, url: str | None) -> str | None:
        try:
            conninfo_to_dict(url or "")
        except psycopg.ProgrammingError:
            raise ValueError(
                "must be the address of a database, such as postgresql://user:password@host/evercase"
            ) from None
        return url

    @field_validator("home")
    @classmethod
    def absolute(cls, home: Path) -> Path:
        return home.absolute()

    @property
    def desk_address(self) -> str:
        """Where the desk is: as people reach it, else where it listens."""
        return self.address or f"http://{self.host}:{self.port}"

    @property
    def mail_folder(self) -> Path:
        """Where the embedded stack drops what it would send."""
        return self.home / "mail"

    def database(self) -> str:
        """The app's database address. Raises SettingsRefused without one."""
        if self.database_url is None:
            raise SettingsRefused(
                f"No database: nothing runs in {self.home}. Start `evercase up`, or set "
                "DATABASE_URL to a PostgreSQL server of yours."
            )
        return self.database_url

    def temporal(self) -> str:
        """The address of Temporal. Raises SettingsRefused without one."""
        if self.temporal_address is None:
            raise SettingsRefused(
                f"No Temporal: nothing runs in {self.home}. Start `evercase up`, or set "
                "TEMPORAL_ADDRESS to a Temporal server of yours."
            )
        return self.temporal_address

    def key(self) -> bytes:
        """The master key. Raises SettingsRefused where it is a default or malformed."""
        return key_of("EVERCASE_MASTER_KEY", self.master_key.get_secret_value(), self.demo)

    def codec_key(self) -> bytes | None:
        """The key of Temporal's payloads; None = they are stored as they are (ids only)."""
        if self.payload_key is None:
            return None
        return key_of("EVERCASE_PAYLOAD_KEY", self.payload_key.get_secret_value(), self.demo)

    def signing_secret(self) -> str:
        """What links and forms are signed with. Raises SettingsRefused for a default."""
        secret = self.session_secret.get_secret_value()
        if not self.demo and (is_default(secret) or len(secret) < 32):
            raise SettingsRefused(
                "EVERCASE_SESSION_SECRET is missing, a default or shorter than 32 characters. "
                "Make one: python3 -c 'import secrets; print(secrets.token_hex(32))'"
            )
        return secret

    def outward(self) -> Outward:
        """Where webhooks may lead. Raises SettingsRefused."""
        try:
            named = self.webhooks_within.replace(",", " ").split()
            return Outward(tuple(ipaddress.ip_network(text) for text in named))
        except ValueError:
            raise SettingsRefused(
                "EVERCASE_WEBHOOKS_WITHIN names networks, such as 10.1.0.0/16,192.0.2.0/24"
            ) from None

    def refuse_default_secrets(self) -> None:
        """What every process asks first. Raises SettingsRefused outside the demo."""
        self.key()
        self.codec_key()
        self.signing_secret()


def variable(field: str) -> str:
    """The environment variable that a fault of a setting is about."""
    return field if field.isupper() else f"EVERCASE_{field.upper()}"


def is_default(secret: str) -> bool:
    return secret == "" or DEFAULT_SECRET in secret


def key_of(variable: str, text: str, demo: bool) -> bytes:
    """The 32 bytes behind 64 hexadecimal digits; in the demo a default gives a known key."""
    if is_default(text):
        if demo:
            return bytes(range(MASTER_KEY_BYTES))
        raise SettingsRefused(
            f"{variable} is missing or a default: whoever reads the documentation could open "
            "the personal data. Make one: python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != MASTER_KEY_BYTES:
        raise SettingsRefused(f"{variable} must be 64 hexadecimal digits")
    return key
