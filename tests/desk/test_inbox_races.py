"""Two people and one mail at one instant, and a process that dies between two facts."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from httpx import Response
from mailing import Post, events, posting, stream_of, written
from test_story import lodged
from visiting import House, Visitor

from desk import filing
from domain.attachment import AttachmentKept
from domain.conversation import CustomerWrote
from domain.inbound import MailFiled, MailReceived
from projections.reading import wait_for

SENDER = "ana@stranger.example"


@pytest.fixture(scope="module")
def post(house: House) -> Iterator[Post]:
    with posting(house.ledger) as opened:
        yield opened


@pytest.fixture
def mail(house: House, post: Post) -> str:
    before = house.ledger.head()
    raw = written("It broke.", sender=SENDER, files=(("a.csv", b"a,b\n", "text/csv"),))
    post.give(raw, sender=SENDER)
    (received,) = post.received(before)
    settle(house)
    return received.mail


def settle(house: House) -> None:
    with house.app.state.house.pool.connection() as db:
        wait_for(db, "inbox", house.ledger.head(), 30)


def at_once(*posts: tuple[Visitor, str, dict[str, str]]) -> list[Response]:
    """All of them at one instant."""
    barrier = Barrier(len(posts))

    def send(one: tuple[Visitor, str, dict[str, str]]) -> Response:
        visitor, path, form = one
        barrier.wait()
        return visitor.client.post(path, data=form)

    with ThreadPoolExecutor(len(posts)) as threads:
        return list(threads.map(send, posts))


def filing_form(visitor: Visitor, mail: str, case: str) -> tuple[Visitor, str, dict[str, str]]:
    path = f"/inbox/{mail}/file"
    return visitor, path, {**visitor.form(visitor.get(f"/inbox/{mail}").text, path), "case": case}


def test_two_people_file_it_to_two_cases_at_one_instant_and_one_is_told(
    house: House, mail: str
) -> None:
    people = house.visitor("ellie"), house.visitor("priya")
    cases = [lodged(people[0]) for _ in people]
    forms = [filing_form(who, mail, case) for who, case in zip(people, cases, strict=True)]
    answers = at_once(*forms)
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    said = [len(events(house, stream_of(house, case), CustomerWrote)) for case in cases]
    kept = [len(events(house, stream_of(house, case), AttachmentKept)) for case in cases]
    won = [int(answer.status_code == 303) for answer in answers]
    assert said == won
    assert kept == won
    assert len(events(house, mail, MailFiled)) == 1


def test_two_people_file_it_to_one_case_at_one_instant_and_it_is_there_once(
    house: House, mail: str
) -> None:
    people = house.visitor("ellie"), house.visitor("priya")
    case = lodged(people[0])
    answers = at_once(*(filing_form(who, mail, case) for who in people))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(events(house, stream_of(house, case), CustomerWrote)) == 1


@pytest.mark.parametrize("deed", ["file", "dismiss"])
def test_a_double_click_is_one_click(house: House, mail: str, deed: str) -> None:
    ellie = house.visitor("ellie")
    case = lodged(ellie)
    path = f"/inbox/{mail}/{deed}"
    form = ellie.form(ellie.get(f"/inbox/{mail}").text, path)
    click = (ellie, path, {**form, "case": case, "reason": "No till of ours"})
    assert [answer.status_code for answer in at_once(click, click)] == [303, 303]
    assert len(events(house, mail, MailFiled)) == int(deed == "file")


def test_killed_before_its_own_copy_is_erased_the_next_look_erases_it(
    house: House, mail: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ellie = house.visitor("ellie")
    case = lodged(ellie)
    form = filing_form(ellie, mail, case)

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(filing, "forget", killed)
        with pytest.raises(BaseException):  # noqa: B017, PT011
            at_once(form)
    (received,) = events(house, mail, MailReceived)
    assert isinstance(received, MailReceived)
    assert received.text is not None
    assert house.ledger.open(received.text) == "It broke."
    settle(house)
    assert mail not in ellie.get("/inbox").text
    assert house.ledger.open(received.text) is None
    (wrote,) = events(house, stream_of(house, case), CustomerWrote)
    assert isinstance(wrote, CustomerWrote)
    assert house.ledger.open(wrote.text) == "It broke."
    settle(house)
    assert ellie.get("/inbox").status_code == 200
