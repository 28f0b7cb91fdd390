"""Names for what a foreign case becomes: the same on every run, and nobody else can make them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from domain.event import Actor


@dataclass(frozen=True, slots=True)
class Identity:
    """Names streams and commands after the foreign case, the same on every run.

    Only this database can say which: the key they are made with is a secret of it, since a bare
    hash of a customer's number would be personal data.
    """

    secret: UUID
    source: str
    batch: str

    @classmethod
    def made(cls, secret: bytes, source: str, batch: str) -> Identity:
        return cls(UUID(bytes=secret[:16]), source, batch)

    def id(self, *what: str) -> UUID:
        return uuid5(self.secret, "\x1f".join((self.source, *what)))

    @property
    def actor(self) -> Actor:
        return Actor(kind="import", id=self.batch)
