"""A small house for tests of the desk: two companies, a few colleagues, published documents."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from domain.approval import Money
from domain.event import Actor, Command
from domain.organisation import STREAM, DescribeLegalEntity, LegalEntity, organisation
from domain.personal import Personal
from domain.staff import GiveRole, RegisterStaff, SetApprovalLimit, SetCapacity, staff, stream_of
from domain.staff_facts import Role
from domain.text import Text
from ledger import Ledger
from workers.packs import publish

SETUP = Actor(kind="import", id="setup")
LONG_AGO = datetime(2026, 1, 5, 9, tzinfo=UTC)
SECRET = b"a secret of tests, thirty-two bytes"
PASSWORD = "correct horse battery"

ENTITY = LegalEntity(
    id="larkmere-uk",
    name=Text(en="Larkmere Bank UK", zh="岚镜银行英国"),
    zone="Europe/London",
    language="en",
    currency="GBP",
    calendar="london",
    branches={
        "main": Text(en="Main branch", zh="总店"),
        "west": Text(en="West Lane", zh="西巷支行"),
    },
    teams={"first": Text(en="First line", zh="一线"), "lead": Text(en="Leads", zh="组长")},
    products={"payments": Text(en="Payments", zh="汇款"), "account": Text(en="Account", zh="账户")},
    categories={"fee": Text(en="Fees", zh="费用"), "delay": Text(en="Delay", zh="延误")},
)
OTHER = ENTITY.model_copy(update={"id": "woodquill", "name": Text(en="Woodquill", zh="木翎")})

PEOPLE: dict[str, tuple[Text, str, Role]] = {
    "ellie": (
        Text(en="Ellie Quillon", zh="艾丽"),
        "en",
        Role(name="agent", legal_entity="larkmere-uk", team="first", level=1),
    ),
    "lin": (
        Text(en="Lin Qiao", zh="林乔"),
        "zh",
        Role(name="agent", legal_entity="larkmere-uk", team="first", level=2),
    ),
    "priya": (
        Text(en="Priya Thornley", zh="普莉娅"),
        "en",
        Role(name="team_lead", legal_entity="larkmere-uk", team="first"),
    ),
    "song": (
        Text(en="Song Ke", zh="宋珂"),
        "zh",
        Role(name="compliance", legal_entity="larkmere-uk"),
    ),
    "dayo": (
        Text(en="Dayo Ashgrove", zh="达约"),
        "en",
        Role(name="agent", legal_entity="woodquill", team="first", level=1),
    ),
    "ines": (
        Text(en="Ines Brook", zh="伊内斯"),
        "en",
        Role(name="admin", legal_entity="larkmere-uk"),
    ),
}


def furnish(ledger: Ledger) -> dict[str, str]:
    """Publish what ships, describe the companies, register the people; login -> staff stream."""
    publish(ledger, LONG_AGO)
    for entity in (ENTITY, OTHER):
        ledger.handle(organisation, STREAM, DescribeLegalEntity(**_base(), entity=entity))
    return {login: _register(ledger, login) for login in PEOPLE}


def _register(ledger: Ledger, login: str) -> str:
    name, language, role = PEOPLE[login]
    stream = stream_of(login)
    commands: list[Command] = [
        RegisterStaff(
            **_base(),
            staff=stream,
            login=login,
            name=name,
            language=language,
            email=Personal(f"{login}@larkmere.example"),
        ),
        GiveRole(**_base(), role=role),
        SetApprovalLimit(**_base(), limit=Money(amount="500.00", currency="GBP")),
    ]
    if login == "lin":
        commands.append(SetCapacity(**_base(), cases=200))
    for command in commands:
        ledger.handle(staff, stream, command)
    return stream


def _base() -> dict[str, object]:
    return {"command_id": uuid4(), "at": LONG_AGO, "actor": SETUP}
