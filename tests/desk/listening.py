"""Streams of server-sent events as a program hears them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from visiting import House


@dataclass
class Stream:
    """One open page. ``raw`` keeps every line that came."""

    lines: Iterator[str]
    raw: list[str]
    last_id: str = ""

    def next(self, *names: str) -> dict[str, Any]:
        """The next message that has all these names."""
        for line in self.lines:
            self.raw.append(line)
            if line.startswith("id: "):
                self.last_id = line[4:]
            if line.startswith("data: "):
                message: dict[str, Any] = json.loads(line[6:])
                if set(names) <= message.keys():
                    return message
        raise AssertionError("the stream has ended")

    def to_its_end(self) -> None:
        self.raw.extend(self.lines)


def client(house: House, address: str, login: str) -> httpx.Client:
    """Somebody who is logged in, over the wire."""
    cookies = dict(house.visitor(login).client.cookies)
    return httpx.Client(base_url=address, cookies=cookies, timeout=60)


@contextmanager
def listening(
    house: House, address: str, login: str, path: str, last_id: str = ""
) -> Iterator[Stream]:
    headers = {"Last-Event-ID": last_id} if last_id else {}
    with (
        client(house, address, login) as program,
        program.stream("GET", path, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        stream = Stream(answer.iter_lines(), [])
        assert next(stream.lines).startswith("retry: ")
        yield stream
