"""Role x act: every address that takes a form or a command, against a table copied by hand from
the matrix of who may see what. A new route, act or command without a line there fails.

Whoever may not is told so and nothing is stored, whatever was sent; whoever may is told anything
else: that it is done, or what the rules have against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest
from act_table import CASE_ACTS, CUSTOMER_ACTS, STAFF_ACTS, TABLE, Deed, command
from everybody import ROLES, base, employ
from httpx import Response
from mailing import posting, written
from test_pages import settle
from test_story import lodged
from visiting import House, Visitor

from desk.acts.every import ACTS
from desk.app import ROOMS
from desk.registering import WISHES as OF_CUSTOMERS
from desk.staffing import WISHES as OF_STAFF
from domain.complaint import complaint
from domain.staff import PlanAbsence, staff
from domain.staff_facts import Role
from ledger.naming import uuid7
from projections.reading import wait_for

WRITES = frozenset({"POST", "PUT", "DELETE", "PATCH"})
OF_A_CASE = "POST /api/v1/complaints/{ref}/"
SENDER = "ana@stranger.example"


def routes() -> Iterator[str]:
    for room in ROOMS:
        for route in room.router.routes:
            for method in WRITES & set(getattr(route, "methods", None) or ()):
                yield f"{method} {getattr(route, 'path', '')}"


def deeds() -> Iterator[tuple[str, Deed]]:
    """Each with its method. Who logs out does so last."""
    commands = {route: [command(route.removeprefix(OF_A_CASE))] for route in _commands()}
    table = {**TABLE, **commands}
    for route in sorted(table, key=lambda it: it == "POST /logout"):
        for deed in table[route]:
            yield route.partition(" ")[0], deed


def _commands() -> Iterator[str]:
    """Routes of single commands on a case, which stand in the table by the name alone."""
    return (it for it in routes() if it.startswith(OF_A_CASE) and it not in TABLE)


def test_every_act_has_its_line() -> None:
    assert set(routes()) - set(_commands()) - TABLE.keys() == set(), "say in TABLE who may"
    assert TABLE.keys() - set(routes()) == set()
    assert CASE_ACTS.keys() == ACTS.keys()
    assert set(CUSTOMER_ACTS) == {*OF_CUSTOMERS, "contact"}
    assert set(STAFF_ACTS) == {*OF_STAFF, "password", "end-sessions", "second-factor"}


@pytest.fixture(scope="module")
def house(house: House) -> House:
    target = Role(name="agent", legal_entity="larkmere-uk", team="first", level=1)
    employ(house, {**ROLES, "target": target, "leaver": target})
    away = PlanAbsence(**base(), starts=base()["at"])
    house.ledger.handle(staff, house.staff["target"], away)
    return house


@pytest.fixture
def names(house: House) -> dict[str, str]:
    """A case with one of everything that an act can be about, and a mail that waits."""
    ellie = house.visitor("ellie")
    case = lodged(ellie)
    home = f"/complaints/{case}"
    later = "2030-01-01T10:00"
    assess = {"answer.harm": "money", "answer.others_affected": "no"}
    for path, typed in (
        ("take", {}),
        ("acknowledge", {"channel": "phone", "text": "We have it"}),
        ("assess", assess),
        ("ask", {"channel": "phone", "what": "The bill", "text": "Please send the bill"}),
        ("promise", {"promise": "I look it up", "promise_due": later}),
        ("ask-colleague", {"to": house.staff["lin"], "what": "Is it so?", "answer_by": later}),
        ("correct", {"field": "product", "product": "payments", "reason": "Misread"}),
        ("reply", {"channel": "email", "subject": "News", "text": "We look into it"}),
    ):
        answer = ellie.act(case, path, **typed)
        assert answer.status_code == 303, (path, answer.text)
    order = {"words": "Why so long?", "answer_by": later}
    assert house.visitor("song").act(case, "order", **order).status_code == 303
    settle(house)
    found = re.search(r"/customers/(K-\d{4}-\d+)", ellie.get(home).text)
    assert found
    stream = ellie.client.get(f"/api/v1/complaints/{case}").json()["stream"]
    state = house.ledger.fold(complaint, stream).state
    return {
        "case": case,
        "customer": found[1],
        "target": house.staff["target"],
        "request": next(iter(state.conversation.requests)),
        "promise": next(iter(state.promises)),
        "task": next(iter(state.tasks)),
        "approval": next(iter(state.approvals)),
        "order": next(iter(state.oversight.orders)),
        "letter": next(name for name, it in state.letters.items() if it.author == "person"),
        "mail": _mail(house),
    }


def _mail(house: House) -> str:
    """A mail of somebody unknown, which waits."""
    with posting(house.ledger) as post:
        before = house.ledger.head()
        post.give(written("It broke.", sender=SENDER), sender=SENDER)
        (received,) = post.received(before)
    with house.app.state.house.pool.connection() as db:
        wait_for(db, "inbox", house.ledger.head(), 30)
    return received.mail


# what is sent


class Samples:
    """The smallest body that a command takes, from its own description."""

    def __init__(self, house: House) -> None:
        self._all = house.app.openapi()

    def of(self, method: str, address: str) -> Any:
        """Empty where nothing is taken."""
        described = self._described(method, address)
        content = described.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        return {} if schema is None else self._one(schema)

    def _described(self, method: str, address: str) -> Mapping[str, Any]:
        for path, methods in self._all["paths"].items():
            pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path))
            if re.fullmatch(pattern, address) and method.lower() in methods:
                found: Mapping[str, Any] = methods[method.lower()]
                return found
        return {}

    def _one(self, schema: Mapping[str, Any]) -> Any:
        if "$ref" in schema:
            return self._one(self._all["components"]["schemas"][schema["$ref"].split("/")[-1]])
        for known in ("const", "default"):
            if known in schema:
                return schema[known]
        if "enum" in schema:
            return schema["enum"][0]
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                return self._one(schema[several][0])
        match schema.get("type"):
            case "object":
                needed = schema.get("required", ())
                return {name: self._one(schema["properties"][name]) for name in needed}
            case "array":
                return [self._one(schema["items"])] * schema.get("minItems", 0)
            case "integer" | "number":
                return max(schema.get("minimum", 0), 1)
            case "boolean":
                return True
            case "string" if schema.get("format") == "date-time":
                return "2030-01-01T10:00:00Z"
            case "string" if schema.get("format") == "uuid":
                return str(uuid4())
            case "string" if schema.get("title") == "Currency":
                return "GBP"
            case _:
                return "words"


def filled(value: Any, names: Mapping[str, str]) -> Any:
    match value:
        case str():
            return value.format(**names)
        case Mapping():
            return {filled(name, names): filled(each, names) for name, each in value.items()}
        case _:
            return value


def refused(answer: Response) -> bool:
    """Whether the desk says that it is not theirs, or not there; the rules may know of no such
    promise or step."""
    if answer.headers.get("content-type") == "application/problem+json":
        return answer.json()["type"].rpartition("/")[2] in ("NotAllowed", "NotFound")
    return answer.status_code in (403, 404)


def sent(
    visitor: Visitor, samples: Samples, method: str, deed: Deed, names: Mapping[str, str]
) -> Response:
    address, typed = filled(deed.address, names), filled(deed.typed, names)
    csrf = visitor.form(visitor.get("/me").text, "/logout")["csrf"]
    if address.startswith("/api/"):
        body = {**samples.of(method, address), **typed}
        return visitor.client.request(method, address, json=body, headers={"X-CSRF-Token": csrf})
    form = {"csrf": csrf, "command_id": str(uuid7()), **typed}
    return visitor.client.post(address, data=form)


@pytest.fixture(scope="module")
def samples(house: House) -> Samples:
    return Samples(house)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_not_is_refused_and_stores_nothing(
    house: House, names: dict[str, str], samples: Samples, role: str
) -> None:
    visitor = house.visitor(role)
    wrong = []
    before = house.ledger.head()
    for method, deed in deeds():
        if role in deed.who.split():
            continue
        expected = 403 if role in deed.sees.split() else 404
        answer = sent(visitor, samples, method, deed, names)
        if answer.status_code != expected:
            wrong.append((method, deed.address, answer.status_code, expected))
        if house.ledger.head() != before:
            wrong.append((method, deed.address, "stored", expected))
            before = house.ledger.head()
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("role", ROLES)
def test_who_may_is_not_refused(
    house: House, names: dict[str, str], samples: Samples, role: str
) -> None:
    visitor = house.visitor(role)
    wrong = []
    for method, deed in deeds():
        if role not in deed.who.split():
            continue
        answer = sent(visitor, samples, method, deed, names)
        if refused(answer) or answer.status_code >= 500:
            wrong.append((method, deed.address, answer.status_code))
    house.forget(role)
    assert not wrong, "\n".join(map(str, wrong))
