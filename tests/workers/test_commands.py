"""The command line as operators meet it, on a database of their own."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from houses import PATIENCE
from typer.testing import CliRunner

from desk.authentication import second_factor, session
from domain.event import Actor
from domain.staff import TurnOnSecondFactor, staff
from ledger import Ledger
from workers.command_line import COMMANDS, command_line, main

KEY = "0123456789abcdef" * 4
NAMES = (
    *("up", "demo", "desk", "worker", "projector", "dispatcher", "webhooks", "migrate", "import"),
    *("rebuild", "resync", "doctor", "bench", "user", "entity", "letters"),
)
runner = CliRunner()
app = command_line()


@pytest.fixture
def theirs(monkeypatch, database, tmp_path):
    """The settings of somebody who brings a database."""
    monkeypatch.setenv("DATABASE_URL", database.app_url)
    monkeypatch.setenv("EVERCASE_MASTER_KEY", KEY)
    monkeypatch.setenv("EVERCASE_SESSION_SECRET", KEY)
    monkeypatch.setenv("EVERCASE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    monkeypatch.delenv("MIGRATE_DATABASE_URL", raising=False)
    return database


def checks(output: str) -> dict[str, dict]:
    report = json.loads(output.splitlines()[-1])
    return {check["name"]: check for check in report["checks"]}


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself(name):
    assert name in COMMANDS
    told = runner.invoke(app, [name, "--help"])
    assert told.exit_code == 0
    assert "Usage" in told.output
    assert len(told.output) > 200


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("EVERCASE_PORT", "abc", "EVERCASE_PORT: Input should be a valid integer"),
        ("EVERCASE_SMTP_PORT", "70000", "EVERCASE_SMTP_PORT: Input should be less than or equal"),
        ("DEMO", "twice", "DEMO: Input should be 'stay' or 'once'"),
        ("DATABASE_URL", "top:secret", "DATABASE_URL: must be the address of a database"),
        ("EVERCASE_HOME", "/proc/nowhere", "/proc/nowhere: No such file or directory"),
        ("EVERCASE_HOME", __file__, "test_commands.py/lock: Not a directory"),
    ],
)
def test_a_setting_that_cannot_be_is_told_by_its_name(monkeypatch, capsys, variable, value, told):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr("sys.argv", ["evercase", "rebuild"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert told in said
    assert "secret" not in said


def test_a_port_that_is_taken_is_told(theirs, monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("EVERCASE_SMTP_PORT", str(taken.getsockname()[1]))
        monkeypatch.setattr("sys.argv", ["evercase", "maildrop"])
        with pytest.raises(SystemExit):
            main()
    assert "address already in use" in capsys.readouterr().err


def test_resync_without_temporal_says_so(theirs, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{port}")
    told = runner.invoke(app, ["resync"])
    assert told.exit_code == 1
    assert "Temporal does not answer: nothing is lost" in told.output


def test_migrate_needs_the_address_that_may_and_repeats_without_harm(theirs, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["evercase", "migrate"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "MIGRATE_DATABASE_URL" in capsys.readouterr().err
    monkeypatch.setenv("MIGRATE_DATABASE_URL", theirs.migrate_url)
    done = runner.invoke(app, ["migrate", "--json"])
    assert json.loads(done.output) == {"applied": []}


def test_migrate_can_make_the_roles_of_a_new_server(theirs, monkeypatch, capsys):
    monkeypatch.setenv("MIGRATE_DATABASE_URL", theirs.migrate_url)
    monkeypatch.setattr("sys.argv", ["evercase", "migrate", "--roles"])
    with pytest.raises(SystemExit):
        main()
    assert "SUPERUSER_DATABASE_URL" in capsys.readouterr().err
    monkeypatch.setenv("SUPERUSER_DATABASE_URL", theirs.owner_url)
    assert runner.invoke(app, ["migrate", "--roles"]).exit_code == 0


def test_doctor_refuses_a_superuser_and_says_what_to_do(theirs, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", theirs.owner_url)
    looked = runner.invoke(app, ["doctor", "--json"])
    assert looked.exit_code == 1
    rights = checks(looked.output)["rights"]
    assert not rights["well"]
    assert "superuser" in rights["words"]
    assert "evercase_app" in rights["words"]


@pytest.mark.parametrize(
    "process", ["desk", "projector", "dispatcher", "worker", "webhooks", "maildrop", "mailbox"]
)
def test_no_process_runs_with_rights_over_the_log(theirs, evercase, process):
    refused = evercase.start(
        process,
        home=evercase.folder / "home",
        DATABASE_URL=theirs.owner_url,
        TEMPORAL_ADDRESS="127.0.0.1:1",
        EVERCASE_DEMO="true",
    )
    assert refused.process.wait(PATIENCE) == 1
    assert "superuser" in refused.text()
    assert "Traceback" not in refused.text()


def test_no_process_starts_with_default_secrets_outside_the_demo(theirs, evercase):
    refused = evercase.start(
        "desk", home=evercase.folder / "home", DATABASE_URL=theirs.app_url, EVERCASE_MASTER_KEY=""
    )
    assert refused.process.wait(PATIENCE) == 1
    assert "EVERCASE_MASTER_KEY" in refused.text()


def test_doctor_tells_default_secrets_and_a_missing_temporal(theirs, monkeypatch):
    monkeypatch.setenv("EVERCASE_SESSION_SECRET", "change-me")
    told = checks(runner.invoke(app, ["doctor", "--json"]).output)
    assert not told["secrets"]["well"]
    assert not told["temporal"]["well"]
    assert told["rights"]["well"]
    assert told["keys"]["facts"] == {"epoch": 1}
    assert "law" in told


def test_doctor_tells_the_master_key_of_another_database(theirs, monkeypatch):
    at = ("--role", "admin", "--entity", "larkmere-cn", "--email", "kim@example.org")
    added = runner.invoke(app, ["user", "add", "kim", *at], input="a good password\n")
    assert added.exit_code == 0, added.output
    told = checks(runner.invoke(app, ["doctor", "--json"]).output)
    assert told["master key"]["well"]
    monkeypatch.setenv("EVERCASE_MASTER_KEY", KEY[::-1])
    told = checks(runner.invoke(app, ["doctor", "--json"]).output)
    assert not told["master key"]["well"]
    assert "kept apart" in told["master key"]["words"]


def test_doctor_finds_the_temporal_that_is_there(theirs, monkeypatch, temporal):
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal)
    assert checks(runner.invoke(app, ["doctor", "--json"]).output)["temporal"]["well"]


def test_doctor_names_parked_events_and_asks_for_another_try(theirs):
    with psycopg.connect(theirs.app_url, autocommit=True) as connection:
        connection.execute("INSERT INTO read.position (name, build) VALUES ('queue', 1)")
        connection.execute(
            "INSERT INTO read.parked (name, build, position, error)"
            " VALUES ('queue', 1, 7, 'KeyError')"
        )
    told = runner.invoke(app, ["doctor", "--json"])
    assert told.exit_code == 1
    assert checks(told.output)["parked events"]["facts"] == {
        "follower": "queue",
        "position": 7,
        "error": "KeyError",
    }
    assert "event 7" in runner.invoke(app, ["doctor"]).output
    retried = runner.invoke(app, ["doctor", "--retry", "--json"])
    assert json.loads(retried.output.splitlines()[-1])["retried"] == 1
    with psycopg.connect(theirs.app_url) as connection:
        assert connection.execute("SELECT retry FROM read.parked").fetchone() == (True,)


def test_doctor_says_when_tables_are_missing(theirs, server, monkeypatch):
    with psycopg.connect(theirs.owner_url, autocommit=True) as connection:
        connection.execute("DELETE FROM ledger.migration WHERE name = '0100_desk.sql'")
    told = checks(runner.invoke(app, ["doctor", "--json"]).output)
    assert not told["migrations"]["well"]
    assert "0100_desk.sql" in told["migrations"]["words"]
    assert "rights" not in told


def test_user_add_gives_a_login_and_a_role_that_works(theirs):
    words = ["user", "add", "Lin", "--role", "agent", "--entity", "larkmere-cn", "--level", "1"]
    added = runner.invoke(app, [*words, "--name", "Lin Qiao", "--json"], input="a good password\n")
    assert added.exit_code == 0, added.output
    answer = json.loads(added.output.splitlines()[-1])
    assert answer["login"] == "lin"
    assert answer["new"]
    more = runner.invoke(
        app,
        ["user", "add", "lin", "--role", "team_lead", "--entity", "larkmere-cn", "--json"],
        input="another password\n",
    )
    assert json.loads(more.output.splitlines()[-1]) == {**answer, "new": False}

    with Ledger(theirs.app_url, master_key=bytes.fromhex(KEY)) as ledger:
        known = ledger.fold(staff, answer["staff"]).state
    assert {role.name for role in known.roles} == {"agent", "team_lead"}
    with psycopg.connect(theirs.app_url) as connection:
        row = connection.execute("SELECT staff, password_hash FROM desk.credential").fetchone()
    assert row[0] == answer["staff"]
    assert row[1].startswith("$argon2id$")
    assert len("another password") >= session.SHORTEST_PASSWORD


def test_user_add_refuses_a_short_password_and_an_unknown_role(theirs):
    words = ["user", "add", "lin", "--entity", "larkmere-cn", "--role"]
    short = runner.invoke(app, [*words, "agent"], input="short\n")
    assert short.exit_code == 2
    unknown = runner.invoke(app, [*words, "king"], input="a good password\n")
    assert unknown.exit_code == 2
    assert "team_lead" in unknown.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--entity", "nowhere"), "--entity is one of my-company; nowhere is none"),
        (("--entity", "my-company", "--team", "night"), "--team is one of care; night is none"),
        (("--entity", "my-company", "--branch", "north"), "--branch is not described here yet"),
        (("--entity", "my-company", "--email", "lea"), "lea is no e-mail address"),
    ],
)
def test_user_add_refuses_a_place_that_there_is_not(theirs, words, told):
    at = ("--name", "My Company", "--zone", "Europe/Berlin", "--currency", "EUR")
    assert runner.invoke(app, ["entity", "add", "my-company", *at]).exit_code == 0
    wrong = ["user", "add", "lea", "--role", "agent", *words]
    refused = runner.invoke(app, wrong, input="a good password\n")
    assert refused.exit_code == 2
    assert told in " ".join(refused.output.replace("│", " ").split())


def test_an_operator_resets_a_second_factor_that_was_lost(theirs):
    words = ["user", "add", "ines", "--role", "admin", "--entity", "larkmere-cn", "--json"]
    added = runner.invoke(app, words, input="a good password\n")
    stream = json.loads(added.output.splitlines()[-1])["staff"]
    now = datetime.now(UTC)
    with (
        Ledger(theirs.app_url, master_key=bytes.fromhex(KEY)) as ledger,
        psycopg.connect(theirs.app_url, autocommit=True) as desk,
    ):
        secret = second_factor.begin(desk, ledger.keys, "ines", now)
        code = second_factor.code_at(secret, second_factor.step_of(now))
        assert second_factor.confirm(desk, ledger.keys, "ines", code, now, but="")
        own = Actor(kind="staff", id=stream)
        wish = TurnOnSecondFactor(command_id=uuid4(), at=now, actor=own)
        ledger.handle(staff, stream, wish)
        reset = ["user", "reset-factor", "ines", "--reason"]
        assert runner.invoke(app, [*reset, " "]).exit_code == 2
        assert (
            runner.invoke(app, ["user", "reset-factor", "nobody", "--reason", "x"]).exit_code == 2
        )
        assert session.asked_for_code(desk, "ines") == stream
        done = runner.invoke(app, [*reset, "Her phone was stolen; seen in person"])
        assert done.exit_code == 0, done.output
        assert session.asked_for_code(desk, "ines") is None
        last = ledger.history(stream)[-1]
    assert last.event.type_name == "SecondFactorTurnedOff"
    assert last.context.reason is not None
