"""Ten seconds to take words back, and words that might go to the wrong reader."""

from __future__ import annotations

import re

import pytest
from states import case_in
from test_drafts import boxed, drafts
from test_story import lodged
from visiting import House, Visitor


@pytest.fixture(scope="module")
def ellie(house: House) -> Visitor:
    return house.visitor("ellie")


def waits(visitor: Visitor, number: str) -> str:
    """The address at which the letter that waits is pulled back."""
    found = re.search(
        rf'action="(/complaints/{number}/pull-back/[^"]+)"',
        visitor.get(f"/complaints/{number}").text,
    )
    assert found
    return found[1]


def test_a_letter_that_waits_is_pulled_back_and_its_words_are_a_draft_again(
    ellie: Visitor,
) -> None:
    number = lodged(ellie)
    home = f"/complaints/{number}"
    typed = {**boxed(ellie, number), "channel": "email", "text": "Too early", "subject": "Soon"}
    assert ellie.client.post(f"{home}/reply", data=typed).status_code == 303
    assert re.search(r"Leaves in \d+ s\.|Leaves now\.", ellie.get(home).text)
    undo = waits(ellie, number)
    form = ellie.form(ellie.get(home).text, undo)
    for _ in range(2):
        assert ellie.client.post(undo, data=form).status_code == 303
    assert drafts(ellie, number) == {"reply": "Too early"}
    again = boxed(ellie, number)
    assert (again["subject"], again["channel"]) == ("Soon", "email")
    assert again["command_id"] != typed["command_id"]
    assert ellie.client.post(f"{home}/reply", data=again).status_code == 303
    assert waits(ellie, number) != undo


def test_a_proposal_is_drafted_and_comes_back_to_its_own_form(house: House, ellie: Visitor) -> None:
    number = case_in(house, "proposed")
    home = f"/complaints/{number}"
    form = ellie.get(f"{home}/offer").text
    for words in ("您的投诉", "处理方案", "我们多收了", "12.50"):
        assert words in form
    typed = {**ellie.form(form, f"{home}/offer"), "channel": "email", "text": "我们退回 12.50"}
    assert ellie.client.post(f"{home}/offer", data=typed).status_code == 303
    undo = waits(ellie, number)
    taken = ellie.client.post(undo, data=ellie.form(ellie.get(home).text, undo))
    assert taken.status_code == 303
    assert drafts(ellie, number) == {"offer": "我们退回 12.50"}
    assert "我们退回 12.50" in ellie.get(f"{home}/offer").text


@pytest.mark.parametrize("name", ["@lin", "@Priya Thornley", "转@林乔看"])
def test_words_to_the_customer_that_call_a_colleague_are_asked_about(
    ellie: Visitor, name: str
) -> None:
    number = lodged(ellie)
    reply = f"/complaints/{number}/reply"
    typed = {**boxed(ellie, number), "channel": "phone", "text": f"{name} look at this"}
    asked = ellie.client.post(reply, data=typed)
    assert asked.status_code == 409
    assert "This goes to the customer. Send it all the same?" in asked.text
    sure = ellie.form(asked.text, reply)
    assert sure["text"] == f"{name} look at this"
    assert ellie.client.post(reply, data=sure).status_code == 303
    assert drafts(ellie, number) == {}


def test_an_address_with_a_colleagues_name_in_it_is_no_call(ellie: Visitor) -> None:
    number = lodged(ellie)
    typed = {**boxed(ellie, number), "channel": "phone", "text": "Write to me@lin.example"}
    assert ellie.client.post(f"/complaints/{number}/reply", data=typed).status_code == 303


def test_each_box_says_who_reads_it(ellie: Visitor) -> None:
    number = lodged(ellie)
    page = ellie.get(f"/complaints/{number}").text
    assert re.search(r'class="to"[^>]*>To Mei Hanlu by e-mail<', page)
    assert '<h3 class="to">Only colleagues</h3>' in page


def test_no_reply_is_decided_beside_the_message_that_waits_for_one(ellie: Visitor) -> None:
    number = lodged(ellie)
    home = f"/complaints/{number}"
    assert ellie.act(number, "message", channel="phone", text="Thanks").status_code == 303
    page = ellie.get(home).text
    assert re.search(r'data-key="x">No reply needed', page)
    assert ellie.client.post(
        f"{home}/no-reply", data=ellie.form(page, f"{home}/no-reply")
    ).is_redirect
    assert f'action="{home}/no-reply"' not in ellie.get(home).text


def test_automatic_steps_are_one_line_between_the_messages(ellie: Visitor) -> None:
    number = lodged(ellie)
    page = ellie.get(f"/complaints/{number}").text
    assert re.search(r"<summary>\d+ automatic steps?</summary>", page)
    assert "automatic step" not in ellie.get(f"/complaints/{number}?tab=customer").text


def test_while_a_letter_is_on_its_way_its_form_is_not_shown_again(ellie: Visitor) -> None:
    number = lodged(ellie)
    home = f"/complaints/{number}"
    assert ellie.act(number, "take").status_code == 303
    typed = {"channel": "email", "subject": "Here", "text": "We have it"}
    assert ellie.act(number, "acknowledge", **typed).status_code == 303
    card = now_card(ellie, home)
    assert "are on their way" in card
    assert "<form" not in card
    form = ellie.form(ellie.get(home).text, undo := waits(ellie, number))
    assert ellie.client.post(undo, data=form).status_code == 303
    assert "We have it" in now_card(ellie, home)


def test_a_letter_that_is_posted_by_hand_is_the_next_act_until_it_is(ellie: Visitor) -> None:
    number = lodged(ellie)
    home = f"/complaints/{number}"
    assert ellie.act(number, "take").status_code == 303
    assert ellie.act(number, "acknowledge", channel="letter", text="We have it").status_code == 303
    card = now_card(ellie, home)
    assert "Post the letter to" in card
    target = re.search(rf'action="({home}/posted/[^"]+)"', card)
    assert target
    form = ellie.form(card, target[1])
    assert ellie.client.post(target[1], data=form).status_code == 303
    assert "Assess how grave it is" in now_card(ellie, home)


def now_card(visitor: Visitor, home: str) -> str:
    card = re.search(r'<section class="card now.*?</section>', visitor.get(home).text, re.DOTALL)
    assert card
    return card[0]
