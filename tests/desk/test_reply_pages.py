"""The page of saved replies: found by words, drafted, published, retired; refused in words."""

from __future__ import annotations

from typing import Any

import pytest
from test_saved_replies import publish
from test_story import lodged
from visiting import House, Visitor

SHELF = "/documents/saved_reply"
TYPED = {
    "title_en": "We lost the letter",
    "title_zh": "信件遗失",
    "body_en": "Dear $customer,\n\nWe lost it.",
    "body_zh": "尊敬的$customer：\n\n信件已遗失。",
    "legal_entity": "larkmere-uk",
}


@pytest.fixture(scope="module")
def ines(house: House) -> Visitor:
    return house.visitor("ines")


def begin(visitor: Visitor, id: str, **more: str) -> Any:
    return visitor.send(SHELF, id=id, **{**TYPED, **more})


def test_it_is_drafted_by_one_published_by_another_and_retired_so(
    house: House, ines: Visitor
) -> None:
    song, ellie = house.visitor("song"), house.visitor("ellie")
    path = f"{SHELF}/lost-letter"
    begun = begin(ines, "lost-letter", **{"channels.email": "yes", "categories.fee": "yes"})
    assert (begun.status_code, begun.headers["location"]) == (303, path)
    assert f"{path}/publish" not in ines.get(path).text
    for page in (SHELF, "/documents"):
        assert "已起草、尚未发布" in song.get(page).text
        assert "Drafted, not published" not in ellie.get(page).text
    assert "We lost the letter" not in ellie.get(SHELF).text
    assert song.send(path, f"{path}/publish").status_code == 303
    shown = ellie.get(SHELF).text
    assert "We lost the letter" in shown
    assert "by e-mail" in shown
    case = f"/complaints/{lodged(ellie)}"
    assert "We lost the letter</option>" in ellie.get(case).text
    other = f"/complaints/{lodged(ellie, category='delay')}"
    assert "We lost the letter</option>" not in ellie.get(other).text
    form = ines.form(ines.get(path).text, f"{path}/draft")
    assert (form["channels.email"], form["legal_entity"]) == ("yes", "larkmere-uk")
    retired = ines.client.post(f"{path}/draft", data={**form, "retired": "yes"})
    assert retired.status_code == 303
    assert song.send(path, f"{path}/publish").status_code == 303
    assert "Used no more" in ellie.get(path).text
    assert "We lost the letter</option>" not in ellie.get(case).text


def test_they_are_found_by_their_words(house: House) -> None:
    ellie = house.visitor("ellie")
    found = ellie.get(f"{SHELF}?words=trace 到账").text
    assert "When the money arrives" in found
    assert "Thank you for telling us" not in found
    assert "Nothing is found by these words." in ellie.get(f"{SHELF}?words=zebra").text
    documents = ellie.get("/documents?words=MONEY arrives").text
    assert "When the money arrives" in documents
    assert "Complaints, United Kingdom" not in documents
    assert "Nothing is found by these words." in ellie.get("/documents?words=zebra").text


@pytest.mark.parametrize(
    ("id", "typed", "status", "words"),
    [
        ("Two Words", {}, 422, "Small letters, digits and hyphens."),
        ("", {}, 422, "Small letters, digits and hyphens."),
        ("thank-you", {}, 409, "There is one of this name already."),
        ("bad-place", {"body_zh": "$secret"}, 422, "These places are not known: $secret."),
        ("bad-sign", {"body_en": "100 $"}, 422, "A $ must begin a place"),
        ("no-chinese", {"body_zh": " "}, 422, "This is needed."),
        ("no-title", {"title_en": ""}, 422, "This is needed."),
        ("long", {"title_en": "x" * 121}, 422, "At most 120 characters."),
        ("not-mine", {"legal_entity": "woodquill"}, 422, "Choose a company"),
        ("for-all", {"legal_entity": ""}, 422, "Choose a company"),
        ("pigeon", {"channels.pigeon": "yes"}, 422, "The document does not hold together"),
    ],
)
def test_what_does_not_fit_says_so_and_keeps_what_was_typed(
    house: House, id: str, typed: dict[str, str], status: int, words: str
) -> None:
    answer = begin(house.visitor("ines"), id, **typed)
    assert answer.status_code == status
    assert words in answer.text
    assert "We lost it.</textarea>" in answer.text or "body_en" in typed
    assert "What you typed is kept." in answer.text
    assert (house.visitor("song").get(f"{SHELF}/{id or 'x'}").status_code == 404) or status == 409


def test_a_later_version_is_held_to_the_same(house: House, ines: Visitor) -> None:
    publish(house, "mendable", legal_entity="larkmere-uk")
    path = f"{SHELF}/mendable"
    form = ines.form(ines.get(path).text, f"{path}/draft")
    assert form["version"] == "2"
    refused = ines.client.post(f"{path}/draft", data={**form, "body_en": "$secret typed"})
    assert refused.status_code == 422
    assert "These places are not known: $secret." in refused.text
    assert "$secret typed</textarea>" in refused.text
    publish(house, "mendable", 2, legal_entity="larkmere-uk")
    late = ines.client.post(f"{path}/draft", data=form)
    assert late.status_code == 409
    assert "The next version is 3." in late.text
    assert ines.client.post(f"{path}/draft", data={**form, "version": "x"}).status_code == 422


def test_the_same_form_twice_drafts_once(ines: Visitor) -> None:
    form = {**ines.form(ines.get(SHELF).text, SHELF), **TYPED, "id": "twice"}
    for _ in range(2):
        assert ines.client.post(SHELF, data=form).status_code == 303


def test_who_may_not_draft_begins_none_and_another_company_s_is_not_there(
    house: House, ines: Visitor
) -> None:
    ellie, dayo = house.visitor("ellie"), house.visitor("dayo")
    csrf = ellie.form(ellie.get("/me").text, "/logout")
    assert 'id="begin"' not in ellie.get(SHELF).text
    assert ellie.client.post(SHELF, data={**csrf, **TYPED, "id": "mine"}).status_code == 403
    publish(house, "uk-only", legal_entity="larkmere-uk")
    assert "Words of uk-only" in ellie.get(SHELF).text
    assert "Words of uk-only" not in dayo.get(SHELF).text
    assert dayo.get(f"{SHELF}/uk-only").status_code == 404
    assert ellie.get(f"{SHELF}/uk-only").status_code == 200
