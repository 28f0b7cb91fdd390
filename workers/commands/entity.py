"""``evercase entity``: the companies that use this house."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Annotated, Any, Final, get_args
from uuid import uuid4
from zoneinfo import available_timezones

import typer

from domain.event import Actor
from domain.organisation import STREAM, DescribeLegalEntity, LegalEntity, organisation
from domain.staff_facts import RoleName
from domain.text import Language, Text
from ledger import Ledger
from workers.console import AsJson, one_of, print_json, say
from workers.embedded.engines import reached
from workers.importing.terms import published
from workers.packs import publish
from workers.settings import Settings

app = typer.Typer(help="The companies (legal entities) that use this house.", no_args_is_help=True)

OPERATOR: Final = Actor(kind="automation", id="evercase-entity-add")
ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}\Z")
CURRENCY: Final = re.compile(r"[A-Z]{3}\Z")

KINDS: Final = ("branches", "teams", "products", "categories")
TO_BEGIN_WITH: Final[Mapping[str, Mapping[str, Text]]] = {
    "teams": {"care": Text(en="Customer care", zh="客服组")},
    "products": {"other": Text(en="Other product", zh="其他产品")},
    "categories": {"other": Text(en="Something else", zh="其他")},
}
"""What a new company gets where it names none: without them no complaint could be lodged."""


@app.callback()
def entities() -> None:
    """The companies (legal entities) that use this house."""


@app.command()
def add(
    id: Annotated[str, typer.Argument(help="Its short name for good, such as my-company.")],
    name: Annotated[str | None, typer.Option(help="Its name in letters and lists.")] = None,
    name_zh: Annotated[str | None, typer.Option(help="The name in Chinese, if another.")] = None,
    zone: Annotated[str | None, typer.Option(help="Its time zone, such as Europe/Berlin.")] = None,
    language: Annotated[str | None, typer.Option(help="en or zh (new: en).")] = None,
    currency: Annotated[str | None, typer.Option(help="Three letters, such as EUR.")] = None,
    calendar: Annotated[
        str | None, typer.Option(help="Its published working calendar (new: office).")
    ] = None,
    branch: Annotated[
        list[str] | None, typer.Option(metavar="ID=NAME", help="A branch; may be repeated.")
    ] = None,
    team: Annotated[
        list[str] | None,
        typer.Option(metavar="ID=NAME", help="A team; may be repeated (new: care)."),
    ] = None,
    product: Annotated[
        list[str] | None,
        typer.Option(metavar="ID=NAME", help="A product; may be repeated (new: other)."),
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(metavar="ID=NAME", help="What complaints are about; may be repeated."),
    ] = None,
    mail_from: Annotated[
        str | None, typer.Option(help="Its sender, such as 'Care <care@my-company.example>'.")
    ] = None,
    second_factor: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE", help="A role that needs a second factor; may be repeated."),
    ] = None,
    proof_minutes: Annotated[
        int | None,
        typer.Option(min=1, max=720, help="Until it is asked again who somebody is (new: 15)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Describe a company, so that staff can be added to it and complaints lodged.

    Names may carry their Chinese after a bar: --team "front=Front desk|前台". For a company that is
    known, what is given is changed or added and the rest stays; the same again changes nothing.
    What ships with Evercase (calendars, the procedure, the policy "general", letters) is published
    too, where it is not yet; what you have published yourselves is left alone.

    evercase entity add my-company --name "My Company" --zone Europe/Berlin --currency EUR
    """
    given: dict[str, Any] = {
        "zone": _zone(zone),
        "language": one_of("language", language, get_args(Language)),
        "currency": _currency(currency),
        "calendar": calendar,
        "mail_from": _sender(mail_from),
        "branches": _names("branch", branch),
        "teams": _names("team", team),
        "products": _names("product", product),
        "categories": _names("category", category),
        "sign_in": _sign_in(second_factor, proof_minutes),
    }
    if not ID.match(id):
        raise typer.BadParameter("An id has small letters, digits, - and _: such as my-company.")
    with (
        reached(Settings()) as settings,
        Ledger(settings.database(), master_key=settings.key()) as ledger,
    ):
        now = datetime.now(UTC)
        new_documents = publish(ledger, now)
        known = ledger.fold(organisation, STREAM).state.entities.get(id)
        entity = described(id, known, _text(name, name_zh, known), given)
        one_of("calendar", entity.calendar, sorted(published(ledger).calendars))
        command = DescribeLegalEntity(command_id=uuid4(), at=now, actor=OPERATOR, entity=entity)
        ledger.handle(organisation, STREAM, command)
    if as_json:
        print_json(
            {
                "new": known is None,
                "changed": entity != known,
                "published": len(new_documents),
                "entity": entity.model_dump(mode="json"),
            }
        )
    else:
        _tell(entity, known, len(new_documents))


def described(
    id: str, known: LegalEntity | None, name: Text | None, given: Mapping[str, Any]
) -> LegalEntity:
    """The company as it stands with what was given. Raises BadParameter where it lacks a fact."""
    if known is None:
        wanted = {"name": name, "zone": given["zone"], "currency": given["currency"]}
        missing = [f"--{option}" for option, value in wanted.items() if value is None]
        if missing:
            raise typer.BadParameter(f"{id} is new here, so it needs {', '.join(missing)}.")
    begun: dict[str, Any] = {"language": "en", "calendar": "office"}
    before = known.model_dump() if known else begun
    said = {field: value for field, value in given.items() if value is not None}
    said["sign_in"] = {**before.get("sign_in", {}), **given["sign_in"]}
    for kind in KINDS:
        names = {**before.get(kind, {}), **given[kind]}
        said[kind] = names or (TO_BEGIN_WITH.get(kind, {}) if known is None else {})
    return LegalEntity.model_validate({**before, **said, "id": id, "name": name})


def _tell(entity: LegalEntity, known: LegalEntity | None, documents: int) -> None:
    what = "is described" if known is None else "is described anew"
    say(f"{entity.id} {what if entity != known else 'stands as it stood'}.")
    for kind in KINDS:
        say(f"  {kind}: {', '.join(getattr(entity, kind)) or 'none'}")
    if documents:
        say(f"Published: {documents} documents that ship with Evercase.")
    team = next(iter(entity.teams), None)
    say(
        "Next, somebody who leads and somebody who works: "
        f"evercase user add LOGIN --role team_lead --entity {entity.id}"
        + (f" --team {team}" if team else "")
    )


def _text(name: str | None, name_zh: str | None, known: LegalEntity | None) -> Text | None:
    before = known.name if known else None
    if name is None and name_zh is None:
        return before
    english = name or (before.en if before else name_zh) or ""
    return Text(en=english, zh=name_zh or (before.zh if before and name is None else english))


def _names(option: str, given: Iterable[str] | None) -> dict[str, Text]:
    """``id=name`` or ``id=name|Chinese name`` of each."""
    names: dict[str, Text] = {}
    for each in given or ():
        id, equals, name = (part.strip() for part in each.partition("="))
        english, _, chinese = (part.strip() for part in name.partition("|"))
        if not (equals and ID.match(id) and english):
            raise typer.BadParameter(
                f'--{option} takes ID=NAME, the id in small letters: --{option} "first=First one".'
            )
        names[id] = Text(en=english, zh=chinese or english)
    return names


def _sign_in(roles: Iterable[str] | None, minutes: int | None) -> dict[str, Any]:
    """What was said of how people sign in."""
    named = sorted({str(one_of("second-factor", role, get_args(RoleName))) for role in roles or ()})
    said = {"second_factor": named or None, "proof_minutes": minutes}
    return {field: value for field, value in said.items() if value is not None}


def _zone(value: str | None) -> str | None:
    if value is not None and value not in available_timezones():
        raise typer.BadParameter(f"{value} is no time zone; such as Europe/Berlin, Asia/Shanghai.")
    return value


def _currency(value: str | None) -> str | None:
    if value is not None and not CURRENCY.match(value):
        raise typer.BadParameter(f"{value} is no currency; three capital letters, such as EUR.")
    return value


def _sender(value: str | None) -> str | None:
    if value is not None and "@" not in parseaddr(value)[1]:
        raise typer.BadParameter("--mail-from takes a sender: 'Care <care@my-company.example>'.")
    return value
