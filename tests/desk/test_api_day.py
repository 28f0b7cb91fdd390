"""A working day over the API: the queue, calls, the bell, going away, what leads look at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from everybody import base
from fastapi.testclient import TestClient
from states import done
from test_api import token
from test_pages import settle
from test_story import lodged
from visiting import House

from domain.complaint import complaint
from domain.disclosure import PersonSearched
from domain.event import Actor
from domain.personal import Personal
from domain.promise import MakePromise, Promised
from domain.staff import GiveRole, staff
from domain.staff_facts import Role


@pytest.fixture
def house(fresh_house: House) -> House:
    """Numbers depend on every case there is."""
    return fresh_house


Program = Callable[..., Any]


@pytest.fixture
def ellie(house: House) -> Program:
    return program(house, "ellie")


@pytest.fixture
def lin(house: House) -> Program:
    return program(house, "lin")


@pytest.fixture
def priya(house: House) -> Program:
    return program(house, "priya")


def program(house: House, login: str) -> Program:
    """Calls of a member of staff: method, path, body -> what is answered."""
    headers = {"Authorization": f"Bearer {token(house, login)}"}
    client = TestClient(house.app, headers=headers, raise_server_exceptions=False)

    def call(path: str, body: Any = None, key: str = "", method: str = "", wrong: int = 0) -> Any:
        settle(house)
        answer = client.request(
            method or ("GET" if body is None else "POST"), f"/api/v1{path}", json=body,
            headers={"Idempotency-Key": key or str(uuid4())},
        )  # fmt: skip
        assert answer.status_code == wrong or (not wrong and answer.is_success), answer.text
        return answer.json() if answer.content else None

    return call


def in_(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


def test_the_queue_is_counted_and_its_next_case_taken_once(
    house: House, ellie: Program, lin: Program
) -> None:
    first, second = (lodged(house.visitor("ellie")) for _ in range(2))
    assert ellie("/queue")["tabs"]["unassigned"] == {"number": 2, "more": False}
    for _ in range(2):
        assert ellie("/queue/next", {}, key="next")["number"] == first
    assert lin("/queue/next", {"shown": first}) == {"number": second, "raced": first}
    assert lin("/queue/next", {})["number"] is None


def test_what_keeps_a_case_from_being_taken_is_said(house: House, lin: Program) -> None:
    number = lodged(house.visitor("ellie"))
    done(house.visitor("ellie"), number, "withdraw", {"channel": "phone"})
    refused = lin("/queue/next", {"shown": number}, wrong=409)
    assert refused["type"] == "/problems/CaseIsClosed"


def test_the_bell_tells_and_is_cleared(house: House, ellie: Program, priya: Program) -> None:
    number = lodged(house.visitor("ellie"))
    ellie(f"/complaints/{number}/take", {})
    priya(f"/complaints/{number}/nudge", {})
    (case,) = ellie("/notices")
    assert case["number"] == number
    (notice,) = case["notices"]
    assert notice["kind"] == "nudged"
    assert ellie("/notices/clear", {"seen": notice["position"]}) == []
    assert ellie("/notices") == []


def test_a_call_has_its_script_and_is_kept_once(house: House, ellie: Program) -> None:
    number = lodged(house.visitor("ellie"))
    customer = ellie(f"/complaints/{number}")["customer"]
    ellie(f"/customers/{customer}/details", {"detail": "phone", "value": "+44 20 7946 0018"})
    (script,) = ellie("/calls", {"phone": "+442079460018"})
    assert script["cases"] == [number]
    assert script["greeting"].endswith("of Larkmere Bank UK.")
    assert ellie("/disclosures", wrong=403)
    promise = {"what": "Ring back", "due": in_(hours=5)}
    call = {"summary": "He asked again", "case": number, "promise": promise}
    path = f"/calls/{script['customer']}/record"
    kept = [ellie(path, call, key="call") for _ in range(2)]
    assert [it["outcome"] for it in kept] == ["stored", "repeated"]
    (given,) = ellie(f"/calls/{customer}")["promises"]
    assert (given["name"], given["what"]) == (kept[0]["promise"], "Ring back")
    other = call | {"promise": promise | {"what": "Write to him"}}
    assert ellie(path, other, key="call", wrong=422)["type"] == "/problems/CommandIdMisused"
    assert "case" in str(ellie(path, {"summary": "x", "promise": promise}, wrong=422))
    assert ellie("/evening")["ahead"][0]["number"] == number


def test_who_may_not_call_searches_nobody(house: House, ellie: Program) -> None:
    lodged(house.visitor("ellie"))
    sought = frozenset({PersonSearched.type_name})
    phone = {"phone": "+44 20 7946 0018"}
    assert len(ellie("/calls", phone)) == 1
    before = len(house.ledger.log(0, 100_000, sought))
    program(house, "song")("/calls", phone, wrong=403)
    assert len(house.ledger.log(0, 100_000, sought)) == before


def test_only_whom_one_may_call_is_listed(house: House, ellie: Program) -> None:
    phone = "+44 20 7946 0018"
    lodged(house.visitor("ellie"))
    house.visitor("dayo").send(
        "/customers/new", name="Else", legal_entity="woodquill", language="en", phone=phone
    )
    (script,) = ellie("/calls", {"phone": phone})
    reads = Role(name="compliance", legal_entity="woodquill")
    house.ledger.handle(staff, house.staff["ellie"], GiveRole(**base(), role=reads))
    assert len(ellie("/search", {"text": phone})["customers"]) == 2
    assert ellie("/calls", {"phone": phone}) == [script]


def test_who_goes_away_gives_what_they_owe_to_the_deputy(
    house: House, ellie: Program, lin: Program, priya: Program
) -> None:
    number = lodged(house.visitor("ellie"))
    ellie(f"/complaints/{number}/take", {})
    deputy = house.staff["lin"]
    read = ellie("/away")
    assert read["absence"] is None
    assert deputy in read["deputies"]
    (owed,) = read["owed"]
    assert ellie("/away", {"ends": "2001-01-01T00:00:00Z"}, wrong=422)
    assert ellie("/away", {"deputy": "nobody"}, wrong=422)
    left = ellie("/away", {"ends": in_(days=3), "deputy": deputy})
    assert (left["given"], left["failed"]) == ([owed["id"]], {})
    assert [it["staff"] for it in priya("/away")["colleagues"]] == [house.staff["ellie"]]
    (offer,) = lin("/offers")
    assert lin("/offers", {"accept": [offer["id"]]})["given"] == [offer["id"]]
    assert lin(f"/complaints/{number}")["owner"] == deputy
    helped = priya(f"/away/{house.staff['ellie']}/deputy", {"deputy": house.staff["priya"]})
    assert helped["outcome"] == "stored"
    assert lin(f"/away/{house.staff['ellie']}/deputy", {"deputy": deputy}, wrong=403)
    ellie("/away/back", {})
    assert ellie("/away")["absence"] is None


def test_all_of_it_is_all_of_it(house: House, ellie: Program, lin: Program) -> None:
    """Also more than a form holds, and more than a list shows."""
    number, deputy = lodged(house.visitor("ellie")), house.staff["lin"]
    stream = ellie(f"/complaints/{number}")["stream"]
    due, many = datetime.now(UTC) + timedelta(days=9), 205
    made = [
        house.ledger.submit(
            complaint, stream,
            MakePromise(
                command_id=uuid4(), at=datetime.now(UTC), promise=str(n),
                actor=Actor(kind="staff", id=house.staff["ellie"], role="agent"),
                promised=Promised(what=Personal(f"Line {n}"), due=due),
            ),
        )
        for n in range(many)
    ]  # fmt: skip
    assert {it.result().outcome for it in made} == {"stored"}
    owed = {it["id"] for it in ellie("/away")["owed"]}
    assert len(owed) == many
    left = ellie("/away", {"deputy": deputy})
    assert (set(left["given"]), left["failed"]) == (owed, {})
    assert {it["id"] for it in lin("/offers")} == owed


def test_a_lead_reads_days_causes_and_what_was_passed_over(
    house: House, ellie: Program, priya: Program
) -> None:
    number = lodged(house.visitor("ellie"))
    done(house.visitor("ellie"), number, "skip", {"reason": "language"})
    assert priya("/board/trend")[-1]["received"] == 1
    assert priya("/board/causes")[0]["cases"] == 1
    assert [it["number"] for it in priya("/oversight")["skips"]] == [number]
    assert ellie("/board/causes", wrong=403)
