"""What a customer reads in Chinese: greeted as one writes, with days that hold."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from states import case_in
from test_story import lodged
from visiting import House

from domain.document import PublishDocument, document
from workers.packs import PACKS, shipped

DAY = re.compile(r"最迟须?于(\d+)年(\d+)月(\d+)日（周.）给您最终答复")
LONDON = ZoneInfo("Europe/London")


def change_template(house: House, id: str, zh: str) -> None:
    """Its next version."""
    (known,) = [it for it in shipped() if it.stream == f"template-{id}"]
    body = {**known.body, "version": 2, "body": {"en": "$number", "zh": zh}}
    command = PublishDocument(
        command_id=uuid4(), at=house.app.state.house.now(), actor=PACKS, kind="template", body=body
    )
    house.ledger.handle(document, known.stream, command)


def test_a_letter_names_the_last_day_that_is_in_time(house: House) -> None:
    ellie = house.visitor("ellie")
    number = lodged(ellie, "zh")
    act = f"/complaints/{number}/acknowledge"
    text = ellie.form(ellie.get(act).text, act)["text"]
    assert text.startswith("尊敬的客户Mei Hanlu：\n\n")
    clocks = ellie.client.get(f"/api/v1/complaints/{number}").json()["clocks"]
    due = {
        kind: min(
            datetime.fromisoformat(it["due"]).astimezone(LONDON)
            for it in clocks
            if it["kind"] == kind and it["name"] != "ack"
        )
        for kind in ("service", "statutory")
    }
    day = DAY.search(text)
    assert day is not None, text
    last = (due["statutory"] - timedelta(minutes=1)).date()
    assert tuple(map(int, day.groups())) == (last.year, last.month, last.day)
    promise = due["service"]
    assert re.search(rf"最迟于(\d+年)?{promise.month}月{promise.day}日", text), text


def test_what_is_asked_for_stands_in_the_letter_and_in_its_reminder(house: House) -> None:
    ellie = house.visitor("ellie")
    number = case_in(house, "investigating")
    asked = ellie.act(number, "ask", channel="email", what="三月的对账单")
    assert asked.status_code == 303, asked.text
    page = ellie.get(f"/complaints/{number}").text
    letter = page.split("为继续处理您的投诉")[1]
    assert "三月的对账单" in letter
    assert re.search(r"请最迟于\d+年\d+月\d+日（周.）提供", letter)
    remind = re.search(rf"/complaints/{number}/(remind/[^\"]+)", page)
    assert remind is not None
    act = f"/complaints/{number}/{remind[1]}"
    text = ellie.form(ellie.get(act).text, act)["text"]
    assert "我们曾请您提供：\n\n三月的对账单\n\n" in text
    assert re.search(r"请最迟于\d+年\d+月\d+日（周.）提供", text)


def test_a_letter_of_more_time_names_the_new_limit_and_no_reasons_of_a_decision(
    house: House,
) -> None:
    change_template(house, "holding-uk", "$reasons我们最迟于$new_limit答复您。")
    number = case_in(house, "proposed")
    ellie, priya = house.visitor("ellie"), house.visitor("priya")
    form = ellie.get(f"/complaints/{number}/extend").text
    (clock,) = re.findall(r'<option value="(payment_response[^"]*)"', form)
    asked = ellie.act(number, "extend", clock=clock, reason="等开户行回复")
    assert asked.status_code == 303, asked.text
    page = priya.get(f"/complaints/{number}").text
    granting = re.search(rf"/complaints/{number}/(grant/[^\"]+)", page)
    assert granting is not None, page
    act = f"/complaints/{number}/{granting[1]}"
    text = priya.form(priya.get(act).text, act)["text"]
    assert "我们多收了" not in text
    assert re.search(r"我们最迟于\d+年\d+月\d+日（周.）答复您", text), text
