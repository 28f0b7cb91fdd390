"""Documents and companies over the API: nobody replaces or publishes what they may not or did not
read, and what could not be worked with is refused in words.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from everybody import employ
from httpx import Response
from people import ENTITY
from visiting import House, Visitor

from domain.document import document
from domain.organisation import STREAM, organisation
from domain.staff_facts import Role

COMPANY = "/api/v1/organisation/larkmere-uk"
OTHERS = "/documents/saved_reply/of-woodquill"
REPLY = {
    "kind": "saved_reply",
    "id": "of-woodquill",
    "version": 1,
    "title": {"en": "Ours", "zh": "我们的"},
    "body": {"en": "Dear $customer", "zh": "尊敬的$customer"},
    "legal_entity": "woodquill",
}


@pytest.fixture(scope="module")
def mira(house: House) -> Visitor:
    """Administrator of the other company."""
    employ(house, {"mira": Role(name="admin", legal_entity="woodquill")})
    return house.visitor("mira")


@pytest.fixture(scope="module")
def ines(house: House) -> Visitor:
    return house.visitor("ines")


@pytest.fixture(scope="module")
def song(house: House) -> Visitor:
    return house.visitor("song")


def post(visitor: Visitor, path: str, body: object = None, **headers: str) -> Response:
    csrf = visitor.form(visitor.get("/me").text, "/logout")["csrf"]
    named = {"X-CSRF-Token": csrf, "Content-Type": "application/json", **headers}
    return visitor.client.post(path, content=json.dumps(body or {}), headers=named)


def company(**changed: Any) -> dict[str, Any]:
    return {"company": {**ENTITY.model_dump(mode="json"), **changed}}


def test_a_draft_of_another_company_is_not_replaced(
    house: House, ines: Visitor, song: Visitor, mira: Visitor
) -> None:
    drafted = post(mira, f"/api/v1{OTHERS}/draft", {"body": REPLY})
    assert drafted.status_code == 200, drafted.text
    ours = {**REPLY, "legal_entity": "larkmere-uk"}
    refused = post(ines, f"/api/v1{OTHERS}/draft", {"body": ours})
    assert refused.status_code == 422
    assert [it["field"] for it in refused.json()["errors"]] == ["legal_entity"]
    form = ines.form(ines.get("/documents/saved_reply").text, "/documents/saved_reply")
    typed = {
        **form, "title_en": "Ours", "title_zh": "我们的", "body_en": "Dear", "body_zh": "尊敬的",
        "legal_entity": "larkmere-uk", "version": "1",
    }  # fmt: skip
    assert ines.client.post(f"{OTHERS}/draft", data=typed).status_code == 404, "not there for her"
    assert post(song, f"/api/v1{OTHERS}/publish").status_code == 403
    state = house.ledger.fold(document, "saved_reply-of-woodquill").state
    assert state.draft is not None
    assert (state.draft.body, state.draft.drafted_by) == (REPLY, house.staff["mira"])


@pytest.mark.parametrize("kind", ["policy", "saved_reply"])
@pytest.mark.parametrize("owner", [[], {}])
def test_a_body_that_is_no_document_is_refused(ines: Visitor, kind: str, owner: object) -> None:
    body = {"body": {"legal_entity": owner}}
    assert post(ines, f"/api/v1/documents/{kind}/x/draft", body).status_code == 422


def test_what_changed_since_it_was_read_is_not_published(
    house: House, ines: Visitor, song: Visitor
) -> None:
    assert (
        post(ines, f"{COMPANY}/draft", company(mail_from="a@larkmere.example")).status_code == 200
    )
    seen = song.client.get(COMPANY).headers["etag"]
    page, told = "/organisation/larkmere-uk", {"If-Match": seen}
    form = song.form(song.get(page).text, f"{page}/publish")
    changed = company(mail_from="b@larkmere.example")
    assert post(ines, f"{COMPANY}/draft", changed, **told).status_code == 200
    assert post(ines, f"{COMPANY}/draft", company(), **told).status_code == 412
    assert post(song, f"{COMPANY}/publish", **told).status_code == 412
    late = song.client.post(f"{page}/publish", data=form)
    assert late.status_code == 412
    assert "b@larkmere.example" in late.text
    assert song.send(page, f"{page}/publish", version="").status_code == 422
    fresh = song.client.get(COMPANY).headers["etag"]
    assert post(song, f"{COMPANY}/publish", **{"If-Match": fresh}).status_code == 200
    assert song.client.get(COMPANY).json()["company"]["mail_from"] == "b@larkmere.example"


def test_the_same_key_publishes_once(house: House, ines: Visitor, song: Visitor) -> None:
    assert (
        post(ines, f"{COMPANY}/draft", company(mail_from="c@larkmere.example")).status_code == 200
    )
    first, again = (post(song, f"{COMPANY}/publish", **{"Idempotency-Key": "c"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["last"] == again.json()["last"]


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../etc/passwd", "", "Europe/London\0"])
def test_a_company_has_a_zone_that_exists(house: House, ines: Visitor, zone: str) -> None:
    before = house.ledger.fold(organisation, STREAM).version
    refused = post(ines, f"{COMPANY}/draft", company(zone=zone))
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["field"] in ("company", "company.zone")
    assert house.ledger.fold(organisation, STREAM).version == before


@pytest.mark.parametrize("name", ["\0", "\ud800", "\x07"])
def test_a_company_is_named_in_words(ines: Visitor, name: str) -> None:
    text = {"en": name, "zh": "名"}
    for changed in ({"name": text}, {"teams": {"first": text}}, {"teams": {name: text}}):
        assert post(ines, f"{COMPANY}/draft", company(**changed)).status_code == 422
