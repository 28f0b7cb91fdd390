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


def cases_within(scope: Scope, alias: str | None = None, name: str = "scope") -> Condition:
    """For rows with legal_entity, branch, team, owner, recused: none that one is recused from.

    ``name`` begins the names of the parameters, so that several scopes can be asked at once.
    """
    place, parameters = _anywhere(scope.regions, OF_CASE, alias, name)
    not_recused = sql.SQL(" AND NOT {} = ANY ({})").format(
        sql.Placeholder(f"{name}_staff"), _column("recused", alias)
    )
    return place + not_recused, {**parameters, f"{name}_staff": scope.staff}


def customers_within(scope: Scope, alias: str | None = None, name: str = "whom") -> Condition:
    """For rows with legal_entity and branch; a role that reaches its own customers has none yet."""
    return _anywhere(scope.regions, OF_CUSTOMER, alias, name)


def _anywhere(
    regions: Sequence[Region], columns: tuple[str, ...], alias: str | None, name: str
) -> tuple[sql.Composable, dict[str, Any]]:
    """In one of the regions; one that is bounded by a column the rows lack holds nothing."""
    parameters: dict[str, Any] = {}
    places: list[sql.Composable] = []
    for n, region in enumerate(regions):
        bounds = {column: value for column, value in region if value is not None}
        if not bounds.keys() <= set(columns):
            continue
        parameters |= {f"{name}_{column}_{n}": value for column, value in bounds.items()}
        places.append(
            sql.SQL(" AND ").join(
                sql.SQL("{} = {}").format(
                    _column(column, alias), sql.Placeholder(f"{name}_{column}_{n}")
                )
                for column in bounds
            )
        )
    if not places:
        return sql.SQL("FALSE"), parameters
    return sql.SQL("({})").format(sql.SQL(" OR ").join(places)), parameters


def _column(name: str, alias: str | None) -> sql.Identifier:
    return sql.Identifier(alias, name) if alias else sql.Identifier(name)
