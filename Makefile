# Two commands to begin with: make demo, make test.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --no-cache-dir

.PHONY: demo test check bench format docs lock clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.runtime
	@exec env EVERCASE_PARENT=$$PPID $(BIN)/python -m workers demo

test: $(VENV)/.development
	@.ci/chromium
	@$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.development
	@$(BIN)/python -m workers bench

format: $(VENV)/.development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.development
	@$(BIN)/python -m workers.events > docs/events.md

# The environment. The stamps are newer than what they were made from, so a second run is instant.

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Evercase needs Python 3.11 or later; $(PYTHON) is older. Try: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "$(PYTHON) comes without venv or pip. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --quiet --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(VENV)/.development: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --quiet --no-deps --no-index --no-build-isolation --editable .
	@touch $@

# The lock files, made anew with uv (which is not needed for anything else).

UV ?= uv
COMPILE := $(UV) pip compile --no-config --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-header --upgrade

lock:
	$(COMPILE) pyproject.toml requirements.in -o requirements.lock
	$(COMPILE) pyproject.toml requirements.in --extra development -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
