"""Two people on one case, in whatever order: no words are lost, and no letter is sent twice."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_drafts import boxed, drafts, end_session, save
from test_story import lodged
from visiting import House, Visitor

STEPS = ("type", "send", "send_anyway", "undo", "hand_over", "log_in_again", "repeat")
WHO = ("ellie", "lin")
orders = st.lists(st.tuples(st.sampled_from(WHO), st.sampled_from(STEPS)), min_size=3, max_size=6)


@dataclass
class Person:
    """One person with one open window on the case, which is not loaded anew by itself."""

    house: House
    login: str
    number: str
    visitor: Visitor = field(init=False)
    form: dict[str, str] = field(init=False)
    posted: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.visitor = Visitor(self.house).log_in(self.login)
        self.reload()

    @property
    def reply(self) -> str:
        return f"/complaints/{self.number}/reply"

    def reload(self) -> None:
        self.form = {**boxed(self.visitor, self.number), "channel": "email"}

    def type(self, words: str) -> None:
        """Typed behind what stands in the box, and saved by itself."""
        self.form["text"] = f"{self.form['text']} {words}".strip()
        answer = save(
            self.visitor, self.number, "reply", self.form["text"],
            form=self.form["command_id"], version=int(self.form["version"]),
            edition=int(self.form["draft"]),
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        self.form["draft"] = str(answer.json()["edition"])

    def send(self) -> None:
        if not self.form["text"].strip():
            return
        answer = self.visitor.client.post(self.reply, data=self.form)
        self.posted.append(dict(self.form))
        if answer.status_code == 303:
            self.reload()
        else:
            assert answer.status_code in (403, 412), answer.text
            self.form = {**self.visitor.form(answer.text, self.reply), "channel": "email"}

    send_anyway = send

    def undo(self) -> None:
        page = self.visitor.get(f"/complaints/{self.number}").text
        for path in re.findall(rf'action="(/complaints/{self.number}/pull-back/[^"]+)"', page):
            answer = self.visitor.client.post(path, data=self.visitor.form(page, path))
            assert answer.status_code == 303, answer.text
        self.reload()

    def hand_over(self) -> None:
        """The case goes over to this person, while the other may be typing."""
        answer = self.visitor.act(self.number, "take")
        assert answer.status_code in (303, 409), answer.text

    def log_in_again(self) -> None:
        end_session(self.house, self.visitor)
        self.visitor = Visitor(self.house).log_in(self.login)
        self.reload()

    def repeat(self) -> None:
        """The browser sends the last post once more."""
        if self.posted:
            answer = self.visitor.client.post(self.reply, data=self.posted[-1])
            assert answer.status_code in (303, 403, 412, 422), answer.text
            self.reload()


@given(order=orders)
@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_words_are_lost_and_no_letter_goes_twice(
    house: House, order: list[tuple[str, str]]
) -> None:
    number = lodged(house.visitor("ellie"))
    people = {login: Person(house, login, number) for login in WHO}
    typed: list[tuple[str, str]] = []
    for turn, (login, step) in enumerate(order):
        person = people[login]
        if step == "type":
            typed.append((login, f"words-{turn}-of-{login}"))
            person.type(typed[-1][1])
        else:
            getattr(person, step)()
        history = people["ellie"].visitor.get(f"/complaints/{number}/history").text
        for whose, words in typed:
            kept = any(words in text for text in drafts(people[whose].visitor, number).values())
            assert kept or words in history, words
    sent = [
        quote
        for quote in re.findall(r"<blockquote>(.*?)</blockquote>", history, re.DOTALL)
        if "words-" in quote
    ]
    undone = history.count("Letter pulled back before it left")
    for _, words in typed:
        assert sum(words in quote for quote in sent) <= 1 + undone, words
