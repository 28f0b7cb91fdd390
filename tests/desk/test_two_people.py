"""Two people on one case, in whatever order: no words are lost, and no letter is sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from mailing import OWN, SECRET, written
from mailing import settings as mail_settings
from standing import Kept, Outbox
from test_api import lodge, token
from test_story import until_listed
from two_people import BOXES, Person, Window
from visiting import House

from domain.reply_address import reply_address
from workers.mailbox.listener import receiver_of

WHO = st.sampled_from(("ellie", "lin"))
WINDOW = st.integers(0, 2)
BOX = st.sampled_from(BOXES)


class TwoPeople(RuleBasedStateMachine):
    """Whatever they do, in any order; ``cases``: a new one for each run."""

    def __init__(self, house: House, cases: Iterator[str]) -> None:
        super().__init__()
        self.house, self.cases = house, cases
        self.typed: set[str] = set()
        self.given_up: set[str] = set()

    @initialize()
    def begin(self) -> None:
        number = next(self.cases)
        self.kept, self.outbox = Kept(self.house, number), Outbox(self.house)
        self.people = {
            login: Person(self.house, login, number, self.given_up) for login in ("ellie", "lin")
        }
        for person in self.people.values():
            person.open()
        self.receiver = receiver_of(mail_settings(), self.house.ledger)
        self.address = reply_address(SECRET.encode(), self.kept.stream, OWN)

    def words(self) -> str:
        words = f"typed-{len(self.typed)}-end"
        self.typed.add(words)
        return words

    def window(self, who: str, number: int) -> Window:
        windows = self.people[who].windows
        return windows[number % len(windows)]

    # each in their windows, which may be long out of date

    @rule(who=WHO)
    def open_page(self, who: str) -> None:
        self.people[who].open()

    @rule(who=WHO, number=WINDOW, link=st.integers(0, 100))
    def follow_link(self, who: str, number: int, link: int) -> None:
        links = self.window(who, number).links
        self.people[who].page(links[link % len(links)])

    @rule(who=WHO, number=WINDOW, box=BOX, keep_mine=st.booleans())
    def type(self, who: str, number: int, box: str, keep_mine: bool) -> None:
        window = self.window(who, number)
        if box in window.boxes:
            self.people[who].type(window, box, self.words(), keep_mine)

    @rule(who=WHO, number=WINDOW, box=BOX, times=st.sampled_from((1, 1, 2)))
    def send(self, who: str, number: int, box: str, times: int) -> None:
        window = self.window(who, number)
        if box in window.boxes:
            self.people[who].send(window, box, times)

    @rule(who=WHO, number=WINDOW, box=BOX, keep_mine=st.booleans())
    def type_and_send(self, who: str, number: int, box: str, keep_mine: bool) -> None:
        self.type(who, number, box, keep_mine)
        self.send(who, number, box, 1)

    @rule(who=WHO, number=WINDOW, box=BOX)
    def send_unsaved(self, who: str, number: int, box: str) -> None:
        """Quicker than the draft, or without scripts."""
        window = self.window(who, number)
        if box in window.boxes:
            window.boxes[box]["text"] += f" {self.words()}"
            self.people[who].send(window, box, 1)

    @rule(who=WHO, which=st.integers(0, 9))
    def go_back_and_send_again(self, who: str, which: int) -> None:
        posted = self.people[who].posted
        if posted:
            self.people[who].send_again(*posted[which % len(posted)])

    @rule(who=WHO, number=WINDOW, box=BOX)
    def throw_away(self, who: str, number: int, box: str) -> None:
        standing = self.kept.drafts().get((self.house.staff[who], box), "")
        self.people[who].throw_away(self.window(who, number), box, standing)

    @rule(who=WHO, number=WINDOW)
    def undo(self, who: str, number: int) -> None:
        self.people[who].undo(self.window(who, number))

    @rule(who=WHO)
    def session_ends(self, who: str) -> None:
        self.people[who].end_session()

    # what becomes of the case

    @rule(who=WHO, act=st.sampled_from(("take", "accept", "return")))
    def answer_for_it(self, who: str, act: str) -> None:
        self.people[who].act(act)

    @rule(who=WHO)
    def hand_over(self, who: str) -> None:
        other = self.house.staff["lin" if who == "ellie" else "ellie"]
        self.people[who].act("hand-over", to=other, known=self.words(), next="Call back")

    @rule(who=WHO)
    def propose(self, who: str) -> None:
        self.people[who].act("propose", decision="upheld", reasons=self.words())

    @rule(who=WHO, act=st.sampled_from(("close", "withdraw", "reopen")))
    def close(self, who: str, act: str) -> None:
        words = {} if act == "close" else {"why": self.words()}
        self.people[who].act(act, reason_code="error_of_ours", channel="phone", **words)

    # from outside

    @rule()
    def letters_leave(self) -> None:
        self.outbox.leave(self.kept.stream)

    @rule()
    def a_mail_comes(self) -> None:
        mail = written(self.words())
        self.receiver.receive(mail, "mei@example.org", [self.address])

    # always

    @invariant()
    def no_words_are_lost(self) -> None:
        assert self.typed - self.given_up <= self.kept.words()

    @invariant()
    def no_letter_goes_twice(self) -> None:
        self.kept.check_letters(self.outbox.given)

    def teardown(self) -> None:
        for person in self.people.values():
            person.open()


@pytest.fixture
def cases(house: House) -> Iterator[str]:
    """New cases of one customer, without end."""
    headers = {"Authorization": f"Bearer {token(house, 'ellie')}"}
    program = TestClient(house.app, headers=headers)
    body = {"name": "Mei Hanlu", "legal_entity": "larkmere-uk", "language": "en"}
    customer = program.post("/api/v1/customers", json={**body, "email": "mei@example.org"})

    def made() -> Iterator[str]:
        while True:
            stream = lodge(program, customer.json()["stream"])
            number = str(program.get(f"/api/v1/complaints/{stream}").json()["number"])
            until_listed(house.visitor("ellie"), number)
            yield number

    return made()


@pytest.mark.timeout(900)
def test_no_words_are_lost_and_no_letter_goes_twice(house: House, cases: Iterator[str]) -> None:
    run_state_machine_as_test(
        partial(TwoPeople, house, cases),
        settings=settings(
            max_examples=40, stateful_step_count=12, deadline=None,
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
