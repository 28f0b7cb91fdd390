from __future__ import annotations

import json
import logging

import pytest
import structlog

from workers import logs


@pytest.fixture(autouse=True)
def as_before():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level


def choke() -> None:
    try:
        int("Mei Hanlu")
    except ValueError as error:
        raise RuntimeError("could not read Mei Hanlu") from error


def test_an_exception_is_told_by_its_place_and_never_by_its_text(capsys):
    logs.configure("test")
    try:
        choke()
    except RuntimeError:
        structlog.get_logger().exception("row refused", stream="complaint-1")
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    lines = capsys.readouterr().out.splitlines()
    assert "Mei" not in "".join(lines)
    ours, theirs = map(json.loads, lines)
    assert ours["stream"] == "complaint-1"
    assert ours["process"] == "test"
    for line in (ours, theirs):
        assert line["error"].startswith("RuntimeError at test_logs.py:")
        assert "from ValueError at test_logs.py:" in line["error"]


def test_lines_per_request_are_left_out_because_addresses_hold_what_was_searched(capsys):
    logs.configure("test")
    logging.getLogger("uvicorn.access").info("GET /search?q=Mei")
    logging.getLogger("httpx").info("GET /search?q=Mei")
    assert capsys.readouterr().out == ""
