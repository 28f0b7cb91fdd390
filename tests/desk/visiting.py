"""A house of tests and the browsers that visit it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from people import PASSWORD

from ledger import Ledger


@dataclass
class House:
    """Everything behind the desk of one test file."""

    app: FastAPI
    ledger: Ledger
    home: Path
    staff: dict[str, str]
    url: str
    _visitors: dict[str, Visitor] = field(default_factory=dict)

    def visitor(self, login: str | None = None) -> Visitor:
        """A browser without scripts; logged in when a login is given. Kept per login."""
        if login is None:
            return Visitor(self)
        if login not in self._visitors:
            self._visitors[login] = Visitor(self).log_in(login)
        return self._visitors[login]

    def forget(self, login: str) -> None:
        """Its sessions have ended: the next visit logs in anew."""
        self._visitors.pop(login, None)


class Visitor:
    """Follows forms as a browser would: hidden fields included."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.client = TestClient(house.app, follow_redirects=False, raise_server_exceptions=False)

    def get(self, path: str, **more: Any) -> Response:
        answer = self.client.get(path, **more)
        while answer.status_code == 303:
            answer = self.client.get(answer.headers["location"])
        return answer

    def log_in(self, login: str, password: str = PASSWORD) -> Visitor:
        self.send("/login", "/login", login=login, password=password)
        return self

    def act(self, number: str, path: str, **typed: str) -> Response:
        """One act on a complaint, on its own page."""
        return self.send(f"/complaints/{number}/{path}", **typed)

    def act_allowed(self, number: str, path: str) -> int:
        """The status of the form of an act: 403 where one may not."""
        return self.get(f"/complaints/{number}/{path}").status_code

    def send(self, page: str, action: str | None = None, **typed: str) -> Response:
        """Open ``page``, fill its form that goes to ``action``, press, and do not follow."""
        form = self.form(self.get(page).text, action or page)
        return self.client.post(action or page, data={**form, **typed})

    def form(self, text: str, action: str) -> dict[str, str]:
        """The fields of a form as they stand on the page; one without action is the page's own."""
        forms = Forms()
        forms.feed(text)
        for target in (action, None):
            if target in forms.found:
                return forms.found[target]
        raise AssertionError(f"no form goes to {action}")


class Forms(HTMLParser):
    """Reads every form that is posted: address -> fields with what they hold."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str | None, dict[str, str]] = {}
        self._fields: dict[str, str] | None = None
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        name, value = given.get("name", ""), given.get("value", "")
        match tag:
            case "form" if given.get("method") == "post":
                self._fields = self.found[given.get("action")] = {}
            case "select":
                self._select = name
            case "textarea":
                self._area = name
        if self._fields is None:
            return
        match tag:
            case "input" if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                self._fields[name] = value
            case "select":
                self._fields[name] = ""
            case "textarea":
                self._fields[name] = ""
            case "option" if "selected" in given:
                self._fields[self._select] = value

    def handle_data(self, data: str) -> None:
        if self._area and self._fields is not None:
            self._fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form":
                self._fields = None
            case "textarea":
                self._area = ""
