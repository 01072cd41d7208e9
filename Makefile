# Needs only Python 3.11 or later, make and a package index. `make` alone lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint unit control-plane test-live bench screenshots snapshots clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

# Made again only when the requirements change, so a second run installs nothing.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; name one: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

setup: $(READY) ## make the virtual environment

demo: $(READY) ## open the explorer on the embedded demo
	@$(BIN)/netpol-tui --demo

test: lint unit ## lint, types and all tests

lint: $(READY) ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(READY) ## all tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup

control-plane: $(READY) ## build the programs that the live tests need, once; takes Go and minutes
	$(BIN)/python -m tests.live.build

test-live: control-plane ## the tests against a real API server, in one process
	$(BIN)/python -m pytest tests/live

bench: $(READY) ## measure; see bench/README.md
	$(BIN)/python -m bench

screenshots: $(READY) ## draw the README's pictures anew
	$(BIN)/python screenshots/make.py

snapshots: $(READY) ## accept what the screens look like now as what they should look like
	$(BIN)/python -m pytest tests/snapshot --snapshot-update

clean: ## remove what was made here
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info build
