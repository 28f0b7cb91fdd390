"""Logs: one line per event, ids only. An exception is told by its place, never by its text."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from traceback import FrameSummary, extract_tb
from types import TracebackType
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

QUIET = ("httpx", "httpcore", "uvicorn.access", "mail.log", "asyncio")
"""Loggers that would write a line per request, some with what was asked for."""


def place(frame: FrameSummary) -> str:
    return f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"


def told(error: BaseException, trace: TracebackType | None) -> str:
    """``KeyError at store.py:12 get < desk.py:80 page``: where, never with which value.

    Texts of exceptions quote what they choked on: a form, a row, a letter.
    """
    frames = [place(frame) for frame in reversed(extract_tb(trace))]
    text = f"{type(error).__name__} at {' < '.join(frames[:12])}"
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{text}; from {told(cause, cause.__traceback__)}" if cause is not None else text


def without_texts(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Replace ``exc_info`` by the kind and place of the error."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    elif isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if info and info[1] is not None:
        event["error"] = told(info[1], info[2])
    return event


def keep_apart() -> None:
    """Warnings to standard error, nothing less: what a command tells is alone on the output."""
    structlog.configure(
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )


def configure(process: str, level: str = "info") -> None:
    """Route structlog and the standard library's logging to standard output as JSON lines."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_texts,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(process=process)
