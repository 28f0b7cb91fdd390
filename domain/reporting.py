"""Who reports to whom, and so who must keep out of a case about one of them."""

from __future__ import annotations

from collections.abc import Mapping

Managers = Mapping[str, str | None]
"""Staff stream -> that of the person they report to."""


def line_of(staff: str, managers: Managers) -> frozenset[str]:
    """Everybody above the person and everybody below: a complaint about one of them shuts the
    person out, and one about the person shuts them out. A circle ends where it closes."""
    return frozenset({*_above(staff, managers), *below(staff, managers)} - {staff})


def _above(staff: str, managers: Managers) -> list[str]:
    found: list[str] = []
    manager = managers.get(staff)
    while manager is not None and manager not in found:
        found.append(manager)
        manager = managers.get(manager)
    return found


def below(staff: str, managers: Managers) -> frozenset[str]:
    """Everybody who reports to the person, and to those."""
    reports: dict[str, list[str]] = {}
    for each, manager in managers.items():
        if manager is not None:
            reports.setdefault(manager, []).append(each)
    found: set[str] = set()
    waiting = [staff]
    while waiting:
        for each in reports.get(waiting.pop(), ()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return frozenset(found)
