"""A person's scope as SQL: every query that shows rows of cases or customers goes through here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from psycopg import sql

from domain.access import Region, Scope

OF_CASE: Final = ("legal_entity", "branch", "team", "owner")
OF_CUSTOMER: Final = ("legal_entity", "branch")

Condition = tuple[sql.Composable, dict[str, Any]]
"""SQL that is true for the rows that are meant, and its named parameters."""


def cases_within(scope: Scope, alias: str | None = None) -> Condition:
    """For rows with legal_entity, branch, team, owner, recused: none that one is recused from."""
    place, parameters = _anywhere(scope.regions, OF_CASE, alias)
    not_recused = sql.SQL(" AND NOT %(scope_staff)s = ANY ({})").format(_column("recused", alias))
    return place + not_recused, {**parameters, "scope_staff": scope.staff}


def customers_within(scope: Scope, alias: str | None = None) -> Condition:
    """For rows with legal_entity and branch; a role that reaches its own customers has none yet."""
    return _anywhere(scope.regions, OF_CUSTOMER, alias)


def _anywhere(
    regions: Sequence[Region], columns: tuple[str, ...], alias: str | None
) -> tuple[sql.Composable, dict[str, Any]]:
    """In one of the regions; one that is bounded by a column the rows lack holds nothing."""
    parameters: dict[str, Any] = {}
    places: list[sql.Composable] = []
    for n, region in enumerate(regions):
        bounds = {name: value for name, value in region if value is not None}
        if not bounds.keys() <= set(columns):
            continue
        parameters |= {f"scope_{name}_{n}": value for name, value in bounds.items()}
        places.append(
            sql.SQL(" AND ").join(
                sql.SQL("{} = {}").format(
                    _column(name, alias), sql.Placeholder(f"scope_{name}_{n}")
                )
                for name in bounds
            )
        )
    if not places:
        return sql.SQL("FALSE"), parameters
    return sql.SQL("({})").format(sql.SQL(" OR ").join(places)), parameters


def _column(name: str, alias: str | None) -> sql.Identifier:
    return sql.Identifier(alias, name) if alias else sql.Identifier(name)
