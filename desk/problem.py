"""What went wrong, in the user's words: a page for people, problem+json for programs."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from psycopg import DataError, OperationalError
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from desk.authentication import again, proving
from desk.forms import Unsure
from desk.guard import DOWNLOADED, headers_of
from desk.house import house_of, language_of
from desk.language import N_, say
from desk.page import page
from desk.visit import recognise, see, to_login
from desk.words.reasons import reason_of
from domain.decider import DomainError
from ledger import CommandIdMisused, KeyDestroyed, LaneFull, LedgerUnavailable, NoText, RivalWrote

log = structlog.get_logger(__name__)

WORDS: Final[Mapping[int, tuple[str, str]]] = {
    400: (N_("That could not be read"), N_("The request is not well formed.")),
    401: (N_("Please log in"), N_("Log in, or send a valid token.")),
    403: (N_("This is not yours to do"), N_("Your role does not allow it. Nothing was changed.")),
    404: (N_("There is nothing here"), N_("It does not exist, or you may not see it.")),
    405: (N_("That cannot be done here"), N_("This address takes other requests.")),
    408: (N_("That took too long"), N_("Not all of it came in time. Nothing was changed.")),
    409: (N_("Not possible as things stand"), N_("Nothing was changed.")),
    412: (
        N_("Somebody was quicker. Look again"),
        N_("It has changed since you opened it. Nothing was changed by you."),
    ),
    413: (N_("That is too much at once"), N_("More came than is taken here. Nothing was changed.")),
    415: (N_("That cannot be read here"), N_("Send application/json.")),
    422: (N_("Something is missing or wrong"), N_("Look at the marked fields.")),
    429: (N_("Too many tries"), N_("Wait a little, then try again.")),
    500: (
        N_("This is our fault"),
        N_("Something broke on our side. It has been noted; please try again."),
    ),
    503: (
        N_("The desk cannot save at the moment"),
        N_("Nothing was changed. Please try again in a minute."),
    ),
}


@dataclass(frozen=True)
class Trouble:
    """``reason`` is a stable name for programs; ``fields``: field -> what is wrong with it."""

    status: int
    reason: str
    title: str
    detail: str
    fields: Mapping[str, str] = field(default_factory=dict)


class NotAllowed(HTTPException):
    def __init__(self) -> None:
        super().__init__(403)


class NotInScope(HTTPException):
    """A token that is not good for this (RFC 6750 insufficient_scope). ``scope``: what it lacks."""

    def __init__(self, scope: str) -> None:
        challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
        super().__init__(403, headers={"WWW-Authenticate": challenge})
        self.scope = scope


class NotFound(HTTPException):
    def __init__(self) -> None:
        super().__init__(404)


class FieldsRefused(Exception):
    """Fields of a command in JSON that do not fit: field -> words."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("fields refused")
        self.fields = fields


def trouble_of(error: Exception, language: str) -> Trouble:
    """The words for an error. Whatever is not foreseen is a 500 that tells nothing."""
    match error:
        case DomainError():
            status, detail, named = reason_of(error, language)
            fields = {named: detail} if named else {}
            return _trouble(status, language, type(error).__name__, detail, fields)
        case RivalWrote():
            return _trouble(412, language, "RivalWrote")
        case CommandIdMisused():
            detail = say(language, "This form was sent before with other words. Open it again.")
            return _trouble(422, language, "CommandIdMisused", detail)
        case KeyDestroyed():
            detail = say(language, "This customer's data was erased. Nothing is added to it.")
            return _trouble(409, language, "KeyDestroyed", detail)
        case LookupError() if type(error) is LookupError:
            return _trouble(503, language, "Unavailable")
        case LaneFull() | LedgerUnavailable() | OperationalError() | PoolTimeout():
            return _trouble(503, language, "Unavailable")
        case RequestValidationError():
            fields = {_field(e["loc"]): wrong_words(e, language) for e in error.errors()}
            return _trouble(422, language, "FieldsRefused", fields=fields)
        case FieldsRefused():
            return _trouble(422, language, "FieldsRefused", fields=error.fields)
        case Unsure():
            return _trouble(409, language, "Unsure", error.words, {"anyway": error.words})
        case DataError() | NoText() | OverflowError():
            return _trouble(422, language, "Unreadable", say(language, WORDS[400][1]))
        case NotInScope():
            detail = say(language, "This token is not good for “%(scope)s”.", scope=error.scope)
            return _trouble(403, language, "NotInScope", detail)
        case proving.ProofNeeded():
            detail = say(language, "Prove once more who you are: log in again, or send a token.")
            return _trouble(403, language, "ProofNeeded", detail)
        case proving.FactorNeeded():
            detail = say(language, "Your role asks for a second factor. Turn it on first.")
            return _trouble(403, language, "FactorNeeded", detail)
        case HTTPException():
            reason = HTTPStatus(error.status_code).phrase.replace(" ", "")
            return _trouble(error.status_code, language, reason)
        case _:
            return _trouble(500, language, "Fault")


def _trouble(
    status: int,
    language: str,
    reason: str,
    detail: str | None = None,
    fields: Mapping[str, str] | None = None,
) -> Trouble:
    title, usual = WORDS.get(status, (HTTPStatus(status).phrase, ""))
    return Trouble(
        status, reason, say(language, title), detail or say(language, usual), fields or {}
    )


def _field(place: tuple[int | str, ...]) -> str:
    parts = [str(part) for part in place]
    if len(parts) > 1 and parts[0] in ("body", "query", "path", "header"):
        parts = parts[1:]
    return ".".join(parts)


def wrong_words(error: Mapping[str, Any], language: str) -> str:
    """A pydantic error in plain words; what was typed is never repeated."""
    limits = error.get("ctx", {})
    match error["type"]:
        case "missing" | "none_required":
            return say(language, "This is needed.")
        case "string_too_short":
            return say(language, "This is needed.")
        case "string_too_long":
            return say(language, "At most %(most)s characters.", most=limits["max_length"])
        case "extra_forbidden":
            return say(language, "There is no such field.")
        case "json_invalid":
            return say(language, "This is not valid JSON.")
        case "literal_error" | "enum":
            return say(language, "Choose one of: %(choices)s.", choices=limits["expected"])
        case kind if kind.startswith(("datetime", "timezone", "date")):
            return say(language, "A date and time with its zone is needed.")
        case kind if kind.startswith(("decimal", "int", "float", "greater", "less")):
            return say(language, "This number does not fit here.")
        case kind if kind.startswith("uuid"):
            return say(language, "A UUID is needed here.")
        case _:
            return say(language, "This does not fit here.")


def answer(request: Request, error: Exception) -> Response:
    """The answer to an error that reached the edge."""
    api = request.url.path.startswith("/api/")
    if not api:
        with contextlib.suppress(OperationalError, PoolTimeout, LedgerUnavailable):
            recognise(request)
    trouble = trouble_of(error, language_of(request))
    _note(trouble, error)
    headers: dict[str, str] = {}
    if trouble.status == 500:  # It is answered outside of the guard.
        headers.update(headers_of(secure=house_of(request).secure))
        if api:
            headers.update(DOWNLOADED)
    if trouble.status == 503:
        headers["Retry-After"] = "5"
    if api:
        return as_json(trouble, request, error, headers)
    if trouble.status == 401:
        if isinstance(error, again.SessionOver) and again.carries(request):
            return again.ask(request, error)
        return to_login(request)
    if isinstance(error, proving.ProofNeeded):
        return proving.ask(request, error.words)
    if isinstance(error, proving.FactorNeeded):
        return see(proving.FACTOR_PAGE)
    return page(request, "problem.html", status=trouble.status, headers=headers, trouble=trouble)


def _note(trouble: Trouble, error: Exception) -> None:
    """Our faults, into the log; what is refused the guard notes."""
    if trouble.status == 500:
        log.error("desk.fault", error=type(error).__name__, where=_where(error))


def _where(error: Exception) -> list[str]:
    """The places in the code that led to an error; its text is not told, as it may quote people."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def as_json(
    trouble: Trouble, request: Request, error: Exception, headers: Mapping[str, str]
) -> Response:
    body: dict[str, Any] = {
        "type": f"/problems/{trouble.reason}",
        "title": trouble.title,
        "status": trouble.status,
        "detail": trouble.detail,
        "instance": request.url.path,
    }
    if trouble.fields:
        body["errors"] = [{"field": name, "detail": said} for name, said in trouble.fields.items()]
    all_headers = {**(getattr(error, "headers", None) or {}), **headers}
    if trouble.status == 401:
        all_headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        body, trouble.status, media_type="application/problem+json", headers=all_headers
    )


def register(app: FastAPI) -> None:
    for error in (
        CommandIdMisused, DataError, DomainError, FieldsRefused, HTTPException, KeyDestroyed,
        LaneFull, LedgerUnavailable, LookupError, NoText, OperationalError, OverflowError,
        PoolTimeout, RequestValidationError, RivalWrote, Unsure, Exception,
    ):  # fmt: skip
        app.add_exception_handler(error, answer)
