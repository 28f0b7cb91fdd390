"""Limits of the law: vectors, extensions, and rows that must not run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from clock_cases import (
    ALWAYS,
    CHINA_15,
    EIGHT_WEEKS,
    HANGZHOU,
    LONDON,
    PAYMENTS,
    TEN_TO_SIX,
    at,
    fold,
    granted,
    limit,
    names,
    started,
    target,
)
from pydantic import ValidationError

from domain import clock_algebra as moves
from domain.calendar import Calendar
from domain.clock import due_agenda
from domain.target import (
    ExtensionStep,
    Ground,
    Limit,
    LimitNotConfirmed,
    LimitNotInForce,
    Threshold,
)

# The law. Due times are written as the last day, which ends at 24:00 of the calendar's zone.

BD3 = limit(3, "business_days")
LAW = [
    ("third business day, from a Monday", BD3, "2026-03-02T10:00", "2026-03-05"),
    ("third business day, from a Saturday", BD3, "2026-03-07T11:00", "2026-03-11"),
    ("third business day, from after hours", BD3, "2026-03-06T21:00", "2026-03-11"),
    ("third business day, over Easter", BD3, "2026-04-02T10:00", "2026-04-09"),
    ("eight weeks", EIGHT_WEEKS, "2026-03-02T10:00", "2026-04-27"),
    ("eight weeks into summer time", EIGHT_WEEKS, "2026-02-28T23:59", "2026-04-25"),
    ("eight weeks, last day a holiday", EIGHT_WEEKS, "2026-02-08T10:00", "2026-04-05"),
    (
        "eight weeks, last day a holiday, rolled",
        limit(8, "weeks", roll_forward=True),
        "2026-02-08T10:00",
        "2026-04-07",
    ),
    ("fifteen business days", PAYMENTS, "2026-03-02T10:00", "2026-03-23"),
    (
        "thirty days beginning when received",
        limit(30, "calendar_days", receipt_day=1),
        "2026-06-19T10:00",
        "2026-07-18",
    ),
    (
        "one business day beginning on a Saturday",
        limit(1, "business_days", receipt_day=1),
        "2026-03-07T10:00",
        "2026-03-09",
    ),
    ("fifteen days", CHINA_15, "2026-09-16T09:00", "2026-10-01"),
    (
        "fifteen days, rolled over the golden week",
        limit(15, "calendar_days", HANGZHOU, roll_forward=True),
        "2026-09-16T09:00",
        "2026-10-08",
    ),
    (
        "seven working days with a make-up Saturday",
        limit(7, "business_days", HANGZHOU),
        "2026-09-28T09:00",
        "2026-10-13",
    ),
]


def where(terms: Limit) -> Calendar:
    return {c.id: c for c in (LONDON, HANGZHOU, TEN_TO_SIX, ALWAYS)}[terms.calendar]


@pytest.mark.parametrize(
    ("terms", "receipt", "last"), [row[1:] for row in LAW], ids=[r[0] for r in LAW]
)
def test_limits_of_the_law(terms: Limit, receipt: str, last: str) -> None:
    place = where(terms)
    clock = started(terms, place, at(receipt, place.zone))
    assert clock.due == at(last, place.zone) + timedelta(days=1)
    assert place.day_of_due(clock.due) == date.fromisoformat(last)


def test_a_limit_in_working_time() -> None:
    clock = started(limit(16 * 3600, "working_time"), LONDON, at("2026-03-07T11:00"))
    assert clock.due == at("2026-03-10T17:00")


def test_the_day_of_receipt_is_the_one_where_the_calendar_is() -> None:
    clock = started(CHINA_15, HANGZHOU, at("2026-09-16T16:30"))
    assert HANGZHOU.day_of_due(clock.due) == date(2026, 10, 2)


def test_extensions_count_from_the_receipt() -> None:
    receipt = at("2026-03-02T10:00")
    payments = granted(started(PAYMENTS, LONDON, receipt), LONDON, at("2026-03-20T10:00"))
    assert payments.due == LONDON.add_business_days(receipt, 35)
    china = started(CHINA_15, HANGZHOU, at("2026-09-16T09:00", "Asia/Shanghai"))
    for last in (date(2026, 10, 16), date(2026, 11, 15)):
        china = granted(china, HANGZHOU, at("2026-09-30T09:00"))
        assert HANGZHOU.day_of_due(china.due) == last
    with pytest.raises(moves.NoFurtherExtension):
        granted(china, HANGZHOU, at("2026-09-30T09:00"))


def test_an_extension_of_another_unit_counts_on_from_the_last_day() -> None:
    terms = limit(
        2,
        "business_days",
        extensions=[
            ExtensionStep(count=1, unit="weeks"),
            ExtensionStep(count=4 * 3600, unit="working_time"),
        ],
    )
    clock = granted(started(terms, LONDON, at("2026-03-02T10:00")), LONDON, at("2026-03-03T10:00"))
    assert LONDON.day_of_due(clock.due) == date(2026, 3, 11)
    assert granted(clock, LONDON, at("2026-03-03T10:00")).due == at("2026-03-12T13:00")


def test_what_an_extension_needs() -> None:
    now = at("2026-03-20T10:00")
    clock = started(PAYMENTS, LONDON, at("2026-03-02T10:00"))

    def ask(maker: str = "fang", approver: str | None = "priya", notice: str | None = "l") -> Any:
        return moves.extend(clock, LONDON, now, maker=maker, approver=approver, notice=notice)

    with pytest.raises(moves.ApproverIsMaker):
        ask(maker="priya")
    with pytest.raises(moves.ApproverIsMaker):
        ask(approver=None)
    with pytest.raises(moves.NoticeNotSent):
        ask(notice=None)
    with pytest.raises(moves.ExtensionTooLate):
        granted(clock, LONDON, clock.due + timedelta(seconds=1))
    late = fold(clock, moves.breach(clock, LONDON, clock.due))
    with pytest.raises(moves.ExtensionTooLate):
        granted(late, LONDON, now)
    assert names(ask()) == ["extended"]


def test_an_extended_clock_warns_anew() -> None:
    terms = limit(
        4,
        "calendar_days",
        warn=[Threshold(before=timedelta(days=1))],
        extensions=[ExtensionStep(count=4, unit="calendar_days")],
    )
    clock = started(terms, LONDON, at("2026-03-02T10:00"))
    clock = fold(clock, moves.warn(clock, LONDON, clock.warns[0].at))
    assert [owed.rule for owed in due_agenda(clock)] == ["breach"]
    longer = granted(clock, LONDON, at("2026-03-06T12:00"))
    assert [(owed.rule, owed.at) for owed in due_agenda(longer)] == [
        ("warn", at("2026-03-10")),
        ("breach", at("2026-03-11")),
    ]


def test_a_service_clock_is_extended_by_working_time() -> None:
    clock = started(target(timedelta(hours=2)), TEN_TO_SIX, at("2026-07-23T15:00"))
    hour = ExtensionStep(count=3600, unit="working_time", needs_approval=False)
    (event,) = moves.extend(
        clock, TEN_TO_SIX, at("2026-07-23T16:00"), maker="a", approver=None, notice="l", by=hour
    )
    assert event.due == at("2026-07-23T18:00")
    with pytest.raises(moves.NoFurtherExtension):
        moves.extend(clock, TEN_TO_SIX, at("2026-07-23T16:00"), maker="a", approver="b", notice="l")


# Rows of law that must not run


def test_a_row_to_be_confirmed_refuses_to_run() -> None:
    with pytest.raises(LimitNotConfirmed):
        started(limit(60, "calendar_days", confirmed=False), LONDON, at("2026-03-02"))


def test_a_row_runs_only_for_receipts_while_it_is_in_force() -> None:
    terms = limit(7, "business_days", HANGZHOU, valid_to=date(2026, 4, 14))
    last_evening_there = at("2026-04-14T23:59", "Asia/Shanghai")
    assert started(terms, HANGZHOU, last_evening_there).due > last_evening_there
    with pytest.raises(LimitNotInForce):
        started(terms, HANGZHOU, last_evening_there + timedelta(minutes=2))


@pytest.mark.parametrize(
    "make",
    [
        lambda: limit(0, "weeks"),
        lambda: limit(1, "weeks", valid_to=date(2019, 1, 1)),
        lambda: target(timedelta()),
        lambda: target(timedelta(hours=1), starts_on=("lodged",), pauses_on=("lodged",)),
        Threshold,
        lambda: Threshold(share=0.5, before=timedelta(hours=1)),
        lambda: Threshold(share=1.5),
        lambda: Ground(ground="testing", article=""),
    ],
)
def test_terms_that_cannot_be_are_refused(make: Callable[[], Any]) -> None:
    with pytest.raises(ValidationError):
        make()
