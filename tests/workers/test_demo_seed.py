from datetime import UTC, datetime, timedelta

import pytest
from demo_stories import EXPECTED, figures

from domain.complaint import complaint
from domain.complaint_facts import ComplaintLodged
from domain.customer import customer
from ledger import Ledger
from workers.demo import logins, seed, summary, tour

SUNDAY = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def seeded(module_ledger):
    given = []
    answer = seed(
        module_ledger, now=SUNDAY, fast=False, credentials=lambda *login: given.append(login)
    )
    return answer, given


@pytest.fixture
def states(seeded, module_ledger):
    return {
        key: module_ledger.fold(complaint, stream).state
        for key, stream in seeded[0].complaints.items()
    }


def test_ledger_holds_what_the_story_expects(states):
    assert figures(states, SUNDAY) == EXPECTED


def test_everybody_can_log_in(seeded):
    answer, given = seeded
    assert {login for login, *_ in given} == {each.login for each in answer.logins}
    assert all(len(password) >= 12 for _, password, *_ in given)
    assert all(each.password in tour() for each in logins())


def test_second_run_changes_nothing(seeded, module_ledger):
    head = module_ledger.head()
    again = seed(
        module_ledger,
        now=SUNDAY + timedelta(days=3),
        fast=True,
        credentials=lambda *login: pytest.fail("a password was changed"),
    )
    assert not again.new
    assert again.told_at == SUNDAY
    assert module_ledger.head() == head


def test_summary_counts_from_the_log(seeded, module_ledger):
    counted = summary(module_ledger)
    assert counted["complaints"] == 12
    assert counted["events"] == module_ledger.head()
    assert counted["closed"] == 3
    assert counted["breached"] == 1
    assert counted["escalated"] == 1
    assert counted["warned"] >= 1
    assert counted["letters"] >= 20


def test_past_is_carried_over_and_the_rest_is_live(seeded, module_ledger):
    for key, stream in seeded[0].complaints.items():
        for recorded in module_ledger.history(stream):
            if recorded.actor.kind == "import":
                assert recorded.context.source_recorded_at is not None
                assert recorded.occurred_at <= recorded.context.source_recorded_at
                assert recorded.occurred_at < SUNDAY
            else:
                assert key in {"C1", "C2", "C4", "C5", "C7"}
                assert recorded.actor.kind == "staff"
                assert recorded.occurred_at == SUNDAY


def test_person_who_was_erased_cannot_be_read_and_the_facts_stand(seeded, module_ledger):
    answer, _ = seeded
    erased = module_ledger.fold(customer, answer.customers["K8"]).state
    assert erased.erased
    assert module_ledger.open(erased.name) is None
    lodged = module_ledger.history(answer.complaints["C12"])[0].event
    assert isinstance(lodged, ComplaintLodged)
    assert module_ledger.open(lodged.what_happened) is None
    assert lodged.category == "marketing_calls"
    kept = module_ledger.fold(customer, answer.customers["K1"]).state
    assert module_ledger.open(kept.name) == "梅含露 Mei Hanlu"


class Interrupted(Exception):
    pass


class Frail(Ledger):
    """Dies after so many commands."""

    left = 0

    def submit(self, *given):
        if self.left == 0:
            raise Interrupted
        self.left -= 1
        return super().submit(*given)


@pytest.mark.parametrize("commands", [1, 60, 140, 173])
def test_telling_that_was_cut_off_goes_on(database, commands):
    key = bytes(range(32))
    with Frail(database.app_url, master_key=key) as frail:
        frail.left = commands
        with pytest.raises(Interrupted):
            seed(frail, now=SUNDAY, fast=False, credentials=lambda *login: None)
    later = SUNDAY + timedelta(hours=2)
    with Ledger(database.app_url, master_key=key) as ledger:
        answer = seed(ledger, now=later, fast=False, credentials=lambda *login: None)
        assert answer.told_at == SUNDAY
        states = {k: ledger.fold(complaint, s).state for k, s in answer.complaints.items()}
        assert figures(states, later) == EXPECTED
        assert states["C1"].received_at == later
