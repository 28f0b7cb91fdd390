"""Foreign cases in the log: true times, nothing lost, nothing twice, nothing sent."""

from __future__ import annotations

import csv
import os
import re
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from import_house import COMPLAINT, HEADER, NOW, csv_text, furnish, log, table, write, xes_text

from domain.clock_facts import ClockBreached
from domain.complaint import complaint
from domain.complaint_facts import ComplaintLodged, HistoricalStepKept, TermsAgreed
from domain.customer import CustomerRegistered
from domain.event import Event, Recorded
from domain.personal import Personal
from ledger import Ledger
from workers.importing.command import import_complaints
from workers.importing.csv_file import read_csv
from workers.importing.entry import Entry
from workers.importing.mapping import CaseMapping, CsvFormat
from workers.importing.opened import opened
from workers.importing.report import Summary
from workers.importing.rows import rows_of
from workers.importing.spool import Spool

Rows = Sequence[Sequence[str]]


@dataclass
class House:
    """A furnished ledger, and a source of its own for each test."""

    ledger: Ledger
    folder: Path
    source: str

    def bring(
        self, rows: Rows, mapping: CaseMapping | None = None, *, header: Sequence[str] = HEADER,
        name: str = "a.csv", **options: Any,
    ) -> Summary:  # fmt: skip
        return self.bring_file(
            write(self.folder / name, csv_text(rows, header)), mapping or table(), **options
        )

    def bring_file(self, file: Path, mapping: CaseMapping, **options: Any) -> Summary:
        ours = mapping.model_copy(update={"source": self.source})
        return import_complaints(self.ledger, file, ours, **{"now": NOW} | options)

    def log(self) -> list[Recorded[Event]]:
        return [r for r in self.ledger.log(0, 100_000) if r.actor.id.startswith(self.source)]

    def only_case(self) -> list[Recorded[Event]]:
        streams = {r.stream for r in self.log() if isinstance(r.event, ComplaintLodged)}
        assert len(streams) == 1
        return self.ledger.history(streams.pop())

    def types(self) -> list[str]:
        return [type(r.event).__name__ for r in self.only_case()]

    def kept(self) -> list[dict[str, Any]]:
        events = [r.event for r in self.only_case() if isinstance(r.event, HistoricalStepKept)]
        return [self.ledger.open_in(event) for event in events]


@pytest.fixture(scope="module")
def furnished(module_ledger: Ledger) -> Ledger:
    furnish(module_ledger)
    return module_ledger


@pytest.fixture
def house(furnished: Ledger, tmp_path: Path, request: pytest.FixtureRequest) -> House:
    source = request.node.originalname.removeprefix("test_").replace("_", "-")
    return House(furnished, tmp_path, source[:60])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


STORY = [
    ("7", "in", "2026-01-05 10:00", "ann", "lid loose"),
    ("7", "receipt", "2026-01-05 12:00", "ann", ""),
    ("7", "rang twice", "2026-01-06 09:00", "bob", ""),
    ("7", "look", "2026-01-06 10:00", "bob", "seal worn"),
    ("7", "offer", "2026-01-07 10:00", "bob", ""),
    ("7", "told", "2026-01-08 10:00", "bob", ""),
    ("7", "end", "2026-01-09 10:00", "ann", ""),
]


def test_a_whole_story_with_its_true_times(house: House) -> None:
    summary = house.bring(STORY)
    assert (summary.error, summary.cases, summary.events, summary.rejected) == (None, 1, 7, 0)
    assert (summary.kept_as_history, summary.out_of_order, summary.archived) == (1, 0, 1)
    ours = {
        "ComplaintLodged": "2026-01-05 10:00",
        "TermsAgreed": "2026-01-05 10:00",
        "ComplaintAcknowledged": "2026-01-05 12:00",
        "StepRecorded": "2026-01-06 10:00",
        "ResolutionProposed": "2026-01-07 10:00",
        "ComplaintAnswered": "2026-01-08 10:00",
        "ComplaintClosed": "2026-01-09 10:00",
        "ComplaintArchived": "2026-02-09 00:00",
    }
    found = {type(r.event).__name__: r.occurred_at for r in house.only_case()}
    assert {name: found[name] for name in ours} == {name: at(t) for name, t in ours.items()}
    for recorded in house.only_case():
        assert recorded.actor.kind == "import"
        assert recorded.recorded_at > recorded.occurred_at
    assert summary.stored == len(house.log())


def test_every_row_keeps_who_and_what(house: House) -> None:
    house.bring(STORY)
    kept = [(row["activity"], row["resource"], row["attributes"]) for row in house.kept()]
    assert kept == [
        ("in", "ann", {"case": "7", "note": "lid loose"}),
        ("receipt", "ann", {}),
        ("rang twice", "bob", {}),
        ("look", "bob", {"note": "seal worn"}),
        ("offer", "bob", {}),
        ("told", "bob", {}),
        ("end", "ann", {}),
    ]
    assert all(row["maps_to"] is None for row in house.kept())


def test_words_and_money_that_our_step_has_no_place_for_stay_with_it(house: House) -> None:
    paid = {"act": "pay", "words": "note", "amount": "sum", "currency": "EUR"}
    steps = {"in": {"act": "lodge", "words": "note"}, "paid": paid, "yes": paid | {"act": "accept"}}
    offer = {"act": "propose", "words": "note", "amount": "sum", "currency": "EUR"}
    mapping = table(steps=steps | {"offer": offer}, decimal=",")
    rows = [
        ("7", "in", "2026-02-20", "", "by phone", ""),
        ("7", "paid", "2026-02-21", "", "too early", '"1.234,50"'),
        ("7", "offer", "2026-02-22", "", "sorry", '"12,50"'),
        ("7", "yes", "2026-02-23", "", "fine", '"12,50"'),
        ("7", "paid", "2026-02-24", "", "wired", '"12,50"'),
    ]
    house.bring(rows, mapping, header=(*HEADER, "sum"))
    assert [(each["activity"], each["attributes"]) for each in house.kept()] == [
        ("in", {"words": "by phone", "case": "7"}),
        ("paid", {"words": "too early", "amount": "1234.50 EUR"}),
        ("yes", {"words": "fine", "amount": "12.50 EUR"}),
    ]


def test_attributes_are_personal_unless_they_are_countable(house: House) -> None:
    house.bring(
        [("7", "in", "2026-02-27", "ann", "secret", "3")],
        table(countable=["points"]),
        header=(*HEADER, "points"),
    )
    (kept,) = [r.event for r in house.only_case() if isinstance(r.event, HistoricalStepKept)]
    assert kept.attributes["points"] == "3"
    assert isinstance(kept.attributes["note"], Personal)
    assert kept.attributes["note"].encrypted is not None


def test_a_limit_gone_by_is_broken_once_at_its_true_due_time(house: House) -> None:
    house.bring([("7", "in", "2026-01-05 10:00", "", "")])
    broken = [r for r in house.only_case() if isinstance(r.event, ClockBreached)]
    assert {r.event.clock: r.occurred_at for r in broken} == {
        "ack/1": at("2026-01-06 10:00"),
        "resolution/1": at("2026-01-15 10:00"),
    }
    assert len(broken) == 2
    state = house.ledger.fold(complaint, broken[0].stream).state
    assert not [due for due in complaint.agenda(state) if due.rule in ("breach", "warn")]


def test_an_open_case_of_now_owes_its_next_limit(house: House) -> None:
    house.bring([("7", "in", (NOW - timedelta(hours=30)).isoformat(), "", "")])
    state = house.ledger.fold(complaint, house.only_case()[0].stream).state
    owed = {due.rule: due.at for due in complaint.agenda(state)}
    assert owed["breach"] == NOW - timedelta(hours=30) + timedelta(hours=240)
    assert state.clocks["ack/1"].breached_at == NOW - timedelta(hours=6)


def test_nothing_is_written_to_the_customer(house: House) -> None:
    house.bring([*STORY, ("8", "in", "2026-02-28", "", "")])
    names = {type(r.event).__name__ for r in house.log()}
    assert not {name for name in names if "Letter" in name or "Satisfaction" in name}
    for recorded in house.log():
        if isinstance(recorded.event, ComplaintLodged):
            assert recorded.event.letters == "hold"
            state = house.ledger.fold(complaint, recorded.stream).state
            assert not [due for due in complaint.agenda(state) if due.letter is not None]


def test_what_cannot_be_true_in_our_order_is_kept_and_counted(house: House) -> None:
    summary = house.bring(
        [
            ("7", "end", "2026-01-04", "", ""),
            ("7", "in", "2026-01-05", "", ""),
            ("7", "again", "2026-01-06", "", ""),
            ("7", "end", "2026-01-07", "", ""),
            ("7", "told", "2026-01-08", "", "late"),
            ("7", "again", "2026-01-09", "", ""),
            ("7", "told", "2026-01-10", "", ""),
            ("7", "told", "2026-01-11", "", ""),
            ("7", "in", "2026-01-12", "", ""),
        ]
    )
    assert (summary.events, summary.out_of_order, summary.kept_as_history) == (9, 5, 5)
    refused = [(row["activity"], row["maps_to"]) for row in house.kept() if row["maps_to"]]
    assert refused == [
        ("end", "close"),
        ("again", "reopen"),
        ("told", "answer"),
        ("told", "answer"),
        ("in", "lodge"),
    ]
    state = house.ledger.fold(complaint, house.only_case()[0].stream).state
    assert (state.reopened, state.closed_at) == (1, None)
    assert state.received_at == at("2026-01-05")


def test_rows_of_a_case_may_stand_anywhere(house: House) -> None:
    shuffled = [STORY[6], ("8", "in", "2026-02-27", "", ""), *STORY[3:6], *STORY[:3]]
    assert house.bring(shuffled).cases == 2
    closed = [r for r in house.log() if type(r.event).__name__ == "ComplaintClosed"]
    assert [r.occurred_at for r in closed] == [at("2026-01-09 10:00")]


def test_activities_of_the_mapping_that_no_row_has_are_told(house: House) -> None:
    rows = [("7", "in", "2026-02-26", "", ""), ("7", "End", "2026-02-27", "", "")]
    summary = house.bring(rows, table(steps={"in": "lodge", "end": "close", "again": "reopen"}))
    assert (summary.steps_unused, summary.kept_as_history) == (["again", "end"], 1)


def test_without_a_receipt_the_first_row_is_it(house: House) -> None:
    house.bring([("7", "rang twice", "2026-02-26", "", ""), ("7", "look", "2026-02-27", "", "")])
    assert house.types()[:2] == ["ComplaintLodged", "TermsAgreed"]
    assert house.only_case()[0].occurred_at == at("2026-02-26")


def test_the_same_file_twice_adds_nothing(house: House) -> None:
    rows = [*STORY, ("8", "in", "2026-02-28", "", "")]
    first = house.bring(rows)
    head = house.ledger.head()
    numbers = house.ledger.next_number("complaint", 2026)
    again = house.bring(rows, name="another-name.csv")
    assert (again.cases, again.events, again.stored, again.repeated) == (0, 0, 0, 2)
    assert house.ledger.head() == head
    assert first.batch == again.batch
    later = house.ledger.next_number("complaint", 2026)
    assert int(later[-6:]) == int(numbers[-6:]) + 1


def test_a_longer_file_adds_what_is_new_and_tells_what_changed(house: House) -> None:
    old = [("7", "in", "2026-02-27", "", ""), ("8", "in", "2026-02-27", "", "")]
    house.bring(old)
    head = house.ledger.head()
    rows = [*old, ("9", "in", "2026-02-27", "", ""), ("8", "end", "2026-02-28", "", "")]
    summary = house.bring(rows, on_error="skip")
    assert (summary.cases, summary.repeated, summary.rejected, summary.left_out) == (1, 1, 1, 1)
    with Path(summary.reject_file or "").open(newline="") as file:
        lines = {int(row["line"]): row["reason"] for row in csv.DictReader(file)}
    assert "tells it otherwise" in lines[3]
    assert lines[5] == "left out with line 3 of the same case"
    assert house.ledger.head() == head + summary.stored


def test_rows_without_a_number_are_told_apart_by_what_they_say(house: House) -> None:
    mapping = table(case=None)
    rows = [("", "in", "2026-02-27", "", "a"), ("", "in", "2026-02-27", "", "a")]
    assert house.bring(rows, mapping).cases == 2
    again = house.bring([*rows, ("", "in", "2026-02-27", "", "b")], mapping)
    assert (again.cases, again.repeated) == (1, 2)


BROKEN = [
    ("7", "in", "2026-02-26", "", ""),
    ("7", "look", "whenever", "", "private words"),
    ("8", "in", "2026-02-27", "", ""),
]


def test_stop_stores_nothing_and_names_the_line(house: House) -> None:
    head = house.ledger.head()
    summary = house.bring(BROKEN)
    assert summary.error == "a.csv: line 3: time is no time written as iso"
    assert house.ledger.head() == head
    assert Path(summary.reject_file or "").stat().st_mode & 0o777 == 0o600


def test_skip_leaves_the_whole_case_out_and_tells_every_row(house: House) -> None:
    summary = house.bring(BROKEN, on_error="skip")
    assert (summary.error, summary.cases, summary.events) == (None, 1, 1)
    assert (summary.rejected, summary.left_out) == (1, 1)
    with Path(summary.reject_file or "").open(newline="") as file:
        assert [*csv.reader(file)] == [
            ["line", "reason", "row"],
            ["3", "time is no time written as iso", "7,look,whenever,,private words"],
            ["2", "left out with line 3 of the same case", "7,in,2026-02-26,,"],
        ]
    mended = [BROKEN[0], ("7", "look", "2026-02-27", "", "private words"), BROKEN[2]]
    again = house.bring(mended, on_error="skip")
    assert (again.cases, again.events, again.repeated, again.reject_file) == (1, 2, 1, None)


def test_a_row_that_cannot_be_read_takes_its_case_along(house: House) -> None:
    rows = [*BROKEN[:1], ("7", "end", "2026-02-27"), BROKEN[2]]
    summary = house.bring(rows, on_error="skip")
    assert (summary.cases, summary.rejected, summary.left_out) == (1, 1, 1)
    assert house.bring([BROKEN[0], BROKEN[2]]).cases == 1


def test_a_pipe_is_refused_before_it_is_drained(house: House) -> None:
    pipe = house.folder / "pipe"
    os.mkfifo(pipe)
    assert "as a pipe" in (house.bring_file(pipe, table()).error or "")


def test_a_reject_file_that_cannot_be(house: House) -> None:
    nowhere = house.folder / "nowhere" / "r.csv"
    summary = house.bring(BROKEN, on_error="skip", rejects=nowhere)
    assert f"the reject file {nowhere} cannot be written" in (summary.error or "")
    itself = house.bring(BROKEN, on_error="skip", rejects=house.folder / "a.csv")
    assert "would replace it" in (itself.error or "")
    assert (house.folder / "a.csv").exists()
    other = write(house.folder / "notes.txt", "keep me")
    for taken in (other, house.folder):
        summary = house.bring(BROKEN, on_error="skip", rejects=taken)
        assert "is no reject file" in (summary.error or "")
    assert other.read_text() == "keep me"


@pytest.mark.parametrize(
    ("complaint_", "row", "reason"),
    [
        ({"product": "note"}, ("7", "in", "2026-02-27", "", ""), "nothing .* its product"),
        (
            {"channel": {"from": "note", "values": {"a": "email"}}},
            ("7", "in", "2026-02-27", "", "b"),
            "no translation for what stands in note",
        ),
        ({"channel": "note"}, ("7", "in", "2026-02-27", "", "owl"), "note is none of phone"),
        ({"severity": {"text": "{note}"}}, ("7", "in", "2026-02-27", "", "x"), "none of low"),
        (
            {"legal_entity": "note"},
            ("7", "in", "2026-02-27", "", "x"),
            "its legal entity or team is none",
        ),
        ({}, ("", "in", "2026-02-27", "", ""), "which case it is of"),
        ({}, ("7", "", "2026-02-27", "", ""), "names no activity"),
        ({}, ("7", "in", "", "", ""), "says no time"),
        ({}, ("7", "x" * 201, "2026-02-27", "", ""), "activity is longer than 200"),
        ({"category": "note"}, ("7", "in", "2026-02-27", "", "x" * 201), "category is longer"),
    ],
)
def test_a_case_that_cannot_be_ours(
    house: House, complaint_: dict[str, Any], row: Sequence[str], reason: str
) -> None:
    mapping = table(complaint=COMPLAINT | complaint_)
    summary = house.bring([row], mapping, on_error="skip")
    assert (summary.cases, summary.rejected) == (0, 1)
    with Path(summary.reject_file or "").open(newline="") as file:
        (told,) = csv.DictReader(file)
    assert told["line"] == "2"
    assert re.search(reason, told["reason"])


@pytest.mark.parametrize(
    ("entity", "team", "told"),
    [("nowhere", None, "no legal entity nowhere; there is: house"), (None, "z", "has no team z")],
)
def test_a_house_that_is_not_ours(
    house: House, entity: str | None, team: str | None, told: str
) -> None:
    summary = house.bring(STORY, table().into(entity, team))
    assert told in (summary.error or "")


def test_where_nothing_is_published_yet_what_ships_is(ledger: Ledger, tmp_path: Path) -> None:
    house = House(ledger, tmp_path, "empty")
    assert (house.bring(STORY).error, house.bring(STORY).repeated) == (None, 1)
    (agreed,) = [r.event for r in house.only_case() if isinstance(r.event, TermsAgreed)]
    assert agreed.terms.policy.id == "general"
    assert house.types().count("StepRecorded") == 1


def test_a_long_file_is_never_in_memory(tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    with file.open("w") as out:
        out.write(",".join(HEADER) + "\n")
        out.writelines(f"{n % 900},in,2026-01-05,ann,{'x' * 3000}\n" for n in range(8_000))
    tracemalloc.start()
    try:
        with Spool() as spool, opened(file) as bytes_:
            for entry in read_csv(bytes_, CsvFormat(), ("case",)):
                assert isinstance(entry, Entry)
                for row in rows_of(table(), entry, entry.values["case"], NOW):
                    spool.add(entry.values["case"], row, entry)
            assert spool.filled() == 900
            assert sum(rows for _, rows, _ in spool.cases()) == 8_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < file.stat().st_size / 2


def test_a_case_older_than_every_policy_gets_the_first_one(house: House) -> None:
    house.bring([("7", "in", "1990-01-05", "", "")])
    (agreed,) = [r.event for r in house.only_case() if isinstance(r.event, TermsAgreed)]
    assert "received_before_any=yes" in agreed.terms.why


def test_what_the_old_system_claims_to_have_recorded(house: House) -> None:
    mapping = table(recorded={"from": "entered", "zone": "UTC"})
    rows = [
        ("7", "in", "2026-02-25", "", "", "2026-02-26"),
        ("7", "look", "2026-02-27", "", "", "2026-02-28"),
    ]
    house.bring(rows, mapping, header=(*HEADER, "entered"))
    claimed = {r.context.source_recorded_at for r in house.only_case()}
    assert claimed == {at("2026-02-26")}
    assert house.kept()[-1]["attributes"] == {"entered": "2026-02-28"}


# --- people -------------------------------------------------------------------------------------

PERSON = (*HEADER, "kid", "name", "mail")


def keyed() -> CaseMapping:
    return table(customer={"key": "kid", "name": "name", "details": {"email": "mail"}})


def people(house: House) -> dict[str, list[dict[str, Any]]]:
    streams = dict.fromkeys(r.stream for r in house.log() if r.stream.startswith("customer-"))
    return {s: [house.ledger.open_in(r.event) for r in house.ledger.history(s)] for s in streams}


def test_one_customer_for_each_key_told_of_again_where_it_differs(house: House) -> None:
    rows = [
        ("1", "in", "2026-02-25", "", "", "k1", "Ann Lee", "ann@example.org"),
        ("2", "in", "2026-02-26", "", "", "k1", "Ann Lee", "lee@example.org"),
        ("3", "in", "2026-02-27", "", "", "k2", "Bo", ""),
    ]
    summary = house.bring(rows, keyed(), header=PERSON)
    assert (summary.cases, summary.customers) == (3, 2)
    ann, bo = people(house).values()
    assert [e.get("name") or e.get("value") for e in ann] == [
        "Ann Lee",
        "ann@example.org",
        "lee@example.org",
    ]
    assert [e["name"] for e in bo] == ["Bo"]
    more = [*rows, ("4", "in", "2026-02-28", "", "", "k1", "Ann Leigh", "lee@example.org")]
    house.bring(more, keyed(), header=PERSON)
    ann, _ = people(house).values()
    assert ann[-1]["value"] == "Ann Leigh"
    assert house.bring(more, keyed(), header=PERSON).stored == 0


def test_the_newest_case_has_the_last_word_however_the_file_is_sorted(house: House) -> None:
    rows = [
        ("2", "in", "2026-02-26", "", "", "k1", "Ann Lee", "new@example.org"),
        ("1", "in", "2026-02-25", "", "", "k1", "Ann Lee", "old@example.org"),
    ]
    house.bring(rows, keyed(), header=PERSON)
    (ann,) = people(house).values()
    assert [e.get("value") for e in ann][1:] == ["old@example.org", "new@example.org"]


def test_two_imports_that_meet_the_same_customer_at_once(house: House) -> None:
    """The other one comes between looking who is known and registering."""
    ours = ("1", "in", "2026-02-25", "", "", "k1", "Ann Lee", "ann@example.org")
    theirs = ("2", "in", "2026-02-26", "", "", "k1", "Ann Leigh", "lee@example.org")

    def meanwhile(phase: str, done: int, of: int) -> None:
        if phase == "importing" and done == 0:
            house.bring([theirs], keyed(), header=PERSON, name="b.csv")

    summary = house.bring([ours], keyed(), header=PERSON, moved=meanwhile)
    assert (summary.error, summary.cases) == (None, 1)
    (ann,) = people(house).values()
    assert [e.get("name") or e.get("value") for e in ann][-1] == "ann@example.org"


def test_a_customer_for_each_case_where_there_is_no_key(house: House) -> None:
    house.bring([("1", "in", "2026-02-25", "", ""), ("2", "in", "2026-02-25", "", "")])
    assert len(people(house)) == 2


def test_streams_do_not_tell_the_keys_they_come_from(house: House) -> None:
    house.bring([("1", "in", "2026-02-25", "", "", "k1", "Ann", "")], keyed(), header=PERSON)
    (lodged,) = [r.event for r in house.log() if isinstance(r.event, ComplaintLodged)]
    (person,) = [r.event for r in house.log() if isinstance(r.event, CustomerRegistered)]
    assert lodged.customer == person.customer
    assert house.ledger.history(person.customer)[0].event.name.encrypted is not None


# --- logs ---------------------------------------------------------------------------------------


def test_a_log_with_events_out_of_order_and_without_times(house: House) -> None:
    text = xes_text(
        {
            "7": [
                ("in", "2026-01-05T10:00:00Z", ""),
                ("end", "2026-01-09T10:00:00+01:00", ""),
                ("seen", None, ""),
                ("looked", "2026-01-06T10:00:00Z", ""),
            ]
        }
    )
    mapping = log(time={"from": "time:timestamp", "missing": "previous"})
    summary = house.bring_file(write(house.folder / "a.xes", text), mapping)
    assert (summary.cases, summary.events) == (1, 4)
    steps = [(row["activity"], row["at"]) for row in house.kept()]
    assert steps == [
        ("in", at("2026-01-05 10:00")),
        ("looked", at("2026-01-06 10:00")),
        ("seen", at("2026-01-09 09:00")),
    ]
    strict = house.bring_file(house.folder / "a.xes", log(), on_error="skip")
    assert (strict.cases, strict.rejected, strict.left_out) == (0, 1, 3)


def test_attributes_that_no_event_has_are_named(house: House) -> None:
    text = xes_text({"7": [("in", "2026-01-05T10:00:00Z", "")]})
    summary = house.bring_file(write(house.folder / "a.xes", text), log(resource="org:resource"))
    assert "names attributes that no event has: org:resource. There are: concept" in (
        summary.error or ""
    )


@pytest.mark.parametrize("broken", [lambda text: text[:-30], lambda text: "<!DOCTYPE log>" + text])
def test_a_file_that_breaks_off_stores_nothing(house: House, broken: Callable[[str], str]) -> None:
    text = xes_text({str(n): [("in", "2026-01-05T10:00:00Z", "")] for n in range(50)})
    head = house.ledger.head()
    summary = house.bring_file(
        write(house.folder / "a.xes", broken(text.partition("?>\n")[2])), log(), on_error="skip"
    )
    assert summary.error is not None
    assert house.ledger.head() == head
