"""Whatever a page reads or does, the API reads or does too, or it stands here why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from desk.acts.every import ACTS
from desk.app import ROOMS

OF_A_PERSON: Final = "of somebody at a screen, not of a program"
SHOWN: Final = "a page that offers a form; its command is enough"
ALONE: Final[Mapping[str, str]] = {
    # route of pages -> why programs have none
    **dict.fromkeys(
        (
            "GET /login", "POST /login", "POST /logout", "POST /language", "GET /password",
            "POST /password", "GET /me", "POST /me/keys", "POST /me/tokens",
            "POST /me/tokens/{token}/revoke", "GET /me/password", "POST /me/password",
            "GET /me/sessions", "POST /me/sessions/end-others", "POST /me/sessions/{id}/end",
            "POST /login/code", "GET /me/second-factor", "POST /me/second-factor/begin",
            "POST /me/second-factor/codes", "POST /me/second-factor/confirm",
            "POST /me/second-factor/off", "GET /", "GET /live", "GET /live/now",
            "POST /live/here", "GET /queue/new",
        ),
        OF_A_PERSON,
    ),
    **dict.fromkeys(
        (
            "GET /complaints/new", "GET /complaints/{ref}/{slug}",
            "GET /complaints/{ref}/{slug}/{about}", "GET /customers/new", "GET /staff/new",
            "GET /search", "GET /calls/{ref}/record", "GET /complaints/{ref}/history/export",
            "GET /compliance/export",
        ),
        SHOWN,
    ),
    "GET /mail": "the drop of the embedded stack, a tool of who tries it",
    "GET /mail/{name}": "the drop of the embedded stack, a tool of who tries it",
    "POST /mail/{name}/answer": "the drop of the embedded stack, a tool of who tries it",
    "GET /satisfaction/{token}": "of the customer, behind a signed link",
    "POST /satisfaction/{token}": "of the customer, behind a signed link",
    "POST /queue/bulk": "a program gives one command for each case",
}  # fmt: skip
TWINS: Final[Mapping[str, str]] = {
    # route of pages -> of the API, where it is called otherwise
    "POST /queue/skip": "POST /complaints/{ref}/skip",
    "POST /queue/saved": "PUT /lists/{name:path}",
    "POST /complaints/new": "POST /complaints",
    "POST /customers/new": "POST /customers",
    "POST /staff/new": "POST /staff",
    "GET /me/evening": "GET /evening",
    "GET /follow-ups": "GET /promises",
    "POST /complaints/{ref}/reply/use": "GET /complaints/{ref}/saved-replies/{reply}",
    "POST /inbox/{mail}/{deed}": "POST /inbox/{mail}/file",
    "POST /documents/{kind}/{id}/{wish}": "POST /documents/{kind}/{id}/draft",
    "GET /documents/saved_reply": "GET /saved-replies",
    "POST /documents/saved_reply": "POST /documents/{kind}/{id}/draft",
    "POST /organisation/{id}/{wish}": "POST /organisation/{id}/draft",
    "POST /staff/{login}/{wish}": "POST /staff/{login}/give-role",
    "POST /customers/{ref}/{wish}": "POST /customers/{ref}/details",
    "POST /complaints/{ref}/{slug}": "POST /complaints/{ref}/note",
    "POST /complaints/{ref}/{slug}/{about}": "POST /complaints/{ref}/record-step",
}
COMMANDS: Final[Mapping[str, str]] = {
    # act of a case -> its command, where it is called otherwise
    "step": "record-step",
    "answer": "accept-proposal",
    "tell": "tell-decision",
    "pay": "record-payment",
    "message": "record-message",
    "no-reply": "no-reply-needed",
    "ask": "ask-for-information",
    "information": "record-information",
    "remind": "remind-customer",
    "without": "record-information",
    "pull-back": "pull-back-letter",
    "posted": "record-delivery",
    "explain": "explain-breach",
    "order": "order-follow-through",
    "answer-order": "answer-follow-through",
    "reassign": "assign",
    "hand-over": "offer-hand-over",
    "accept": "accept-hand-over",
    "return": "return-hand-over",
    "promise": "make-promise",
    "keep": "keep-promise",
    "move": "move-promise",
    "extend": "ask-approval",
    "excuse": "ask-approval",
    "correct": "ask-approval",
    "release": "ask-approval",
    "grant": "grant-approval",
    "refuse": "refuse-approval",
    "named": "name-colleague",
    "review": "ask-for-review",
}
API: Final = "/api/v1"


def routes() -> Iterator[tuple[str, str]]:
    for room in ROOMS:
        for route in room.router.routes:
            for method in set(getattr(route, "methods", None) or ()) - {"HEAD"}:
                yield method, getattr(route, "path", "")


def test_every_page_has_its_twin() -> None:
    programs = {f"{m} {path.removeprefix(API)}" for m, path in routes() if path.startswith(API)}
    pages = {f"{m} {path}" for m, path in routes() if not path.startswith(API)}
    twins = {page: TWINS.get(page, page) for page in pages - ALONE.keys()}
    assert {page: twin for page, twin in twins.items() if twin not in programs} == {}
    assert (ALONE.keys() | TWINS.keys()) - pages == set(), "there is no such page"
    assert {page for page in ALONE if page in programs} == set(), "it has a twin after all"


def test_every_act_of_a_case_has_its_command() -> None:
    home = f"{API}/complaints/{{ref}}/"
    commands = {path.removeprefix(home) for _, path in routes() if path.startswith(home)}
    wanted = {slug: COMMANDS.get(slug, slug) for slug in ACTS}
    assert {slug: name for slug, name in wanted.items() if name not in commands} == {}
    assert COMMANDS.keys() - ACTS.keys() == set()
