"""A person's scope as SQL: every query that shows rows of cases or customers goes through here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from psycopg import sql

from domain.access import Region, Scope

OF_CASE: Final = ("legal_entity", "branch", "team", "owner", "requested_at", "asked", "customers")
OF_CUSTOMER: Final = ("legal_entity", "branch", "owner")

Condition = tuple[sql.Composable, dict[str, Any]]
"""SQL that is true for the rows that are meant, and its named parameters."""


def cases_within(scope: Scope, alias: str | None = None, name: str = "scope") -> Condition:
    """For rows with the columns of a ``Place``: none that one is shut out of.

    ``name`` begins the names of the parameters, so that several scopes can be asked at once.
    """
    place, parameters = _anywhere(scope.regions, OF_CASE, alias, name)
    let_in = sql.SQL(" AND NOT {} = ANY ({}) AND NOT {} && {}::text[]").format(
        sql.Placeholder(f"{name}_staff"),
        _column("recused", alias),
        _column("named", alias),
        sql.Placeholder(f"{name}_line"),
    )
    who = {f"{name}_staff": scope.staff, f"{name}_line": [scope.staff, *sorted(scope.line)]}
    return place + let_in, {**parameters, **who}


def customers_within(scope: Scope, alias: str | None = None, name: str = "whom") -> Condition:
    """For rows with legal_entity, branch and owner."""
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
        parameters |= {
            f"{name}_{column}_{n}": sorted(value) if column == "customers" else value
            for column, value in bounds.items()
        }
        places.append(
            sql.SQL(" AND ").join(
                _bound(column, alias, sql.Placeholder(f"{name}_{column}_{n}")) for column in bounds
            )
        )
    if not places:
        return sql.SQL("FALSE"), parameters
    return sql.SQL("({})").format(sql.SQL(" OR ").join(places)), parameters


def _bound(column: str, alias: str | None, value: sql.Placeholder) -> sql.Composable:
    if column == "requested_at":
        return sql.SQL("{} > {}").format(_column("requested_until", alias), value)
    if column == "customers":
        return sql.SQL("{} = ANY ({}::text[])").format(_column("customer", alias), value)
    if column == "asked":
        asked = (_column(each, alias) for each in ("offered_to", "offered_team", "reviewer"))
        return sql.SQL("{} IN (coalesce({}, 'team ' || {}), {})").format(value, *asked)
    return sql.SQL("{} = {}").format(_column(column, alias), value)


def _column(name: str, alias: str | None) -> sql.Identifier:
    return sql.Identifier(alias, name) if alias else sql.Identifier(name)
