"""Two people, each with windows of their own on one case: what stands in them is never renewed
by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from httpx import Response
from people import PASSWORD
from test_drafts import end_session
from visiting import Forms, House, Visitor

MACHINE = ("csrf", "command_id", "version", "draft", "files")
TYPED = re.compile(r"typed-\d+-end")
BOXES = ("reply", "note")


def typed_in(text: str) -> set[str]:
    return set(TYPED.findall(text))


class Links(HTMLParser):
    """Where one can go from a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        href = dict(attributes).get("href") or ""
        if tag == "a" and href.startswith("/"):
            self.found.append(href)


@dataclass
class Window:
    """A case page as it was when it was opened: its boxes, letters to pull back, and links."""

    csrf: str
    boxes: dict[str, dict[str, str]]
    undo: dict[str, dict[str, str]]
    links: list[str]


def window_of(text: str, home: str) -> Window:
    forms = Forms()
    forms.feed(text)
    found = {path: form for path, form in forms.found.items() if path is not None}
    boxes = {name: found[f"{home}/{name}"] for name in BOXES if f"{home}/{name}" in found}
    undo = {path: form for path, form in found.items() if "/pull-back/" in path}
    csrf = next(form["csrf"] for form in found.values() if "csrf" in form)
    return Window(csrf, boxes, undo, Links(text).found)


@dataclass
class Person:
    """``posted``: every form that they ever sent from a box, to be sent again."""

    house: House
    login: str
    number: str
    given_up: set[str]
    """What somebody threw away on purpose."""
    visitor: Visitor = field(init=False)
    windows: list[Window] = field(default_factory=list)
    posted: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.visitor = self.house.visitor(self.login)

    @property
    def home(self) -> str:
        return f"/complaints/{self.number}"

    # pages

    def page(self, path: str) -> str:
        """A page that opens, after logging in where that is asked."""
        answer = self.visitor.get(path)
        if 'action="/login"' in answer.text:
            self.visitor.log_in(self.login)
            answer = self.visitor.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def open(self) -> Window:
        window = window_of(self.page(self.home), self.home)
        self.windows = [*self.windows[-2:], window]
        return window

    def reload(self, window: Window) -> None:
        vars(window).update(vars(window_of(self.page(self.home), self.home)))

    def end_session(self) -> None:
        end_session(self.house, self.visitor)

    # drafts, as drafts.js saves them

    def type(self, window: Window, box: str, words: str, keep_mine: bool) -> None:
        form = window.boxes[box]
        form["text"] = f"{form['text']} {words}".strip()
        answer = self._save(window, box)
        if answer.status_code == 412:
            self._choose(window, box, keep_mine)
        else:
            self._took(form, answer)

    def _save(self, window: Window, box: str) -> Response:
        form = window.boxes[box]
        body = {
            "fields": {name: text for name, text in form.items() if name not in MACHINE},
            "form": form["command_id"],
            "edition": int(form["draft"]),
            "version": int(form["version"]),
        }
        answer = self._ask("PUT", window, box, body)
        if answer.status_code in (401, 403):
            self._log_in_again(window)
            answer = self._ask("PUT", window, box, body)
        return answer

    def _ask(self, method: str, window: Window, box: str, body: Any = None) -> Response:
        path = f"/api/v1{self.home}/drafts/{box}"
        headers = {"X-CSRF-Token": window.csrf}
        answer = self.visitor.client.request(method, path, json=body, headers=headers)
        assert answer.status_code in (200, 204, 401, 403, 412), answer.status_code
        return answer

    def _log_in_again(self, window: Window) -> None:
        """Beside the box, which keeps its words."""
        self.visitor.log_in(self.login)
        window.csrf = window_of(self.page("/me"), self.home).csrf
        for form in (*window.boxes.values(), *window.undo.values()):
            form["csrf"] = window.csrf

    def _choose(self, window: Window, box: str, keep_mine: bool) -> None:
        """Other words were saved from elsewhere: the person sees both and keeps one."""
        form = window.boxes[box]
        other = self._ask("GET", window, box).json()
        mine, theirs = form["text"], other["fields"]["text"]
        form["draft"] = str(other["edition"])
        if keep_mine:
            self._took(form, self._save(window, box))
            self.given_up |= typed_in(theirs) - typed_in(mine)
        else:
            form |= {**other["fields"], "command_id": other["form"]}
            self.given_up |= typed_in(mine) - typed_in(theirs)

    def _took(self, form: dict[str, str], answer: Response) -> None:
        assert answer.status_code == 200, answer.text
        form["draft"] = str(answer.json()["edition"])

    def throw_away(self, window: Window, box: str, standing: str) -> None:
        answer = self._ask("DELETE", window, box)
        if answer.status_code == 204:
            self.given_up |= typed_in(standing)

    # forms

    def send(self, window: Window, box: str, times: int) -> None:
        """Press the button of a box, perhaps twice before the answer is there."""
        path, form = f"{self.home}/{box}", dict(window.boxes[box])
        if not form["text"].strip():
            return
        self.posted.append((path, form))
        for _ in range(times):
            answer = self.visitor.client.post(path, data=form)
        self._answered(window, box, answer)

    def _answered(self, window: Window, box: str, answer: Response) -> None:
        if answer.status_code == 401:
            answer = self._in_place(f"{self.home}/{box}", answer)
        if answer.status_code == 303:
            self.reload(window)
        else:
            assert answer.status_code in (403, 409, 412, 422), answer.status_code
            refused = window_of(answer.text, self.home)
            assert typed_in(window.boxes[box]["text"]) <= typed_in(refused.boxes[box]["text"])
            vars(window).update(vars(refused))

    def _in_place(self, path: str, asked: Response) -> Response:
        """The session is over: the page that says so takes the password and the form goes on."""
        form = self.visitor.form(asked.text, path)
        own = {**form, "again.login": self.login, "again.password": PASSWORD}
        return self.visitor.client.post(path, data=own)

    def send_again(self, path: str, form: dict[str, str]) -> None:
        """By the back button: a form of long ago, as it was."""
        answer = self.visitor.client.post(path, data=form)
        assert answer.status_code in (303, 401, 403, 409, 412, 422), answer.status_code

    def undo(self, window: Window) -> None:
        for path, form in window.undo.items():
            answer = self.visitor.client.post(path, data=form)
            if answer.status_code == 401:
                answer = self._in_place(path, answer)
            assert answer.status_code in (303, 403, 409), answer.status_code
        self.reload(window)

    def act(self, path: str, **typed: str) -> int:
        """An act on its own page, opened and sent at once."""
        place = f"{self.home}/{path}"
        form = self.visitor.form(self.page(place), place)
        self.given_up |= {word for name in typed for word in typed_in(form.get(name, ""))}
        answer = self.visitor.client.post(place, data={**form, **typed})
        assert answer.status_code in (303, 409, 412, 422), answer.status_code
        return answer.status_code
