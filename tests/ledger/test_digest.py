"""What a command may not hold is refused before anything of it is stored."""

from __future__ import annotations

from uuid import UUID

import pytest
from small_book import ANNA, AT, Note

from domain.event import Context
from ledger import NoText
from ledger.digest import digest_of


def digest(text: str) -> bytes:
    command = Note(command_id=UUID(int=1), at=AT, actor=ANNA, line=text)
    return digest_of(b"secret", "book", ["book-1"], command, Context())


@pytest.mark.parametrize("text", ["a\0b", "\\\0", "\ud800"])
def test_nul_and_half_characters_are_refused(text: str) -> None:
    with pytest.raises(NoText) as refused:
        digest(text)
    assert text not in str(refused.value)


def test_a_typed_backslash_is_none() -> None:
    assert digest("\\u0000") != digest("\\\\u0000")
