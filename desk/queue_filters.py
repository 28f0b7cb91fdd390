"""The filters of the queue: what can be chosen, and what was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Annotated, ClassVar, Final, Literal, get_args
from urllib.parse import parse_qsl, urlencode

from fastapi import Depends, Query
from pydantic import ConfigDict, TypeAdapter

from desk.colleagues import WORKING
from desk.forms import Question
from desk.house import House
from desk.person import Person
from desk.words.facts import Speaker
from desk.words.terms import choices
from domain.complaint_facts import Severity
from projections.case import Stage
from projections.queue_page import Filters, Tab

DUE: Final = {"today": timedelta(days=1), "week": timedelta(days=7), "over": timedelta(0)}
Id = Annotated[str, Query(max_length=60)]


@dataclass(frozen=True)
class Chosen:
    """The filters as an address holds them; empty is any."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    owner: Id = ""
    team: Id = ""
    entity: Id = ""
    stage: Stage | Literal[""] = ""
    severity: Severity | Literal[""] = ""
    clock: Literal["service", "statutory", ""] = ""
    due: Literal["today", "week", "over", ""] = ""
    breached: Literal["yes", "no", ""] = ""

    @property
    def kept(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value}

    def filters(self, say: Speaker) -> Filters:
        return Filters(
            owner=self.owner or None,
            team=self.team or None,
            legal_entity=self.entity or None,
            stage=self.stage or None,
            severity=self.severity or None,
            due_before=say.now + DUE[self.due] if self.due else None,
            breached=self.breached == "yes" if self.breached else None,
            clock=self.clock or None,
        )


@dataclass(frozen=True)
class Asked:
    """Which page of which list is looked at. ``row``: the case its reader comes back from."""

    chosen: Annotated[Chosen, Depends()]
    tab: Tab = "mine"
    after: Annotated[str, Query(max_length=400)] = ""
    row: Annotated[str, Query(max_length=40)] = ""

    @property
    def address(self) -> str:
        """The list without where its reader was: what it is remembered by."""
        after = {"after": self.after} if self.after else {}
        return urlencode({"tab": self.tab, **self.chosen.kept, **after})


_ASKED: Final = TypeAdapter(Asked)


def asked_of(address: str) -> Asked:
    """What an address of a list asks for. Raises: ValueError where this desk has no such list."""
    chosen = dict(parse_qsl(address))
    whole = {name: chosen.pop(name) for name in ("tab", "after") if name in chosen}
    return _ASKED.validate_python({"chosen": chosen, **whole})


def readable(saved: Iterable[tuple[str, str]]) -> dict[str, Asked]:
    """What was saved by a name, without what this desk cannot read any more."""
    found = {}
    for name, address in saved:
        with suppress(ValueError):
            found[name] = asked_of(address)
    return found


def questions(
    house: House, person: Person, say: Speaker, chosen: Mapping[str, str]
) -> list[Question]:
    """The filters, each with what is chosen."""
    entities = [house.directory.entity(name) for name in person.entities("case")]
    known = [entity for entity in entities if entity]
    people = sorted(
        (
            (staff, say.name(staff))
            for staff in house.directory.holders(say.now, lambda role: role.name in WORKING)
        ),
        key=lambda pair: pair[1],
    )
    teams = {id: say.text(name) for entity in known for id, name in entity.teams.items()}
    options: Mapping[str, tuple[str, list[tuple[str, str]]]] = {
        "owner": (say("Owner"), people),
        "team": (say("Team"), sorted(teams.items())),
        "entity": (say("Company"), [(entity.id, say.text(entity.name)) for entity in known]),
        "stage": (say("Stage"), choices(say.language, "stage", among=get_args(Stage))),
        "severity": (say("Severity"), choices(say.language, "severity")),
        "clock": (say("Time limit"), choices(say.language, "kind")),
        "due": (
            say("Due"),
            [
                ("over", say("overdue")),
                ("today", say("within a day")),
                ("week", say("within a week")),
            ],
        ),
        "breached": (say("Missed a limit"), [("yes", say("yes")), ("no", say("no"))]),
    }
    return [
        Question(name, title, "choice", required=False, choices=values, value=chosen.get(name, ""))
        for name, (title, values) in options.items()
        if len(values) > 1 or name not in ("entity", "team")
    ]
