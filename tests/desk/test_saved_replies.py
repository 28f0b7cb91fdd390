"""Saved replies in a case: into the box without scripts, sent, remembered, and over the API."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from people import PASSWORD
from test_drafts import boxed, csrf_of, drafts, end_session, save
from test_story import lodged
from visiting import House, Visitor

from domain.conversation import SavedReplyUsed
from domain.document import PublishDocument, document
from domain.letter import LetterWritten
from workers.packs import PACKS


@pytest.fixture(scope="module")
def ellie(house: House) -> Visitor:
    return house.visitor("ellie")


def publish(house: House, id: str, version: int = 1, **more: Any) -> None:
    body = {
        "id": id,
        "version": version,
        "title": {"en": f"Words of {id}", "zh": f"{id} 的话"},
        "body": {"en": "Dear $customer, about $number.", "zh": "$customer，关于 $number。"},
        **more,
    }
    command = PublishDocument(
        command_id=uuid4(), at=house.app.state.house.now(), actor=PACKS, kind="saved_reply",
        body=body,
    )  # fmt: skip
    house.ledger.handle(document, f"saved_reply-{id}", command)


def use(visitor: Visitor, number: str, **typed: str) -> Any:
    fields = {**boxed(visitor, number), **typed}
    return visitor.client.post(f"/complaints/{number}/reply/use", data=fields)


def facts(house: House, visitor: Visitor, number: str, kind: type) -> list[Any]:
    stream = visitor.client.get(f"/api/v1/complaints/{number}").json()["stream"]
    return [it.event for it in house.ledger.history(stream) if isinstance(it.event, kind)]


def test_it_comes_into_an_empty_box_and_below_what_was_typed(ellie: Visitor) -> None:
    number = lodged(ellie)
    answer = use(ellie, number, pick="still-looking@1")
    assert (answer.status_code, answer.headers["location"]) == (
        303, f"/complaints/{number}#reply",
    )  # fmt: skip
    first = boxed(ellie, number)
    assert first["text"].startswith(f"Dear Mei Hanlu,\n\nAbout {number}: I am still")
    assert "Kind regards\n\nLarkmere Bank UK" in first["text"]
    assert first["saved_reply"] == "still-looking@1"
    assert use(ellie, number, text="I rang you today.", pick="thank-you@1").status_code == 303
    assert boxed(ellie, number)["text"].startswith("I rang you today.\n\nDear Mei Hanlu,")
    assert drafts(ellie, number)["reply"].startswith("I rang you today.")


def test_it_speaks_the_customers_language_and_its_title_the_readers(ellie: Visitor) -> None:
    number = lodged(ellie, "zh")
    assert "We are still looking into it</option>" in ellie.get(f"/complaints/{number}").text
    assert use(ellie, number, pick="still-looking@1").status_code == 303
    assert boxed(ellie, number)["text"].startswith("尊敬的客户Mei Hanlu：")


@pytest.mark.parametrize(
    ("channel", "text", "changed"),
    [("email", None, False), ("email", "My own end", True), ("phone", None, False)],
)
def test_what_is_sent_remembers_what_it_began_as(
    house: House, ellie: Visitor, channel: str, text: str | None, changed: bool
) -> None:
    number = lodged(ellie)
    use(ellie, number, pick="still-looking@1")
    box = boxed(ellie, number)
    typed = {**box, "channel": channel, "text": text or box["text"]}
    sent = ellie.client.post(f"/complaints/{number}/reply", data=typed)
    assert sent.status_code == 303, sent.text
    (used,) = facts(house, ellie, number, SavedReplyUsed)
    assert (str(used.reply), used.changed) == ("still-looking@1", changed)
    words = "From the saved reply “We are still looking into it”, version 1"
    for page in ("", "/history"):
        shown = ellie.get(f"/complaints/{number}{page}").text
        assert words in shown
        assert (f"{words} · changed by hand" in shown) is changed
    chinese = house.visitor("lin").get(f"/complaints/{number}").text
    assert "源自常用回复“仍在核实中”第 1 版" in chinese


def test_compliance_reads_it_with_the_letter_and_among_the_papers(
    house: House, ellie: Visitor
) -> None:
    number = lodged(ellie)
    assert post(ellie, number, channel="email", saved_reply="still-looking").status_code == 200
    page = house.visitor("song").get(f"/complaints/{number}/history").text
    assert "（源自常用回复“仍在核实中”第 1 版）" in page
    assert "仍在核实中，第 1 版" in page
    assert "自拟文字" not in page


def test_one_chosen_and_not_used_is_not_remembered(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    typed = {**boxed(ellie, number), "pick": "thank-you@1", "text": "Mine alone"}
    assert ellie.client.post(f"/complaints/{number}/reply", data=typed).status_code == 303
    assert facts(house, ellie, number, SavedReplyUsed) == []


def test_what_is_pulled_back_still_knows(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    use(ellie, number, pick="thank-you@1")
    ellie.client.post(f"/complaints/{number}/reply", data=boxed(ellie, number))
    (letter,) = facts(house, ellie, number, LetterWritten)
    pulled = ellie.send(f"/complaints/{number}", f"/complaints/{number}/pull-back/{letter.letter}")
    assert pulled.status_code == 303
    assert boxed(ellie, number)["saved_reply"] == "thank-you@1"


def test_one_retired_meanwhile_is_refused_in_words_and_what_was_typed_stays(
    house: House, ellie: Visitor
) -> None:
    number = lodged(ellie)
    publish(house, "going")
    use(ellie, number, pick="going@1")
    begun, other = boxed(ellie, number), boxed(ellie, lodged(ellie))
    publish(house, "going", 2, retired=True)
    refused = use(ellie, number, text="Typed with care", pick="going@1")
    assert refused.status_code == 409
    assert "This saved reply is used no more." in refused.text
    assert "Typed with care</textarea>" in refused.text
    assert "Words of going</option>" not in ellie.get(f"/complaints/{number}").text
    assert "saved_reply" in other
    sent = ellie.client.post(f"/complaints/{number}/reply", data=begun)
    assert sent.status_code == 409
    assert begun["text"].strip() in sent.text
    again = ellie.form(sent.text, f"/complaints/{number}/reply")
    assert again["saved_reply"] == ""
    assert ellie.client.post(f"/complaints/{number}/reply", data=again).status_code == 303
    assert facts(house, ellie, number, SavedReplyUsed) == []


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ({"pick": ""}, 422, "Choose a saved reply."),
        ({"pick": "nothing@1"}, 404, "There is no such saved reply for this case."),
        ({"pick": "%00 <b>"}, 404, "There is no such saved reply for this case."),
        ({"pick": "for-mail@1", "channel": "phone"}, 409, "only goes by e-mail, by letter."),
        ({"pick": "of-others@1"}, 404, "There is no such saved reply for this case."),
        ({"pick": "thank-you@1", "command_id": "mine"}, 422, "This form is too old."),
    ],
)
def test_what_cannot_be_used_says_why_and_keeps_the_words(
    house: House, ellie: Visitor, typed: dict[str, str], status: int, words: str
) -> None:
    if "for-mail" in typed["pick"]:
        publish(house, "for-mail", channels=["email", "letter"])
    if "of-others" in typed["pick"]:
        publish(house, "of-others", legal_entity="woodquill")
    number = lodged(ellie)
    answer = use(ellie, number, text="Typed with care", **typed)
    assert answer.status_code == status
    assert words in answer.text
    assert "Typed with care</textarea>" in answer.text


def test_a_place_that_the_case_has_no_value_for_is_written_by_hand(
    house: House, ellie: Visitor
) -> None:
    publish(house, "decided", body={"en": "We decided: $decision", "zh": "决定：$decision"})
    number = lodged(ellie)
    use(ellie, number, pick="decided@1")
    box = boxed(ellie, number)
    refused = ellie.client.post(f"/complaints/{number}/reply", data=box)
    assert refused.status_code == 422
    assert "Nothing is known here for $decision." in refused.text
    assert post(ellie, number, channel="email", saved_reply="decided").status_code == 422
    again = ellie.form(refused.text, f"/complaints/{number}/reply")
    assert (again["saved_reply"], again["text"]) == ("decided@1", box["text"])
    written = {**again, "text": "We decided: not yet"}
    assert ellie.client.post(f"/complaints/{number}/reply", data=written).status_code == 303
    (used,) = facts(house, ellie, number, SavedReplyUsed)
    assert used.changed


def test_files_that_cannot_come_back_are_asked_for(ellie: Visitor) -> None:
    number = lodged(ellie)
    answer = ellie.client.post(
        f"/complaints/{number}/reply/use",
        data={**boxed(ellie, number), "pick": "thank-you@1"},
        files={"files": ("a.txt", b"words", "text/plain")},
    )
    assert answer.status_code == 422
    assert "Choose them again." in answer.text
    assert boxed(ellie, number)["text"].startswith("Dear Mei Hanlu,\n\nThank you")


def test_who_may_not_reply_uses_none(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    form = {**boxed(ellie, number), "pick": "thank-you@1"}
    for login, status in (("song", 403), ("dayo", 404), ("ines", 404)):
        visitor = house.visitor(login)
        typed = {**form, "csrf": csrf_of(visitor)}
        use_it = visitor.client.post(f"/complaints/{number}/reply/use", data=typed)
        read_it = visitor.client.get(f"/api/v1/complaints/{number}/saved-replies")
        assert (use_it.status_code, read_it.status_code) == (status, status), login


def test_a_session_that_ends_before_the_choice_loses_nothing(house: House) -> None:
    ellie = Visitor(house).log_in("ellie")
    number = lodged(ellie)
    path = f"/complaints/{number}/reply/use"
    form = {**boxed(ellie, number), "text": "I rang you today.", "pick": "thank-you@1"}
    end_session(house, ellie)
    asked = ellie.client.post(path, data=form)
    assert asked.status_code == 401
    login = {"again.login": "ellie", "again.password": PASSWORD}
    done = ellie.client.post(path, data={**ellie.form(asked.text, path), **login})
    assert done.status_code == 303, done.text
    assert boxed(ellie, number)["text"].startswith("I rang you today.\n\nDear Mei Hanlu,")


def test_words_of_another_window_stay_and_a_double_click_fills_once(ellie: Visitor) -> None:
    number = lodged(ellie)
    form = {**boxed(ellie, number), "text": "Of this window", "pick": "thank-you@1"}
    assert save(ellie, number, "reply", "Of the other window").status_code == 200
    for _ in range(2):
        answer = ellie.client.post(f"/complaints/{number}/reply/use", data=form)
        assert answer.status_code == 303
    text = boxed(ellie, number)["text"]
    assert text.startswith("Of the other window\n\nOf this window\n\nDear Mei Hanlu,")
    assert text.count("Thank you for your message") == 1


# over the API


def post(visitor: Visitor, number: str, key: str = "", **body: Any) -> Any:
    return visitor.client.post(
        f"/api/v1/complaints/{number}/reply",
        json=body,
        headers={"X-CSRF-Token": csrf_of(visitor), "Idempotency-Key": key or str(uuid4())},
    )


def test_they_are_listed_by_language_and_words(house: House, ellie: Visitor) -> None:
    path = "/api/v1/saved-replies"
    assert {"thank-you@1", "still-looking@1"} <= {
        it["reply"] for it in ellie.client.get(path).json()
    }
    (found,) = ellie.client.get(f"{path}?language=zh&words=到账").json()
    assert found["reply"] == "when-money-arrives@1"
    assert (found["title"], "$number" in found["text"]) == ("款项何时到账", True)
    publish(house, "elsewhere", legal_entity="woodquill")
    publish(house, "gone", retired=True)
    named = {it["reply"] for it in ellie.client.get(path).json()}
    assert named.isdisjoint({"elsewhere@1", "gone@1"})
    assert "gone@1" in {it["reply"] for it in ellie.client.get(f"{path}?retired=true").json()}
    assert ellie.client.get(f"{path}?language=fr").status_code == 422


def test_they_are_filled_for_a_case(ellie: Visitor) -> None:
    number = lodged(ellie, "zh")
    path = f"/api/v1/complaints/{number}/saved-replies"
    (found,) = ellie.client.get(f"{path}?words=money arrives").json()
    assert found["title"] == "When the money arrives"
    assert found["text"].startswith("尊敬的客户Mei Hanlu：")
    assert found == ellie.client.get(f"{path}/when-money-arrives").json()
    assert ellie.client.get(f"{path}/nothing").status_code == 404
    refused = ellie.client.get(f"{path}/sending-documents?channel=phone")
    assert refused.json()["type"] == "/problems/SavedReplyGoesOtherwise"


def test_a_reply_names_one(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    answer = post(ellie, number, "k1", channel="email", saved_reply="thank-you")
    assert answer.status_code == 200, answer.text
    (letter,) = facts(house, ellie, number, LetterWritten)
    assert (house.ledger.open(letter.words.body) or "").startswith("Dear Mei Hanlu,\n\nThank you")
    (used,) = facts(house, ellie, number, SavedReplyUsed)
    assert (str(used.reply), used.changed) == ("thank-you@1", False)
    again = post(ellie, number, "k1", channel="email", saved_reply="thank-you")
    assert again.json()["outcome"] == "repeated"
    other = post(ellie, number, "k1", channel="email", saved_reply="still-looking")
    assert other.status_code == 422


def test_the_same_key_gives_the_first_answer_whatever_became_of_the_reply(
    house: House, ellie: Visitor
) -> None:
    number = lodged(ellie)
    publish(house, "brief")
    words = {"subject": "Thanks", "body": "Dear Mei"}
    sent: list[dict[str, Any]] = [
        {"channel": "email", "saved_reply": "brief"},
        {"channel": "phone", "saved_reply": "brief@1"},
        {"channel": "email", "saved_reply": "brief", "words": words},
    ]
    for body in sent:
        assert post(ellie, number, f"brief-{sent.index(body)}", **body).status_code == 200
    publish(house, "brief", 2, retired=True)
    for body in sent:
        again = post(ellie, number, f"brief-{sent.index(body)}", **body)
        assert again.json()["outcome"] == "repeated", again.text
    late = post(ellie, number, channel="email", saved_reply="brief@1")
    assert (late.status_code, late.json()["type"]) == (409, "/problems/SavedReplyRetired")


def test_a_reply_names_one_and_has_words_of_its_own(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    words = {"subject": "Thanks", "body": "Dear Mei, thank you."}
    answer = post(ellie, number, channel="email", saved_reply="thank-you@1", words=words)
    assert answer.status_code == 200, answer.text
    said = post(ellie, number, channel="phone", saved_reply="still-looking")
    assert said.status_code == 200, said.text
    used = facts(house, ellie, number, SavedReplyUsed)
    assert [(str(it.reply), it.changed) for it in used] == [
        ("thank-you@1", True),
        ("still-looking@1", False),
    ]


@pytest.mark.parametrize(
    ("name", "status"), [("nothing", 404), ("thank-you@7", 404), ("", 422), ("x" * 99, 404)]
)
def test_a_reply_that_names_none_we_know_is_refused(ellie: Visitor, name: str, status: int) -> None:
    number = lodged(ellie)
    words = {"subject": "Thanks", "body": "Dear Mei"}
    answer = post(ellie, number, channel="email", saved_reply=name, words=words)
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["field"] == "saved_reply"
    assert json.loads(answer.text)["status"] == status
