"""Who may see what, cell by cell where a mistake would hurt."""

from __future__ import annotations

from typing import Any

import pytest

from domain.access import NotAllowed, Person, Place, check, may, scope
from domain.staff_facts import Role

UK = Place(legal_entity="larkmere-uk", branch=None, team="first", owner="staff-ellie")
WEST = Place(legal_entity="larkmere-cn", branch="west-lane", team="first")


def person(name: Any, **role: Any) -> Person:
    held = Role(name=name, **({"legal_entity": "larkmere-uk"} | role))
    return Person(staff="staff-me", roles=frozenset({held}))


@pytest.mark.parametrize(
    ("who", "right", "thing", "allowed"),
    [
        (person("agent", team="first"), "write", "case", True),
        (person("agent", team="second"), "read", "case", False),
        (person("agent", team="first"), "write", "approval", False),
        (person("agent", team="first", level=2), "write", "approval", True),
        (person("agent", team="first"), "read", "health", False),
        (person("agent", team="first"), "read", "history", False),
        (person("team_lead"), "write", "team", True),
        (person("team_lead"), "write", "excuse", False),
        (person("team_lead"), "write", "publication", False),
        (person("compliance"), "read", "case", True),
        (person("compliance"), "write", "case", False),
        (person("compliance"), "write", "excuse", True),
        (person("compliance"), "write", "publication", True),
        (person("admin"), "read", "case", False),
        (person("admin"), "read", "customer", False),
        (person("admin"), "write", "document", True),
        (person("admin"), "write", "publication", False),
        (person("sales"), "read", "case", False),
        (person("customer_success"), "read", "case", False),
    ],
)
def test_the_matrix(who: Person, right: Any, thing: Any, allowed: bool) -> None:
    assert may(who, right, thing, UK) is allowed


def test_customer_success_sees_the_cases_of_own_customers() -> None:
    me = person("customer_success").model_copy(update={"customers": frozenset({"customer-1"})})
    assert may(me, "read", "case", UK.model_copy(update={"customer": "customer-1"}))
    assert not may(me, "read", "case", UK.model_copy(update={"customer": "customer-2"}))
    assert not may(me, "write", "case", UK.model_copy(update={"customer": "customer-1"}))


def test_who_is_asked_for_a_case_reads_it_and_does_what_is_asked() -> None:
    me = person("agent", team="second")
    for asked in ("staff-me", "team second"):
        place = UK.model_copy(update={"asked": frozenset({asked, "staff-other"})})
        assert may(me, "read", "case", place)
        assert may(me, "write", "asked", place)
        assert not may(me, "write", "case", place)
    assert not may(me, "read", "case", UK.model_copy(update={"asked": frozenset({"staff-other"})}))
    mine = frozenset({"staff-me"})
    shut = UK.model_copy(update={"asked": mine, "recused": mine})
    assert not may(me, "read", "case", shut)


def test_another_entity_or_branch_is_not_there() -> None:
    assert not may(person("compliance"), "read", "case", WEST)
    lead = person("team_lead", legal_entity="larkmere-cn", branch="west-lane")
    assert may(lead, "read", "case", WEST)
    assert not may(lead, "read", "case", WEST.model_copy(update={"branch": "east-lane"}))


def test_a_recused_person_sees_nothing_whatever_their_roles() -> None:
    place = UK.model_copy(update={"recused": frozenset({"staff-me"})})
    for name in ("agent", "team_lead", "compliance", "auditor"):
        assert not scope(person(name), "case").holds(place)
        with pytest.raises(NotAllowed):
            check(person(name), "read", "case", place)


def test_reaches_of_several_roles_add_up() -> None:
    roles = frozenset(
        {
            Role(name="agent", legal_entity="larkmere-uk", team="first"),
            Role(name="team_lead", legal_entity="larkmere-cn"),
        }
    )
    both = Person(staff="staff-me", roles=roles)
    assert both.main_role == "team_lead"
    assert {region.legal_entity for region in scope(both, "case").regions} == {
        "larkmere-uk",
        "larkmere-cn",
    }
