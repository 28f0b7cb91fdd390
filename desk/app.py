"""The desk as one ASGI application."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.routing import Route

from desk import (
    away,
    board,
    calls,
    complaint,
    customer,
    documents,
    files,
    follow_ups,
    inbox,
    insight,
    limits,
    live,
    lodge,
    mail,
    notices,
    offers,
    organisation,
    picking,
    policy,
    problem,
    queue,
    register,
    reply_shelf,
    satisfaction,
    search,
    staff,
    taking,
    waterfall,
    webhooks,
)
from desk.acts import page as act_page
from desk.api.rooms import API
from desk.authentication import invitation, login, own_password, second_factor_page, sessions
from desk.directory import Directory
from desk.guard import Guard, static
from desk.history import compliance, compliance_export
from desk.history import export as history_export
from desk.history import page as history_page
from desk.house import House, Pool, StaffLetter, posts_nothing
from desk.language import utc_now
from desk.lateness import Lateness
from desk.newsroom import Newsroom
from desk.outward import PUBLIC, Outward
from desk.specimens import components

if TYPE_CHECKING:
    from ledger import Ledger


ROOMS = (
    live, search, login, own_password, second_factor_page, sessions, queue, taking, board,
    waterfall, lodge, history_export, history_page, files, picking, policy, complaint, act_page,
    compliance, compliance_export, insight, register, customer, notices, limits, mail,
    reply_shelf, documents, satisfaction, follow_ups, offers, away, calls, webhooks, staff,
    organisation, invitation, inbox, *API,
)  # fmt: skip
"""In this order their addresses are looked at: a new complaint before one of that name."""


def create_app(
    *,
    ledger: Ledger,
    pool: Pool,
    home: Path,
    secret: bytes,
    secure: bool,
    now: Callable[[], datetime] = utc_now,
    outward: Outward = PUBLIC,
    post: Callable[[StaffLetter], None] = posts_nothing,
    largest_file: int = 25_000_000,
    largest_upload: int = 40_000_000,
) -> FastAPI:
    """Pages and JSON API over an opened ledger and pool, which the caller opens and closes.

    home: EVERCASE_HOME, for the mail drop; secret: keys cookies, forms and links (32 bytes or
    more); secure: served over https, so cookies never travel without it.
    outward: where webhooks may lead. post: hands letters to colleagues over.
    largest_file, largest_upload: bytes of a file that a form brings, and of the form with all.
    """
    app = FastAPI(
        title="Evercase",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    directory = Directory(ledger)
    house = app.state.house = House(
        ledger, pool, home, secret, secure, directory, now, outward=outward, post=post,
        largest_file=largest_file, largest_upload=largest_upload,
    )  # fmt: skip
    app.state.lateness = Lateness(house)
    app.state.newsroom = Newsroom(house, app.state.lateness)
    app.add_middleware(Guard, secure=secure)
    problem.register(app)
    app.router.routes.append(Route("/static/{digest}/{name}", static))
    app.add_api_route("/components", components, include_in_schema=False)
    for room in ROOMS:
        app.include_router(room.router)
    return app
