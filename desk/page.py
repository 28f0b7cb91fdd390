"""Templates made into pages: one environment per language, strict about names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes, select_autoescape
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import HTMLResponse

from desk import language as speech
from desk.bell import told
from desk.guard import static_url
from desk.house import VISITOR_COOKIE, House, cookie_name, csrf_of, house_of, language_of
from desk.lateness import reminders_late
from desk.person import Person
from ledger.naming import uuid7
from projections import inbox
from projections.changes import shown
from projections.reading import look

TEMPLATES = Path(__file__).parent / "templates"
DEFAULT_ZONE = "UTC"
MOST_COUNTED = 100
ADDRESS = re.compile(r"(https?://[^\s<>\"]+)")


class _Spoken(NodeTransformer):
    """Puts the words of a language in the place of each ``_('…')`` that has nothing to fill in."""

    def __init__(self, language: str) -> None:
        self._language = language

    def visit_Call(self, call: nodes.Call) -> nodes.Node:
        self.generic_visit(call)
        match call:
            case nodes.Call(
                node=nodes.Name(name="_"), args=[nodes.Const(value=str() as text)], kwargs=[]
            ):
                words = nodes.Const(speech.say(self._language, text), lineno=call.lineno)
                return nodes.MarkSafe(words, lineno=call.lineno)
        return call


class _Environment(Environment):
    """Of one language, so what need not be looked up for each page is part of its templates."""

    language: str

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        return cast(nodes.Template, _Spoken(self.language).visit(parsed))


@cache
def environment(language: str) -> Environment:
    """Templates whose ``_()`` speaks ``language``; macros imported from a file speak it too."""
    made = _Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    made.language = language
    made.install_gettext_translations(  # type: ignore[attr-defined]
        speech.catalogue(language), newstyle=True
    )
    made.globals.update(
        lang=language, languages=speech.LANGUAGES, static=static_url, uuid=lambda: str(uuid7())
    )
    made.filters.update(
        number=partial(speech.number, language),
        size=partial(speech.size, language),
        span=partial(speech.span, language),
        listed=partial(speech.listed, language),
        lines=_lines,
        code=lambda text: Markup("<code>{}</code>").format(text),
        linked=_linked,
        in_words=lambda text: speech.say(language, text),
    )
    return made


def _lines(text: str | None) -> Markup:
    """Words as typed: line ends kept, everything escaped."""
    return Markup("<br>").join(escape(line) for line in (text or "").split("\n"))


def _linked(text: str) -> Markup:
    """Words as typed, with web addresses that can be followed."""
    parts = ADDRESS.split(text)
    shown = [
        Markup('<a href="{0}">{0}</a>').format(part) if n % 2 else _lines(part)
        for n, part in enumerate(parts)
    ]
    return Markup().join(shown)


def moments(language: str, zone: str, now: datetime) -> Mapping[str, Any]:
    """The time words of one page: in the zone of its entity, as seen now."""

    def at(value: datetime) -> Markup:
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            value.isoformat(timespec="seconds"),
            speech.exact(language, zone, value),
            speech.moment(language, zone, value, now),
        )

    def by(value: datetime) -> Markup:
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            value.isoformat(timespec="seconds"),
            speech.exact(language, zone, value),
            speech.due(language, zone, value, now),
        )

    def between(start: datetime, end: datetime) -> str:
        return speech.stretch(language, zone, start, end, now)

    def the_day(value: datetime | date) -> str:
        return speech.day(language, zone, value)

    return {
        "at": at,
        "by": by,
        "between": between,
        "the_day": the_day,
        "now": now,
        "zone": zone,
        "zone_words": speech.zone_words(language, zone, now),
    }


def render(template: str, language: str, zone: str, now: datetime, **values: Any) -> str:
    filled = {**moments(language, zone, now), **values}
    return environment(language).get_template(template).render(**filled)


class Bell(NamedTuple):
    """What waits for a person: cases with something to look at, and mails; ``at``: as of when."""

    notices: int = 0
    mails: int = 0
    at: int = 0


def bell(house: House, person: Person) -> Bell:
    """Nothing where nobody can tell."""
    try:
        with house.pool.connection() as db, look(db) as reading:
            waiting = len(told(db, reading, person, MOST_COUNTED))
            entities = person.widely("case")
            mails = inbox.count(reading, person.scope("case"), entities) if entities else 0
            return Bell(waiting, mails, shown(reading))
    except (LookupError, OperationalError, PoolTimeout):
        return Bell()


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A whole page. ``values`` are what its template names; ``zone`` may be among them.

    ``live``: what the page shows and wants to be told of, as desk/live.py asks for it. The answer
    to a form is no page that can be asked for again, so it is told of nothing.
    """
    house = house_of(request)
    person: Person | None = getattr(request.state, "person", None)
    waiting = bell(house, person) if person else Bell()
    shows = values.pop("live", {})
    live = {"at": waiting.at, **(shows if request.method == "GET" else {})}
    given = {
        "person": person,
        "path": request.url.path,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "csrf": csrf_of(request),
        "notices_waiting": waiting.notices,
        "mails_waiting": waiting.mails,
        "reads_inbox": bool(person and person.widely("case")),
        "since": "",
        "listens_at": f"/live?{urlencode(live)}" if person else "",
        "reminders_late": bool(person) and reminders_late(request),
        "zone": getattr(person, "zone", None) or DEFAULT_ZONE,
        **values,
    }
    language = str(given.pop("language", language_of(request)))
    text = render(template, language, now=house.now(), **given)
    answer = HTMLResponse(text, status, headers)
    if hasattr(request.state, "new_visitor"):
        answer.set_cookie(
            cookie_name(house, VISITOR_COOKIE),
            request.state.new_visitor,
            httponly=True,
            samesite="lax",
            secure=house.secure,
        )
    return answer
