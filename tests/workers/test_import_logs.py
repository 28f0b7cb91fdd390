"""Event logs in XES from whoever wrote them, well-meant or not."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from import_house import gzipped, write, xes_text

from workers.importing.entry import MOST_ENTRIES, Entry, Fault
from workers.importing.opened import FREE, FileRefused, opened
from workers.importing.xes_file import DEEPEST, read_xes

TWO = {
    "7": [("in", "2024-01-02T10:00:00Z", ""), ("end", "2024-01-03T10:00:00Z", "")],
    "8": [("in", "2024-01-04T10:00:00Z", "")],
}


def read(path: Path) -> list[Entry | Fault]:
    with opened(path) as file:
        return [*read_xes(file)]


def one(path: Path) -> Entry:
    (entry,) = read(path)
    assert isinstance(entry, Entry)
    return entry


def test_events_stand_with_their_trace_and_line(tmp_path: Path) -> None:
    first, second, third = read(write(tmp_path / "a.xes", xes_text(TWO)))
    assert isinstance(first, Entry)
    assert isinstance(second, Entry)
    assert isinstance(third, Entry)
    assert [first.line, second.line, third.line] == [5, 6, 10]
    assert first.values["trace:concept:name"] == "7"
    assert "trace:concept:name" not in second.values
    assert second.trace == {"trace:concept:name": "7"}
    assert second.values == {"concept:name": "end", "time:timestamp": "2024-01-03T10:00:00Z"}


def test_packed_whatever_its_name(tmp_path: Path) -> None:
    assert len(read(gzipped(tmp_path / "a.log", xes_text(TWO)))) == 3


def test_every_type_nested_listed_and_doubled(tmp_path: Path) -> None:
    more = (
        '<int key="n" value="3"><string key="unit" value="pieces"/></int>'
        '<float key="f" value="1.5"/><boolean key="b" value="true"/><id key="i" value="u-1"/>'
        '<list key="l"><values><string key="item" value="a"/><string key="item" value="b"/>'
        '</values></list><container key="c"><string key="in" value="x"/></container>'
        '<string key="empty" value=""/>'
    )
    entry = one(write(tmp_path / "a.xes", xes_text({"7": [("in", None, more)]})))
    assert {k: v for k, v in entry.values.items() if not k.startswith("trace:")} == {
        "concept:name": "in",
        "n": "3",
        "n/unit": "pieces",
        "f": "1.5",
        "b": "true",
        "i": "u-1",
        "l/item": "a",
        "l/item (2)": "b",
        "c/in": "x",
    }


@pytest.mark.parametrize("name", ["xes:", ""])
def test_with_and_without_namespace(tmp_path: Path, name: str) -> None:
    space = "xmlns:xes" if name else "xmlns"
    text = (
        f'<{name}log {space}="http://www.xes-standard.org/" xes.version="2.0">'
        f'<{name}global scope="event"><{name}string key="concept:name" value="x"/></{name}global>'
        f'<{name}trace><{name}string key="concept:name" value="7"/>'
        f'<{name}event><{name}string key="concept:name" value="in"/></{name}event>'
        f"</{name}trace></{name}log>"
    )
    assert one(write(tmp_path / "a.xes", text)).values == {
        "trace:concept:name": "7",
        "concept:name": "in",
    }


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "iso-8859-1", "big5"])
def test_any_declared_encoding(tmp_path: Path, encoding: str) -> None:
    name = "café" if encoding == "iso-8859-1" else "投訴"
    text = xes_text({"7": [(name, None, "")]}).replace("UTF-8", encoding)
    assert one(write(tmp_path / "a.xes", text, encoding)).values["concept:name"] == name


def test_what_is_no_case_is_told(tmp_path: Path) -> None:
    text = (
        '<log><trace>\n<string key="a" value="b"/></trace>\n'
        '<event><id key="i" value="1"/></event></log>'
    )
    empty, loose = read(write(tmp_path / "a.xes", text))
    assert empty == Fault(1, "the trace has no events", '{"trace:a": "b"}')
    assert loose == Fault(3, "the event stands in no trace", '{"i": "1"}')


def test_a_trace_longer_than_any_case_is_left_out_whole(tmp_path: Path) -> None:
    events = [("in", "2024-01-02T10:00:00Z", "")] * (MOST_ENTRIES + 1)
    fault, entry = read(write(tmp_path / "a.xes", xes_text({"7": events, "8": events[:1]})))
    assert isinstance(fault, Fault)
    assert str(MOST_ENTRIES) in fault.reason
    assert isinstance(entry, Entry)


BOMB = "<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"<?xml version='1.0'?><!DOCTYPE log [{BOMB}]><log>&a9;</log>", "document type"),
        ("<!DOCTYPE log [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><log>&x;</log>", "document type"),
        ("<!DOCTYPE log SYSTEM 'http://127.0.0.1:9/x.dtd'><log/>", "document type"),
        ("<log><trace></log>", "line 1: it is not well-formed XML"),
        ("<log>\n<trace>", "line 2: it is not well-formed XML"),
        ("", "it is empty"),
        ("{}", "not well-formed"),
        ("<html></html>", "it begins with <html>"),
        ("<log>" + "<string key='a'>" * DEEPEST + "</log>", "nested deeper"),
        ("<log><string key='" + "x" * (5 << 20), "longer than any log needs"),
        ("<log>\n<trace>\n<event/>\n<trace>", "line 4: one trace stands within another"),
        ("<log>\n<trace><event>\n<event>", "line 3: one event stands within another"),
        ("<?xml version='1.0' encoding='klingon'?><log/>", "klingon is not known"),
    ],
)
def test_hostile_and_broken_files_are_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(FileRefused, match=reason):
        read(write(tmp_path / "a.xes", text))


def test_bytes_that_are_not_of_the_encoding(tmp_path: Path) -> None:
    for encoding in ("UTF-8", "gb18030"):
        path = tmp_path / "a.xes"
        path.write_bytes(
            f"<?xml version='1.0' encoding='{encoding}'?><log>".encode() + b"\xff\xff<"
        )
        with pytest.raises(FileRefused, match="XML"):
            read(path)


def test_packed_data_that_is_cut_off_or_broken(tmp_path: Path) -> None:
    packed = gzip.compress(xes_text(TWO).encode())
    for content in (packed[:-12], packed[:20] + b"xx" + packed[22:], packed[:3]):
        path = tmp_path / "a.xes.gz"
        path.write_bytes(content)
        with pytest.raises(FileRefused, match="gzip data is broken"):
            read(path)


def test_a_gzip_bomb_is_bounded(tmp_path: Path) -> None:
    whole, read_so_far = 4 * FREE, 0
    path = tmp_path / "a.xes.gz"
    with gzip.open(path, "wb", compresslevel=1) as out:
        for _ in range(whole >> 20):
            out.write(bytes(1 << 20))

    def read_all() -> None:
        nonlocal read_so_far
        with opened(path) as file:
            while window := file.read(1 << 20):
                read_so_far += len(window)

    with pytest.raises(FileRefused, match="unpacks to far more"):
        read_all()
    assert FREE <= read_so_far < 2 * FREE


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="cannot be opened"):
        read(tmp_path / "none.xes")
