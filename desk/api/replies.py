"""Saved replies over the API: as published, and filled for a complaint."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request

from desk.acts.every import ACTS, allowed
from desk.api.visit import PROBLEMS, Program
from desk.case import Case, find
from desk.problem import NotAllowed
from desk.saved_replies import Ready, fitting, ready, shelf, usable
from desk.visit import TheHouse
from domain.text import Language

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["saved replies"])

Wanted = Annotated[str, Query(max_length=200, description="Words of its title or text.")]
MOST: Final = 200


class SavedReplyRead(BaseModel):
    """As published, with its places open; legal_entity null: of every company."""

    reply: str
    title: str
    text: str
    legal_entity: str | None
    channels: list[str]
    categories: list[str]
    retired: bool


class ReadyRead(BaseModel):
    """Filled for a complaint in its customer's language.

    replaces: the words that stand in the letter before anybody types, in whose stead it goes.
    """

    reply: str
    title: str
    text: str
    replaces: str
    channels: list[str]


@router.get("/saved-replies")
def published(
    person: Program,
    house: TheHouse,
    *,
    language: Language = "en",
    words: Wanted = "",
    retired: bool = False,
) -> list[SavedReplyRead]:
    """Saved replies of your companies by title, at most 200; ``retired`` ones on demand."""
    found = [it for it in shelf(house, person, words) if retired or not it.retired]
    return [
        SavedReplyRead(
            reply=str(it.ref),
            title=it.title.in_(language),
            text=it.body.in_(language),
            legal_entity=it.legal_entity,
            channels=list(it.channels),
            categories=list(it.categories),
            retired=it.retired,
        )
        for it in sorted(found, key=lambda it: it.title.in_(language).casefold())[:MOST]
    ]


@router.get("/complaints/{ref}/saved-replies")
def fitting_replies(
    request: Request, person: Program, ref: str, words: Wanted = ""
) -> list[ReadyRead]:
    """Those that fit a complaint, filled for it, at most 200."""
    case = _case(request, person, ref)
    return [_read(it) for it in ready(case, fitting(case, words)[:MOST])]


@router.get("/complaints/{ref}/saved-replies/{reply}")
def one_reply(
    request: Request,
    person: Program,
    ref: str,
    reply: str,
    channel: Annotated[str, Query(max_length=20)] = "email",
) -> ReadyRead:
    """One of them, in its last version; refused where it is not for such words."""
    return _read(usable(_case(request, person, ref), reply, channel))


def _case(request: Request, person: Program, ref: str) -> Case:
    """For those who may reply. Raises: NotFound, NotAllowed."""
    case = find(request, person, ref)
    if not allowed(case, ACTS["reply"]):
        raise NotAllowed()
    return case


def _read(it: Ready) -> ReadyRead:
    return ReadyRead.model_validate(it, from_attributes=True)
