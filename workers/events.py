"""Every event class of the house under its stored name: whoever reads the log needs them all."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import domain


def know_all_events() -> None:
    """Import each file of the domain; what it defines registers itself."""
    for module in iter_modules(domain.__path__):
        import_module(f"domain.{module.name}")
