"""A receiver of webhooks on this machine: keeps what it is sent, and answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """``status``: what it answers; ``requests``: headers (lower case) and body of each.

    before_answer: done with a delivery in hand that is not answered yet.
    """

    status: int = 204
    url: str = ""
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    before_answer: Callable[[], object] = lambda: None

    @property
    def positions(self) -> list[int]:
        """Of every fact that came, in the order of coming."""
        return [event["position"] for event in self.events]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for _, body in self.requests for event in json.loads(body)["events"]]


@contextmanager
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.requests.append(({k.lower(): v for k, v in self.headers.items()}, body))
            told.before_answer()
            self.send_response(told.status)
            if told.status in (301, 302, 307):
                self.send_header("Location", told.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Not to the console."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/facts"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
