"""Tables as they come: delimiters, quotes, encodings, and rows that cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from import_house import NOW, csv_text, table, write

from workers.importing.amounts import Mark, amount_of
from workers.importing.csv_file import read_csv
from workers.importing.entry import Entry, Fault, RowRefused
from workers.importing.mapping import CsvFormat, MappingRefused, When
from workers.importing.moments import moment
from workers.importing.opened import FileRefused, opened
from workers.importing.rows import rows_of

ROWS = [("7", "in", "2024-01-02 10:00", "ann", "lid, loose"), ("8", "end", "2024-01-03", "bob", "")]


def read(path: Path, named: tuple[str, ...] = ("case",), **shape: object) -> list[Entry | Fault]:
    with opened(path) as file:
        return [*read_csv(file, CsvFormat.model_validate(shape), named)]


def entries(path: Path, named: tuple[str, ...] = ("case",), **shape: object) -> list[Entry]:
    found = read(path, named, **shape)
    assert all(isinstance(each, Entry) for each in found), found
    return [each for each in found if isinstance(each, Entry)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_the_columns_the_mapping_names(
    tmp_path: Path, delimiter: str
) -> None:
    file = write(tmp_path / "a.csv", f"no{delimiter}case\n1{delimiter}7\n")
    assert [each.values for each in entries(file)] == [{"no": "1", "case": "7"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "cp1252"])
def test_any_encoding(tmp_path: Path, encoding: str) -> None:
    word = "café" if encoding == "cp1252" else "壶漏水"
    file = write(tmp_path / "a.csv", f"case,note\n7,{word}\n", encoding)
    assert entries(file, encoding=encoding)[0].values == {"case": "7", "note": word}


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "case\n7\n", "utf-8-sig")
    assert entries(file, encoding="utf-8")[0].values == {"case": "7"}


def test_rows_over_several_lines_are_told_by_their_first(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", 'case,note\r\n7,"one\r\ntwo ""so"""\r\n\r\n8,x\r\n')
    first, second = entries(file)
    assert (first.line, first.values["note"]) == (2, 'one\r\ntwo "so"')
    assert first.raw == '7,"one\r\ntwo ""so"""\r\n'
    assert second.line == 5


def test_other_quotes_and_escapes_and_lines_before_the_header(tmp_path: Path) -> None:
    text = "exported by hand\n\ncase;note\n7;'it''s; here'\n"
    file = write(tmp_path / "a.csv", text)
    assert entries(file, quote="'", skip_lines=2)[0].values["note"] == "it's; here"
    file = write(tmp_path / "b.csv", 'case,note\n7,"a \\"b\\""\n')
    assert entries(file, escape="\\")[0].values["note"] == 'a "b"'


def test_columns_without_a_name_or_with_one_twice_are_kept_apart(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "case,note,note,\n7,x,y,z\n")
    assert entries(file)[0].values == {
        "case": "7",
        "note (column 2)": "x",
        "note (column 3)": "y",
        "column 4": "z",
    }
    assert entries(file, ("case", "note (column 3)"))


def test_columns_that_are_not_there_are_named(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", csv_text(ROWS))
    with pytest.raises(MappingRefused, match=r"does not have: colour, size\. It has: case, activ"):
        read(file, ("case", "colour", "size"))
    told = r"of the same name: note\. Name the one .*: note \(column 2\), note \(column 3\)"
    with pytest.raises(MappingRefused, match=told):
        read(write(tmp_path / "b.csv", "case,note,note\n7,x,y\n"), ("case", "note"))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"7,in\n", "it has 2 columns, the header has 3"),
        (b"7,in,x,y\n", "it has 4 columns, the header has 3"),
        (b'7,"in"side,x\n', "the row is not well formed: ',' expected after '\"'"),
        (b"7,in,\xff\xfe\n", "bytes that are not utf-8"),
        (b"7,in,a\0b\n", "it holds a NUL character"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_with_its_line(
    tmp_path: Path, row: bytes, reason: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"case,activity,note\n6,in,x\n" + row + b"8,in,x\n")
    first, fault, last = read(path)
    assert isinstance(fault, Fault)
    assert (fault.line, fault.reason) == (3, reason)
    assert isinstance(first, Entry)
    assert isinstance(last, Entry)


def test_rows_that_say_nothing_are_passed_over_and_empty_cells_at_the_end_are_none(
    tmp_path: Path,
) -> None:
    file = write(tmp_path / "a.csv", "case,note\n7,x,,\n,,,\n  \n,\n8,y\n")
    assert [each.values for each in entries(file)] == [
        {"case": "7", "note": "x"},
        {"case": "8", "note": "y"},
    ]


def test_texts_that_stand_for_nothing(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "case,note,end\n7,N/A,0000-00-00\n8, NULL ,x\n")
    told = [each.values for each in entries(file, blank=["N/A", "NULL", "0000-00-00"])]
    assert told == [{"case": "7"}, {"case": "8", "end": "x"}]


@pytest.mark.parametrize("mark", [",", ";"])
def test_names_of_columns_may_go_over_several_lines(tmp_path: Path, mark: str) -> None:
    file = write(tmp_path / "a.csv", f'case{mark}"note\n(all of it)"\r\n7{mark}x\r\n')
    (entry,) = entries(file, ("case", "note\n(all of it)"))
    assert (entry.line, entry.values["note\n(all of it)"]) == (3, "x")


def test_a_row_that_cannot_be_read_says_of_which_case_it_may_be(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", 'who,case\nann,7,x\n8\nbob,"9\ncy,10\n"x\n')
    faults = [each for each in read(file) if isinstance(each, Fault)]
    perhaps = [{values.get("case") for values in each.readings} for each in faults]
    assert perhaps == [{"7", "x"}, {"8", None}, {"9", "10", "x", None}]


@pytest.mark.parametrize(
    ("content", "encoding", "told"),
    [
        (b"", "utf-8", "it is empty"),
        (b"\xfe,x\n7,8\n", "utf-8", "its header is not utf-8: say its encoding"),
        ("case,x\n".encode("utf-16"), "utf-8", "it is UTF-16, not utf-8: say its encoding"),
        ("case,x\n".encode("utf-16"), "cp1252", "it is UTF-16, not cp1252"),
        ("case,x\n".encode("utf-16-le"), "utf-8", "NUL characters, as UTF-16 does"),
        (b"<?xml version='1.0'?>\n<log/>", "utf-8", "it is XML and no table"),
        (b"case,x\n", "utf-16", "bytes are not of the mapping's encoding"),
    ],
)
def test_a_file_without_a_header_is_refused(
    tmp_path: Path, content: bytes, encoding: str, told: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(FileRefused, match=f"line 1: .*{told}"):
        read(path, encoding=encoding)


@pytest.mark.parametrize("begins", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
def test_a_workbook_is_told_from_a_table(tmp_path: Path, begins: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(begins + b"rest")
    with pytest.raises(FileRefused, match="save the table as CSV"):
        read(path)


def test_a_quote_left_open_does_not_swallow_a_file(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", 'case\n"7\n' + "x" * 1000 + "\n" * 3)
    (fault,) = read(file)
    assert isinstance(fault, Fault)
    assert (fault.line, "unexpected end" in fault.reason) == (2, True)
    file = write(tmp_path / "b.csv", 'case\n"7\n' + ("x" * 1023 + "\n") * 5000)
    assert any(isinstance(each, Fault) for each in read(file)[:1])


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "case\n7\n" + "x" * (2 << 20))
    with pytest.raises(FileRefused, match="line 3: the row that begins here"):
        read(file)


# --- moments ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "format", "zone", "at"),
    [
        ("2024-01-02T10:00:00.123456789Z", "iso", None, "2024-01-02T10:00:00.123456+00:00"),
        ("2024-01-02 10:00", "iso", "Asia/Shanghai", "2024-01-02T02:00:00+00:00"),
        ("2024-07-01", "iso", "Europe/London", "2024-06-30T23:00:00+00:00"),
        ("2024-10-27 01:30", "iso", "Europe/London", "2024-10-27T00:30:00+00:00"),
        ("1704189600", "unix", None, "2024-01-02T10:00:00+00:00"),
        ("1704189600123", "unix_ms", None, "2024-01-02T10:00:00.123000+00:00"),
        ("2024年1月2日 10:00", "%Y年%m月%d日 %H:%M", "UTC", "2024-01-02T10:00:00+00:00"),
        ("2024-03-31 02:30", "iso", "Europe/Berlin", "2024-03-31T01:30:00+00:00"),
        ("45293.5", "excel", "Asia/Shanghai", "2024-01-02T04:00:00+00:00"),
        ("02/01/2024", ("%d/%m/%Y %H:%M", "%d/%m/%Y"), "UTC", "2024-01-02T00:00:00+00:00"),
    ],
)
def test_moments(text: str, format: str, zone: str | None, at: str) -> None:
    when = When.model_validate({"from": "t", "format": format, "zone": zone})
    assert moment(when, {"t": text}, NOW) == datetime.fromisoformat(at)
    assert moment(when, {}, NOW) is None


@pytest.mark.parametrize(
    ("text", "zone", "reason"),
    [
        ("yesterday", "UTC", "t is no time written as iso"),
        ("2024-01-02 10:00", None, "t names no time zone"),
        ("1899-12-31", "UTC", "before 1900"),
        ((NOW + timedelta(minutes=1)).isoformat(), None, "in the future"),
        ("0001-01-01T00:00:00+14:00", None, "t is no time"),
    ],
)
def test_what_is_no_moment_of_the_past(text: str, zone: str | None, reason: str) -> None:
    when = When.model_validate({"from": "t", "zone": zone})
    with pytest.raises(RowRefused, match=reason) as refused:
        moment(when, {"t": text}, NOW)
    assert text not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "decimal", "amount"),
    [
        ("12", ".", "12.00"),
        ("1,234.5", ".", "1234.50"),
        ("1,234", ".", "1234.00"),
        ("1,23,456.50", ".", "123456.50"),
        ("1.0E7", ".", "10000000.00"),
        ("12,50", ",", "12.50"),
        ("1.234,56", ",", "1234.56"),
        ("1\N{NARROW NO-BREAK SPACE}234,5", ",", "1234.50"),
        ("19.989999", ".", "19.99"),
    ],
)
def test_sums_of_money(text: str, decimal: Mark, amount: str) -> None:
    assert str(amount_of(text, decimal)) == amount


@pytest.mark.parametrize(
    ("text", "decimal"), [("12,50", "."), ("1.234,56", "."), ("1,234.56", ","), ("twelve", "."),
                          (".", "."), ("12.5.3", "."), ("€ 5", ".")]
)  # fmt: skip
def test_a_sum_written_otherwise_is_never_read_over(text: str, decimal: Mark) -> None:
    with pytest.raises(ValueError, match="no sum of money written as 1"):
        amount_of(text, decimal)


def test_a_row_may_tell_several_moments() -> None:
    mapping = table(
        time={"from": "in", "zone": "UTC"},
        activity={"constant": "in"},
        milestones=[{"activity": "passed on", "time": {"from": "on", "zone": "UTC"}}],
    )
    entry = Entry(2, {"case": "7", "in": "2024-01-02", "on": "2024-01-05"}, "")
    first, second = rows_of(mapping, entry, "7", NOW)
    assert (first.activity, first.at, first.own) == ("in", datetime(2024, 1, 2, tzinfo=UTC), True)
    assert (second.activity, second.at) == ("passed on", datetime(2024, 1, 5, tzinfo=UTC))
    (only,) = rows_of(mapping, Entry(3, {"case": "8", "in": "2024-01-02"}, ""), "8", NOW)
    assert only.activity == "in"
