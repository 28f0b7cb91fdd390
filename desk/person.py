"""The member of staff who visits."""

from __future__ import annotations

from dataclasses import dataclass

from desk.house import House
from desk.session import Session


@dataclass(frozen=True)
class Person:
    """``staff`` is the person's stream, ``zone`` that of the entity they work for."""

    login: str
    staff: str
    name: str
    language: str
    zone: str = "UTC"


def person_of(house: House, session: Session) -> Person | None:
    return Person(session.login, session.staff, session.login, session.language)
