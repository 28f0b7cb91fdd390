"""The houses that use it: legal entities with their branches, teams and products, as facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from domain.decider import Decider
from domain.event import Command, Event, Frozen
from domain.text import Language, Text

STREAM = "organisation-1"
"""One stream holds all of it: it is small and read whole."""


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


class LegalEntityDescribed(Event, type="LegalEntityDescribed"):
    """The entity as it stands from now on, whole."""

    entity: LegalEntity


class DescribeLegalEntity(Command):
    entity: LegalEntity


OrganisationEvent = LegalEntityDescribed
OrganisationCommand = DescribeLegalEntity


class Organisation(Frozen):
    entities: Mapping[str, LegalEntity] = {}


INITIAL = Organisation()


def decide(command: OrganisationCommand, state: Organisation) -> list[OrganisationEvent]:
    match command:
        case DescribeLegalEntity(entity=entity):
            if state.entities.get(entity.id) == entity:
                return []
            return [LegalEntityDescribed(at=command.at, entity=entity)]
        case _:
            assert_never(command)


def evolve(state: Organisation, event: OrganisationEvent) -> Organisation:
    return Organisation(entities={**state.entities, event.entity.id: event.entity})


organisation: Decider[Organisation, OrganisationCommand, OrganisationEvent] = Decider(
    name="organisation", initial=INITIAL, decide=decide, evolve=evolve
)
