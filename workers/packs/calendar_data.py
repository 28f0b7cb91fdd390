"""Makes the calendars of the packs from what the libraries of public holidays know.

Run as ``python -m workers.packs.calendar_data`` when a state has published a new year: what
changes is published as the next version, so the version in ``calendars`` is raised by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import holidays

chinese_calendar: Any = import_module("chinese_calendar")
"""It comes without types."""

YEARS: Final = range(2025, 2031)
FOLDER: Final = Path(__file__).parent / "calendars"
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri")
EVERY_DAY: Final = (*WEEKDAYS, "sat", "sun")

BANK_HOURS_CN: Final = [["09:00", "12:00"], ["13:00", "18:00"]]
FACTORY_HOURS: Final = [["08:30", "12:00"], ["13:00", "17:30"]]


def calendars() -> list[dict[str, Any]]:
    """Every calendar of the packs, as the documents they are published as."""
    london = {"weekly": {key: [["09:00", "17:30"]] for key in WEEKDAYS}, "closed": bank_holidays()}
    return [
        {"id": "24x7", "zone": "UTC", "weekly": {key: [["00:00", "24:00"]] for key in EVERY_DAY}},
        {"id": "office", "zone": "UTC", "weekly": {key: [["09:00", "17:00"]] for key in WEEKDAYS}},
        {"id": "london", "zone": "Europe/London", **london},
        {"id": "china", **chinese([["09:00", "17:00"]])},
        {"id": "larkmere-cn", **chinese(BANK_HOURS_CN)},
        {"id": "woodquill", **chinese(FACTORY_HOURS)},
    ]


def bank_holidays() -> list[dict[str, str]]:
    """England and Wales."""
    return ranges(holidays.country_holidays("GB", subdiv="ENG", years=YEARS, language="en_GB"))


def chinese(hours: list[list[str]]) -> dict[str, Any]:
    """Weekdays at ``hours``, closed on public holidays, open on the days made up for them.

    The State Council tells each year's days in the autumn before. Of years not told yet only the
    days that the law names are closed, and nothing is made up.
    """
    closed: dict[date, str] = {}
    made_up: dict[date, str] = {}
    known = {day.year for day in chinese_calendar.holidays}
    for year in YEARS:
        if year not in known:
            closed |= holidays.country_holidays("CN", years=year, language="en_US")
    closed |= {day: name for day, name in chinese_calendar.holidays.items() if day.year in YEARS}
    made_up |= {day: name for day, name in chinese_calendar.workdays.items() if day.year in YEARS}
    return {
        "zone": "Asia/Shanghai",
        "weekly": dict.fromkeys(WEEKDAYS, hours),
        "closed": ranges(closed),
        "extra_open": [
            {"first": day.isoformat(), "hours": hours, "name": f"made up for {name}"}
            for day, name in sorted(made_up.items())
        ],
    }


def ranges(days: Mapping[date, str]) -> list[dict[str, str]]:
    """Days of one name that follow each other, as one closed range."""
    found: list[tuple[date, date, str]] = []
    for day, name in sorted(days.items()):
        if found and found[-1][2] == name and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day, name)
        else:
            found.append((day, day, name))
    return [{"first": str(a), "last": str(b), "name": name} for a, b, name in found]


def write(documents: Iterable[dict[str, Any]]) -> None:
    """Keep each under its version of today's file, 1 where there is none."""
    for document in documents:
        file = FOLDER / f"{document['id']}.json"
        version = json.loads(file.read_text("utf-8"))["version"] if file.exists() else 1
        text = json.dumps({"version": version, **document}, ensure_ascii=False, indent=1)
        file.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    write(calendars())
