"""English and Chinese: catalogues, dates, durations. English is the language of the keys."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime, get_timezone, get_timezone_name
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from babel.units import format_unit

ROOT: Final = Path(__file__).parent
LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "zh": "简体中文"}
LOCALES: Final[Mapping[str, Locale]] = {
    "en": Locale("en", "GB"),
    "zh": Locale("zh", "CN", script="Hans"),
}
DAY_AND_TIME: Final = {"en": "EEE d MMM HH:mm", "zh": "M月d日 EEE HH:mm"}
DAY_AND_YEAR: Final = {"en": "EEE d MMM yyyy HH:mm", "zh": "yyyy年M月d日 EEE HH:mm"}
SECONDS_AND_ZONE: Final = {"en": ":ss zzz", "zh": ":ss 'UTC'xxx"}
DAY: Final = {"en": "EEE d MMM yyyy", "zh": "yyyy年M月d日（EEE）"}


def N_(text: str) -> str:
    """Marks a text for the catalogue where it is written; it is translated where it is shown."""
    return text


@cache
def catalogue(language: str) -> NullTranslations:
    """The texts of a language, read from its .po file (so no compiled file can be stale)."""
    if language == "en":
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, _read(language))
    compiled.seek(0)
    return Translations(compiled)


def catalogue_path(language: str) -> Path:
    return ROOT / "locales" / language / "LC_MESSAGES" / "desk.po"


def _read(language: str) -> Catalog:
    with catalogue_path(language).open("rb") as file:
        return read_po(file, locale=language)


def written_texts() -> set[tuple[str, ...]]:
    """Every text that code and templates show: (text,), or (one, many) where they count."""
    found: set[tuple[str, ...]] = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                found |= _marked(node)
    keywords = {"_": None, "ngettext": (1, 2)}
    for _, _, text, _, _ in extract_from_dir(
        str(ROOT / "templates"),
        [("**.html", "jinja2.ext:babel_extract")],
        {"**.html": {"newstyle_gettext": "true", "silent": "false"}},
        keywords,
    ):
        found.add((text,) if isinstance(text, str) else text)
    return found


def _marked(call: ast.Call) -> set[tuple[str, ...]]:
    """The texts in a call of ``N_``, ``say``, a Speaker (``say``, ``self``) or its ``many``."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    texts = [_constants(argument) for argument in call.args[:3]]
    if name in ("many", "say_many"):
        one, many = (texts[0], texts[1]) if name == "many" else (texts[1], texts[2])
        return set(zip(one, many, strict=True))
    if name in ("N_", "say", "self"):
        first = next((some for some in texts[:2] if some), [])
        return {(text,) for text in first}
    return set()


def _constants(argument: ast.expr) -> list[str]:
    """A text as written, or both of a choice between two."""
    match argument:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.IfExp():
            return [*_constants(argument.body), *_constants(argument.orelse)]
        case _:
            return []


def say(language: str, text: str, /, **values: object) -> str:
    """``text`` in a language, with ``%(name)s`` filled."""
    translated = catalogue(language).gettext(text)
    return translated % values if values else translated


def say_many(language: str, one: str, many: str, count: int, /, **values: object) -> str:
    return catalogue(language).ngettext(one, many, count) % {"count": count, **values}


def by_sound(language: str, name: str) -> bytes:
    """Sorts names as people look them up: in Chinese by pinyin, which GB18030 is arranged by."""
    return name.casefold().encode("gb18030" if language == "zh" else "utf-8")


def listed(language: str, words: Iterable[str]) -> str:
    return ("、" if language == "zh" else ", ").join(words)


@lru_cache(maxsize=4_096)
def _formatted(language: str, zone: str, at: datetime, pattern: str) -> str:
    """``at``: in UTC, so that the hour that a zone has twice is two."""
    return format_datetime(at, pattern, tzinfo=ZoneInfo(zone), locale=LOCALES[language])


def moment(language: str, zone: str, at: datetime, now: datetime | None = None) -> str:
    """Day and time in a zone; the year where it is not this one."""
    local = at.astimezone(ZoneInfo(zone))
    same_year = now is not None and now.astimezone(ZoneInfo(zone)).year == local.year
    pattern = (DAY_AND_TIME if same_year else DAY_AND_YEAR)[language]
    return _formatted(language, zone, at.astimezone(UTC), pattern)


def stretch(
    language: str, zone: str, start: datetime, end: datetime, now: datetime | None = None
) -> str:
    """From when to when; the day is said once where both are of one."""
    first, there = moment(language, zone, start, now), ZoneInfo(zone)
    ends = end.astimezone(there)
    if start.astimezone(there).date() == ends.date():
        return f"{first} – {ends:%H:%M}"
    return f"{first} – {moment(language, zone, end, now)}"


def due(language: str, zone: str, at: datetime, now: datetime | None = None) -> str:
    """A due time. The end of a day is 24:00 of that day, not 00:00 of the next."""
    local = at.astimezone(ZoneInfo(zone))
    if (local.hour, local.minute, local.second, local.microsecond) != (0, 0, 0, 0):
        return moment(language, zone, at, now)
    return moment(language, zone, at - timedelta(minutes=1), now).replace("23:59", "24:00")


def due_day(language: str, zone: str, at: datetime) -> str:
    """The last day that is still in time: of a limit at 24:00 the day that ends then."""
    return day(language, zone, at - timedelta(minutes=1))


def local(at: datetime, zone: str) -> str:
    """As a form's date and time field holds it."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def exact(language: str, zone: str, at: datetime) -> str:
    """The whole moment with its zone, for titles and for the record."""
    pattern = DAY_AND_YEAR[language] + SECONDS_AND_ZONE[language]
    return _formatted(language, zone, at.astimezone(UTC), pattern)


def day(language: str, zone: str, at: datetime | date) -> str:
    at = (
        at.astimezone(ZoneInfo(zone))
        if isinstance(at, datetime)
        else datetime(at.year, at.month, at.day, 12, tzinfo=ZoneInfo(zone))
    )
    return _formatted(language, zone, at.astimezone(UTC), DAY[language])


def zone_name(language: str, zone: str) -> str:
    """What people call a zone: 中国时间. In English it goes by the name that computers give it."""
    if language == "en" or zone == "UTC":
        return zone
    return str(get_timezone_name(get_timezone(zone), width="long", locale=LOCALES[language]))


def zone_words(language: str, zone: str, at: datetime) -> str:
    """With what it differs from UTC at that moment."""
    local = at.astimezone(ZoneInfo(zone))
    name = get_timezone_name(local, width="short", locale=LOCALES[language])
    if name[:1] in "+-":
        name = f"UTC{name[:3]}:{name[3:]}"
    words = zone_name(language, zone)
    return words if name == words else say(language, "%(words)s (%(more)s)", words=words, more=name)


def number(language: str, value: object) -> str:
    return str(format_decimal(value, locale=LOCALES[language]))  # type: ignore[arg-type]


def size(language: str, count: int) -> str:
    """Of a file of ``count`` bytes: ``2.4 MB``, ``12 kB``, ``90 byte``."""
    for unit, least in (("megabyte", 1_000_000), ("kilobyte", 1_000)):
        if count >= least:
            return _size(language, round(count / least, 1), unit)
    return _size(language, count, "byte")


def _size(language: str, count: float, unit: str) -> str:
    return str(format_unit(count, f"digital-{unit}", "short", locale=LOCALES[language]))


def span(language: str, length: timedelta) -> str:
    """A length in its two largest units, rounded down: ``3 h 20 min``, ``49 d 2 h``, ``5 min``."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    units = SPAN_WORDS[language]
    parts = [(days, units[0]), (hours, units[1]), (minutes, units[2])]
    first = next((i for i, (n, _) in enumerate(parts) if n), 2)
    shown = [(n, unit) for n, unit in parts[first : first + 2] if n] or [parts[2]]
    return " ".join(f"{n} {unit}" for n, unit in shown)


def hours(language: str, length: timedelta) -> str:
    """A length of working time: days of work differ, so hours are the largest unit."""
    minutes = max(0, int(length.total_seconds() // 60))
    units = SPAN_WORDS[language]
    parts = [(minutes // 60, units[1]), (minutes % 60, units[2])]
    shown = [(n, unit) for n, unit in parts if n] or [parts[1]]
    return " ".join(f"{n} {unit}" for n, unit in shown)


SPAN_WORDS: Final = {"en": ("d", "h", "min"), "zh": ("天", "小时", "分")}


def preferred(header: str) -> str:
    """The language of a visitor who has not chosen: the first we speak in Accept-Language."""
    for part in header.split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return "en"


def utc_now() -> datetime:
    return datetime.now(UTC)
