"""Who is in the story: legal entities, staff with their roles, customers and their contacts."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, Final

from domain.approval import Money
from domain.customer import NoteNeed, RegisterCustomer, customer
from domain.interaction import RecordInteraction, interaction
from domain.organisation import STREAM as ORGANISATION
from domain.organisation import DescribeLegalEntity, LegalEntity, organisation
from domain.personal import Personal
from domain.staff import GiveRole, PlanAbsence, RegisterStaff, SetApprovalLimit, SetCapacity, staff
from domain.staff_facts import Role
from workers.demo.moments import Moments
from workers.demo.telling import Telling, envelope, stream_of, texts

KNOWN_SINCE: Final = timedelta(days=400)
"""Before now: so long staff have been there and most customers known."""


def read(name: str) -> list[dict[str, Any]]:
    """Rows of one of the story's files of data."""
    rows: list[dict[str, Any]] = json.loads(
        (files(__package__) / "data" / f"{name}.json").read_text("utf-8")
    )
    return rows


def tell_organisation(telling: Telling) -> None:
    """The moment of these facts says on which day the story was told."""
    for row in read("organisation"):
        entity = LegalEntity.model_validate(row)
        telling.entities[entity.id] = entity
        command = DescribeLegalEntity(
            **envelope(ORGANISATION, entity.id, telling.now), entity=entity
        )
        telling.tell(organisation, ORGANISATION, command, carried=False)


def tell_staff(telling: Telling) -> None:
    since = telling.now - KNOWN_SINCE
    for row in read("staff"):
        stream = stream_of("staff", row["login"])
        commands: list[Any] = [
            RegisterStaff(
                **envelope(stream, "registered", since),
                staff=stream,
                email=Personal(f"{row['login']}@evercase.example"),
                **texts(row, "login", "name", "language"),
            )
        ]
        for role in roles_of(row):
            telling.roles.setdefault(row["login"], {})[role.legal_entity] = role
            about = f"role in {role.legal_entity}"
            commands.append(GiveRole(**envelope(stream, about, since), role=role))
        if "capacity" in row:
            base = envelope(stream, "capacity", since)
            commands.append(SetCapacity(**base, cases=row["capacity"]))
        for limit in row.get("limits", ()):
            base = envelope(stream, f"limit in {limit['currency']}", since)
            commands.append(SetApprovalLimit(**base, limit=Money.model_validate(limit)))
        if "deputy" in row:
            commands.append(_absence(telling, row, stream))
        for command in commands:
            telling.tell(staff, stream, command)


def roles_of(row: dict[str, Any]) -> list[Role]:
    return [
        Role(
            name=row["role"],
            legal_entity=entity,
            branch=row.get("branch"),
            team=team,
            level=row.get("level"),
        )
        for entity, team in row["at"].items()
    ]


def _absence(telling: Telling, row: dict[str, Any], stream: str) -> PlanAbsence:
    """A week from the next working day on, planned the day before yesterday."""
    moments = telling.moments(next(iter(row["at"])))
    return PlanAbsence(
        **envelope(stream, "absence", moments.d(2, "16:20")),
        starts=moments.opening(1),
        ends=moments.opening(6),
        deputy=stream_of("staff", row["deputy"]),
    )


def tell_customers(telling: Telling) -> None:
    for row in read("customers"):
        _customer(telling, row)
        for number, contact in enumerate(row["contacts"]):
            _contact(telling, row, contact, f"{row['key']}/{number}")


def _customer(telling: Telling, row: dict[str, Any]) -> None:
    stream = stream_of("customer", row["key"])
    moments = telling.moments(row["legal_entity"])
    since = moments.d(32, "10:00") if row.get("prospect") else telling.now - KNOWN_SINCE
    command = RegisterCustomer(
        **envelope(stream, "registered", since),
        customer=stream,
        number=telling.number("customer", stream, since.year),
        name=Personal(row["name"]),
        details={detail: Personal(text) for detail, text in row.get("details", {}).items()},
        **texts(
            row,
            *("sort", "prospect", "legal_entity", "branch"),
            *("language", "preferred_channel", "tier"),
        ),
    )
    telling.customers[row["key"]] = command
    telling.names[stream] = row["name"]
    telling.tell(customer, stream, command)
    for need in row.get("needs", ()):
        noted = NoteNeed(
            **envelope(stream, f"need {need['need']}", moments.d(60, "10:40")),
            need=need["need"],
            words=Personal(need["words"]),
            detail=Personal(need["detail"]) if "detail" in need else None,
            avoid=need.get("avoid", ()),
        )
        telling.tell(customer, stream, noted)


def _contact(telling: Telling, row: dict[str, Any], contact: dict[str, Any], key: str) -> None:
    stream = stream_of("interaction", key)
    minutes = contact.get("minutes")
    command = RecordInteraction(
        **envelope(stream, "recorded", _when(telling.moments(row["legal_entity"]), contact)),
        customer=stream_of("customer", row["key"]),
        lasted=timedelta(minutes=minutes) if minutes else None,
        summary=Personal(contact["summary"]),
        **texts(row, "legal_entity", "branch"),
        **texts(contact, "channel", "direction"),
    )
    telling.tell(interaction, stream, command)


def _when(moments: Moments, contact: dict[str, Any]) -> datetime:
    if "working_days" in contact:
        return moments.wd(contact["working_days"], "14:10")
    return moments.d(contact["days"], "14:10")
