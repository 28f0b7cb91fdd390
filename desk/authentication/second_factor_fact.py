"""That a second factor is on, as a fact of its person: it follows what the login asks for."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from desk.authentication.second_factor import factor_of
from desk.authentication.session import Db, session_for
from domain.event import Actor
from domain.staff import TurnOffSecondFactor, TurnOnSecondFactor, staff

if TYPE_CHECKING:
    from ledger import Ledger

NAMESPACE: Final = UUID("5f0c2a7e-9d31-5b64-8a0f-7c1e4d92b3a6")


def agree(ledger: Ledger, db: Db, login: str, now: datetime) -> None:
    """Store the fact that is missing, also where a crash came before it; sent twice, it is one."""
    session = session_for(db, login)
    if session is None:
        return
    factor, fold = factor_of(db, login), ledger.fold(staff, session.staff)
    known = fold.state.stream is not None and not fold.state.left
    if not known or fold.state.second_factor == (factor is not None):
        return
    wish = TurnOnSecondFactor if factor else TurnOffSecondFactor
    command = wish(
        command_id=uuid5(NAMESPACE, f"{session.staff}/{fold.version}"),
        at=factor.since if factor else now,
        actor=Actor(kind="staff", id=session.staff),
    )
    ledger.handle(staff, session.staff, command)
