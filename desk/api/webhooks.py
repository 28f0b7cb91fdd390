"""Webhooks over the API: the same as on the pages, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from desk import webhook
from desk.api.bodies import Body, Wanted
from desk.api.visit import PROBLEMS, Program, ProvedProgram
from desk.visit import TheHouse
from desk.webhook import Delivery, Webhook
from desk.webhooks import DO, head_of_history, make_webhook, own_webhook

router = APIRouter(prefix="/api/v1/webhooks", responses=PROBLEMS, tags=["webhooks"])


class WebhookBody(Body):
    """``types``: names of facts, none for all; ``after``: begin behind this position, else now."""

    url: Annotated[Wanted, Field(max_length=500)]
    types: list[Annotated[Wanted, Field(max_length=60)]] = Field(default=[], max_length=100)
    after: Annotated[int, Field(ge=0, le=2**62)] | None = None


class ReplayBody(Body):
    after: Annotated[int, Field(ge=0, le=2**62)]


class WebhookRead(BaseModel):
    """``position``: the last event the receiver has taken. ``secret``: when it is made only."""

    id: UUID
    url: str
    types: list[str]
    position: int
    failures: int
    next_try_at: datetime
    paused_for: str | None
    made_at: datetime
    secret: str | None = None


class DeliveryRead(BaseModel):
    message: str
    first: int
    last: int
    events: int
    at: datetime
    took_ms: int
    status: int | None
    trouble: str | None


def _read(hook: Webhook, secret: str | None = None) -> WebhookRead:
    fields = {name: getattr(hook, name) for name in WebhookRead.model_fields if name != "secret"}
    return WebhookRead.model_validate({**fields, "secret": secret})


@router.get("")
def listed(person: Program, house: TheHouse) -> list[WebhookRead]:
    """Your webhooks."""
    with house.pool.connection() as db:
        return [_read(hook) for hook in webhook.of(db, person.login)]


@router.post("", status_code=201)
def make(person: ProvedProgram, house: TheHouse, body: WebhookBody) -> WebhookRead:
    """Have facts sent to an address, in order, signed, until they are taken."""
    made = make_webhook(house, person, body.url, body.types, body.after)
    return _read(made, webhook.secret_of(house.secret, made))


@router.get("/{id}")
def read(person: Program, house: TheHouse, id: UUID) -> WebhookRead:
    """How far the receiver is."""
    with house.pool.connection() as db:
        return _read(own_webhook(db, person, id))


@router.get("/{id}/deliveries")
def delivered(
    person: Program,
    house: TheHouse,
    id: UUID,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[DeliveryRead]:
    """What became of the last attempts, newest first."""
    with house.pool.connection() as db:
        own_webhook(db, person, id)
        return [_delivery(it) for it in webhook.deliveries(db, id, limit)]


def _delivery(it: Delivery) -> DeliveryRead:
    return DeliveryRead.model_validate(it, from_attributes=True)


@router.post("/{id}/replay")
def replay(person: Program, house: TheHouse, id: UUID, body: ReplayBody) -> WebhookRead:
    """Send again everything behind a position."""
    with house.pool.connection() as db:
        hook = own_webhook(db, person, id)
        webhook.replay(db, hook.id, min(body.after, head_of_history(db)), house.now())
        return _read(own_webhook(db, person, id))


@router.post("/{id}/{wish}")
def change(
    person: ProvedProgram, house: TheHouse, id: UUID, wish: Literal["pause", "resume", "secret"]
) -> WebhookRead:
    """Pause it, go on, or have a new secret (which is told once)."""
    with house.pool.connection() as db:
        DO[wish](db, own_webhook(db, person, id).id, house.now())
        hook = own_webhook(db, person, id)
    return _read(hook, webhook.secret_of(house.secret, hook) if wish == "secret" else None)


@router.delete("/{id}", status_code=204)
def remove(person: Program, house: TheHouse, id: UUID) -> None:
    """Nothing is sent there any more."""
    with house.pool.connection() as db:
        webhook.remove(db, own_webhook(db, person, id).id)
