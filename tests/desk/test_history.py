"""The history of a case: as of any moment on both axes, narrowed, with what was changed and why."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import reduce
from html import unescape
from typing import Any, get_args
from uuid import uuid4

import pytest
from states import case_in
from test_pages import settle, stream_of, take
from test_story import lodged
from visiting import House, Visitor

from desk.history.kinds import KINDS
from domain.complaint import complaint
from domain.complaint_facts import ComplaintEvent
from domain.customer import CustomerEvent, EraseCustomer, customer
from domain.event import Actor, Recorded
from domain.interaction import InteractionEvent
from ledger import DestroyKey


@pytest.fixture(scope="module")
def song(house: House) -> Visitor:
    """Compliance, speaking English here."""
    visitor = Visitor(house).log_in("song")
    visitor.send("/queue", "/language", language="en")
    return visitor


@pytest.fixture(scope="module")
def ellie(house: House) -> Visitor:
    return house.visitor("ellie")


def facts_on(page: str) -> list[int]:
    """The positions of the facts that a page shows."""
    return [int(found) for found in re.findall(r'<tr id="fact-(\d+)"', page)]


def spelled(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def fold(records: list[Recorded[Any]]) -> Any:
    return reduce(complaint.evolve, (it.event for it in records), complaint.initial)


def test_every_fact_is_of_one_kind() -> None:
    spoken = [name for types in KINDS.values() for name in types]
    facts = (*get_args(ComplaintEvent), *get_args(CustomerEvent), *get_args(InteractionEvent))
    assert sorted(spoken) == sorted(fact.type_name for fact in facts)


@pytest.mark.parametrize("axis", ["recorded", "occurred"])
def test_the_page_of_any_moment_is_the_fold_of_exactly_the_facts_of_then(
    house: House, song: Visitor, axis: str
) -> None:
    number = case_in(house, "redress open")
    records = house.ledger.history(stream_of(house, number))
    whole = song.get(f"/complaints/{number}/history").text
    assert facts_on(whole) == [it.position for it in records][:50]
    of = (lambda it: it.recorded_at) if axis == "recorded" else (lambda it: it.occurred_at)
    for moment in sorted({of(it) for it in records}):
        page = song.get(f"/complaints/{number}/history?{axis}={spelled(moment)}").text
        expected = [it for it in records if of(it) <= moment]
        assert facts_on(page) == [it.position for it in expected][:50]
        state = fold(expected)
        hidden = len(records) - len(expected)
        later = "1 later fact is hidden" if hidden == 1 else f"{hidden} later facts are hidden"
        assert later in page
        assert ("answers for it" in page.partition("<aside>")[2]) == bool(state.ownership.owner)
        decided = re.search(r"<dt>Decision</dt><dd>(.*?)</dd>", page)
        assert decided
        assert decided[1] == ("upheld" if state.outcome else "—")
        severity = re.search(r"<dt>Severity</dt><dd>(.*?)</dd>", page)
        assert severity
        assert severity[1] == state.severity


def test_one_fact_back_and_forward_are_links_of_their_keys(house: House, song: Visitor) -> None:
    number = case_in(house, "to assess")
    records = house.ledger.history(stream_of(house, number))
    path = f"/complaints/{number}/history"
    page = song.get(path).text
    assert 'data-key="]"' not in page
    counts = [len(facts_on(page))]
    while back := re.search(r'href="(\?[^"]+)" data-key="\["', page):
        page = song.get(path + unescape(back[1])).text
        counts.append(len(facts_on(page)))
    moments = len({it.recorded_at for it in records})
    assert len(counts) == moments
    assert counts == sorted(counts, reverse=True)
    while forward := re.search(r'href="(\?[^"]*)" data-key="\]"', page):
        page = song.get(path + unescape(forward[1])).text
    assert facts_on(page) == [it.position for it in records]
    first = song.get(f"{path}?axis=recorded&fact=1").text
    assert len(facts_on(first)) == counts[-1]
    assert facts_on(song.get(f"{path}?axis=recorded&fact=0").text) == []
    assert "No facts in this filter." in song.get(f"{path}?fact=0").text


def test_what_happened_before_it_was_entered_stands_on_one_axis_only(
    house: House, song: Visitor, ellie: Visitor
) -> None:
    number = lodged(ellie)
    happened = datetime.now(UTC) - timedelta(days=4)
    typed = happened.strftime("%Y-%m-%dT%H:%M")
    assert number
    late = lodged(ellie, received_at=typed, what_happened="Written on the counter")
    page = song.get(f"/complaints/{late}/history").text
    assert "entered 4 d later" in page
    between = spelled(happened + timedelta(days=2))
    true = song.get(f"/complaints/{late}/history?occurred={between}").text
    assert "Written on the counter" in true
    known = song.get(f"/complaints/{late}/history?recorded={between}").text
    assert "Written on the counter" not in known
    assert facts_on(known) == []


def test_a_correction_shows_what_was_and_is_who_and_why_and_the_limits_it_moved(
    house: House, song: Visitor, ellie: Visitor
) -> None:
    number = lodged(ellie)
    earlier = (datetime.now(UTC) - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    ellie.act(
        number, "correct", field="received_at", received_at=earlier, reason="It lay in the branch"
    )
    priya = house.visitor("priya")
    grant = re.search(
        rf"/complaints/{number}/(grant/[^\"]+)", priya.get(f"/complaints/{number}").text
    )
    assert grant
    assert priya.act(number, grant[1]).status_code == 303
    page = song.get(f"/complaints/{number}/history?changes=yes").text
    (change,) = re.findall(
        r"<details open><summary>What was, what is.*?</details>", page, re.DOTALL
    )
    assert re.search(r"moment of receipt: <del>[^<]+</del> → <ins>[^<]+</ins>", change)
    assert "Asked by Ellie Quillon: It lay in the branch · agreed by Priya Thornley" in change
    assert 'class="struck"' in change
    assert "the receipt was corrected" in change
    aside = page.partition("<aside>")[2]
    assert "the receipt was corrected" in aside


def test_filters_narrow_and_empty_words_say_how_many_there_are(
    house: House, song: Visitor, ellie: Visitor
) -> None:
    number = lodged(ellie)
    take(ellie, number)
    ellie.act(number, "note", text="The pelican is not ours")
    path = f"/complaints/{number}/history"
    records = house.ledger.history(stream_of(house, number))
    for query, holds in {
        "kind=limit": lambda it: it.event.type_name in KINDS["limit"],
        "by=automation": lambda it: it.actor.kind == "automation",
        f"who={house.staff['ellie']}": lambda it: it.actor.id == house.staff["ellie"],
        "since=2100-01-01": lambda it: False,
        "until=1999-01-01": lambda it: False,
        f"until={datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}": lambda it: True,
    }.items():
        shown = facts_on(song.get(f"{path}?{query}").text)
        assert shown == [it.position for it in records if holds(it)], query
    empty = song.get(f"{path}?rule=escalate").text
    assert f"No facts in this filter. {len(records)} facts in all." in empty
    found = song.send(path, words="PELICAN")
    assert found.status_code == 200
    assert len(facts_on(found.text)) == 1
    assert "pelican" not in str(found.url)
    wrong = song.get(f"{path}?occurred=yesterday")
    assert wrong.status_code == 422
    assert "A date and time is needed." in wrong.text


def test_agents_have_the_page_with_fewer_tools_and_others_have_none(
    house: House, ellie: Visitor
) -> None:
    number = lodged(ellie)
    path = f"/complaints/{number}/history"
    page = ellie.get(path).text
    assert "Words in reasons" not in page
    assert "Print or export" not in page
    assert "Who looked it up" not in page
    csrf = ellie.form(page, "/logout")["csrf"]
    assert ellie.client.post(path, data={"csrf": csrf, "words": "x"}).status_code == 404
    assert house.visitor("dayo").get(path).status_code == 404
    assert house.visitor("ines").get(path).status_code == 404


def test_people_and_papers_are_those_of_then(house: House, song: Visitor) -> None:
    number = case_in(house, "taken")
    page = song.get(f"/complaints/{number}/history").text
    aside = page.partition("<aside>")[2]
    assert "Ellie Quillon" in aside
    assert "support (First line)" in aside
    assert re.search(r"Payment services complaints, United Kingdom, version \d", aside)
    assert "proof not built yet" in aside
    assert "✓ proof" not in page
    settle(house)


def test_after_an_erasure_the_facts_stay_and_say_so(
    house: House, song: Visitor, ellie: Visitor
) -> None:
    number = case_in(house, "closed")
    stream = stream_of(house, number)
    before = facts_on(song.get(f"/complaints/{number}/history").text)
    person = house.ledger.fold(complaint, stream).state.customer
    assert person
    dpo = Actor(kind="staff", id=house.staff["song"], role="dpo")
    base: dict[str, Any] = {"at": datetime.now(UTC), "actor": dpo}
    asked = EraseCustomer(
        command_id=uuid4(), request="E-7", asked_by=house.staff["priya"], open_cases=0, **base
    )
    house.ledger.handle(customer, person, asked)
    house.ledger.destroy_key(DestroyKey(command_id=uuid4(), subject=person, **base))
    page = song.get(f"/complaints/{number}/history").text
    assert re.search(r"Name erased on [^<]+ \(request E-7, approved by Song Ke\)", page)
    assert "The facts and numbers stay." in page
    assert facts_on(page) == before
    assert "Mei Hanlu" not in page
    settle(house)
    path = f"/complaints/{number}/history/export"
    given = song.send(path, path, purpose="The court asked", format="csv")
    assert given.status_code == 200, given.text
