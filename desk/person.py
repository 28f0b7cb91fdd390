"""The member of staff who visits: what the matrix knows of them, and how to speak to them."""

from __future__ import annotations

from dataclasses import dataclass

from desk.authentication.session import Session
from desk.house import House
from domain import access
from domain.approval import Money
from domain.event import Actor
from domain.staff import Staff
from domain.staff_facts import Role
from projections import customers
from projections.reading import look


@dataclass(frozen=True)
class Person:
    """``staff`` is the person's stream, ``zone`` that of the entity they work for.

    keys: whether single keys do something on their pages.
    """

    login: str
    staff: str
    name: str
    language: str
    zone: str
    rights: access.Person
    record: Staff
    keys: bool = True

    @property
    def role(self) -> str | None:
        return self.rights.main_role

    def actor(self) -> Actor:
        return Actor(kind="staff", id=self.staff, role=self.role)

    def scope(self, thing: access.Thing, right: access.Right = "read") -> access.Scope:
        return access.scope(self.rights, thing, right)

    def may(self, right: access.Right, thing: access.Thing, place: access.Place) -> bool:
        return access.may(self.rights, right, thing, place)

    def reaches(self, thing: access.Thing, right: access.Right = "read") -> bool:
        """Whether there is anything of the kind for this person."""
        return bool(self.scope(thing, right).regions)

    def check(self, thing: access.Thing, right: access.Right = "read") -> None:
        """Raises NotAllowed where there is nothing of the kind for this person."""
        if not self.reaches(thing, right):
            raise access.NotAllowed(thing=thing)

    def entities(self, thing: access.Thing, right: access.Right = "read") -> list[str]:
        """The legal entities in which the person may do it, in order."""
        return sorted({region.legal_entity for region in self.scope(thing, right).regions})

    def widely(self, thing: access.Thing, right: access.Right = "read") -> list[str]:
        """The legal entities in which it is not only their own, or opened by a request."""
        regions = self.scope(thing, right).regions
        narrow = ("owner", "requested_at", "asked", "customers")
        wide = (it for it in regions if all(getattr(it, name) is None for name in narrow))
        return sorted({region.legal_entity for region in wide})

    def cares(self, place: access.Place) -> bool:
        """Whether a role of theirs lets them answer for a customer there."""
        return any(access.cares(role, place) for role in self.rights.roles)

    def limit_for(self, money: Money) -> Money:
        """Up to how much the person may give alone: nothing in a currency without a limit."""
        zero = money.model_copy(update={"amount": money.amount * 0})
        return self.record.limit(money.currency) or zero

    def role_in(self, legal_entity: str, branch: str | None) -> Role | None:
        """The role that brings the person to a place, a role with a team first."""
        fitting = [
            role
            for role in self.rights.roles
            if role.legal_entity == legal_entity and role.branch in (None, branch)
        ]
        return min(fitting, key=lambda role: (role.team is None, role.name), default=None)


def person_of(house: House, session: Session) -> Person | None:
    """The person of a session; None where they left, or are not known (yet) to the log."""
    house.directory.catch_up()
    record = house.directory.staff.get(session.staff)
    if record is None or record.left:
        return None
    rights = rights_of(house, session.staff)
    entities = sorted(role.legal_entity for role in rights.roles)
    return Person(
        login=session.login,
        staff=session.staff,
        name=house.directory.name(session.staff, session.language),
        language=session.language,
        zone=house.directory.zone(entities[0]) if entities else "UTC",
        rights=rights,
        record=record,
        keys=session.keys,
    )


def rights_of(house: House, staff: str) -> access.Person:
    """What the matrix knows of a member of staff now."""
    now, record = house.now(), house.directory.staff[staff]
    roles = record.roles_at(now)
    return access.Person(
        staff=staff,
        roles=roles,
        line=house.directory.line(staff),
        at=now,
        customers=_customers(house, staff, roles),
    )


def _customers(house: House, staff: str, roles: frozenset[Role]) -> frozenset[str]:
    if not any(map(access.has_customers, roles)):
        return frozenset()
    with house.pool.connection() as db, look(db) as reading:
        return customers.owned(reading, staff)
