"""What every view stands on, and the visit it answers."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool
from starlette.requests import Request

from desk.directory import Directory
from desk.language import LANGUAGES, preferred, utc_now
from desk.outward import PUBLIC, Outward

if TYPE_CHECKING:
    from ledger import Ledger

Pool = ConnectionPool[Connection[TupleRow]]

SESSION_COOKIE: Final = "evercase_session"
LANGUAGE_COOKIE: Final = "evercase_language"
VISITOR_COOKIE: Final = "evercase_visitor"


@dataclass(frozen=True)
class StaffLetter:
    """A letter to a colleague; it holds nothing of a customer."""

    staff: str
    name: str
    language: str
    written_at: datetime
    subject: str
    body: str
    address: str = field(repr=False)


def posts_nothing(_letter: StaffLetter) -> None:
    """Where no mail server is known."""


@dataclass(frozen=True)
class House:
    """The engines behind the desk. ``secret`` keys cookies and links; ``secure``: https only.

    post: hands a letter to a colleague over, without anybody waiting for it.
    """

    ledger: Ledger
    pool: Pool
    home: Path
    secret: bytes
    secure: bool
    directory: Directory
    now: Callable[[], datetime] = utc_now
    outward: Outward = PUBLIC
    """Where facts may be sent to."""
    post: Callable[[StaffLetter], None] = posts_nothing
    largest_file: int = 25_000_000
    """Bytes of one file that a form brings."""
    largest_upload: int = 40_000_000
    """Bytes of a form with all its files."""

    def keyed(self, purpose: str, text: str) -> str:
        """An HMAC of ``text`` that is good for one purpose only."""
        return hmac.new(self.secret, f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()


def house_of(request: Request) -> House:
    return cast(House, request.app.state.house)


def cookie_name(house: House, name: str) -> str:
    """``__Host-``: a browser takes it over https only, and from no neighbouring site."""
    return f"__Host-{name}" if house.secure else name


def language_of(request: Request) -> str:
    """The person's own language, else the cookie's, else the browser's."""
    person = getattr(request.state, "person", None)
    if person is not None:
        return str(person.language)
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return preferred(request.headers.get("accept-language", ""))


def visitor_of(request: Request) -> str:
    """What this browser's forms are tied to: the session, or before it a random cookie."""
    session = getattr(request.state, "session", None)
    if session is not None:
        return str(session)
    known = request.cookies.get(cookie_name(house_of(request), VISITOR_COOKIE), "")
    if len(known) >= 32 and known.isalnum():
        return known
    if not hasattr(request.state, "new_visitor"):
        request.state.new_visitor = secrets.token_hex(24)
    return str(request.state.new_visitor)


def address_of(request: Request) -> str:
    """Where a visit comes from: tries are counted by it."""
    return request.client.host if request.client else "unknown"


def agent_of(request: Request) -> str:
    """How the browser calls itself."""
    return request.headers.get("user-agent", "")


def csrf_of(request: Request) -> str:
    """Proves that a form is this desk's and this visitor's; its second half says whose it is."""
    person = getattr(request.state, "person", None)
    return proof(house_of(request), visitor_of(request), person.staff if person else "")


def proof(house: House, visitor: str, staff: str) -> str:
    return f"{house.keyed('form', visitor)}.{house.keyed('whose', staff)}"
