"""Commands over the API: lodge a complaint, and every wish about one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from desk.api.bodies import Body
from desk.api.lodge import LodgeBody, lodge_command
from desk.api.reads import Lodged, Receipt, receipt
from desk.api.visit import PROBLEMS, Expected, Key, KnownFirst, Program
from desk.api.wishes import WISHES, Wish, command_for, thing_for
from desk.case import Case, find, load
from desk.forms import FormRefused
from desk.house import House
from desk.keeping import Handed
from desk.lodge import handle
from desk.problem import FieldsRefused, wrong_words
from desk.pulled_back import return_words
from desk.queue import speaker
from desk.uploads import FIELD, FilesRefused, check_files, too_much, with_files
from desk.visit import TheHouse
from desk.words.facts import Speaker
from domain.complaint import complaint
from domain.event import Context
from domain.letter import PullBackLetter
from ledger import Receipt as Stored

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, route_class=KnownFirst)


@router.post("/complaints", status_code=201, tags=["complaints"])
def lodge(
    response: Response, person: Program, house: TheHouse, body: LodgeBody, key: Key
) -> Lodged:
    """Lodge a complaint of a known customer."""
    say = speaker(house, person)
    try:
        command = lodge_command(house, person, body, key, say)
        handed = _handed(body, house, say)
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    if handed:
        command = with_files(
            command, handed, house, subject=command.customer, stream=command.complaint
        )
    return lodged(response, house, command.complaint, handle(house, command))


def lodged(response: Response, house: House, stream: str, stored: Stored) -> Lodged:
    """What was stored of a new complaint, and where it is."""
    state = house.ledger.fold(complaint, stream).state
    response.headers["Location"] = f"/api/v1/complaints/{stream}"
    response.headers["ETag"] = f'"{state.version}"'
    return Lodged(
        outcome=stored.outcome,
        first=stored.first,
        last=stored.last,
        version=state.version,
        stream=stream,
        number=state.number,
    )


def _endpoint(wish: Wish) -> Callable[..., Receipt]:
    def endpoint(
        request: Request,
        response: Response,
        *,
        person: Program,
        ref: str,
        body: Body,
        key: Key,
        expected: Expected,
    ) -> Receipt:
        case = find(request, person, ref)
        case.check("write", thing_for(wish, case, body))
        stored = _handle(case, wish, body, key=key, expected=expected)
        if wish.kind is PullBackLetter and stored.outcome == "stored" and stored.last:
            return_words(load(request, person, case.stream), getattr(body, "letter", ""))
        version = stored.version
        if version is None:
            version = case.house.ledger.fold(complaint, case.stream).version
        response.headers["ETag"] = f'"{version}"'
        return receipt(stored, version)

    endpoint.__doc__ = wish.kind.__doc__
    endpoint.__name__ = wish.name.replace("-", "_")
    endpoint.__annotations__ = {
        "request": Request, "response": Response, "person": Program, "ref": str,
        "body": wish.body, "key": Key, "expected": Expected, "return": Receipt,
    }  # fmt: skip
    return endpoint


def _handle(case: Case, wish: Wish, body: Body, *, key: Any, expected: int | None) -> Stored:
    """Raises: FieldsRefused, and what the rules and the ledger say."""
    try:
        command = command_for(wish, case, body, key, case.house.now())
        handed = _handed(body, case.house, case.speaker())
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    except ValidationError as error:
        language = case.person.language
        found = error.errors(include_input=False, include_url=False)
        raise FieldsRefused(
            {
                ".".join(map(str, each["loc"])) or "body": wrong_words(each, language)
                for each in found
            }
        ) from None
    if handed:
        command = with_files(
            command, handed, case.house, subject=case.state.customer or "", stream=case.stream
        )
    context = Context(correlation=case.stream, expected_version=expected)
    return case.house.ledger.handle(complaint, case.stream, command, context)


def _handed(body: Body, house: House, say: Speaker) -> list[Handed]:
    """The files of a command. Raises: FormRefused."""
    handed = [file.handed() for file in getattr(body, "files", ())]
    try:
        if sum(one.size for one in handed) > house.largest_upload:
            raise FilesRefused(413, too_much(house, say))
        check_files(handed, house, say)
    except FilesRefused as refused:
        raise FormRefused({FIELD: refused.words}) from None
    return handed


for each in WISHES.values():
    router.add_api_route(
        f"/complaints/{{ref}}/{each.name}", _endpoint(each), methods=["POST"], tags=["commands"]
    )
