"""How a program is known to the API, and what its headers say."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final
from uuid import UUID, uuid4, uuid5

from fastapi import Depends, Header, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from desk.api.reads import Problem
from desk.authentication.proving import FactorNeeded, ProofNeeded, is_fresh, lacks_factor
from desk.authentication.session import Scope, Session
from desk.authentication.token import token_session
from desk.guard import brings_files
from desk.house import csrf_of, house_of
from desk.person import Person, person_of
from desk.problem import NotAllowed, NotInScope
from desk.visit import recognise

NAMESPACE: Final = UUID("3d0d7f0a-7a55-5f0e-8d0c-51c3b8a7c0de")
FEEDS: Final = ("/api/v1/events", "/api/v1/webhooks")
VERSION: Final = re.compile(r'(?:W/)?"(\d{1,15})"\Z')
BEARER: Final = HTTPBearer(auto_error=False, description="A token from /me")

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}}
    for status in (401, 403, 404, 409, 412, 413, 415, 422, 503)
}


class BadHeader(HTTPException):
    """A header that does not fit (422)."""

    def __init__(self) -> None:
        super().__init__(422)


def _program(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)] = None,
) -> Person:
    """The person a token belongs to; else the logged-in one, who must prove their own page."""
    if not _is_json(request):
        raise HTTPException(415)
    house = house_of(request)
    person: Person | None
    session: Session | None
    if bearer is not None:
        with house.pool.connection() as db:
            session = token_session(db, bearer.credentials, house.now())
        person = request.state.person = person_of(house, session) if session else None
        if session is not None and scope_of(request) not in session.scopes:
            raise NotInScope(scope_of(request))
    else:
        person = recognise(request)
        session = request.state.opened
        if person is not None and request.method not in ("GET", "HEAD"):
            given = request.headers.get("x-csrf-token", "")
            if not hmac.compare_digest(given.encode(), csrf_of(request).encode()):
                raise NotAllowed()
    if person is None or session is None:
        raise HTTPException(401)
    if lacks_factor(house, person, session):
        raise FactorNeeded()
    return person


def _proved_program(request: Request, person: Annotated[Person, Depends(_program)]) -> Person:
    """A token needs no proof; a page must be one of somebody who proved lately who they are."""
    opened = getattr(request.state, "opened", None)
    if opened is not None and not is_fresh(house_of(request), person, opened):
        raise ProofNeeded()
    return person


def _is_json(request: Request) -> bool:
    """Whether what a command brings is said to be JSON; one that brings nothing says nothing."""
    brings = request.headers.get("content-length", "0") != "0" or (
        "transfer-encoding" in request.headers
    )
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return not brings or kind == "application/json"


class KnownFirst(APIRoute):
    """Who asks is known before a command that may bring files is read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def known(request: Request) -> Response:
            if brings_files(request.scope):
                await run_in_threadpool(_program, request, await BEARER(request))
            return await handle(request)

        return known


def scope_of(request: Request) -> Scope:
    """What a token must be good for here."""
    if request.url.path.startswith(FEEDS):
        return "events"
    return "read" if request.method in ("GET", "HEAD") else "write"


Program = Annotated[Person, Depends(_program)]
ProvedProgram = Annotated[Person, Depends(_proved_program)]


def _key(
    person: Program,
    idempotency_key: Annotated[
        str | None,
        Header(max_length=200, description="The same key again gives the first answer again."),
    ] = None,
) -> UUID:
    """The command's id: the same for the same person and key."""
    if idempotency_key is None:
        return uuid4()
    return uuid5(NAMESPACE, f"{person.staff}\n{idempotency_key}")


def _expected(
    if_match: Annotated[
        str | None, Header(max_length=200, description='The version seen, such as "17".')
    ] = None,
) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    found = VERSION.match(if_match.strip())
    if found is None:
        raise BadHeader()
    return int(found[1])


Key = Annotated[UUID, Depends(_key)]
Expected = Annotated[int | None, Depends(_expected)]
