"""Who visits, and what was typed: what views ask FastAPI for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.authentication import again, proving
from desk.authentication.again import is_proof
from desk.authentication.session import session_of
from desk.guard import LARGEST_BODY, takes_files
from desk.house import SESSION_COOKIE, House, cookie_name, csrf_of, house_of
from desk.person import Person, person_of
from desk.uploads import DIGESTS, FIELD, LOST, Bounded, Uploads

MOST_FIELDS: Final = 200
MOST_PARTS: Final = 1000
"""Files that are counted before it is said that they are too many."""
SEEN: Final = "Live-Seen"
"""The header with which an open page asks for itself again: the version of the case it shows."""


def recognise(request: Request) -> Person | None:
    """The person of the session cookie, remembered for the rest of this request."""
    if hasattr(request.state, "person"):
        known: Person | None = request.state.person
        return known
    house = house_of(request)
    cookie = request.cookies.get(cookie_name(house, SESSION_COOKIE), "")
    session = None
    if cookie:
        with house.pool.connection() as db:
            session = session_of(db, cookie, house.now(), used=not by_itself(request))
    person = person_of(house, session) if session else None
    request.state.person = person
    request.state.session = session.key if session and person else None
    request.state.opened = session
    return person


def by_itself(request: Request) -> bool:
    """Whether the page asks, not the person: that keeps no session alive."""
    return request.url.path.startswith("/live") or SEEN in request.headers


async def _typed(request: Request) -> Mapping[str, str]:
    """The fields of a form. Errors: 422 for what is no text, 413 for too much of it."""
    if not hasattr(request.state, "uploads"):
        request.state.fields, request.state.uploads = await _read(request)
    fields: Mapping[str, str] = request.state.fields
    for name, value in fields.items():
        if not _is_text(name) or not _is_text(value):
            raise HTTPException(422)
    request.state.typed = {name: value.replace("\r\n", "\n") for name, value in fields.items()}
    if request.state.uploads.files:
        digests = await run_in_threadpool(request.state.uploads.digests)
        request.state.typed[DIGESTS] = digests
    return {
        name: text
        for name, text in request.state.typed.items()
        if not name.startswith(("again.", "prove."))
    }


async def _read(request: Request) -> tuple[Mapping[str, str], Uploads]:
    """Its words and its files. Of what somebody unknown sends, no more than words is taken."""
    files = takes_files(request.scope)
    person = await run_in_threadpool(recognise, request) if files else None
    most = house_of(request).largest_upload if person else LARGEST_BODY
    body = Bounded(request, most)
    sent = Request(request.scope, body) if files else request
    form = await sent.form(max_files=MOST_PARTS if files else 0, max_fields=MOST_FIELDS)
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    found = [it for _, it in form.multi_items() if isinstance(it, UploadFile) and it.filename]
    fields.pop(FIELD, None)
    fields.pop(DIGESTS, None)
    lost = fields.pop(LOST, "") == "yes"
    if person is not None:
        return fields, Uploads(found, body.whole, lost)
    await form.close()
    if lost or found or not body.whole:
        fields[LOST] = "yes"
    return fields, Uploads(lost=lost)


def _is_text(value: str) -> bool:
    """Whether it is words: no control signs but line ends and tabs, no half characters."""
    return not any(
        "\ud800" <= sign <= "\udfff" or (sign < " " and sign not in "\r\n\t") for sign in value
    )


Typed = Annotated[Mapping[str, str], Depends(_typed)]


async def _typed_without_session(request: Request) -> Mapping[str, str]:
    """What a form holds whose session is over; nothing in any other case."""
    person = await run_in_threadpool(recognise, request)
    kind = request.headers.get("content-type", "").partition(";")[0]
    words = request.method == "POST" and kind == "application/x-www-form-urlencoded"
    form = words or takes_files(request.scope)
    if person is not None or not form:
        return {}
    await _typed(request)
    typed: Mapping[str, str] = request.state.typed
    return typed


def signed_in(
    request: Request, over: Annotated[Mapping[str, str], Depends(_typed_without_session)]
) -> Person:
    if again.LOGIN in over or again.TICKET in over:
        again.log_in(request, over)
    person = recognise(request)
    if person is None:
        raise again.SessionOver()
    house = house_of(request)
    open_to_all = request.url.path.startswith(proving.OPEN)
    if not open_to_all and proving.lacks_factor(house, person, request.state.opened):
        raise proving.FactorNeeded()
    return person


def _own_form(request: Request, typed: Typed) -> Mapping[str, str]:
    """What was typed, when the form came from this desk and this visitor."""
    recognise(request)
    if hasattr(request.state, "logged_in_again"):
        return typed
    if not is_proof(typed.get("csrf", ""), csrf_of(request)):
        raise HTTPException(401 if request.state.person is None else 403)
    return typed


SignedIn = Annotated[Person, Depends(signed_in)]
OwnForm = Annotated[Mapping[str, str], Depends(_own_form)]


def _kept_form(request: Request, typed: Typed) -> Mapping[str, str]:
    """As ``OwnForm``; a form of an earlier session of the same person is worn out, not refused.

    Such a form loses its ``csrf`` and does nothing: its words are shown again, in a fresh one.
    """
    person = recognise(request)
    whose = typed.get("csrf", "").partition(".")[2]
    worn_out = not is_proof(typed.get("csrf", ""), csrf_of(request))
    if person is not None and worn_out and not hasattr(request.state, "logged_in_again"):
        if is_proof(whose, csrf_of(request).partition(".")[2]):
            return {**typed, "csrf": ""}
        raise HTTPException(403)
    return _own_form(request, typed)


def proved(request: Request, person: SignedIn, _typed: OwnForm) -> Person:
    """Who has proved lately who they are. Raises: ProofNeeded."""
    if not proving.is_fresh(house_of(request), person, request.state.opened):
        proving.prove(request, person, request.state.opened)
    return person


def _uploads(request: Request, typed: Typed) -> Iterator[Uploads]:
    uploads: Uploads = request.state.uploads
    try:
        yield uploads
    finally:
        uploads.close()


def to_login(request: Request) -> Response:
    """The way to log in and come back: to the page itself, or to the page the form stood on."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method not in ("GET", "HEAD"):
        wanted = "/"
    target = "/login" if wanted == "/" else f"/login?next={quote(wanted, safe='')}"
    return RedirectResponse(target, 303)


def same_site(path: str) -> str:
    """A path of this desk to go on to, never another site's."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if fine else "/"


def see(path: str) -> Response:
    """After what was done: look there."""
    return RedirectResponse(path, 303)


def _house(request: Request) -> House:
    return house_of(request)


Files = Annotated[Uploads, Depends(_uploads)]
KeptForm = Annotated[Mapping[str, str], Depends(_kept_form)]
Proved = Annotated[Person, Depends(proved)]
TheHouse = Annotated[House, Depends(_house)]
