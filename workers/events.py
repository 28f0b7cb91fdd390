"""Every event class of the house under its stored name: whoever reads the log needs them all."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import domain
from domain.event import EVENT_TYPES, Event


def know_all_events() -> None:
    """Import each file of the domain; what it defines registers itself."""
    for module in iter_modules(domain.__path__):
        import_module(f"domain.{module.name}")


def catalogue() -> str:
    """``docs/events.md``: every event with its words and fields, by the file that defines it."""
    know_all_events()
    files: dict[str, list[type[Event]]] = {}
    for event in EVENT_TYPES.values():
        if event.__module__.startswith("domain."):
            files.setdefault(event.__module__.removeprefix("domain."), []).append(event)
    return "\n".join([*_HEAD, *(line for name in sorted(files) for line in _file(name, files))])


_HEAD = (
    "# Events",
    "",
    "Made from the code by `make docs`; a test holds it true.",
    "",
    "Every event also has its envelope: stream, version, position, type, schema version,",
    "`occurred_at` (in the world), `recorded_at` (by the database), actor, reason,",
    "`source_recorded_at` (claimed by an import), command, correlation and cause. Fields marked",
    "*personal* are stored encrypted with the key of the person they are about.",
    "",
)


def _file(name: str, files: dict[str, list[type[Event]]]) -> Iterator[str]:
    yield f"## {name.replace('_', ' ').capitalize()} (`domain/{name}.py`)"
    yield ""
    for event in files[name]:
        yield f"### {event.type_name}, v{event.schema_version}"
        yield ""
        words = inspect.cleandoc(event.__doc__ or "") if "__doc__" in vars(event) else ""
        if words:
            yield from (*words.splitlines(), "")
        fields = [(n, f) for n, f in event.model_fields.items() if n != "at"]
        for field, info in fields:
            kind = _type(str(event.__annotations__.get(field) or info.annotation))
            mark = ", *personal*" if re.search(r"Personal|Words|Answer", kind) else ""
            yield f"- `{field}`: `{kind}`{mark}"
        if fields:
            yield ""


def _type(text: str) -> str:
    return re.sub(
        r"\b(?:[a-z_]+\.)+(?=[A-Z])", "", text.removeprefix("<class '").removesuffix("'>")
    )


if __name__ == "__main__":
    sys.stdout.write(catalogue())
