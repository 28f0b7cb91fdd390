"""What has happened: the log of facts on PostgreSQL, and the one way into it."""

from ledger.draft import Receipt
from ledger.erasure import DestroyKey, SubjectKeyDestroyed
from ledger.errors import (
    CommandIdMisused,
    DatabaseNewer,
    KeyDestroyed,
    LaneFull,
    LedgerUnavailable,
    NoText,
    NotStored,
    RivalWrote,
    TooManyRights,
    Unreadable,
    WrongMasterKey,
)
from ledger.files import FilePlace
from ledger.folds import Fold
from ledger.ledger import Ledger
from ledger.migrate import create_roles, migrate, pending
from ledger.progress import Parked, Progress
from ledger.rights import excess_rights, refuse_to_run_with_rights

__all__ = [
    "CommandIdMisused",
    "DatabaseNewer",
    "DestroyKey",
    "FilePlace",
    "Fold",
    "KeyDestroyed",
    "LaneFull",
    "Ledger",
    "LedgerUnavailable",
    "NoText",
    "NotStored",
    "Parked",
    "Progress",
    "Receipt",
    "RivalWrote",
    "SubjectKeyDestroyed",
    "TooManyRights",
    "Unreadable",
    "WrongMasterKey",
    "create_roles",
    "excess_rights",
    "migrate",
    "pending",
    "refuse_to_run_with_rights",
]
