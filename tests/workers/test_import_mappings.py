"""Mapping documents: what ships, and what a wrong one is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from import_house import COMPLAINT, mapping_file, table

from workers.importing.mapping import CaseMapping, MappingRefused, load_mapping, shipped


@pytest.mark.parametrize("name", ["cfpb", "compensation-requests", "road-fines"])
def test_examples_ship(name: str) -> None:
    assert name in shipped()
    assert load_mapping(name).name == name


def test_from_a_file_and_into_another_house(tmp_path: Path) -> None:
    mapping = load_mapping(str(mapping_file(tmp_path / "m.json", table())))
    assert mapping == table()
    moved = mapping.into("elsewhere", "second").complaint
    assert (moved.legal_entity.constant, moved.team.constant) == ("elsewhere", "second")
    assert mapping.into(None, None) == mapping


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"source": "A B"}, "source is not written as"),
        ({"colour": "red"}, "line 1: colour is no word of a mapping there"),
        ({"activity": {}}, "activity say one of from, constant and text"),
        ({"activity": {"constant": "x", "values": {}}}, "values translate"),
        ({"time": {"from": "t", "zone": "Mars/Base"}}, "time.*no time zone Mars/Base"),
        ({"format": {"kind": "csv", "encoding": "klingon"}}, "no encoding klingon"),
        ({"format": {"kind": "xes"}, "case": None}, "a log's case comes from"),
        ({"complaint": COMPLAINT | {"channel": {"constant": "pigeon"}}}, "channel: pigeon is none"),
        (
            {"complaint": COMPLAINT | {"severity": {"from": "s", "values": {"1": "huge"}}}},
            "severity: huge is none of low, medium, high, critical",
        ),
        ({"steps": {"x": "dance"}}, "steps.x is none of 'lodge'"),
        ({"steps": {"x": {"act": "record"}}}, "names its step"),
        ({"steps": {"x": {"act": "pay", "amount": "a"}}}, "an amount needs its currency"),
        ({"customer": {"details": {"name": "n"}}}, "the name is given as name"),
        ({"complaint": COMPLAINT | {"tier": {"from": "t", "otherwise": "gold+"}}}, "tier: gold"),
        ({"complaint": COMPLAINT | {"product": {"constant": ""}}}, "product.constant says nothing"),
    ],
)
def test_a_mapping_that_does_not_fit_is_told_where(
    tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    document = table().model_dump(mode="json", by_alias=True, exclude_none=True) | changes
    path = tmp_path / "m.json"
    path.write_text(json.dumps(document))
    with pytest.raises(MappingRefused, match=told):
        load_mapping(str(path))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"name": "x",\n}', "no JSON: line 2, column 1"),
        (b"\xff\xfe", "cannot be read as text"),
        (b"[]", "line 1: the whole must be an object in braces"),
        (b'{"steps": {\n"a": "lodge",\n"a": "close"}}', "line 3: a stands there twice"),
        (b"[" * 100_000, "nested deeper"),
    ],
)
def test_a_file_that_is_no_mapping(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "m.json"
    path.write_bytes(content)
    with pytest.raises(MappingRefused, match=told):
        load_mapping(str(path))


def test_every_fault_is_told_with_its_line_and_what_is_right(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text("""{
 "name": "x", "source": "old", "activity": {"from": ""},
 "format": {"kind": "csv",
  "delimiter": ";;"},
 "time": {"frm": "t"}, "countable": "x",
 "complaint": {"channel": {"constant": "phone"}, "product": 7},
 "steps": {"one": "dance",
  "two": ["lodge",
   {"act": "record"}]}
}""")
    with pytest.raises(MappingRefused) as refused:
        load_mapping(str(path))
    faults = str(refused.value).partition("does not fit: ")[2].split("; ")
    assert [fault.split(" of ")[0] for fault in faults] == [
        "line 4: format.delimiter has more than 1 sign",
        "line 2: activity.from says nothing",
        "line 5: time.from is missing",
        "line 5: time.frm is no word",
        "line 6: complaint.legal_entity is missing",
        "line 6: complaint.team is missing",
        "line 6: complaint.product must be an object in braces",
        "line 6: complaint.category is missing",
        "line 6: complaint.what_happened is missing",
        "line 7: steps.one is none",
        "line 9: steps.two.1 an act",
        "line 5: countable must be a list in brackets",
    ]


def test_a_name_that_does_not_ship_is_told_the_ones_that_do() -> None:
    with pytest.raises(MappingRefused, match="none of that name ships: cfpb, compensation"):
        load_mapping("nothing")


def test_every_column_it_speaks_of_is_named_once() -> None:
    mapping = CaseMapping.model_validate(
        table().model_dump(mode="json", by_alias=True, exclude_none=True)
        | {
            "customer": {"key": "kid", "name": {"text": "{first} {last}"}},
            "steps": {"paid": {"act": "pay", "amount": "sum", "currency": "EUR"}},
            "milestones": [{"activity": "m", "time": {"from": "m_at"}}],
            "countable": ["sum", "state"],
        }
    )
    assert mapping.named() == [
        *("case", "activity", "who", "kid", "first", "last", "sum", "time", "m_at", "state")
    ]
