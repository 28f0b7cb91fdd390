"""What a command may not hold is refused before anything of it is stored."""

from __future__ import annotations

from uuid import UUID

import pytest
from small_book import ANNA, AT, Note

from domain.complaint_wishes import LodgeComplaint
from domain.event import Context
from domain.personal import Personal
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


def test_a_complaint_that_names_nobody_is_known_from_before_somebody_could_be_named() -> None:
    wish = LodgeComplaint.model_construct(
        command_id=UUID(int=1), at=AT, actor=ANNA, complaint="complaint-1", number="C-2026-000001",
        legal_entity="shop", team="first", customer="customer-1", channel="email",
        product="account", category="fees", what_happened=Personal("It broke"),
    )  # fmt: skip

    def digest(wish: LodgeComplaint) -> str:
        return digest_of(b"secret", "complaint", ["complaint-1"], wish, Context()).hex()

    assert digest(wish) == "0018a954750c1863153b491bdfe4903c173323f1836b216cd509aae679f2ff19"
    named = [wish.model_copy(update={"named": (staff,)}) for staff in ("staff-1", "staff-2")]
    assert len({digest(each) for each in (wish, *named)}) == 3
