"""Limits kept: figures for those who lead, each of them opening to its cases."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from test_story import lodged
from visiting import House

from projections.reading import wait_for

MONTHS = {
    "since": f"{datetime.now(UTC) - timedelta(days=31):%Y-%m-%d}",
    "until": f"{datetime.now(UTC) + timedelta(days=92):%Y-%m-%d}",
}


def caught_up(house: House) -> None:
    with house.ledger.reading() as connection:
        wait_for(connection, "sla", house.ledger.head(), timeout=30)


def test_a_lead_sees_what_was_kept_and_opens_each_figure(house: House) -> None:
    number = lodged(house.visitor("ellie"))
    caught_up(house)
    lead = house.visitor("priya")
    page = lead.get("/limits")
    assert page.status_code == 200
    opened = re.findall(r'href="(/limits/behind\?[^"]+)"', page.text)
    behind = [lead.get(path.replace("&amp;", "&")) for path in opened]
    assert all(each.status_code == 200 for each in behind)
    assert any(number in each.text for each in behind)


def test_an_agent_has_no_figures_of_others(house: House) -> None:
    agent = house.visitor("ellie")
    assert agent.get("/limits").status_code == 403
    assert agent.client.get("/api/v1/limits", params=MONTHS).status_code == 403
    assert '"/limits"' not in agent.get("/queue").text


def test_a_program_reads_the_same_figures(house: House) -> None:
    lodged(house.visitor("ellie"))
    caught_up(house)
    lead = house.visitor("priya")
    rows = lead.client.get("/api/v1/limits", params=MONTHS).json()["rows"]
    assert {row["legal_entity"] for row in rows} <= {"larkmere-uk", "larkmere-cn", "woodquill"}
    assert sum(row["open"] for row in rows) > 0
    refused = lead.client.get("/api/v1/limits", params={**MONTHS, "since": "soon"})
    assert (refused.status_code, refused.json()["status"]) == (422, 422)
