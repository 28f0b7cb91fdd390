"""Companies with their branches, teams, products and categories: one drafts, another publishes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, get_args

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from desk.forms import FormRefused, Question, command_id, filled, form_id, version_needed
from desk.house import House
from desk.page import page
from desk.person import Person
from desk.problem import NotAllowed, NotFound, trouble_of
from desk.queue import speaker
from desk.visit import OwnForm, Proved, SignedIn, TheHouse, see
from desk.words.facts import Speaker
from domain.decider import DomainError
from domain.event import Context
from domain.organisation import (
    STREAM,
    DraftLegalEntity,
    LegalEntity,
    Organisation,
    OrganisationCommand,
    PublishLegalEntity,
    SignIn,
    organisation,
)
from domain.staff_facts import RoleName
from domain.text import Text
from ledger import CommandIdMisused, RivalWrote

router = APIRouter(include_in_schema=False)

LISTS: Final = ("branches", "teams", "products", "categories")
FACTORS: Final[Mapping[str, RoleName]] = {f"factor-{it}": it for it in get_args(RoleName)}
"""Box of the form -> role that needs a second factor where it is ticked."""
LINE: Final = re.compile(r"([a-z0-9][a-z0-9_-]{0,62})\s*=\s*([^|]{1,200})(?:\|(.{1,200}))?\Z")
MOST: Final = 20_000


def entities_of(person: Person) -> list[str]:
    """Whose descriptions the person may draft or publish. Raises: NotFound where none."""
    drafts, publishes = (person.entities(it, "write") for it in ("document", "publication"))
    if not (found := sorted({*drafts, *publishes})):
        raise NotFound()
    return found


@router.get("/organisation")
def show(request: Request, person: SignedIn, house: TheHouse) -> Response:
    entities = entities_of(person)
    state = house.ledger.fold(organisation, STREAM).state
    known = [state.entities[id] for id in entities if id in state.entities]
    return page(
        request, "organisation.html", entities=known, drafts=state.drafts,
        say=speaker(house, person),
    )  # fmt: skip


@router.get("/organisation/{id}")
def one(request: Request, person: SignedIn, house: TheHouse, id: str) -> Response:
    return _one(request, house, person, id)


def _one(request: Request, house: House, person: Person, id: str, **more: Any) -> Response:
    fold = house.ledger.fold(organisation, STREAM)
    state: Organisation = fold.state
    if id not in entities_of(person) or id not in state.entities:
        raise NotFound()
    say, draft = speaker(house, person), state.drafts.get(id)
    typed = more.get("typed", {})
    unticked = dict.fromkeys(FACTORS, "") if typed else {}
    asked = questions(draft.entity if draft else state.entities[id], say)
    return page(
        request,
        "organisation_one.html",
        status=more.get("status", 200),
        entity=state.entities[id],
        draft=draft,
        version=fold.version,
        questions=filled(asked, {**unticked, **typed}, more.get("fields")),
        may_draft=id in person.entities("document", "write"),
        may_publish=id in person.entities("publication", "write"),
        wrong=more.get("wrong", ""),
        say=say,
    )


def questions(entity: LegalEntity, say: Speaker) -> list[Question]:
    titles = (say("Branches"), say("Teams"), say("Products"), say("Categories"))
    return [
        Question("name_en", say("Name in English"), value=entity.name.en, most=200),
        Question("name_zh", say("Name in Chinese"), value=entity.name.zh, most=200),
        Question("mail_from", say("Sender of letters"), value=entity.mail_from, required=False),
        *(
            Question(
                field, say("Needs a second factor: %(role)s", role=say.term("role", role)),
                "yes_no", required=False,
                value="yes" if role in entity.sign_in.second_factor else "",
            )
            for field, role in FACTORS.items()
        ),
        Question(
            "proof_minutes", say("Minutes until it is asked again who somebody is"), "number",
            value=str(entity.sign_in.proof_minutes), most=3,
            help=say("Before roles, tokens, webhooks, companies and exports."),
        ),
        *(
            Question(
                name, title, "long_text", required=False, rows=4, most=MOST,
                value=_lines(getattr(entity, name)),
                help=say("One a line: short name = English | Chinese."),
            )
            for name, title in zip(LISTS, titles, strict=True)
        ),
    ]  # fmt: skip


def _lines(names: Mapping[str, Text]) -> str:
    return "\n".join(f"{id} = {text.en} | {text.zh}" for id, text in names.items())


@router.post("/organisation/{id}/{wish}")
def change(
    request: Request, *, person: Proved, typed: OwnForm, house: TheHouse, id: str, wish: str
) -> Response:
    if id not in entities_of(person) or wish not in ("draft", "publish"):
        raise NotFound()
    if id not in person.entities("document" if wish == "draft" else "publication", "write"):
        raise NotAllowed()
    say, read = speaker(house, person), None
    kept = typed if wish == "draft" else {}
    try:
        base = {
            "command_id": command_id(form_id(typed), typed),
            "at": house.now(),
            "actor": person.actor(),
        }
        if wish == "publish":
            read = version_needed(typed)
            command: OrganisationCommand = PublishLegalEntity.model_validate({**base, "id": id})
        else:
            entity = drafted(house, id, typed, say)
            command = DraftLegalEntity.model_validate({**base, "entity": entity})
        house.ledger.handle(organisation, STREAM, command, Context(expected_version=read))
    except FormRefused as refused:
        words = next(iter(refused.fields.values()), say("This form is too old. Send it again."))
        return _one(
            request, house, person, id, typed=kept, fields=refused.fields, wrong=words, status=422
        )
    except (DomainError, CommandIdMisused, RivalWrote) as error:
        trouble = trouble_of(error, person.language)
        return _one(
            request, house, person, id, typed=kept, wrong=trouble.detail, status=trouble.status
        )
    return see(f"/organisation/{id}")


def drafted(house: House, id: str, typed: Mapping[str, str], say: Speaker) -> LegalEntity:
    """The company as it was typed. Raises: FormRefused."""
    entity = house.ledger.fold(organisation, STREAM).state.entities.get(id)
    if entity is None:
        raise NotFound()
    missing = [name for name in ("name_en", "name_zh") if not typed.get(name, "").strip()]
    if missing:
        raise FormRefused({name: say("This is needed.") for name in missing})
    changed = {
        "name": Text(en=typed["name_en"].strip(), zh=typed["name_zh"].strip()),
        "mail_from": typed.get("mail_from", "").strip(),
        "sign_in": _sign_in(typed, say),
        **{name: _named(name, typed.get(name, ""), say) for name in LISTS},
    }
    return entity.model_copy(update=changed)


def _sign_in(typed: Mapping[str, str], say: Speaker) -> SignIn:
    roles = sorted(role for field, role in FACTORS.items() if typed.get(field) == "yes")
    try:
        return SignIn.model_validate(
            {"second_factor": roles, "proof_minutes": typed.get("proof_minutes") or 15}
        )
    except ValidationError:
        raise FormRefused({"proof_minutes": say("This number does not fit here.")}) from None


def _named(field: str, text: str, say: Speaker) -> dict[str, Text]:
    found: dict[str, Text] = {}
    for line in filter(None, map(str.strip, text[:MOST].splitlines())):
        match = LINE.match(line)
        if match is None:
            words = say("One a line: short name = English | Chinese.")
            raise FormRefused({field: words})
        english = match[2].strip()
        found[match[1]] = Text(en=english, zh=(match[3] or english).strip())
    return found
