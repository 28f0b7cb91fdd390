"""One person for each role of the matrix, and what the tests of the matrix know of all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
from people import PASSWORD
from visiting import House

from desk.authentication.session import set_password
from domain.event import Actor
from domain.personal import Personal
from domain.staff import GiveRole, RegisterStaff, staff, stream_of
from domain.staff_facts import Role
from domain.text import Text

SETUP = Actor(kind="import", id="setup")
UK = {"legal_entity": "larkmere-uk"}
ROLES = {
    "agent": Role(name="agent", team="first", level=1, **UK),
    "expert": Role(name="agent", team="first", level=2, **UK),
    "success": Role(name="customer_success", level=3, **UK),
    "lead": Role(name="team_lead", team="first", **UK),
    "sales": Role(name="sales", **UK),
    "keeper": Role(name="retention", **UK),
    "compliance": Role(name="compliance", **UK),
    "dpo": Role(name="dpo", **UK),
    "admin": Role(name="admin", **UK),
    "auditor": Role(name="auditor", **UK),
}
ELSEWHERE = {
    "other-entity": Role(name="team_lead", legal_entity="woodquill"),
    "other-branch": Role(name="compliance", branch="west", **UK),
    "other-team": Role(name="team_lead", team="lead", **UK),
}
ALL = " ".join(ROLES)
CASE = "agent expert lead compliance auditor"
"""Read the text of a case of the first line."""
WORK = "agent expert lead"
CUSTOMER = "agent expert lead sales keeper compliance dpo auditor"


def base() -> dict[str, object]:
    return {"command_id": uuid4(), "at": datetime.now(UTC) - timedelta(days=1), "actor": SETUP}


def employ(house: House, roles: dict[str, Role]) -> None:
    """Register each with their role and a password."""
    with psycopg.connect(house.url, autocommit=True) as db:
        for login, role in roles.items():
            stream = house.staff[login] = stream_of(login)
            for command in (
                RegisterStaff(
                    **base(), staff=stream, login=login, name=Text(en=login, zh=login),
                    language="en", email=Personal(f"{login}@larkmere.example"),
                ),
                GiveRole(**base(), role=role),
            ):  # fmt: skip
                house.ledger.handle(staff, stream, command)
            set_password(db, login, PASSWORD, stream)
