"""``evercase user``: members of staff and how they log in."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime
from typing import Annotated, Any, get_args
from uuid import uuid4

import psycopg
import typer

from desk.authentication.good_password import fault_of
from desk.authentication.safety_letters import letter_about
from desk.authentication.second_factor import turn_off
from desk.authentication.second_factor_fact import agree
from desk.authentication.session import set_password
from desk.directory import Directory
from desk.registering import looks_like_email
from domain.event import Actor, Context
from domain.organisation import STREAM, organisation
from domain.personal import Personal
from domain.staff import GiveRole, RegisterStaff, TurnOffSecondFactor, staff, stream_of
from domain.staff_facts import Role, RoleName
from domain.text import Language, Text
from ledger import Ledger
from workers.console import AsJson, one_of, print_json, say
from workers.embedded.engines import reached
from workers.mailing import staff_post
from workers.settings import Settings

app = typer.Typer(help="Members of staff and how they log in.", no_args_is_help=True)

OPERATOR = Actor(kind="automation", id="evercase-user")


@app.callback()
def members() -> None:
    """Members of staff and how they log in."""


@app.command()
def add(
    login: Annotated[str, typer.Argument(help="What the person types to log in.")],
    role: Annotated[str, typer.Option(help="agent, team_lead, compliance, admin, …")],
    entity: Annotated[str, typer.Option(help="The legal entity the role is in.")],
    name: Annotated[str, typer.Option(help="The name as colleagues see it.")] = "",
    name_zh: Annotated[str, typer.Option(help="The name in Chinese, if another.")] = "",
    email: Annotated[str, typer.Option(help="Where notices are sent.")] = "",
    branch: Annotated[str | None, typer.Option(help="One branch only.")] = None,
    team: Annotated[str | None, typer.Option(help="The team.")] = None,
    level: Annotated[int | None, typer.Option(min=1, max=3, help="Line of support.")] = None,
    language: Annotated[str, typer.Option(help="en or zh")] = "en",
    as_json: AsJson = False,
) -> None:
    """Give somebody a login and a role; for a known login, a new password and one more role.

    The password is asked for at the terminal, or read as one line from standard input.
    """
    if role not in get_args(RoleName):
        raise typer.BadParameter(f"A role is one of {', '.join(get_args(RoleName))}.")
    if language not in get_args(Language):
        raise typer.BadParameter(f"A language is one of {', '.join(get_args(Language))}.")
    if email and not looks_like_email(email):
        raise typer.BadParameter(f"{email} is no e-mail address.")
    given = Role.model_validate(
        {"name": role, "legal_entity": entity, "branch": branch, "team": team, "level": level}
    )
    password = asked_password()
    login = login.lower()
    if fault := fault_of(password, login, "en"):
        raise typer.BadParameter(fault)
    with (
        reached(Settings()) as settings,
        Ledger(settings.database(), master_key=settings.key()) as ledger,
        psycopg.connect(settings.database(), autocommit=True) as desk,
    ):
        refuse_elsewhere(ledger, given)
        row = desk.execute("SELECT staff FROM desk.credential WHERE login = %s", [login]).fetchone()
        stream = stream_of(login) if row is None else row[0]
        new = row is None and not ledger.known([stream])
        if new:
            called = Text(en=name or login, zh=name_zh or name or login)
            person = {"staff": stream, "login": login, "name": called, "language": language}
            registered = RegisterStaff.model_validate(
                envelope() | person | {"email": Personal(email)}
            )
            ledger.handle(staff, stream, registered)
        ledger.handle(staff, stream, GiveRole(**envelope(), role=given))
        set_password(desk, login, password, stream, language)
    if as_json:
        print_json({"login": login, "staff": stream, "new": new})
    else:
        say(f"{login} may log in as {role} of {entity}.")


@app.command()
def reset_factor(
    login: Annotated[str, typer.Argument(help="Who has lost their second factor.")],
    reason: Annotated[str, typer.Option(help="Why, and how you know that it is them; recorded.")],
) -> None:
    """Turn off the second factor of somebody who lost it; their sessions and tokens end.

    They are told by mail. Where a role of theirs asks for a second factor, they turn on a new one
    when they log in next.
    """
    if not reason.strip():
        raise typer.BadParameter("Say why, and how you know that it is them.")
    login = login.lower()
    with (
        reached(Settings()) as settings,
        Ledger(settings.database(), master_key=settings.key()) as ledger,
        psycopg.connect(settings.database(), autocommit=True) as desk,
        staff_post(settings) as post,
    ):
        row = desk.execute("SELECT staff FROM desk.credential WHERE login = %s", [login]).fetchone()
        if row is None:
            raise typer.BadParameter(f"Nobody logs in as {login}.")
        context = Context(reason=Personal(reason.strip()))
        agree(ledger, desk, login, datetime.now(UTC))
        ledger.handle(staff, row[0], TurnOffSecondFactor(**envelope()), context)
        turn_off(desk, login)
        if letter := letter_about(Directory(ledger), row[0], "factor_reset", datetime.now(UTC)):
            post(letter)
    say(f"{login} logs in with the password alone.")


def refuse_elsewhere(ledger: Ledger, role: Role) -> None:
    """A role stands in a company, team and branch that there are. Raises BadParameter.

    A house that has described no company yet takes any.
    """
    entities = ledger.fold(organisation, STREAM).state.entities
    if not entities:
        return
    one_of("entity", role.legal_entity, sorted(entities))
    entity = entities[role.legal_entity]
    one_of("team", role.team, sorted(entity.teams))
    one_of("branch", role.branch, sorted(entity.branches))


def envelope() -> dict[str, Any]:
    return {"command_id": uuid4(), "at": datetime.now(UTC), "actor": OPERATOR}


def asked_password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")
