"""The queue as people work it: take next, races, skips, several at once, lists that remember."""

from __future__ import annotations

import re

import pytest
from states import done
from test_story import lodged
from visiting import House, Visitor

from desk import lists


@pytest.fixture
def house(fresh_house: House) -> House:
    """What is next, and the numbers, depend on every case there is."""
    return fresh_house


@pytest.fixture
def ellie(house: House) -> Visitor:
    return house.visitor("ellie")


@pytest.fixture
def lin(house: House) -> Visitor:
    return house.visitor("lin")


def queue(visitor: Visitor, address: str = "tab=unassigned") -> str:
    """The page once everything stored is in it."""
    return visitor.get(f"/queue?{address}&position={visitor.house.ledger.head()}").text


def cases(visitor: Visitor, count: int) -> list[str]:
    return [lodged(visitor) for _ in range(count)]


def press_next(visitor: Visitor, page: str) -> str:
    """Where one press leads."""
    form = visitor.form(page, "/queue/next")
    return str(visitor.client.post("/queue/next", data=form).headers["location"])


def test_take_next_assigns_the_first_that_nobody_has(ellie: Visitor) -> None:
    first, _ = cases(ellie, 2)
    page = queue(ellie)
    assert page.index(first) < page.index("<ol")
    target = press_next(ellie, page)
    assert target == f"/complaints/{first}?done=take"
    assert "Ellie Quillon answers for it" in ellie.get(target).text


def test_two_who_press_at_once_get_one_each_and_are_told(ellie: Visitor, lin: Visitor) -> None:
    first, second = cases(ellie, 2)
    mine, hers = queue(ellie), queue(lin)
    assert press_next(lin, hers).startswith(f"/complaints/{first}?")
    target = press_next(ellie, mine)
    assert target == f"/complaints/{second}?done=take&raced={first}"
    told = ellie.get(target).text
    assert re.search(r"Lin Qiao took it .* ago\. Here is the next one\.", told)


def test_pressing_twice_takes_one(ellie: Visitor) -> None:
    first, second = cases(ellie, 2)
    page = queue(ellie)
    assert press_next(ellie, page).startswith(f"/complaints/{first}")
    assert press_next(ellie, page) == f"/complaints/{first}"
    assert "nobody answers for it" in ellie.get(f"/complaints/{second}").text


def test_pressing_twice_after_a_race_takes_one(ellie: Visitor, lin: Visitor) -> None:
    _, second, _ = cases(ellie, 3)
    mine, hers = queue(ellie), queue(lin)
    press_next(lin, hers)
    press_next(ellie, mine)
    again = press_next(ellie, mine)
    assert again in (f"/complaints/{second}", "/queue?tab=mine"), "as the list knows it, or not yet"
    assert queue(ellie, "tab=mine").count('class="open"') == 0, "one case: the card"


def test_my_own_first_case_is_opened(ellie: Visitor) -> None:
    (number,) = cases(ellie, 1)
    press_next(ellie, queue(ellie))
    page = queue(ellie, "tab=mine")
    assert re.search(rf'href="/complaints/{number}\?from=\w+" data-key="n">Take next', page)


def test_with_nothing_of_mine_the_next_is_offered(ellie: Visitor) -> None:
    (number,) = cases(ellie, 1)
    page = queue(ellie, "tab=mine")
    assert "Nothing is due for you." in page
    assert press_next(ellie, page) == f"/complaints/{number}?done=take"


def test_a_skipped_case_asks_a_word_and_is_not_offered_again(ellie: Visitor, lin: Visitor) -> None:
    first, second = cases(ellie, 2)
    form = ellie.form(queue(ellie), "/queue/skip")
    assert ellie.client.post("/queue/skip", data=form | {"reason": ""}).status_code == 422
    ellie.client.post("/queue/skip", data=form | {"reason": "skill"})
    page = queue(ellie)
    assert "passed over by you" in page
    assert press_next(ellie, page) == f"/complaints/{second}?done=take"
    assert press_next(lin, queue(lin)) == f"/complaints/{first}?done=take"
    assert "needs somebody with more skill" in ellie.get(f"/complaints/{first}/history").text


def test_several_are_assigned_and_each_result_is_told(house: House, ellie: Visitor) -> None:
    first, second, third = cases(ellie, 3)
    queue(ellie)
    done(ellie, third, "take", {})
    done(ellie, third, "withdraw", {"channel": "phone"})
    priya = house.visitor("priya")
    form = priya.form(queue(priya, "tab=all"), "/queue/bulk")
    chosen = {f"case-{number}": "yes" for number in (first, second, third)}
    wish = {**form, **chosen, "case-C-2026-999999": "yes", "act": "assign"}
    wish["to"] = house.staff["lin"]
    for _ in range(2):
        answer = priya.client.post("/queue/bulk", data=wish).text
        assert answer.count("Done: assigned.") == 2
        assert "The case is closed. Reopen it first." in answer
        assert "There is no such complaint." in answer
    assert ellie.get(f"/complaints/{first}/history").text.count("Lin Qiao answers for it") == 1


def test_nothing_is_closed_or_written_in_bulk(ellie: Visitor) -> None:
    (number, _) = cases(ellie, 2)
    form = ellie.form(queue(ellie), "/queue/bulk")
    for act in ("close", "reply", "take"):
        wish = {**form, f"case-{number}": "yes", "act": act}
        assert ellie.client.post("/queue/bulk", data=wish).status_code == 404


def test_an_agent_may_not_assign_the_selected(house: House, ellie: Visitor) -> None:
    number, _ = cases(ellie, 2)
    form = ellie.form(queue(ellie), "/queue/bulk")
    wish = {**form, f"case-{number}": "yes", "act": "assign", "to": house.staff["lin"]}
    refused = ellie.client.post("/queue/bulk", data=wish)
    assert refused.status_code == 403
    assert "Your role" in refused.text
    assert ellie.client.get(f"/api/v1/complaints/{number}").json()["owner"] is None


def test_the_list_is_remembered_and_saved_by_name(ellie: Visitor) -> None:
    cases(ellie, 1)
    page = queue(ellie, "tab=team&severity=medium")
    again = ellie.client.get("/queue")
    assert again.headers["location"] == "/queue?tab=team&severity=medium"
    form = ellie.form(page, "/queue/saved")
    ellie.client.post("/queue/saved", data=form | {"name": "Medium ones"})
    assert "Medium ones" in queue(ellie, "tab=mine")
    form = ellie.form(queue(ellie, "tab=team&severity=medium"), "/queue/saved")
    assert form["name"] == "Medium ones"
    ellie.client.post("/queue/saved", data=form | {"forget": "yes"})
    assert "Medium ones" not in queue(ellie, "tab=mine")


def test_a_list_that_there_is_not_is_refused_or_left_out(house: House, ellie: Visitor) -> None:
    page = queue(ellie, "tab=team&severity=medium")
    form = ellie.form(page, "/queue/saved") | {"name": "Odd"}
    for address in ("foo=1", "address=foo=1", "tab=none", "stage=none", "owner=" + "x" * 61):
        refused = ellie.client.post("/queue/saved", data=form | {"address": address})
        assert refused.status_code == 422
        assert "Something is missing or wrong" in refused.text
        with house.app.state.house.pool.connection() as db:
            assert lists.saved(db, "ellie") == []
            lists.save(db, "ellie", "Odd", address)
        assert ellie.client.get("/api/v1/lists").json() == []
        assert ellie.client.get("/api/v1/lists/Odd").status_code == 404
        assert "Odd" not in queue(ellie, "tab=team&severity=medium")
        ellie.client.post("/queue/saved", data=form | {"forget": "yes"})


def test_a_case_knows_its_list_and_a_row_that_left_stays_greyed(ellie: Visitor) -> None:
    first, second, third = cases(ellie, 3)
    page = queue(ellie)
    came_from = re.search(rf"/complaints/{second}\?from=(\w+)", page)
    assert came_from
    case = ellie.get(f"/complaints/{second}?from={came_from[1]}").text
    assert f'href="/complaints/{first}?from={came_from[1]}" rel="prev" data-key="k"' in case
    assert f'href="/complaints/{third}?from={came_from[1]}" rel="next" data-key="j"' in case
    done(ellie, second, "take", {})
    done(ellie, second, "withdraw", {"channel": "phone"})
    back = queue(ellie, f"tab=unassigned&row={second}")
    assert re.search(rf'data-row="{second}" class="line gone came"', back)
    assert "closed by you" in back
    assert second not in queue(ellie), "gone once one looks anew"


def test_new_arrivals_are_counted_and_do_not_jump_in(ellie: Visitor, lin: Visitor) -> None:
    cases(ellie, 1)
    shown = re.search(r'data-list="(\w+)"', queue(ellie))
    assert shown
    lodged(lin)
    queue(lin)
    assert ellie.get(f"/queue/new?list={shown[1]}").json()["count"] == 1
    assert lin.get(f"/queue/new?list={shown[1]}").status_code == 404, "another's list"


def test_waiting_cases_are_folded_with_their_count(ellie: Visitor) -> None:
    (number,) = cases(ellie, 1)
    queue(ellie)
    done(ellie, number, "take", {})
    said = {"channel": "phone", "said": "We need your statement."}
    done(ellie, number, "acknowledge", {"channel": "phone", "said": "It is here."})
    done(ellie, number, "ask", {"what": "The statement", **said})
    page = queue(ellie, "tab=mine")
    folded = page[page.index('class="folded"') :]
    assert number in folded
    assert re.search(r'Waiting <span class="count">1</span>', folded)


def test_a_full_page_of_fifty_rows_is_light(ellie: Visitor) -> None:
    cases(ellie, 51)
    page = queue(ellie)
    assert page.count('class="open"') == 49
    assert "Next page" in page
    assert len(page.encode()) <= 60_000
