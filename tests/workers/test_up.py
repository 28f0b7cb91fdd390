"""``evercase up`` as people and machines treat it."""

from __future__ import annotations

import os
import signal
import socket
import stat
import sys
import urllib.request
from pathlib import Path

import psycopg
from houses import ROOT, eventually, gone

from workers.embedded import child, identity
from workers.embedded.home import Home

ALL = {
    "postgres",
    "temporal",
    "maildrop",
    "mailbox",
    "projector",
    "dispatcher",
    "worker",
    "webhooks",
    "desk",
}


def loads(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/login", timeout=10) as page:
            return page.status == 200
    except OSError:
        return False


def modes(folder: Path) -> dict[Path, int]:
    return {above: stat.S_IMODE(above.stat().st_mode) for above in folder.parents}


def test_all_children_die_with_a_parent_that_is_killed_and_the_next_start_finds_none(
    evercase, tmp_path
):
    home = tmp_path / "home"
    first = evercase.start("up", home=home)
    state = first.ready()
    pids = first.pids()
    assert set(pids) == ALL
    assert loads(state["address"])

    first.process.kill()
    for name, pid in pids.items():
        eventually(lambda pid=pid: gone(pid), f"{name} has died")

    second = evercase.start("up", home=home)
    assert loads(second.ready()["address"])
    assert not set(pids.values()) & set(second.pids().values())
    assert second.end() == 0
    assert "Stopped." in second.text()
    assert not Home(home).is_held()


def test_a_second_start_prints_the_address_of_the_first_and_starts_nothing(evercase, tmp_path):
    first = evercase.start("up", home=tmp_path / "home")
    eventually(lambda: first.state().get("pid") == first.process.pid, "the first holds the lock")
    second = evercase.start("up", home=tmp_path / "home")  # the first has no address yet
    state = first.ready()
    assert second.process.wait() == 0
    third = evercase.start("demo", home=tmp_path / "home")
    assert third.process.wait() == 0
    for later in (second, third):
        assert state["address"] in later.text()
        assert "Nothing was started" in later.text()
    assert first.process.poll() is None

    # Beside it, other commands find what it runs.
    def well() -> bool:
        doctor = evercase.start("doctor", "--json", home=tmp_path / "home")
        return doctor.process.wait() == 0

    eventually(well, "the doctor finds all well")


def test_a_house_under_a_private_folder_with_a_long_path_no_home_and_a_busy_port(
    evercase, tmp_path
):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    home = private / ("long-" * 12) / ("longer-" * 10) / "home"
    home.parent.mkdir(parents=True)
    nowhere = tmp_path / "nowhere"  # may be made: then something wrote under HOME
    before = modes(home)
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        house = evercase.start("up", home=home, HOME=str(nowhere), EVERCASE_PORT=str(port))
        state = house.ready()
    assert state["port"] != port
    assert loads(state["address"])
    assert modes(home) == before
    sockets = Path(state["sockets"])
    assert len(str(sockets)) <= 85
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "secrets").stat().st_mode) == 0o600
    others = [file for file in home.rglob("*") if file.stat().st_mode & 0o077 and file.is_file()]
    assert others == []
    assert not nowhere.exists()
    assert house.end() == 0
    assert not sockets.exists()


def test_an_ordinary_user_needs_nothing_more(evercase, tmp_path):
    # As root we become ordinary the way PostgreSQL does; else we are.
    who = identity.for_postgres()
    home = tmp_path / "home"
    if who.kind == "other":
        os.chown(tmp_path, who.uid, who.gid)
    house = evercase.start("up", home=home, identity=who)
    assert loads(house.ready()["address"])
    assert house.end() == 0


def test_a_child_that_dies_is_started_again_and_that_is_said(evercase, tmp_path):
    house = evercase.start("up", home=tmp_path / "home")
    before = house.ready()
    assert_told_nothing_that_may_migrate(house.pids()["desk"])
    for name in ("desk", "temporal", "postgres"):
        pid = house.pids()[name]
        os.kill(pid, signal.SIGKILL)
        eventually(lambda name=name: f"{name} runs again" in house.text(), f"{name} runs again")
        assert f"{name} ended (signal 9)" in house.text()
        assert house.pids()[name] != pid
    assert house.state()["temporal"] == before["temporal"]
    eventually(lambda: loads(before["address"]), "the desk answers")


def assert_told_nothing_that_may_migrate(pid: int) -> None:
    environment = Path(f"/proc/{pid}/environ").read_bytes().decode()
    told = dict(pair.split("=", 1) for pair in environment.split("\0") if "=" in pair)
    assert "MIGRATE_DATABASE_URL" not in told
    with psycopg.connect(told["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT session_user").fetchone() == ("evercase_app",)


PARENT = """
import os, subprocess, sys
os.environ["EVERCASE_PARENT"] = str(os.getpid())
subprocess.run([sys.executable, "-P", "-m", "workers", "up"])
"""


def test_engines_of_ones_own_are_used_and_the_house_ends_with_a_parent_it_is_given(
    tmp_path, database, temporal
):
    home = Home(tmp_path / "home")
    key = "0123456789abcdef" * 4
    ours = {
        "DATABASE_URL": database.app_url,
        "TEMPORAL_ADDRESS": temporal,
        "EVERCASE_HOME": str(home.path),
        "EVERCASE_MASTER_KEY": key,
        "EVERCASE_SESSION_SECRET": key,
        "PYTHONPATH": str(ROOT),
    }
    log = tmp_path / "log"
    parent = child.start([sys.executable, "-c", PARENT], log, environment=os.environ | ours)
    eventually(lambda: "Evercase is at" in log.read_text(), "the house is up")
    state = home.state()
    assert set(state["processes"]) == ALL - {"postgres", "temporal"}
    assert loads(state["address"])
    parent.kill()
    parent.wait()
    for pid in (state["pid"], *(entry["pid"] for entry in state["processes"].values())):
        eventually(lambda pid=pid: gone(pid), "it has ended")


def test_data_of_another_major_version_is_refused_and_left_alone(evercase, tmp_path):
    data = tmp_path / "home" / "postgres"
    data.mkdir(parents=True, mode=0o700)
    (data / "PG_VERSION").write_text("17\n")
    refused = evercase.start("up", home=tmp_path / "home")
    assert refused.process.wait() == 1
    for word in ("PostgreSQL 17", "PostgreSQL 18", "pg_dump", "Nothing was changed"):
        assert word in refused.text()
    assert [file.name for file in data.iterdir()] == ["PG_VERSION"]
    assert "Traceback" not in refused.text()
    assert (ROOT / "docs" / "operations.md").exists()
