"""The whole story, told once, relative to the moment it is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from workers.demo.appliances import leaking_kettle, melted_base, noisy_minibars, wider_lid
from workers.demo.bank_in_hangzhou import exchange_rate, fee_not_explained, sold_unasked
from workers.demo.bank_in_london import (
    charged_twice,
    erase,
    frozen_account,
    late_payment,
    marketing_calls,
    old_address,
)
from workers.demo.case import Case
from workers.demo.people import tell_customers, tell_organisation, tell_staff
from workers.demo.telling import Number, Telling
from workers.packs import Shipped, check, library, shipped

HISTORY: Final[tuple[Callable[[Telling], Case], ...]] = (
    frozen_account,
    exchange_rate,
    noisy_minibars,
    marketing_calls,
    late_payment,
    sold_unasked,
    leaking_kettle,
    fee_not_explained,
    wider_lid,
    old_address,
)
"""In about the order in which they were received, so that their numbers rise with time."""

FAST_MINUTE: Final = 4
"""Seconds that stand for a minute of the watched case in a hurry."""


def documents(now: datetime, fast: bool) -> tuple[Shipped, ...]:
    """The packs, and the policy of the case that is watched."""
    watched = [watched_policy(60)]
    if fast:
        days = {"valid_from": f"{now:%F}", "valid_to": f"{now + timedelta(days=1):%F}"}
        watched.append(
            watched_policy(FAST_MINUTE)
            | {"id": "demo-first-reply-fast", **days}
            | {"applies": {"categories": ["charged_twice"], "channels": ["phone"]}}
        )
    return (*shipped(), *(check("policy", body) for body in watched))


def watched_policy(minute: int) -> dict[str, Any]:
    """Demo: first reply in 5 minutes, warning after 3, one rung of the ladder a minute later.

    It counts on a calendar that is always open, so it runs on a Sunday too. The acknowledgement
    goes by itself after four and a half minutes. ``minute``: how many seconds it has.
    """
    base = next(each.body for each in shipped() if each.id == "uk-complaints")
    after = {"ack": 15, "first_reply": 5}
    promises = [
        promise
        if promise["target"]["name"] not in after
        else {
            "target": promise["target"]
            | {
                "calendar": "24x7",
                "working_time": f"PT{after[promise['target']['name']] * minute}S",
                "warn": [{"share": 0.6}] if promise["target"]["name"] == "first_reply" else [],
            }
        }
        for promise in base["promises"]
    ]
    return base | {
        "id": "demo-first-reply",
        "title": {
            "en": "Demo: first reply in 5 minutes, warning after 3, team lead a minute later",
            "zh": "演示：5 分钟内首次答复，第 3 分钟预警，超期 1 分钟后升级给班组长",
        },
        "applies": {"categories": ["charged_twice"]},
        "promises": promises,
        "ladder": [{"level": 1, "after": f"PT{minute}S", "role": "team_lead"}],
        "acknowledge_after": 0.3,
    }


def begin(now: datetime, fast: bool, number: Number) -> Telling:
    """The people; their cases can be told from here on."""
    telling = Telling(now, fast, library(documents(now, fast)), number)
    tell_organisation(telling)
    tell_staff(telling)
    tell_customers(telling)
    return telling


def tell_history(telling: Telling) -> dict[str, Case]:
    """What was carried over, and what staff do at this moment."""
    cases = {case.key: case for case in (tell(telling) for tell in HISTORY)}
    erase(telling, "K8")
    return cases | {"C7": melted_base(telling)}


def tell_watched(telling: Telling) -> Case:
    """C1, last of all: its clock starts when everything else is there."""
    return charged_twice(telling)
