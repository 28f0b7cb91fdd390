from __future__ import annotations

import pytest

from workers.settings import Settings, SettingsRefused

GOOD = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    for name in ("DATABASE_URL", "TEMPORAL_ADDRESS", "MIGRATE_DATABASE_URL", "DEMO"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("key", ["", "change-me", "please-change-me-" + GOOD, "abc", "zz" * 32])
def test_a_start_outside_the_demo_refuses_a_default_or_broken_master_key(monkeypatch, key):
    monkeypatch.setenv("EVERCASE_SESSION_SECRET", GOOD)
    monkeypatch.setenv("EVERCASE_MASTER_KEY", key)
    with pytest.raises(SettingsRefused, match="EVERCASE_MASTER_KEY"):
        Settings().refuse_default_secrets()


@pytest.mark.parametrize("secret", ["", "change-me", "short"])
def test_a_start_outside_the_demo_refuses_a_default_or_short_session_secret(monkeypatch, secret):
    monkeypatch.setenv("EVERCASE_MASTER_KEY", GOOD)
    monkeypatch.setenv("EVERCASE_SESSION_SECRET", secret)
    with pytest.raises(SettingsRefused, match="EVERCASE_SESSION_SECRET"):
        Settings().refuse_default_secrets()


def test_good_secrets_are_taken_and_the_demo_takes_any(monkeypatch):
    monkeypatch.setenv("EVERCASE_MASTER_KEY", GOOD)
    monkeypatch.setenv("EVERCASE_SESSION_SECRET", GOOD)
    settings = Settings()
    settings.refuse_default_secrets()
    assert settings.key() == bytes.fromhex(GOOD)
    monkeypatch.delenv("EVERCASE_MASTER_KEY")
    Settings(demo=True).refuse_default_secrets()


def test_secrets_and_addresses_are_not_shown(monkeypatch):
    monkeypatch.setenv("EVERCASE_MASTER_KEY", GOOD)
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:hidden@host/db")
    assert GOOD not in repr(Settings())
    assert "hidden" not in repr(Settings())


def test_without_a_database_it_is_said_what_to_do():
    with pytest.raises(SettingsRefused, match="evercase up"):
        Settings().database()
    with pytest.raises(SettingsRefused, match="TEMPORAL_ADDRESS"):
        Settings().temporal()
