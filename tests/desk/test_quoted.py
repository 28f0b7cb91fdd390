"""What a mail quotes of earlier letters, in the shapes that mail programs give it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_story import lodged
from visiting import House

from desk.quoted import own_words, parts

SHAPES = {
    "gmail": (
        "It has still not come.\n\n",
        "On Tue, 24 Nov 2026 at 09:14, Larkmere <care@larkmere.example> wrote:\n\n"
        "> Dear Mei\n>\n> We are looking.",
    ),
    "gmail, its head broken": (
        "It has still not come.\n\n",
        "On Tue, 24 Nov 2026 at 09:14, Larkmere Bank UK\n<care@larkmere.example>\nwrote:\n"
        "> Dear Mei",
    ),
    "gmail in Chinese": (
        "还没有收到。\n",
        "在 2026年11月24日周二 09:14，岚镜银行 <care@larkmere.example> 写道：\n\n> 您好",
    ),
    "gmail in Chinese, the name first": (
        "还没有收到。\n\n",
        "岚镜银行 <care@larkmere.example>\n于2026年11月24日周二 09:14写道：\n> 您好\n> 我们在查",
    ),
    "words of HTML, without marks": (
        "还没有收到。\n\n",
        '在 2026-11-24 09:14:00，"岚镜银行" <care@larkmere.example> 写道：\n\n您好\n\n我们在查',
    ),
    "apple": (
        "Please ring me.\n\n",
        "> On 24 Nov 2026, at 09:14, Larkmere <care@larkmere.example> wrote:\n> \n> Dear Mei",
    ),
    "outlook": (
        "I attach the receipt.\n\n",
        "________________________________\nFrom: Larkmere <care@larkmere.example>\n"
        "Sent: Tuesday, 24 November 2026 09:14\nTo: Mei\nSubject: C-2026-000017\n\nDear Mei",
    ),
    "outlook of old": (
        "I attach the receipt.\n\n",
        "-----Original Message-----\nFrom: Larkmere\nSent: Tuesday\n\nDear Mei",
    ),
    "outlook in Chinese": (
        "附上收据。\n\n",
        "发件人: 岚镜银行 <care@larkmere.example>\n发送时间: 2026年11月24日 9:14\n收件人: 梅\n"
        "主题: C-2026-000017\n\n您好",
    ),
    "outlook in Chinese, wide colons": (
        "附上收据。\n\n",
        "发件人：岚镜银行\n日期：2026年11月24日\n收件人：梅\n\n您好",
    ),
    "qq": (
        "附上收据。\n\n",
        '------------------ 原始邮件 ------------------\n发件人: "岚镜银行"\n\n您好',
    ),
    "qq, on a phone": (
        "附上收据。\n\n",
        '---原始邮件---\n发件人: "岚镜银行"<care@larkmere.example>\n发送时间: 2026年11月24日(周二) '
        '上午9:14\n收件人: "梅"<mei@qq.example>;\n主题: C-2026-000017\n\n您好',
    ),
    "netease on the web": (
        "还没有收到。\n",
        'At 2026-11-24 09:14:00, "岚镜银行" <care@larkmere.example> wrote:\n\n您好\n\n我们在查',
    ),
    "alibaba, its words spaced out": (
        "附上收据。\n\n",
        "------------------------------------------------------------------\n"
        "发件人：岚镜银行 <care@larkmere.example>\n日　期：2026年11月24日 09:14:00\n"
        "收件人：梅 <mei@aliyun.example>\n主　题：C-2026-000017\n\n您好",
    ),
    "china mobile": (
        "附上收据。\n\n",
        "----邮件原文----\n发件人：岚镜银行\n收件人：梅\n抄 送: (无)\n"
        "发送时间：2026-11-24 09:14\n\n您好",
    ),
    "foxmail": (
        "附上收据。\n\n",
        "发件人：\xa0岚镜银行\n发送时间：\xa02026-11-24\xa009:14\n收件人：\xa0梅\n主题：\xa0C-2026-000017\n您好",
    ),
    "netease": ("附上收据。\n", "---- 回复的原邮件 ----\n| 发件人 | 岚镜银行 |\n您好"),
}


@pytest.mark.parametrize(("own", "earlier"), SHAPES.values(), ids=SHAPES.keys())
def test_own_words_stand_open_and_earlier_letters_apart(own: str, earlier: str) -> None:
    first, second = parts(own + earlier)
    assert (first.quoted, first.text.strip()) == (False, own.strip())
    assert (second.quoted, second.text.strip()) == (True, earlier.strip())
    assert own_words(own + earlier) == own.strip()


@pytest.mark.parametrize(("own", "earlier"), SHAPES.values(), ids=SHAPES.keys())
def test_what_only_quotes_is_shown(own: str, earlier: str) -> None:
    assert [part.quoted for part in parts(earlier)] == [False]


@pytest.mark.parametrize(
    "text",
    [
        "On Monday your clerk wrote:\nYou have to pay.\nI do not.",
        "您的同事写道：\n必须付款。\n我不付。",
        "From: the branch in West Lane\nI was sent to the main one.",
        "I pay 3 > 2",
        "",
    ],
)
def test_what_people_write_by_hand_is_no_quotation(text: str) -> None:
    assert [part.quoted for part in parts(text)] == [False]


def test_answers_between_the_lines_stand_open() -> None:
    told = parts("> Was it the card?\nYes, the blue one.\n\n> And when?\n> Roughly?\nOn Monday.")
    assert [part.text.strip() for part in told if not part.quoted] == [
        "Yes, the blue one.",
        "On Monday.",
    ]


def test_words_right_above_a_head_are_not_taken_for_it() -> None:
    told = parts("On Friday I rang.\nOn Tue, 24 Nov 2026 at 09:14, L <c@l.example> wrote:\n> Dear")
    assert told[0] == (False, "On Friday I rang.")


@pytest.mark.parametrize(
    "line", ["<" + "@" * 2_000_000, "@<" * 500_000, " " * 2_000_000, "On " + " wrote" * 300_000]
)
def test_no_line_of_a_stranger_is_looked_at_for_ever(line: str) -> None:
    """One reading that begins anew at each sign would take hours."""
    assert parts(f"{line}\n于09:14写道：\n{line}")


LINES = st.sampled_from(
    ["", "> a", "words", "On 1 May at 9:00, x@y wrote:", "wrote:", "发件人: x", "收件人: y",
     "主题: z", "-----Original Message-----", "_____", "在 09:14 写道："]
)  # fmt: skip


@given(st.lists(LINES, max_size=20))
def test_nothing_is_lost_and_something_stands_open(lines: list[str]) -> None:
    text = "\n".join(lines)
    told = parts(text)
    assert "\n".join(part.text for part in told) == text
    assert any(part.text.strip() for part in told if not part.quoted) or not text.strip()


# on a page


def test_a_case_and_the_inbox_fold_what_is_quoted_and_keep_every_word(house: House) -> None:
    ellie = house.visitor("ellie")
    number = lodged(ellie)
    own, earlier = SHAPES["outlook"]
    typed = {"channel": "email", "text": own + earlier}
    assert ellie.act(number, "message", **typed).status_code == 303
    page = ellie.get(f"/complaints/{number}").text
    (message,) = [it for it in page.split("<article")[1:] if "receipt" in it]
    open_words, folded = message.partition("</article>")[0].split('<details class="quoted">')
    assert "I attach the receipt." in open_words
    assert "Dear Mei" not in open_words
    assert "Earlier letters" in folded
    assert "Dear Mei" in folded
    history = ellie.get(f"/complaints/{number}/history").text
    assert "I attach the receipt." in history
    assert "Subject: C-2026-000017" in history


def test_what_came_by_phone_is_not_folded(house: House) -> None:
    ellie = house.visitor("ellie")
    number = lodged(ellie)
    own, earlier = SHAPES["outlook"]
    assert ellie.act(number, "message", channel="phone", text=own + earlier).status_code == 303
    assert "Earlier letters" not in ellie.get(f"/complaints/{number}").text
