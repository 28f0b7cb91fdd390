"""Where a person has facts sent to: made, looked at, paused, replayed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter
from psycopg import Connection
from starlette.requests import Request
from starlette.responses import Response

from desk import feed, webhook
from desk.house import House
from desk.language import N_, say
from desk.outward import AddressRefused
from desk.page import page
from desk.person import Person
from desk.problem import FieldsRefused, NotAllowed, NotFound
from desk.visit import OwnForm, Proved, SignedIn, TheHouse, see
from desk.webhook import Webhook
from domain.event import EVENT_TYPES
from projections import history
from projections.reading import look

router = APIRouter(include_in_schema=False)

Db = Connection[Any]
Wish = Literal["pause", "resume", "secret", "remove"]
TROUBLES: Final[Mapping[str, str]] = {
    "url": N_("This is no address that facts can be sent to."),
    "scheme": N_("The address must begin with https://."),
    "host": N_("The name of the receiver could not be found."),
    "network": N_("This address leads into a network that is not called from here."),
    "timeout": N_("The receiver did not answer in time."),
    "connection": N_("The connection failed."),
}
"""Why nothing was sent: the words of AddressRefused and of a delivery's trouble."""
PAUSES: Final[Mapping[str, str]] = {
    "by_hand": N_("paused by you"),
    "failures": N_("paused after many failures"),
    "gone": N_("paused: the receiver says it is gone"),
    "left": N_("paused: whoever made it may see nothing any more"),
    "factor": N_("paused: your role asks for a second factor"),
}
DO: Final[Mapping[Wish, Callable[[Db, UUID, datetime], None]]] = {
    "pause": lambda db, id, _: webhook.pause(db, id, "by_hand"),
    "resume": webhook.resume,
    "secret": lambda db, id, _: webhook.renew_secret(db, id),
    "remove": lambda db, id, _: webhook.remove(db, id),
}


class TooManyWebhooks(FieldsRefused):
    """One person has at most webhook.MOST_PER_PERSON."""

    def __init__(self, language: str) -> None:
        words = say(language, "You have %(most)s already.", most=webhook.MOST_PER_PERSON)
        super().__init__({"url": words})


def make_webhook(
    house: House, person: Person, url: str, types: list[str], after: int | None
) -> Webhook:
    """Raises: NotAllowed, FieldsRefused."""
    if not feed.reach(person).regions:
        raise NotAllowed()
    try:
        house.outward.check(url)
    except AddressRefused as refused:
        raise FieldsRefused({"url": say(person.language, TROUBLES[str(refused)])}) from None
    if unknown := [type for type in types if type not in EVENT_TYPES]:
        words = say(person.language, "There is no such fact: %(name)s", name=unknown[0][:60])
        raise FieldsRefused({"types": words})
    with house.pool.connection() as db:
        head = head_of_history(db)
        start = head if after is None else min(after, head)
        made = webhook.make(db, person.login, url, types, position=start, now=house.now())
    if made is None:
        raise TooManyWebhooks(person.language)
    return made


def head_of_history(db: Db) -> int:
    with look(db) as reading:
        return reading.freshness(history.NAME).as_of


def own_webhook(db: Db, person: Person, id: UUID) -> Webhook:
    """Raises: NotFound, also for somebody else's."""
    hook = webhook.one(db, person.login, id)
    if hook is None:
        raise NotFound()
    return hook


@router.get("/webhooks")
def show(request: Request, person: SignedIn, house: TheHouse) -> Response:
    return _list(request, house, person)


def _list(
    request: Request,
    house: House,
    person: Person,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    if not feed.reach(person).regions:
        raise NotAllowed()
    with house.pool.connection() as db:
        hooks, head = webhook.of(db, person.login), head_of_history(db)
    return page(
        request, "webhooks.html", status=422 if wrong else 200, hooks=hooks, head=head,
        typed=typed or {}, wrong=wrong or {}, pauses=PAUSES,
    )  # fmt: skip


@router.post("/webhooks")
def make_here(request: Request, person: Proved, typed: OwnForm, house: TheHouse) -> Response:
    types = typed.get("types", "").replace(",", " ").split()
    try:
        made = make_webhook(house, person, typed.get("url", "").strip(), types, None)
    except FieldsRefused as refused:
        return _list(request, house, person, typed=typed, wrong=refused.fields)
    return _one(request, house, person, made.id, with_secret=True)


@router.get("/webhooks/{id}")
def show_one(request: Request, person: SignedIn, house: TheHouse, id: UUID) -> Response:
    return _one(request, house, person, id)


def _one(
    request: Request, house: House, person: Person, id: UUID, *, with_secret: bool = False
) -> Response:
    with house.pool.connection() as db:
        hook = own_webhook(db, person, id)
        log, head = webhook.deliveries(db, id), head_of_history(db)
    secret = webhook.secret_of(house.secret, hook) if with_secret else ""
    return page(
        request, "webhook.html", hook=hook, log=log, head=head, secret=secret,
        pauses=PAUSES, troubles=TROUBLES,
    )  # fmt: skip


@router.post("/webhooks/{id}/replay")
def replay_here(person: SignedIn, typed: OwnForm, house: TheHouse, id: UUID) -> Response:
    """Send again what lies behind a position; without a number nothing happens."""
    text = typed.get("position", "").strip()
    with house.pool.connection() as db:
        hook = own_webhook(db, person, id)
        if text.isdecimal() and len(text) <= 18:
            webhook.replay(db, hook.id, min(int(text), head_of_history(db)), house.now())
    return see(f"/webhooks/{id}")


@router.post("/webhooks/{id}/{wish}")
def change_here(
    request: Request, *, person: Proved, _typed: OwnForm, house: TheHouse, id: UUID, wish: Wish
) -> Response:
    with house.pool.connection() as db:
        DO[wish](db, own_webhook(db, person, id).id, house.now())
    if wish == "secret":
        return _one(request, house, person, id, with_secret=True)
    return see("/webhooks" if wish == "remove" else f"/webhooks/{id}")
