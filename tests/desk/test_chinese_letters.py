"""What a customer reads in Chinese: greeted as one writes, with days that hold."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from test_story import lodged
from visiting import House

DAY = re.compile(r"最迟须?于(\d+)年(\d+)月(\d+)日 周.给您最终答复")
LONDON = ZoneInfo("Europe/London")


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
