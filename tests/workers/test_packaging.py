"""What is shipped: the wheel, the locks, the compose file."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from houses import ROOT
from ruamel.yaml import YAML

OURS = ("domain", "ledger", "projections", "workflows", "desk", "workers")


def run(*command: str | Path, **options):
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        **options,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """An empty virtual environment with our wheel; what we depend on is lent by ours."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    listed = run("git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", *OURS, "benchmarks")
    files = [name for name in listed.splitlines() if (ROOT / name).exists()]
    for name in [*files, "pyproject.toml", "README.md"]:
        if (ROOT / name).exists():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input")
    quiet = ("--no-deps", "--no-index", "--quiet")
    run(*pip, "wheel", *quiet, "--no-build-isolation", "--wheel-dir", folder, source)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    run(*pip, "--python", python, "install", *quiet, wheel)
    (libraries,) = (folder / "venv" / "lib").glob("python*/site-packages")
    # Lent as a folder whose own .pth files are not read: our checkout is not on the path.
    (libraries / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python.parent, libraries, files


def test_the_wheel_runs_from_another_folder(installed, tmp_path):
    programs, libraries, _ = installed
    clean = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"}
    where = run(programs / "python", "-c", "import workers; print(workers.__file__)", cwd=tmp_path)
    assert str(libraries) in where
    assert "evercase" in run(programs / "evercase", "--help", cwd=tmp_path, env=clean)
    migrated = run(programs / "evercase", "migrate", cwd=tmp_path, env=clean)
    assert "The database is up to date." in migrated
    assert (tmp_path / ".evercase" / "secrets").exists()


def test_the_wheel_holds_every_file_that_is_not_code(installed):
    _, libraries, shipped = installed
    assert [name for name in shipped if not (libraries / name).exists()] == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_requirement_is_pinned_with_hashes_and_names_no_host(name):
    text = (ROOT / name).read_text()
    assert not re.search(r"https?://|--(extra-)?index|--find-links|--trusted-host|file:", text)
    entries = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n?", "", text).strip())
    assert len(entries) > 50
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_development_lock_agrees_with_the_other():
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / name).read_text()
        return dict(re.findall(r"(?m)^([A-Za-z0-9._-]+)==(\S+)", text))

    runtime, development = pins("requirements.lock"), pins("requirements-dev.lock")
    assert runtime.items() <= development.items()


def test_the_compose_file_is_valid_and_keeps_secrets_apart():
    file = ROOT / "docker-compose.yml"
    run(
        *(sys.executable, "-m", "check_jsonschema"),
        *("--builtin-schema", "vendor.compose-spec", file),
    )
    services = YAML(typ="safe").load(file)["services"]
    assert {"postgres", "temporal", "temporal-ui", "desk", "worker", "projector"} <= set(services)
    assert services["temporal"]["environment"]["NUM_HISTORY_SHARDS"] == "512"
    assert services["postgres"]["image"] == "postgres:18"
    for name, service in services.items():
        told = service.get("environment", {})
        assert not [key for key in told if re.search("PASSWORD|SECRET|KEY|_URL", key)], name
        assert not service["image"].endswith("latest")
    told_to_migrate = [
        name for name, service in services.items() if "migrate.env" in str(service.get("env_file"))
    ]
    assert told_to_migrate == ["migrate"]


def test_the_secrets_for_compose_are_private_fresh_and_never_overwritten(tmp_path):
    script = ROOT / "deploy" / "make-secrets"
    run(sys.executable, script, tmp_path)
    services = YAML(typ="safe").load(ROOT / "docker-compose.yml")["services"]
    wanted = {Path(file).name for each in services.values() for file in each.get("env_file", [])}
    written = {file.name: file for file in tmp_path.iterdir()}
    assert wanted == set(written)
    for file in written.values():
        assert file.stat().st_mode & 0o077 == 0
    app = written["evercase.env"].read_text()
    assert "evercase_migrate" not in app
    assert "change-me" not in app
    again = subprocess.run(
        [sys.executable, script, tmp_path], capture_output=True, text=True, check=False
    )
    assert again.returncode != 0
    assert "nothing was written" in again.stderr
    assert written["evercase.env"].read_text() == app
