"""Personal data as an opaque box: rules may carry it, never read it.

A box is clear when it has just arrived in a command, encrypted once it has
been stored, and erased when the key of its subject is gone. Only the ledger's
keys open it; there is no method here that gives the text away in passing.
"""

from __future__ import annotations

from typing import Any, Final, final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

ENCRYPTED: Final = "$encrypted"
"""The one key of the JSON object that an encrypted value is stored as."""


@final
class Personal:
    """One personal text, clear or encrypted. Equality is of what it holds."""

    __slots__ = ("_clear", "_encrypted")

    def __init__(self, clear: str | None = None, *, encrypted: str | None = None) -> None:
        if (clear is None) == (encrypted is None):
            raise ValueError("a personal value is either clear or encrypted")
        self._clear = clear
        self._encrypted = encrypted

    @property
    def encrypted(self) -> str | None:
        """The stored form, or None while the box is clear."""
        return self._encrypted

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Personal)
            and self._clear == other._clear
            and self._encrypted == other._encrypted
        )

    def __hash__(self) -> int:
        return hash((self._clear, self._encrypted))

    def __repr__(self) -> str:
        return "Personal(encrypted)" if self._clear is None else "Personal(clear)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        raise TypeError("personal data is not read by rules; compare with None")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            cls._parse,
            json_schema_input_schema=core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(
                cls._stored, when_used="json"
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "description": "personal text"}

    @classmethod
    def _parse(cls, value: Any, info: ValidationInfo) -> Personal:
        """A stored box is taken from the ledger only, which says in the context where it stood.

        That place stays with the box, because it opens nowhere else.
        """
        match value:
            case Personal():
                return value
            case str():
                return cls(value)
            case {"$encrypted": str() as stored} if len(value) == 1 and info.context:
                return cls(encrypted=f"{info.context}|{stored}")
            case _:
                raise ValueError("text is needed here")

    def _stored(self) -> dict[str, str]:
        if self._encrypted is None:
            raise ValueError("clear personal data is not written")
        return {ENCRYPTED: self._encrypted}


def clear_text(box: Personal) -> str | None:
    """The text of a clear box, None of an encrypted one. For the ledger's keys only."""
    return box._clear
