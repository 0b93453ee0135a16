# Every target does its own set-up in .venv. Needed beforehand: Python 3.11 or newer with venv, make, git.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# About half of a test is waiting for programs and servers: more of them than cores.
JOBS ?= $(shell $(PYTHON) -c 'import os; print(min(2 * (os.cpu_count() or 1), 8))')

.PHONY: demo test check bench soak dev messages lock clean

demo: $(READY)
	@$(BIN)/tui-pos demo

test: $(READY)
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

check: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(READY)
	@$(BIN)/python -P -m tests.benchmarks $(ARGS)

# Kill the program at random moments for as long as you like: make soak ARGS="--rounds 500 --seed 7"
soak: $(READY)
	@$(BIN)/python -P -m tests.soak $(ARGS)

dev: $(READY)
	@$(BIN)/textual run --dev -c $(BIN)/tui-pos demo

# Collect the texts again and compile the translations.
messages: $(READY)
	@$(BIN)/python -P tests/messages.py

# Resolve every dependency anew; commit the result.
lock: $(READY)
	@$(BIN)/pip freeze --exclude-editable --exclude tui-pos --exclude pip --exclude setuptools > requirements.lock

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tui-pos needs Python 3.11 or newer: make PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

clean:
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
