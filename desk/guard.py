"""What stands before every page: body limit, headers, static files. Plain ASGI."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY: Final = 1_000_000
"""Bytes. A form of words is far below."""

TAKES_FILES: Final = re.compile(r"/complaints/(?:new|[^/]+/(?:reply(?:/use)?|note|message))")
"""Where a form may bring files along. More than fits is read to its end, so that the answer
reaches the browser, but not without end."""

BRINGS_FILES: Final = re.compile(r"/api/v1/complaints(?:/[^/]+/(?:reply|note|record-message))?")
LARGEST_COMMAND: Final = 56_000_000
"""Bytes of a command in JSON that brings files as base64: somewhat more than a form has."""

LARGEST_READ: Final = 250_000_000
"""Bytes of a form with files."""

LONGEST_WAIT_SECONDS: Final = 60
"""For the whole body of a request."""

LONGEST_UPLOAD_SECONDS: Final = 600

STATIC: Final = Path(__file__).parent / "static"
MEDIA: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

DOWNLOADED: Final[Mapping[str, str]] = {"Content-Disposition": 'attachment; filename="api.json"'}
"""What an answer of the API carries besides: no browser shows it as a page."""
NOTED: Final = (403, 404, 405, 408, 413, 415, 422, 429)

log = structlog.get_logger(__name__)


class TooLarge(HTTPException):
    """More bytes came than a form or command may have."""

    def __init__(self) -> None:
        super().__init__(413)


class TooSlow(HTTPException):
    """The body of a request did not come in time."""

    def __init__(self) -> None:
        super().__init__(408)


def headers_of(*, secure: bool) -> Mapping[str, str]:
    """What every answer carries; ``secure``: served over https."""
    kept = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
    return {**HEADERS, **(kept if secure else {})}


def _note(scope: Scope, status: int) -> None:
    """Into the log: who was refused what, by the shape of its address; not what lies nowhere."""
    route = getattr(scope.get("route"), "path", None)
    if status not in NOTED or (status == 404 and route is None):
        return
    person = scope.get("state", {}).get("person")
    log.info(
        "desk.refused",
        status=status,
        staff=person.staff if person else None,
        method=scope["method"],
        route=route,
    )


def brings_files(scope: Scope) -> bool:
    """Whether a command comes that may bring files."""
    return scope["method"] == "POST" and BRINGS_FILES.fullmatch(scope["path"]) is not None


def takes_files(scope: Scope) -> bool:
    """Whether a form comes that may bring files."""
    kind = dict(scope["headers"]).get(b"content-type", b"")
    form: bool = scope["method"] == "POST" and kind.startswith(b"multipart/form-data")
    return form and TAKES_FILES.fullmatch(scope["path"]) is not None


class Guard:
    """Adds the headers to every answer; stops reading a body that is too large or too slow."""

    def __init__(self, app: ASGIApp, *, secure: bool, largest: int = LARGEST_BODY) -> None:
        self.app = app
        self.largest = largest
        self.headers = headers_of(secure=secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        files = takes_files(scope)
        command = brings_files(scope)
        largest = LARGEST_READ if files else LARGEST_COMMAND if command else self.largest
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        taken = int(declared) if declared.isdigit() and int(declared) > largest and not files else 0
        longest = LONGEST_UPLOAD_SECONDS if files or command else LONGEST_WAIT_SECONDS
        until: float | None = asyncio.get_running_loop().time() + longest

        async def limited() -> Message:
            nonlocal taken, until
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                raise TooSlow() from None
            if not message.get("more_body", False):
                until = None
            taken += len(message.get("body", b""))
            if taken > largest:
                raise TooLarge()
            return message

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    for name, value in DOWNLOADED.items():
                        headers.setdefault(name, value)
                _note(scope, message["status"])
                if cookie := scope.get("state", {}).get("session_cookie"):
                    headers.append("Set-Cookie", cookie)
            await send(message)

        await self.app(scope, limited, sent)


@cache
def static_files() -> Mapping[str, tuple[str, bytes]]:
    """Name -> (hash of the content, content)."""
    return {
        file.name: (hashlib.sha256(content := file.read_bytes()).hexdigest()[:16], content)
        for file in STATIC.iterdir()
        if file.suffix in MEDIA
    }


def static_url(name: str) -> str:
    return f"/static/{static_files()[name][0]}/{name}"


def static(request: Request) -> Response:
    """A file under its hash never changes; under another hash it is the current one, not kept."""
    name = request.path_params["name"]
    if name not in static_files():
        return Response(status_code=404)
    digest, content = static_files()[name]
    kept = "public, max-age=31536000, immutable"
    return Response(
        content,
        media_type=MEDIA[Path(name).suffix],
        headers={"Cache-Control": kept if request.path_params["digest"] == digest else "no-cache"},
    )
