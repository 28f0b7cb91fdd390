"""Rows on their way into PostgreSQL, which takes no NUL in a text."""

from __future__ import annotations

import json

import pytest

from projections.rows import _json


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\0b", "ab"), ("\0\0", ""), ("\\\0x", "\\x"), ("\\u0000", "\\u0000"), ("今天", "今天")],
)
def test_nul_is_left_out_and_nothing_else(text: str, kept: str) -> None:
    assert json.loads(_json([{"said": text}])) == [{"said": kept}]
