from __future__ import annotations

import os
import shutil
import stat
from importlib import import_module
from pathlib import Path

import psycopg
import pytest

from workers.embedded import engines, identity, places, postgres
from workers.embedded.child import SAME
from workers.embedded.home import Home

migrate = import_module("ledger.migrate")  # the name ``ledger.migrate`` is its function


def test_a_test_gets_a_database_of_its_own_on_postgresql_18(database):
    with psycopg.connect(database.owner_url) as connection:
        name, version = connection.execute(
            "SELECT current_database(), current_setting('server_version_num')::int"
        ).fetchone()
    assert name == database.name
    assert version // 10000 == 18


def test_a_test_gets_a_ledger_on_it(ledger):
    assert ledger.head() == 0


def test_where_namespaces_are_refused_root_gives_it_an_account_and_a_folder_of_its_own(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(identity, "namespaces_work", lambda _: False)
    if os.geteuid() != 0:
        assert identity.for_postgres() == SAME
        return
    home = tmp_path / "private" / "home"
    home.parent.mkdir(mode=0o700)
    own = places.fallback_folder(home)
    try:
        running = postgres.start(home, "secret", durable=False)
        status = Path(f"/proc/{running.process.pid}/status").read_text()
        assert "\nUid:\t0" not in status
        assert own in running.data.parents
        assert stat.S_IMODE(own.stat().st_mode) == 0o700
        assert stat.S_IMODE(home.parent.stat().st_mode) == 0o700
        running.stop()
        again = postgres.start(home, "secret", durable=False)
        psycopg.connect(again.url()).close()
        again.stop()
    finally:
        shutil.rmtree(own)


def test_a_first_start_that_was_interrupted_is_begun_anew(tmp_path):
    (tmp_path / "postgres.unfinished" / "base").mkdir(parents=True)
    (tmp_path / "postgres.unfinished" / "PG_VERSION").write_text("18\n")
    running = postgres.start(tmp_path, "secret", durable=False)
    psycopg.connect(running.url()).close()
    running.stop()
    assert not (tmp_path / "postgres.unfinished").exists()
    assert not (tmp_path / "postgres.password").exists()


def test_nobody_is_trusted_without_a_password(tmp_path):
    running = postgres.start(tmp_path, "secret", durable=False)
    wrong = running.url(password="guess")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(wrong)
    with psycopg.connect(running.url()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        rules = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
    assert rules == [("scram-sha-256",)]
    running.stop()


def test_a_database_of_an_older_version_is_migrated_at_the_next_start(tmp_path, monkeypatch):
    home = Home(tmp_path / "home")
    home.path.mkdir()
    words = home.secrets()
    running = postgres.start(home.path, words["POSTGRES_PASSWORD"], durable=False)
    ours = migrate.migration_names()
    with monkeypatch.context() as older:
        older.setattr(migrate, "migration_names", lambda: ours[:1])
        assert engines.prepare_database(running, words) == ours[:1]
    assert engines.prepare_database(running, words) == ours[1:]
    assert engines.prepare_database(running, words) == []
    running.stop()
