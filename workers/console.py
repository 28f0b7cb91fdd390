"""What a command says: plain lines for people, one JSON object for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

AsJson = Annotated[bool, typer.Option("--json", help="Report as one JSON object, for programs.")]


def say(text: str) -> None:
    """One line to the person at the console."""
    console.print(text, markup=False)


def complain(text: str) -> None:
    """One line about what went wrong."""
    errors.print(f"evercase: {text}", markup=False)


def print_json(report: Mapping[str, Any]) -> None:
    """The report as one line of JSON on standard output, with nothing around it."""
    sys.stdout.write(json.dumps(report, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def one_of(option: str, value: str | None, known: Collection[str]) -> str | None:
    """The value of an option that takes one of these. Raises BadParameter."""
    if value is not None and value not in known:
        there = f"one of {', '.join(known)}" if known else "not described here yet"
        raise typer.BadParameter(f"--{option} is {there}; {value} is none.")
    return value
