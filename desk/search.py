"""Search: people through the blind indexes, clear things by their words; never by an address.

What is typed stands in the body of the request alone. A search for a person is counted, so that
nobody harvests, and recorded with whom it showed before it shows them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, get_args

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from desk.api.bodies import Body, Wanted
from desk.api.reads import SearchRead
from desk.api.visit import PROBLEMS, Program
from desk.bounds import count_search
from desk.disclosing import record_search
from desk.documents import holding, newest, title_of
from desk.finding import COMPLAINT, CUSTOMER, complaint_stream, customer_stream, purposes, spellings
from desk.house import House
from desk.language import LANGUAGES
from desk.page import page
from desk.person import Person
from desk.problem import NotAllowed
from desk.queue import lines, speaker, viewer_of
from desk.visit import OwnForm, SignedIn, TheHouse, see
from desk.words.terms import term
from projections import customers, queue
from projections.case import Row, Stage
from projections.customers import CustomerRow
from projections.library import DocumentRow
from projections.reading import look

router = APIRouter()

Group = Literal["cases", "customers", "documents"]
A_GROUP: Final = 20
ALL_OF_IT: Final = 200
LONGEST: Final = 200
SHORTEST_WORD: Final = 2


@dataclass(frozen=True)
class Found:
    """``tried``: what the text was looked for as; ``more``: groups that hold more than is shown."""

    cases: Sequence[Row] = ()
    customers: Sequence[CustomerRow] = ()
    documents: Sequence[DocumentRow] = ()
    tried: Sequence[str] = ()
    more: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.cases or self.customers or self.documents)


def number_of(house: House, person: Person, text: str) -> str | None:
    """The page of an exact number, where there is one for this person."""
    number = text.strip().upper()
    if COMPLAINT.match(number) and complaint_stream(house, person, number):
        return f"/complaints/{number}"
    if CUSTOMER.match(number) and customer_stream(house, person, number):
        return f"/customers/{number}"
    return None


def search(house: House, person: Person, text: str, whole: Group | None = None) -> Found:
    """Everything this person may see that the text finds; ``whole``: the group to show more of.

    Raises: TooManySearches.
    """
    most: Mapping[Group, int] = {
        group: ALL_OF_IT if group == whole else A_GROUP for group in get_args(Group)
    }
    looked_for = purposes(text) if person.reaches("customer") or person.reaches("case") else ()
    streams = _subjects(house, person, looked_for, text)
    clear = _clear(house, text) if person.reaches("case") else {}
    with house.pool.connection() as db, look(db) as reading:
        known = customers.customers(reading, person.scope("customer"), streams)
        people = [known[stream] for stream in streams if stream in known]
        cases = queue.of_customers(reading, person.scope("case"), streams, most["cases"] + 1)
        if clear and len(cases) <= most["cases"]:
            about = queue.about(reading, person.scope("case"), clear, most["cases"] + 1)
            cases += [row for row in about if row.stream not in {it.stream for it in cases}]
        papers = holding(newest(reading, person), text) if person.reaches("document") else []
    found: Mapping[str, Sequence[Any]] = {
        "cases": cases, "customers": people, "documents": papers,
    }  # fmt: skip
    shown = {group: found[group][: most[group]] for group in most}
    if looked_for:
        record_search(house, person, looked_for, _whom(shown["customers"], shown["cases"]))
    return Found(
        **shown,
        tried=(*looked_for, *(["words"] if person.reaches("case") else [])),
        more=frozenset(group for group in most if len(found[group]) > most[group]),
    )


def _subjects(house: House, person: Person, looked_for: Sequence[Any], text: str) -> list[str]:
    if not looked_for:
        return []
    count_search(house, person.staff)
    found = [
        house.ledger.find(purpose, spelling, ALL_OF_IT)
        for purpose in looked_for
        for spelling in spellings(house, purpose, text)
    ]
    return list(dict.fromkeys(stream for streams in found for stream in streams))


def _whom(people: Sequence[CustomerRow], cases: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys([it.customer for it in people] + [it.customer for it in cases]))


def _clear(house: House, text: str) -> Mapping[queue.Clear, list[str]]:
    """Products, categories, teams and stages that are called so in any language."""
    wanted = text.casefold()
    if len(wanted) < SHORTEST_WORD:
        return {}
    found: dict[queue.Clear, set[str]] = {}
    for entity in house.directory.organisation.entities.values():
        named: Mapping[queue.Clear, Mapping[str, Any]] = {
            "product": entity.products, "category": entity.categories, "team": entity.teams,
        }  # fmt: skip
        for column, names in named.items():
            hits = {id for id, name in names.items() if _called(wanted, (id, name.en, name.zh))}
            found[column] = found.get(column, set()) | hits
    found["stage"] = {it for it in get_args(Stage) if _called(wanted, _words("stage", it))}
    return {column: sorted(ids) for column, ids in found.items() if ids}


def _words(kind: str, value: str) -> Iterator[str]:
    return (term(language, kind, value) for language in LANGUAGES)


def _called(wanted: str, names: Any) -> bool:
    return any(wanted in name.casefold() for name in names)


def _plain(text: str) -> str:
    """In signs of plain width: an input method leaves digits, letters and ＠ wide."""
    return unicodedata.normalize("NFKC", text).strip()


@router.get("/search", include_in_schema=False)
def ask(request: Request, person: SignedIn, house: TheHouse) -> Response:
    return _page(request, house, person, "", Found())


@router.post("/search", include_in_schema=False)
def answer(request: Request, person: SignedIn, typed: OwnForm, house: TheHouse) -> Response:
    """A number leads to its page; anything else is answered here, so that no address holds it."""
    house.directory.catch_up()
    text = _plain(typed.get("q", ""))[:LONGEST]
    if target := number_of(house, person, text):
        return see(target)
    whole = next((group for group in get_args(Group) if group == typed.get("whole")), None)
    found = search(house, person, text, whole) if text else Found()
    return _page(request, house, person, text, found)


def _page(request: Request, house: House, person: Person, text: str, found: Found) -> Response:
    if not any(person.reaches(thing) for thing in ("case", "customer", "document")):
        raise NotAllowed()
    say = speaker(house, person)
    viewer = viewer_of(house, person, say.now)
    names = house.ledger.open_in([row.called for row in found.customers])
    return page(
        request,
        "search.html",
        q=text,
        found=found,
        lines=lines(house, person, found.cases, viewer, say),
        people=list(zip(found.customers, names, strict=True)),
        title_of=lambda row: title_of(row, say) or row.id,
        tried=[say.term("search" if it == "words" else "detail", it) for it in found.tried],
        by_phone="phone" in found.tried,
        may_register=person.reaches("customer", "write"),
        may_lodge=person.reaches("case", "write"),
        say=say,
    )


class SearchBody(Body):
    """A name, phone, e-mail, order or case number, or words of clear things."""

    text: Annotated[Wanted, Field(max_length=LONGEST)]


@router.post("/api/v1/search", responses=PROBLEMS, tags=["search"])
def find(person: Program, house: TheHouse, body: SearchBody) -> SearchRead:
    """What the text finds, at most 20 of each kind. A POST, so that no address holds it."""
    house.directory.catch_up()
    if not any(person.reaches(thing) for thing in ("case", "customer", "document")):
        raise NotAllowed()
    text = _plain(body.text)
    found = search(house, person, text) if text else Found()
    stream = complaint_stream(house, person, text.upper())
    exact = [stream] if stream and COMPLAINT.match(text.upper()) else []
    return SearchRead(
        complaints=[*exact, *(row.stream for row in found.cases if row.stream not in exact)],
        customers=[row.customer for row in found.customers],
        documents=[f"{row.kind}/{row.id}" for row in found.documents],
        tried=list(found.tried),
        more=sorted(found.more),
    )
