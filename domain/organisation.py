"""The houses that use it: legal entities with their branches, teams and products, as facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from pydantic import Field

from domain.decider import Decider
from domain.document import DrafterCannotPublish, NothingDrafted
from domain.event import UPCASTERS, Command, Event, Frozen
from domain.staff_facts import RoleName
from domain.text import Language, Text

STREAM = "organisation-1"
"""One stream holds all of it: it is small and read whole."""


class SignIn(Frozen):
    """How members of staff prove who they are.

    second_factor: roles in this entity that ask for one. proof_minutes: how old a proof may be
    for what could do great harm; then it is asked for again.
    """

    second_factor: tuple[RoleName, ...] = ()
    proof_minutes: int = Field(default=15, ge=1, le=720)


class LegalEntity(Frozen):
    id: str
    name: Text
    zone: str
    language: Language
    currency: str
    calendar: str
    branches: Mapping[str, Text] = {}
    teams: Mapping[str, Text] = {}
    products: Mapping[str, Text] = {}
    categories: Mapping[str, Text] = {}
    mail_from: str = ""
    sign_in: SignIn = SignIn()


class LegalEntityDescribed(Event, type="LegalEntityDescribed", schema=2):
    """The entity as it stands from now on, whole."""

    entity: LegalEntity


class LegalEntityDrafted(Event, type="LegalEntityDrafted", schema=2):
    """As it should stand, until somebody else publishes it."""

    entity: LegalEntity
    drafted_by: str


def _as_before(body: dict[str, Any]) -> dict[str, Any]:
    """Entities of schema 1 said nothing of how people sign in."""
    return {**body, "entity": {**body["entity"], "sign_in": SignIn().model_dump(mode="json")}}


UPCASTERS["LegalEntityDescribed", 1] = UPCASTERS["LegalEntityDrafted", 1] = _as_before


class DescribeLegalEntity(Command):
    entity: LegalEntity


class DraftLegalEntity(Command):
    entity: LegalEntity


class PublishLegalEntity(Command):
    """Let what somebody else drafted stand."""

    id: str


OrganisationEvent = LegalEntityDescribed | LegalEntityDrafted
OrganisationCommand = DescribeLegalEntity | DraftLegalEntity | PublishLegalEntity


class Draft(Frozen):
    entity: LegalEntity
    drafted_by: str


class Organisation(Frozen):
    entities: Mapping[str, LegalEntity] = {}
    drafts: Mapping[str, Draft] = {}


INITIAL = Organisation()


def decide(command: OrganisationCommand, state: Organisation) -> list[OrganisationEvent]:
    match command:
        case DescribeLegalEntity(entity=entity):
            if state.entities.get(entity.id) == entity:
                return []
            return [LegalEntityDescribed(at=command.at, entity=entity)]
        case DraftLegalEntity(entity=entity):
            by = command.actor.id
            if state.drafts.get(entity.id) == Draft(entity=entity, drafted_by=by):
                return []
            return [LegalEntityDrafted(at=command.at, entity=entity, drafted_by=by)]
        case PublishLegalEntity():
            draft = state.drafts.get(command.id)
            if draft is None:
                raise NothingDrafted()
            if draft.drafted_by == command.actor.id:
                raise DrafterCannotPublish()
            return [LegalEntityDescribed(at=command.at, entity=draft.entity)]
        case _:
            assert_never(command)


def evolve(state: Organisation, event: OrganisationEvent) -> Organisation:
    entity, others = event.entity, {**state.drafts}
    others.pop(entity.id, None)
    match event:
        case LegalEntityDescribed():
            return Organisation(entities={**state.entities, entity.id: entity}, drafts=others)
        case LegalEntityDrafted():
            draft = Draft(entity=entity, drafted_by=event.drafted_by)
            return state.model_copy(update={"drafts": {**others, entity.id: draft}})
        case _:
            assert_never(event)


organisation: Decider[Organisation, OrganisationCommand, OrganisationEvent] = Decider(
    name="organisation", initial=INITIAL, decide=decide, evolve=evolve
)
