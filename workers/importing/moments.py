"""Texts of time as moments, as a mapping says they are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from workers.importing.entry import RowRefused
from workers.importing.mapping import When

EXCEL: Final = datetime(1899, 12, 30)  # noqa: DTZ001 (the zone is the mapping's)
"""Day 0 of table programs, whose moments are days and parts of a day since then."""
EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)


def moment(when: When, values: Mapping[str, str], now: datetime) -> datetime | None:
    """The moment a row names; None where it names none. Raises RowRefused.

    Local times that a change of clocks makes ambiguous are the first of the two.
    """
    text = values.get(when.from_)
    if text is None:
        return None
    try:
        at = _parsed(text, when.format, when.zone)
    except (ValueError, OverflowError, OSError):
        raise RowRefused(f"{when.from_} is no time written as {_told(when.format)}") from None
    if at is None:
        raise RowRefused(f"{when.from_} names no time zone, and the mapping names none for it")
    if at < EARLIEST:
        raise RowRefused(f"{when.from_} lies before 1900")
    if at > now:
        raise RowRefused(f"{when.from_} lies in the future")
    return at


@lru_cache(maxsize=8192)
def _parsed(text: str, format: str | tuple[str, ...], zone: str | None) -> datetime | None:
    """The moment in UTC; None where nothing names its zone."""
    local = _read(text, format)
    if local.tzinfo is None:
        if zone is None:
            return None
        local = local.replace(tzinfo=_zone(zone))
    return local.astimezone(UTC)


def _read(text: str, format: str | tuple[str, ...]) -> datetime:
    match format:
        case "iso":
            return datetime.fromisoformat(text)
        case "unix":
            return datetime.fromtimestamp(float(text), UTC)
        case "excel":
            return EXCEL + timedelta(seconds=round(float(text) * 86_400, 3))
        case "unix_ms":
            return datetime.fromtimestamp(float(text) / 1000, UTC)
        case str():
            return datetime.strptime(text, format)  # noqa: DTZ007 (the zone is the mapping's)
        case _:
            return _first_that_fits(text, format)


def _first_that_fits(text: str, formats: tuple[str, ...]) -> datetime:
    for format in formats:
        try:
            return _read(text, format)
        except ValueError:
            continue
    raise ValueError("none fits")


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    return ZoneInfo(name)


def _told(format: str | tuple[str, ...]) -> str:
    return format if isinstance(format, str) else " or ".join(format)
