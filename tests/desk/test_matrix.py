"""Role x page x API: every address that answers GET, against a table copied by hand from the
matrix of who may see what. A new route without a line here fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from everybody import ALL, CASE, CUSTOMER, ELSEWHERE, ROLES, WORK, base, employ
from test_pages import settle
from test_story import lodged
from visiting import House, Visitor

from desk.app import ROOMS
from domain.customer import NoteNeed, customer
from domain.personal import Personal
from domain.staff import SetManager, staff

SOME = f"{CASE} success dpo"
"""Read a case of some kind: all, their own, or one that a request opened."""
LOOKS = "lead compliance dpo auditor"
DOCUMENT = "agent expert success lead compliance admin"

TABLE: dict[str, tuple[str, str]] = {
    # route: (address, who is let in)
    "/": ("/", ALL),
    "/login": ("/login", ALL),
    "/password": ("/password", ALL),
    "/me": ("/me", ALL),
    "/me/evening": ("/me/evening", ALL),
    "/me/password": ("/me/password", ALL),
    "/me/second-factor": ("/me/second-factor", ALL),
    "/me/sessions": ("/me/sessions", ALL),
    "/live/now": ("/live/now", ALL),
    "/queue": ("/queue?tab=all", ALL),
    "/queue/new": ("/queue/new?list=nothing", ""),
    "/notices": ("/notices", ALL),
    "/inbox": ("/inbox", CASE),
    "/inbox/{mail}": ("/inbox/nothing", ""),
    "/inbox/{mail}/files/{id}": ("/inbox/nothing/files/nothing", ""),
    "/api/v1/inbox": ("/api/v1/inbox", CASE),
    "/api/v1/inbox/{mail}/files/{id}": ("/api/v1/inbox/nothing/files/nothing", ""),
    "/api/v1/inbox/{mail}": ("/api/v1/inbox/nothing", ""),
    "/mail": ("/mail", ALL),
    "/mail/{name}": ("/mail/nothing", ""),
    "/satisfaction/{token}": ("/satisfaction/nothing", ""),
    "/complaints/new": ("/complaints/new", WORK),
    "/complaints/{ref}": ("/complaints/{case}", CASE),
    "/complaints/{ref}/history": ("/complaints/{case}/history", CASE),
    "/complaints/{ref}/history/export": (
        "/complaints/{case}/history/export", "compliance auditor",
    ),
    "/complaints/{ref}/similar": ("/complaints/{case}/similar", CASE),
    "/complaints/{ref}/policy": ("/complaints/{case}/policy", CASE),
    "/complaints/{ref}/{slug}": ("/complaints/{case}/note", WORK),
    "/complaints/{ref}/{slug}/{about}": ("/complaints/{case}/step/investigate", WORK),
    "/search": ("/search", ALL),
    "/customers": ("/customers", f"{CUSTOMER} success"),
    "/customers/new": ("/customers/new", f"{WORK} success"),
    "/customers/{ref}": ("/customers/{customer}", CUSTOMER),
    "/disclosures": ("/disclosures", LOOKS),
    "/limits": ("/limits", "lead compliance"),
    "/limits/behind": (
        "/limits/behind?month=2026-01-01&legal_entity=larkmere-uk&team=first&kind=service&name=ack",
        "lead compliance",
    ),
    "/compliance": ("/compliance", "compliance auditor dpo"),
    "/board": ("/board", "lead compliance"),
    "/board/trend": ("/board/trend", "lead compliance"),
    "/board/causes": ("/board/causes", "lead compliance"),
    "/api/v1/board": ("/api/v1/board", "lead compliance"),
    "/complaints/{ref}/time": ("/complaints/{case}/time", CASE),
    "/documents": ("/documents", DOCUMENT),
    "/documents/saved_reply": ("/documents/saved_reply", DOCUMENT),
    "/documents/{kind}/{id}": ("/documents/procedure/iso-10002", DOCUMENT),
    "/follow-ups": ("/follow-ups", SOME),
    "/offers": ("/offers", SOME),
    "/away": ("/away", SOME),
    "/compliance/export": ("/compliance/export", "compliance auditor dpo"),
    "/api/v1/compliance": ("/api/v1/compliance", "compliance auditor dpo"),
    "/api/v1/complaints/{ref}/time": ("/api/v1/complaints/{case}/time", CASE),
    "/api/v1/complaints/{ref}/similar": ("/api/v1/complaints/{case}/similar", CASE),
    "/api/v1/complaints/{ref}/policy": ("/api/v1/complaints/{case}/policy", CASE),
    "/api/v1/customers": ("/api/v1/customers", f"{CUSTOMER} success"),
    "/api/v1/documents": ("/api/v1/documents", DOCUMENT),
    "/api/v1/documents/{kind}/{id}": ("/api/v1/documents/procedure/iso-10002", DOCUMENT),
    "/api/v1/organisation/{id}": ("/api/v1/organisation/larkmere-uk", "admin compliance"),
    "/api/v1/lists": ("/api/v1/lists", ALL),
    "/api/v1/lists/{name:path}": ("/api/v1/lists/nothing", ""),
    "/api/v1/limits/behind": (
        "/api/v1/limits/behind?month=2026-01-01&legal_entity=larkmere-uk&team=first&kind=service"
        "&name=ack",
        "lead compliance",
    ),
    "/api/v1/away": ("/api/v1/away", SOME),
    "/api/v1/offers": ("/api/v1/offers", SOME),
    "/api/v1/queue": ("/api/v1/queue", ALL),
    "/api/v1/notices": ("/api/v1/notices", ALL),
    "/api/v1/evening": ("/api/v1/evening", ALL),
    "/api/v1/calls/{ref}": ("/api/v1/calls/{customer}", WORK),
    "/api/v1/board/trend": ("/api/v1/board/trend", "lead compliance"),
    "/api/v1/board/causes": ("/api/v1/board/causes", "lead compliance"),
    "/api/v1/promises": ("/api/v1/promises", SOME),
    "/calls/{ref}": ("/calls/{customer}", WORK),
    "/calls/{ref}/record": ("/calls/{customer}/record?begun=2026-01-01T10:00:00Z", WORK),
    "/webhooks": ("/webhooks", SOME),
    "/webhooks/{id}": ("/webhooks/00000000-0000-0000-0000-000000000000", ""),
    "/staff": ("/staff", "admin"),
    "/staff/new": ("/staff/new", "admin"),
    "/staff/{login}": ("/staff/ellie", "admin"),
    "/roles": ("/roles", "admin"),
    "/organisation": ("/organisation", "admin compliance"),
    "/organisation/{id}": ("/organisation/larkmere-uk", "admin compliance"),
    "/api/v1/complaints": ("/api/v1/complaints", ALL),
    "/api/v1/complaints/{ref}": ("/api/v1/complaints/{case}", CASE),
    "/complaints/{ref}/files/{id}": (f"/complaints/{{case}}/files/{uuid4()}", ""),
    "/api/v1/complaints/{ref}/colleagues": ("/api/v1/complaints/{case}/colleagues", CASE),
    "/api/v1/complaints/{ref}/drafts": ("/api/v1/complaints/{case}/drafts", CASE),
    "/api/v1/complaints/{ref}/drafts/{box:path}": ("/api/v1/complaints/{case}/drafts/note", ""),
    "/api/v1/complaints/{ref}/history": ("/api/v1/complaints/{case}/history", CASE),
    "/api/v1/complaints/{ref}/files": ("/api/v1/complaints/{case}/files", CASE),
    "/api/v1/complaints/{ref}/files/{id}": ("/api/v1/complaints/{case}/files/nothing", ""),
    "/api/v1/complaints/{ref}/here": ("/api/v1/complaints/{case}/here", CASE),
    "/api/v1/oversight": ("/api/v1/oversight", "lead compliance"),
    "/api/v1/events": ("/api/v1/events", ALL),
    "/api/v1/customers/{ref}": ("/api/v1/customers/{customer}", CUSTOMER),
    "/api/v1/customers/{ref}/contacts": ("/api/v1/customers/{customer}/contacts", CUSTOMER),
    "/api/v1/customers/{ref}/complaints": (
        "/api/v1/customers/{customer}/complaints", "sales keeper dpo",
    ),
    "/api/v1/disclosures": ("/api/v1/disclosures", LOOKS),
    "/api/v1/limits": ("/api/v1/limits?since=2026-01-01&until=2026-12-01", "lead compliance"),
    "/api/v1/saved-replies": ("/api/v1/saved-replies", DOCUMENT),
    "/api/v1/complaints/{ref}/saved-replies": ("/api/v1/complaints/{case}/saved-replies", WORK),
    "/api/v1/complaints/{ref}/saved-replies/{reply}": (
        "/api/v1/complaints/{case}/saved-replies/thank-you", WORK,
    ),
    "/api/v1/webhooks": ("/api/v1/webhooks", ALL),
    "/api/v1/webhooks/{id}": ("/api/v1/webhooks/00000000-0000-0000-0000-000000000000", ""),
    "/api/v1/webhooks/{id}/deliveries": (
        "/api/v1/webhooks/00000000-0000-0000-0000-000000000000/deliveries", "",
    ),
    "/api/v1/staff": ("/api/v1/staff", "admin"),
    "/api/v1/staff/{login}": ("/api/v1/staff/ellie", "admin"),
    "/api/v1/roles": ("/api/v1/roles", "admin"),
    "/api/v1/organisation": ("/api/v1/organisation", "admin compliance"),
}  # fmt: skip
STREAMED = {"/live"}
"""Never ends: what it tells is tested where it is."""

WORDS = "The till swallowed my card"
NOTE = "He has rung four times"
NEED, BEHIND = "Large print", "Macular degeneration"
SECRETS = {
    # what must not be read, and by whom it may be
    WORDS: CASE,
    NOTE: CASE,
    BEHIND: "lead compliance dpo",
    NEED: "agent expert lead keeper compliance dpo",
    "mei@example.org": "",
    "7946 0018": "",
}


@pytest.fixture(scope="module")
def house(house: House) -> House:
    employ(house, {**ROLES, **ELSEWHERE})
    return house


@pytest.fixture(scope="module")
def names(house: House) -> dict[str, str]:
    ellie = house.visitor("ellie")
    case = lodged(ellie, what_happened=WORDS)
    assert ellie.act(case, "note", text=NOTE).status_code == 303
    found = re.search(r"/customers/(K-\d{4}-\d+)", ellie.get(f"/complaints/{case}").text)
    assert found
    stream = ellie.client.get(f"/api/v1/customers/{found[1]}").json()["stream"]
    need = NoteNeed(**base(), need="n", words=Personal(NEED), detail=Personal(BEHIND))
    house.ledger.handle(customer, stream, need)
    settle(house)
    return {"case": case, "customer": found[1]}


def routes() -> Iterator[str]:
    for room in ROOMS:
        for route in room.router.routes:
            if "GET" in (getattr(route, "methods", None) or ()):
                yield getattr(route, "path", "")


def test_every_address_has_its_line() -> None:
    assert set(routes()) - STREAMED - TABLE.keys() == set(), "say in TABLE who is let in"
    assert TABLE.keys() - set(routes()) == set()


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_let_in_where_the_table_says(
    house: House, names: dict[str, str], role: str
) -> None:
    visitor = house.visitor(role)
    wrong, told = [], []
    for route, (address, who) in TABLE.items():
        answer = follow(visitor, address.format(**names))
        if (answer[0] == 200) != (role in who.split()):
            wrong.append((route, answer[0]))
        told += [
            (route, secret)
            for secret, may in SECRETS.items()
            if secret in answer[1] and role not in may.split()
        ]
    assert wrong == []
    assert told == []


@pytest.mark.parametrize("role", ELSEWHERE)
def test_rows_of_elsewhere_are_not_there(house: House, names: dict[str, str], role: str) -> None:
    visitor = house.visitor(role)
    for route, (address, _) in TABLE.items():
        status, text = follow(visitor, address.format(**names))
        if "{ref}" in route and not (role == "other-team" and "{customer}" in address):
            assert status == 404, route
        if status == 200:
            assert names["case"] not in text, route
            assert WORDS not in text, route


def follow(visitor: Visitor, address: str) -> tuple[int, str]:
    answer = visitor.get(address)
    assert answer.status_code in (200, 403, 404), (address, answer.text)
    return answer.status_code, answer.text


def test_whoever_is_not_logged_in_sees_nothing(house: House, names: dict[str, str]) -> None:
    stranger = house.visitor()
    for route, (address, _) in TABLE.items():
        answer = stranger.client.get(address.format(**names))
        if route in ("/login", "/password"):
            assert answer.status_code == 200
        elif route.startswith("/api/"):
            assert answer.status_code == 401, route
        elif not route.startswith("/satisfaction"):
            assert answer.headers["location"].startswith("/login"), route


def test_who_is_complained_about_and_their_line_find_it_nowhere(
    house: House, names: dict[str, str]
) -> None:
    """The accused, the manager above and the one below, at every address."""
    accused = house.staff["agent"]
    for login, manager in (("agent", house.staff["lead"]), ("expert", accused)):
        house.ledger.handle(staff, house.staff[login], SetManager(**base(), manager=manager))
    ellie = house.visitor("ellie")
    secret = "The clerk laughed at me"
    case = lodged(ellie, what_happened=secret, named=accused)
    assert ellie.act(case, "call-lead", why="Somebody must look at it").status_code == 303
    settle(house)
    found = re.search(r"/customers/(K-\d{4}-\d+)", ellie.get(f"/complaints/{case}").text)
    assert found
    here = {"case": case, "customer": found[1]}
    for role in ("agent", "expert", "lead"):
        for route, (address, _) in TABLE.items():
            status, text = follow(house.visitor(role), address.format(**here))
            assert "{case}" in address or case not in text, (role, route)
            assert secret not in text, (role, route)
            if "complaints/{ref}" in route:
                assert status == 404, (role, route)
    assert house.visitor("compliance").get(f"/complaints/{case}").status_code == 200
