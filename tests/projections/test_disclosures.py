"""Who looked something up: to whom it is told, and that nothing typed is kept."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import uuid4

from small_house import World, person, staff

from domain.access import scope
from domain.complaint_wishes import RecusePerson
from domain.disclosure import ExportHistory, Looker, RecordPersonSearch, RevealDetail
from domain.event import Context
from domain.personal import Personal
from projections import disclosures
from projections.reading import Reading

Current = Callable[[], AbstractContextManager[Reading]]
ANN = Looker(staff=staff("ann"), legal_entities=("uk",), team="cards")


def kinds(current: Current, login: str, customer: str) -> list[str]:
    with current() as reading:
        seen = scope(person(login), "disclosure")
        return [row.kind for row in disclosures.of_customer(reading, seen, customer)]


def test_who_looked_is_told_to_lead_and_compliance_only(world: World, current: Current) -> None:
    customer = world.customer()
    case = world.lodge(customer=customer)
    world.do(
        f"disclosure-{uuid4()}", RecordPersonSearch, by=ANN, purposes=("name",), found=(customer,)
    )
    why = Context(reason=Personal("She rang from another phone"))
    world.do(
        f"disclosure-{uuid4()}", RevealDetail, by=ANN, customer=customer, case=case, field="phone",
        context=why,
    )  # fmt: skip
    assert kinds(current, "liz", customer) == ["revealed", "searched"]
    assert kinds(current, "kim", customer) == ["revealed", "searched"]
    assert kinds(current, "ann", customer) == []
    assert kinds(current, "wen", customer) == []
    world.do(case, RecusePerson, "kim", staff=staff("liz"), reason=Personal("Named in it"))
    assert kinds(current, "liz", customer) == ["searched"]
    with current() as reading:
        seen = scope(person("kim"), "disclosure")
        (of_case,) = disclosures.of_case(reading, seen, case)
        assert of_case.because is not None
        assert world.ledger.open(of_case.because) == "She rang from another phone"
        assert disclosures.of_staff(reading, seen, staff("ben")) == []
        assert disclosures.newest(reading, seen, limit=1) == [of_case]
        assert (of_case.number, of_case.what) == (world.state(case).number, ["phone"])


def test_an_export_about_nobody_in_particular_keeps_its_purpose(
    world: World, current: Current
) -> None:
    stream = f"disclosure-{uuid4()}"
    for _ in range(2):
        world.do(
            stream, ExportHistory, "kim",
            by=ANN.model_copy(update={"staff": staff("kim"), "team": None}),
            filters=("since", "type"), format="csv", facts=31,
            context=Context(reason=Personal("Yearly return")),
        )  # fmt: skip
    with current() as reading:
        (row,) = disclosures.of_staff(reading, scope(person("kim"), "disclosure"), staff("kim"))
        assert (row.kind, row.facts, row.format, row.what) == (
            "exported", 31, "csv", ["since", "type"],
        )  # fmt: skip
        assert row.because is not None
        assert world.ledger.open(row.because) == "Yearly return"
        assert disclosures.newest(reading, scope(person("liz"), "disclosure")) == []
