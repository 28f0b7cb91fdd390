"""Members of staff for tests of imports, and their read model."""

from __future__ import annotations

from uuid import uuid4

import psycopg
from import_house import NOW

from desk.authentication.session import set_password
from domain.event import Actor
from domain.personal import Personal
from domain.staff import GiveRole, RegisterStaff, staff
from domain.staff_facts import Role
from domain.text import Text
from ledger import Ledger
from ledger.follow import catch_up
from projections.registry import followers, prepare

OPERATOR = Actor(kind="automation", id="operator")
LEAD = Role(name="team_lead", legal_entity="house", team="first")
AGENT = Role(name="agent", legal_entity="house", team="first", level=1)


def hire(ledger: Ledger, login: str, *roles: Role) -> str:
    """Who can log in, with these roles; the stream."""
    stream = f"staff-{login}"
    do(
        ledger,
        stream,
        RegisterStaff,
        staff=stream,
        login=login,
        name=Text(en=login, zh=login),
        language="en",
        email=Personal(f"{login}@house.example"),
    )
    for role in roles:
        do(ledger, stream, GiveRole, role=role)
    with psycopg.connect(ledger.url, autocommit=True) as desk:
        set_password(desk, login, "a good password", stream)
    return stream


def do(ledger: Ledger, stream: str, command, **fields) -> None:
    wish = command(command_id=uuid4(), at=NOW, actor=OPERATOR, **fields)
    ledger.handle(staff, stream, wish)


def show(ledger: Ledger) -> None:
    """Bring every read model to the head of the log."""
    prepare(ledger)
    for follower in followers(ledger):
        catch_up(ledger, follower)
