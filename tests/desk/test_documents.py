"""Documents: read by who works by them, drafted by one, published by another."""

from __future__ import annotations

import json

import pytest
from visiting import House


def test_one_drafts_and_another_publishes(house: House) -> None:
    ines, song, ellie = (house.visitor(login) for login in ("ines", "song", "ellie"))
    path = "/documents/calendar/office"
    page = ines.get(path).text
    body = json.loads(ines.form(page, f"{path}/draft")["body"])
    assert body["version"] == 2
    assert ines.send(path, f"{path}/draft", body="{").status_code == 422
    refused = ines.send(path, f"{path}/draft", body=json.dumps({**body, "version": 7}))
    assert refused.status_code == 409
    assert "The next version is 2." in refused.text
    other = ines.send(path, f"{path}/draft", body=json.dumps({**body, "id": "london"}))
    assert other.status_code == 422
    drafted = ines.send(path, f"{path}/draft", body=json.dumps(body))
    assert drafted.status_code == 303, drafted.text
    assert f"{path}/publish" not in ines.get(path).text
    own = ellie.form(ellie.get("/me").text, "/logout")
    assert ellie.client.post(f"{path}/publish", data=own).status_code == 403
    assert song.send(path, f"{path}/publish").status_code == 303
    assert "第 2 版" in song.get(path).text


def test_who_works_by_them_may_read_them(house: House) -> None:
    ellie = house.visitor("ellie")
    page = ellie.get("/documents").text
    assert "Complaints, United Kingdom" in page
    assert ellie.get("/documents/policy/uk-complaints").status_code == 200
    assert "/draft" not in ellie.get("/documents/policy/uk-complaints").text
    assert ellie.get("/documents/policy/nothing").status_code == 404
    assert ellie.get("/documents/secret/nothing").status_code == 404


def test_another_companys_documents_are_not_there(house: House) -> None:
    dayo = house.visitor("dayo")
    assert "uk-complaints" not in dayo.get("/documents").text
    assert dayo.get("/documents/policy/uk-complaints").status_code == 404
    assert dayo.get("/documents/procedure/iso-10002").status_code == 200
    assert "uk-complaints" not in dayo.send("/search", q="Complaints, United Kingdom").text


def test_whoever_has_no_case_begins_at_the_staff(house: House) -> None:
    assert house.visitor("ines").client.get("/").headers["location"] == "/staff"


def test_a_draft_that_changed_meanwhile_is_not_published_unseen(house: House) -> None:
    ines, song = house.visitor("ines"), house.visitor("song")
    path = "/documents/calendar/london"
    body = json.loads(ines.form(ines.get(path).text, f"{path}/draft")["body"])
    assert ines.send(path, f"{path}/draft", body=json.dumps(body)).status_code == 303
    seen = song.form(song.get(path).text, f"{path}/publish")
    changed = {**body, "holidays": {}} if "holidays" in body else {**body, "zone": "Europe/Paris"}
    drafted = ines.send(path, f"{path}/draft", body=json.dumps(changed))
    assert drafted.status_code == 303, drafted.text
    late = song.client.post(f"{path}/publish", data=seen)
    assert late.status_code == 412
    assert '<pre tabindex="0"></pre>' not in late.text, "what would be published now is shown"
    assert song.send(path, f"{path}/publish", version="²").status_code == 422


@pytest.mark.parametrize(
    ("owner", "status"), [("larkmere-uk", 303), ("woodquill", 403), (None, 403)]
)
def test_who_has_a_right_in_one_company_drafts_for_that_one(
    house: House, owner: str | None, status: int
) -> None:
    """A document of no company is one of all."""
    ines = house.visitor("ines")
    path = "/documents/policy/uk-complaints"
    body = json.loads(ines.form(ines.get(path).text, f"{path}/draft")["body"])
    assert body["legal_entity"] == "larkmere-uk"
    sent = json.dumps({**body, "legal_entity": owner})
    assert ines.send(path, f"{path}/draft", body=sent).status_code == status


@pytest.mark.parametrize("text", ['{"id":"\\ud800"}', '{"id":"\\u0000"}', "9" * 5_000])
def test_what_cannot_be_stored_is_no_document(house: House, text: str) -> None:
    path = "/documents/calendar/office"
    assert house.visitor("ines").send(path, f"{path}/draft", body=text).status_code == 422
