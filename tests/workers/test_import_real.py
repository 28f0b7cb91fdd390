"""The three files of real data, where they are at hand; every event of theirs accounted for."""

from __future__ import annotations

import json
import os
from collections import Counter
from importlib.resources import files
from pathlib import Path
from uuid import uuid4

import pytest
from import_house import NOW, PACKS, furnish

from domain.complaint_facts import ComplaintClosed, ComplaintLodged, HistoricalStepKept, TermsAgreed
from domain.event import Event, Recorded
from domain.organisation import STREAM, DescribeLegalEntity, LegalEntity, organisation
from ledger import Ledger
from workers.importing.command import import_complaints
from workers.importing.mapping import load_mapping
from workers.importing.report import Summary

HERE = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("EVERCASE_TEST_DATA") or HERE.parent / "shared" / "data")

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"no real data here: {DATA} is not a folder (EVERCASE_TEST_DATA)"
)


@pytest.fixture(scope="module")
def house(module_ledger: Ledger) -> Ledger:
    furnish(module_ledger)
    return module_ledger


def bring(ledger: Ledger, name: str, mapping: str, folder: Path) -> Summary:
    return import_complaints(
        ledger,
        DATA / name,
        load_mapping(mapping).into("house", "first"),
        rejects=folder / "rejected.csv",
        now=NOW,
    )


def events(ledger: Ledger, summary: Summary) -> list[Recorded[Event]]:
    return [r for r in ledger.log(0, 100_000) if r.actor.id == summary.batch]


def test_consumer_complaints(house: Ledger, tmp_path: Path) -> None:
    summary = bring(house, "cfpb-complaints.csv", "cfpb", tmp_path)
    assert (summary.error, summary.cases, summary.rejected) == (None, 280, 0)
    ours = events(house, summary)
    lodged = [r for r in ours if isinstance(r.event, ComplaintLodged)]
    assert min(r.occurred_at for r in lodged).isoformat() == "2016-10-03T04:00:00+00:00"
    assert len({r.event.number for r in lodged}) == 280
    assert Counter(r.event.product for r in lodged)["Mortgage"] == 31
    kept = [r.event for r in ours if isinstance(r.event, HistoricalStepKept)]
    assert sum(event.activity == "Sent to company" for event in kept) == 280
    states = Counter(event.attributes.get("state") for event in kept)
    assert (states["CA"], sum(states.values()) - states[None]) == (37, 273)


def test_compensation_requests(house: Ledger, tmp_path: Path) -> None:
    summary = bring(house, "compensation-requests.xes", "compensation-requests", tmp_path)
    assert (summary.error, summary.cases, summary.events) == (None, 6, 42)
    assert (summary.rejected, summary.out_of_order, summary.archived) == (0, 0, 6)
    ours = events(house, summary)
    kept = [r.event for r in ours if isinstance(r.event, HistoricalStepKept)]
    assert Counter(event.activity for event in kept) == {
        "register request": 6,
        "examine casually": 6,
        "examine thoroughly": 3,
        "check ticket": 9,
        "decide": 9,
        "reinitiate request": 3,
        "pay compensation": 3,
        "reject request": 3,
    }
    assert {event.resource for event in kept} == {"Pete", "Mike", "Ellen", "Sara", "Sean", "Sue"}
    assert {event.attributes["Costs"] for event in kept} >= {"50", "100", "200", "400"}
    outcomes = Counter(r.event.outcome for r in ours if isinstance(r.event, ComplaintClosed))
    assert outcomes == {"upheld": 3, "rejected": 3}


def test_road_fines(house: Ledger, tmp_path: Path) -> None:
    summary = bring(house, "road-fines-with-appeals.xes", "road-fines", tmp_path)
    assert (summary.error, summary.cases, summary.events) == (None, 100, 390)
    ours = events(house, summary)
    kept = [r.event for r in ours if isinstance(r.event, HistoricalStepKept)]
    assert sum(event.activity == "Payment" for event in kept) == 58
    paid = [event.attributes["paymentAmount"] for event in kept if event.activity == "Payment"]
    assert all(float(str(amount)) > 0 for amount in paid)
    closed = [r for r in ours if isinstance(r.event, ComplaintClosed)]
    assert (len(closed), summary.archived) == (36, 36)


FILES = (
    ("cfpb-complaints.csv", "cfpb", 280),
    ("compensation-requests.xes", "compensation-requests", 6),
    ("road-fines-with-appeals.xes", "road-fines", 100),
)


@pytest.mark.parametrize(("name", "mapping", "cases"), FILES)
def test_a_second_time_adds_nothing(
    house: Ledger, tmp_path: Path, name: str, mapping: str, cases: int
) -> None:
    bring(house, name, mapping, tmp_path)
    head = house.head()
    again = bring(house, name, mapping, tmp_path)
    assert (again.cases, again.repeated, again.stored) == (0, cases, 0)
    assert house.head() == head


def test_as_they_ship_into_the_house_of_the_demo(ledger: Ledger, tmp_path: Path) -> None:
    for entity in json.loads((files("workers.demo") / "data/organisation.json").read_text("utf-8")):
        command = DescribeLegalEntity(
            command_id=uuid4(), at=NOW, actor=PACKS, entity=LegalEntity.model_validate(entity)
        )
        ledger.handle(organisation, STREAM, command)
    for name, mapping, cases in FILES:
        rejects = tmp_path / "rejected.csv"
        summary = import_complaints(
            ledger, DATA / name, load_mapping(mapping), rejects=rejects, now=NOW
        )
        assert (summary.error, summary.cases, summary.rejected) == (None, cases, 0)
    agreed = [r.event for r in ledger.log(0, 100_000) if isinstance(r.event, TermsAgreed)]
    assert {event.terms.policy.id for event in agreed} == {"general"}
