"""The grey bar over every page while reminders are late, and its absence while they are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from people import PEOPLE, SECRET
from test_story import lodged
from visiting import House

from desk.app import create_app

WORDS = "Reminders are late at the moment. Your work is saved."


def at(house: House, now: datetime) -> House:
    """The same house as it is seen at another moment."""
    app = create_app(
        ledger=house.ledger,
        pool=house.app.state.house.pool,
        home=house.home,
        secret=SECRET,
        secure=False,
        now=lambda: now,
    )
    return House(app, house.ledger, house.home, house.staff, house.url)


def test_the_bar_says_that_reminders_are_late(house: House) -> None:
    lodged(house.visitor("ellie"))
    now = datetime.now(UTC)
    late = at(house, now + timedelta(days=90)).visitor("ellie")
    for path in ("/queue", "/notices", "/me"):
        assert WORDS in late.get(path).text
    early = at(house, now - timedelta(days=90))
    assert not early.app.state.lateness()
    assert WORDS not in house.visitor().get("/login").text
    for login in PEOPLE:
        house.forget(login)  # a log-in so much later has ended their sessions
