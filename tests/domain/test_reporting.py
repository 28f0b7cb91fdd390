"""Who must keep out of a case about one of ours, by who reports to whom now."""

from __future__ import annotations

from domain.access import Person, Place, scope
from domain.reporting import below, line_of
from domain.staff_facts import Role

ABOVE = {"wei": "bao", "bao": "chu", "fang": "wei", "lin": "wei", "gao": "fang", "song": "chu"}


def test_a_line_is_everybody_above_and_everybody_below() -> None:
    assert line_of("wei", ABOVE) == {"bao", "chu", "fang", "lin", "gao"}
    assert line_of("gao", ABOVE) == {"fang", "wei", "bao", "chu"}
    assert line_of("song", ABOVE) == {"chu"}


def test_below_are_those_who_report_to_somebody_at_any_depth() -> None:
    assert below("wei", ABOVE) == {"fang", "lin", "gao"}
    assert below("gao", ABOVE) == set()
    assert below("a", {"a": "b", "b": "a"}) == {"a", "b"}


def test_a_circle_ends_where_it_closes() -> None:
    assert line_of("a", {"a": "b", "b": "a"}) == {"b"}


def test_who_is_above_or_below_the_one_complained_about_sees_nothing() -> None:
    place = Place(legal_entity="uk", team="cards", named=frozenset({"wei"}))

    def sees(name: str) -> bool:
        roles = frozenset({Role(name="team_lead", legal_entity="uk")})
        person = Person(staff=name, roles=roles, line=line_of(name, ABOVE))
        return scope(person, "case").holds(place)

    assert {name for name in (*ABOVE, "chu") if sees(name)} == {"song"}
