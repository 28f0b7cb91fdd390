"""The team lead's board: its numbers are their lists, its acts come back to it, others see none."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from people import LONG_AGO, SETUP
from states import done
from test_story import lodged
from visiting import House, Visitor

from domain.staff import SetCapacity, staff


@pytest.fixture
def house(fresh_house: House) -> House:
    """What is next, and the numbers, depend on every case there is."""
    return fresh_house


def fresh(visitor: Visitor, path: str = "/board") -> str:
    sign = "&" if "?" in path else "?"
    return visitor.get(f"{path}{sign}position={visitor.house.ledger.head()}").text


def rows(page: str) -> int:
    """How many cases a list shows."""
    return len(set(re.findall(r'data-row="(C-[\d-]+)"', page)))


def number(page: str, words: str) -> int:
    found = re.search(rf"(\d+) {words}", page)
    assert found, words
    return int(found[1])


def take(visitor: Visitor, case: str) -> None:
    visitor.get(f"/queue?tab=all&position={visitor.house.ledger.head()}")
    done(visitor, case, "take", {})


def test_each_number_is_as_long_as_the_list_it_opens(house: House) -> None:
    ellie, priya = house.visitor("ellie"), house.visitor("priya")
    for case in [lodged(ellie) for _ in range(4)][:2]:
        take(ellie, case)
    capacity = SetCapacity(command_id=uuid4(), at=LONG_AGO, actor=SETUP, cases=1)
    house.ledger.handle(staff, house.staff["ellie"], capacity)
    page = fresh(priya)
    assert number(page, "nobody has taken") == rows(fresh(priya, "/queue?tab=nobody")) == 2
    tonight = number(page, "of ours before tonight")
    assert tonight == rows(fresh(priya, "/queue?tab=tonight"))
    law = number(page, "will break the law’s limit in 48 h")
    assert law == rows(fresh(priya, "/queue?tab=law"))
    assert number(page, "colleague is over capacity") == 1
    assert fresh(priya, "/board?over=yes").count('class="colleague"') == 1
    assert "2 of at most 1" in page
    told = priya.client.get("/api/v1/board")
    assert told.status_code == 200
    assert told.json()["nobody"] == 2
    assert told.json()["over"] == 1


def test_an_order_comes_back_to_the_board_and_stays_there_until_answered(house: House) -> None:
    ellie, priya = house.visitor("ellie"), house.visitor("priya")
    case = lodged(ellie)
    take(ellie, case)
    path = f"/complaints/{case}/order"
    form = priya.form(priya.get(f"{path}?next=/board").text, path)
    wish = {**form, "words": "Where is it?", "answer_by": "2099-01-01T10:00"}
    refused = priya.client.post(path, data=wish)
    assert refused.status_code == 422
    wish["answer_by"] = "2028-01-03T10:00"
    answer = priya.client.post(path, data=wish)
    assert answer.headers["location"].startswith("/board?")
    orders = priya.get(answer.headers["location"]).text.split("Ordered answers")[1]
    assert case in orders.split("</section>")[0]


def test_a_skip_is_shown_to_the_lead_with_its_word(house: House) -> None:
    ellie, priya = house.visitor("ellie"), house.visitor("priya")
    case = lodged(ellie)
    page = fresh(ellie, "/queue?tab=unassigned")
    form = ellie.form(page, "/queue/skip")
    ellie.client.post("/queue/skip", data=form | {"reason": "language"})
    assert "Ellie Quillon: needs another language" in fresh(priya)
    told = priya.client.get("/api/v1/oversight").json()
    assert [it["reason"] for it in told["skips"]] == ["language"]
    take(ellie, case)
    assert "No case was passed over." in fresh(priya)


def test_an_approval_that_waits_is_the_first_thing_to_do(house: House) -> None:
    ellie, priya = house.visitor("ellie"), house.visitor("priya")
    assert 'data-key="v"' not in fresh(priya)
    case = lodged(ellie)
    take(ellie, case)
    wish = {"field": "product", "product": "account", "reason": "Misheard"}
    done(ellie, case, "correct", wish)
    page = fresh(priya)
    assert re.search(rf'href="/complaints/{case}/grant/[^"]+" data-key="v"', page)


def test_the_form_to_move_a_case_knows_to_whom_it_was_dragged(house: House) -> None:
    ellie, priya = house.visitor("ellie"), house.visitor("priya")
    case = lodged(ellie)
    take(ellie, case)
    lin = house.staff["lin"]
    page = priya.get(f"/complaints/{case}/reassign?to={lin}&next=/board").text
    assert f'value="{lin}" selected' in page


def test_trend_causes_and_the_time_of_a_case_are_a_picture_with_its_table(house: House) -> None:
    ellie, priya = house.visitor("ellie"), house.visitor("priya")
    case = lodged(ellie)
    take(ellie, case)
    trend = fresh(priya, "/board/trend")
    assert "<svg" in trend
    assert trend.count('<th scope="row">') == 14
    causes = fresh(priya, "/board/causes")
    assert "Payments" in causes
    assert "Fees" in causes
    time = ellie.get(f"/complaints/{case}/time").text
    assert "<svg" in time
    assert "Ellie Quillon" in time


@pytest.mark.parametrize(
    "path", ["/board", "/board/trend", "/board/causes", "/api/v1/board", "/api/v1/oversight"]
)
def test_who_leads_no_team_sees_no_totals(house: House, path: str) -> None:
    assert house.visitor("ellie").client.get(path).status_code == 403


def test_totals_of_another_company_are_not_counted(house: House) -> None:
    lodged(house.visitor("ellie"))
    page = fresh(house.visitor("priya"))
    assert "Dayo Ashgrove" not in page
    assert "Ellie Quillon" in page
    assert house.visitor("dayo").client.get("/board").status_code == 403
