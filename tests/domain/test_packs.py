"""What ships is valid, says what the sources say, and is published once."""

from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest

from domain.clock_algebra import start
from domain.decider import LetterPurpose
from domain.document import document
from domain.policy import PolicyUnsigned
from domain.target import reckon
from domain.upkeep import days_to_tell, law_to_read
from workers.packs import calendar_data, library, publish, shipped

LIBRARY = library()
ENTITIES = ("larkmere-uk", "larkmere-cn", "woodquill")
UK = {"uk-complaints", "uk-payments", "uk-summary", "uk-data-protection"}
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def terms(entity, at=NOW, product="tern-account", category="fees", channel="email"):
    return LIBRARY.terms(
        legal_entity=entity, product=product, category=category, channel=channel, at=at
    )


def limits(agreed):
    return {limit.name: limit for limit in agreed.policy.limits}


def due(agreed, limit, received):
    calendar = agreed.calendar(limit.calendar)
    return calendar.day_of_due(reckon(limit, calendar, received).due)


def test_versions_of_a_document_follow_each_other():
    seen = {}
    for each in shipped():
        assert each.version == seen.get(each.stream, 0) + 1
        seen[each.stream] = each.version


def test_calendars_are_what_the_libraries_of_holidays_know():
    made = {calendar["id"]: calendar for calendar in calendar_data.calendars()}
    kept = {each.id: each.body for each in shipped() if each.kind == "calendar"}
    assert made.keys() == kept.keys()
    for name, calendar in made.items():
        assert {k: v for k, v in kept[name].items() if k != "version"} == calendar


@pytest.mark.parametrize(
    ("calendar", "day", "open_"),
    [
        ("london", "2026-12-25", False),
        ("london", "2026-12-28", False),  # Boxing Day made up for
        ("london", "2026-12-29", True),
        ("china", "2026-10-01", False),
        ("china", "2026-10-10", True),  # a Saturday, made up for the National Day
        ("larkmere-cn", "2026-10-10", True),
        ("woodquill", "2026-02-14", True),  # a Saturday, made up for the Spring Festival
        ("china", "2026-10-11", False),
        ("24x7", "2026-12-25", True),
    ],
)
def test_days_on_which_work_is_done(calendar, day, open_):
    assert LIBRARY.calendars[calendar].is_business_day(date.fromisoformat(day)) is open_


@pytest.mark.parametrize("entity", [*ENTITIES, "somebody-else"])
def test_every_letter_has_a_template(entity):
    for purpose in get_args(LetterPurpose):
        assert LIBRARY.template(purpose, entity).purpose == purpose


@pytest.mark.parametrize("entity", ["larkmere-uk", "larkmere-cn"])
def test_acknowledgement_states_the_limit_where_the_law_asks(entity):
    template = LIBRARY.template("acknowledgement", entity)
    assert "limit" in template.must_name
    assert limits(terms(entity))


@pytest.mark.parametrize("entity", [*ENTITIES, "somebody-else"])
def test_every_policy_that_can_be_chosen_starts_its_clocks(entity):
    for channel in ("email", "phone", "portal"):
        for category in ("fees", "marketing_calls", "card_delivery", "leak"):
            for product in ("payments", "tern-account", "ember-kettle"):
                agreed = terms(entity, product=product, category=category, channel=channel)
                rows = [*agreed.targets("medium", "standard"), *agreed.policy.limits]
                for row in rows:
                    started = start(
                        row,
                        agreed.calendar(row.calendar),
                        instance=row.name,
                        policy=agreed.policy.ref,
                        started_at=NOW,
                        at=NOW,
                    )
                    assert started[0].due > NOW


def test_graver_is_never_slower():
    for policy in LIBRARY.policies:
        for promise in policy.promises:
            for tier in ("standard", "middle", "key"):
                hours = [
                    promise.for_(severity, tier).working_time
                    for severity in ("low", "medium", "high", "critical")
                ]
                assert hours == sorted(hours, reverse=True)


def test_united_kingdom_eight_weeks():
    agreed = terms("larkmere-uk", category="account_blocked")
    received = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
    assert due(agreed, limits(agreed)["final_response"], received) == date(2026, 12, 28)


def test_united_kingdom_payments_have_fifteen_business_days_and_twenty_more():
    agreed = terms("larkmere-uk", product="payments")
    limit = limits(agreed)["payment_response"]
    received = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
    assert due(agreed, limit, received) == date(2026, 11, 23)
    calendar = agreed.calendar(limit.calendar)
    extended = reckon(limit, calendar, received, extensions=limit.extensions)
    assert calendar.day_of_due(extended.due) == date(2026, 12, 21)
    assert "final_response" in limits(agreed)


def test_received_on_saturday_the_third_business_day_is_wednesday():
    agreed = terms("larkmere-uk", category="card_delivery")
    saturday = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
    assert due(agreed, limits(agreed)["summary_resolution"], saturday) == date(2026, 11, 25)


def test_data_protection_counts_the_day_of_receipt():
    agreed = terms("larkmere-uk", category="marketing_calls")
    received = datetime(2026, 11, 1, 11, 0, tzinfo=UTC)
    assert due(agreed, limits(agreed)["acknowledgement"], received) == date(2026, 11, 30)


def test_china_fifteen_days_then_thirty_then_sixty():
    agreed = terms("larkmere-cn")
    limit, calendar = limits(agreed)["final_response"], agreed.calendar("larkmere-cn")
    received = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
    days = [
        calendar.day_of_due(reckon(limit, calendar, received, extensions=steps).due)
        - calendar.local_date(received)
        for steps in ((), limit.extensions[:1], limit.extensions)
    ]
    assert days == [timedelta(days=15), timedelta(days=30), timedelta(days=60)]
    assert all(step.needs_approval for step in limit.extensions)


def test_settling_by_oneself_has_ten_working_days_of_china():
    agreed = terms("woodquill", channel="portal")
    limit = limits(agreed)["odr_settlement"]
    before_the_holidays = datetime(2026, 9, 28, 3, 0, tzinfo=UTC)
    # 29 and 30 September, the made-up Saturday 10 October, then 8, 9 and 12 to 16 October.
    assert due(agreed, limit, before_the_holidays) == date(2026, 10, 16)


def test_row_that_nobody_signed_refuses_to_run():
    with pytest.raises(PolicyUnsigned):
        terms("woodquill", category="authority_mediation")
    earlier = datetime(2026, 4, 14, 10, 0, tzinfo=UTC)
    agreed = terms("woodquill", at=earlier, category="authority_mediation")
    assert agreed.policy.version == 1


def test_statutory_clocks_pause_on_no_ground_that_the_row_does_not_list():
    for policy in LIBRARY.policies:
        for limit in policy.limits:
            assert limit.article_for("waiting_for_customer") is None
            assert limit.article


@pytest.mark.parametrize(
    ("day", "read"),
    [
        ("2026-10-01", set()),
        ("2026-11-24", {"cn-12315-mediation"}),
        ("2027-02-01", {"cn-12315-mediation", "cn-banking"} | UK),
    ],
)
def test_law_is_read_again_before_its_day(day, read):
    assert law_to_read(LIBRARY, date.fromisoformat(day)).keys() == read


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2026-10-01", {}),
        ("2026-11-24", {"china": 2027, "larkmere-cn": 2027, "woodquill": 2027}),
        ("2030-12-01", {"london": 2031, "china": 2031, "larkmere-cn": 2031, "woodquill": 2031}),
    ],
)
def test_holidays_of_the_coming_year_are_asked_for(day, told):
    assert days_to_tell(LIBRARY, date.fromisoformat(day)) == told


def test_packs_are_published_once(ledger):
    assert publish(ledger, NOW) == list(shipped())
    assert publish(ledger, NOW + timedelta(days=1)) == []
    mediation = ledger.fold(document, "policy-cn-12315-mediation")
    assert mediation.state.version == 2
    assert ledger.head() == len(shipped())
