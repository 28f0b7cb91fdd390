"""What can go wrong with a command or a connection, named after what the caller should know."""

from __future__ import annotations

from eventsourcing.persistence import DatabaseError, IntegrityError, OperationalError


class RivalWrote(IntegrityError):
    """The stream is not at the version that was expected, or kept moving: look again."""


class CommandIdMisused(IntegrityError):
    """This command id was used before, with another content."""


class KeyDestroyed(IntegrityError):
    """The subject's data was erased; no personal data of it is stored any more."""


class LaneFull(OperationalError):
    """Too many commands are waiting. Nothing was stored; try again later."""


class LedgerUnavailable(OperationalError):
    """The database did not answer. Send the same command again to learn what became of it."""


class NotStored(DatabaseError):
    """The database refused this command's data itself. Its words may quote it: left out."""


class NoText(ValueError):
    """A command holds what cannot be stored as text or number: NUL, half a character and such."""


class TooManyRights(Exception):
    """This login could change the log; with such rights we do not run. ``reasons`` in words."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


class DatabaseNewer(Exception):
    """The database was migrated by a newer version of the code."""


class WrongMasterKey(Exception):
    """The master key is not the one this database's keys are wrapped with."""


class Unreadable(Exception):
    """A stored event that this code cannot decode, or a ciphertext that is not where it was."""
