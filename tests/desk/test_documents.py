"""Documents: read by who works by them, drafted by one, published by another."""

from __future__ import annotations

import json

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


def test_whoever_has_no_case_begins_at_the_documents(house: House) -> None:
    assert house.visitor("ines").client.get("/").headers["location"] == "/documents"
