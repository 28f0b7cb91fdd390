"""How our processes end: told once by a signal, they finish what they hold."""

from __future__ import annotations

import signal
import threading


def told_to_end() -> threading.Event:
    """An event that SIGTERM and SIGINT set. Call from the main thread."""
    told = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: told.set())
    return told
