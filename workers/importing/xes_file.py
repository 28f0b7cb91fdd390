"""Event logs in XES (IEEE 1849), read event by event, from whoever wrote them.

No document type, no entities: a log needs neither, an attack does. Nested attributes are told
by their path (``outer/inner``), the members of a list or container likewise.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import Locator

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

from workers.importing.entry import MOST_ENTRIES, TRACE, Entry, Fault
from workers.importing.opened import Bytes, FileRefused

ATTRIBUTES: Final = frozenset(
    {"string", "date", "int", "float", "boolean", "id", "list", "container"}
)
DEEPEST: Final = 64
WINDOW: Final = 64 * 1024
LONGEST_ELEMENT: Final = 4 << 20
"""Bytes that may go by without an element beginning or ending."""


@dataclass(slots=True)
class _Trace:
    line: int
    values: dict[str, str] = field(default_factory=dict)
    events: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    count: int = 0
    loose: bool = False
    """Not a trace at all: one event that stands in none."""


class _Log(ContentHandler):
    """Collects the trace that is being read; finished ones are handed over in ``ready``."""

    def __init__(self, where: Locator) -> None:
        super().__init__()
        self._where = where
        self.ready: list[Entry | Fault] = []
        self.seen = 0
        self._trace: _Trace | None = None
        self._event: dict[str, str] | None = None
        self._path: list[str] = []
        self._elements: list[str] = []

    @property
    def line(self) -> int:
        return self._where.getLineNumber() or 0

    def startElement(self, name: str, attrs: Any) -> None:
        self.seen += 1
        tag = name.rpartition(":")[2]
        if len(self._elements) >= DEEPEST:
            raise FileRefused("elements are nested deeper than any log needs", self.line)
        if not self._elements and tag != "log":
            raise FileRefused(f"this is no event log: it begins with <{tag}>", self.line)
        if tag in ("trace", "event") and tag in self._elements:
            raise FileRefused(f"one {tag} stands within another", self.line)
        self._elements.append(tag)
        if tag == "trace":
            self._trace = _Trace(self.line)
        elif tag == "event":
            self._event = {}
            if self._trace is None:
                self._trace = _Trace(self.line, loose=True)
            self._trace.count += 1
            if self._trace.count <= MOST_ENTRIES:
                self._trace.events.append((self.line, self._event))
        elif tag in ATTRIBUTES:
            self._attribute(attrs.get("key") or tag, attrs.get("value"))

    def _attribute(self, key: str, value: str | None) -> None:
        self._path.append(key)
        if self._trace is None:
            return
        holder = self._trace.values if self._event is None else self._event
        if value is None or not value.strip():
            return
        name = "/".join(self._path)
        n = 2
        while name in holder:
            name = f"{'/'.join(self._path)} ({n})"
            n += 1
        holder[name] = value.strip()

    def endElement(self, name: str) -> None:
        self.seen += 1
        tag = self._elements.pop()
        if tag in ATTRIBUTES:
            self._path.pop()
        elif tag == "event":
            self._event = None
            if self._trace is not None and self._trace.loose:
                self._finish(self._trace)
        elif tag == "trace" and self._trace is not None:
            self._finish(self._trace)

    def _finish(self, trace: _Trace) -> None:
        self.ready.extend(_entries(trace))
        self._trace = None


def _entries(trace: _Trace) -> Iterator[Entry | Fault]:
    """The events of one trace; the attributes of the trace stand on the first of them."""
    of_trace = {TRACE + name: value for name, value in trace.values.items()}
    if trace.loose:
        yield Fault(trace.line, "the event stands in no trace", _raw(trace.events[0][1]))
        return
    if not trace.events:
        yield Fault(trace.line, "the trace has no events", _raw(of_trace))
        return
    if trace.count > MOST_ENTRIES:
        reason = f"the trace has {trace.count} events, more than {MOST_ENTRIES}"
        yield Fault(trace.line, reason, _raw(of_trace))
        return
    for n, (line, values) in enumerate(trace.events):
        whole = {**of_trace, **values} if n == 0 else values
        yield Entry(line, whole, _raw(whole), of_trace)


def _raw(values: Mapping[str, str]) -> str:
    return json.dumps(values, ensure_ascii=False)


_DECLARED: Final = re.compile(rb"""^<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_PLAIN: Final = frozenset({"utf-8", "utf-16", "us-ascii", "iso-8859-1"})


def _decoder(start: bytes) -> Callable[[bytes], str] | None:
    """For an encoding that the parser itself does not know (GB18030 and the like).

    Raises FileRefused for one that nobody knows.
    """
    declared = _DECLARED.match(start)
    if declared is None or declared[1].decode().lower() in _PLAIN:
        return None
    try:
        return codecs.getincrementaldecoder(declared[1].decode())().decode
    except LookupError:
        raise FileRefused(f"its encoding {declared[1].decode()} is not known", 1) from None


def read_xes(file: Bytes) -> Iterator[Entry | Fault]:
    """The events of a log, trace by trace. Raises FileRefused."""
    parser = make_parser()
    log = _Log(parser)
    parser.forbid_dtd = True
    parser.setContentHandler(log)
    decode = _decoder(file.peek(WINDOW))
    quiet = seen = 0
    try:
        while window := file.read(WINDOW):
            parser.feed(window if decode is None else decode(window))
            quiet = 0 if log.seen != seen else quiet + len(window)
            seen = log.seen
            if quiet > LONGEST_ELEMENT:
                raise FileRefused("one value is longer than any log needs", log.line)
            yield from log.ready
            log.ready.clear()
        parser.close()
        if not seen:
            raise FileRefused("it is empty")
    except DefusedXmlException:
        raise FileRefused("it declares a document type or entities, which no log needs") from None
    except SAXParseException as error:
        reason = f"it is not well-formed XML: {error.getMessage()}"
        raise FileRefused(reason, error.getLineNumber()) from None
    except (SAXException, LookupError, ValueError) as error:
        raise FileRefused(f"it cannot be read as XML: {error}", log.line) from None
    yield from log.ready
