"""Rows of a read model in and out as JSON: one statement for a batch, whatever the columns are."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final, Generic, LiteralString, TypeVar

import orjson
from psycopg import sql
from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from projections.build import Rows, on
from projections.reading import Parameters, Reading

T = TypeVar("T")

_READ: Final = "SELECT to_json(t)::text FROM {table} AS t WHERE {key} = ANY (%s)"
_DELETE: Final = "DELETE FROM {table} WHERE {key} = ANY (%s)"
_FIND: Final = "SELECT to_json(t)::text FROM {table} AS t WHERE "
_WRITE: Final = """
INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s::text::json)
    ON CONFLICT ({key}) DO UPDATE SET {changes}
"""
_ADD: Final = """
INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s::text::json)
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Shelf(Generic[T]):
    """The rows of one table as dataclass ``kind``, whose fields are the columns, found by ``key``.

    ``table``: ``{table}``, or ``{table_case}`` for a further table of the build.
    """

    kind: type[T]
    key: str
    table: LiteralString = "table"

    @cached_property
    def _one(self) -> TypeAdapter[T]:
        return TypeAdapter(self.kind)

    def read(self, connection: Rows, table: str, keys: Collection[str]) -> dict[str, T]:
        """The rows of these keys as they stand before the batch."""
        rows = self.read_by(connection, table, self.key, keys)
        return {getattr(row, self.key): row for row in rows}

    def read_by(
        self, connection: Rows, table: str, column: str, values: Collection[str]
    ) -> list[T]:
        """The rows whose ``column`` is one of these values, as they stand before the batch."""
        query = self._on(_READ, table, key=sql.Identifier(column))
        return [
            self._one.validate_json(row) for (row,) in connection.execute(query, [list(values)])
        ]

    def delete(self, connection: Rows, table: str, keys: Collection[str]) -> None:
        if keys:
            query = self._on(_DELETE, table, key=sql.Identifier(self.key))
            connection.execute(query, [list(keys)])

    def find(
        self, reading: Reading, name: str, condition: LiteralString, parameters: Parameters = ()
    ) -> list[T]:
        """Rows of the live build of projection ``name``: ``condition`` may end in ORDER BY."""
        text = _FIND.replace("{table}", "{" + self.table + "}")
        return [
            self._one.validate_json(row)
            for (row,) in reading.records(name, text + condition, parameters)
        ]

    def write(self, connection: Rows, table: str, rows: Sequence[T]) -> None:
        """All rows in one upsert."""
        if not rows:
            return
        columns = [f.name for f in fields(self.kind) if f.name != self.key]  # type: ignore[arg-type]
        changes = sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in columns
        )
        query = self._on(_WRITE, table, key=sql.Identifier(self.key), changes=changes)
        connection.execute(query, [_json(rows)])

    def add(self, connection: Rows, table: str, rows: Sequence[T]) -> None:
        """Rows that never change, in one insert; those that are there stay as they are."""
        if rows:
            connection.execute(self._on(_ADD, table), [_json(rows)])

    def _on(self, text: LiteralString, table: str, **parts: sql.Composable) -> sql.Composed:
        return on(text.replace("{table}", "{" + self.table + "}"), table, **parts)


_NUL: Final = re.compile(r"(?<!\\)((?:\\\\)*)(?:\\u0000)+")


def _json(rows: Sequence[Any]) -> str:
    """Without NUL, which PostgreSQL takes in no text: an old log may hold one."""
    text = orjson.dumps(rows, default=to_jsonable_python, option=orjson.OPT_UTC_Z).decode()
    return _NUL.sub(r"\1", text) if "\\u0000" in text else text
