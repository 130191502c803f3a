# Everything a person types: `make run`, `make test`. `make help` lists the rest.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
UV := $(shell command -v uv 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help setup run test lint types imports check bench soak lock snapshots pictures clean

help: ## show this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: $(STAMP) ## create .venv and install exactly what requirements.lock names

# uv where it is installed, the standard library's venv and pip where it is not: the same lock for both.
$(STAMP): requirements.lock pyproject.toml
	@echo "setting up $(VENV) (once; a minute or two)"
ifeq ($(UV),)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
else
	@test -x $(BIN)/python || uv venv --quiet --python $(PYTHON) $(VENV)
	@uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
endif
	@touch $(STAMP)

run: $(STAMP) ## open the workstation on the embedded demo market
	@$(BIN)/zdte-tui --demo

test: $(STAMP) ## pass the tests
	@$(BIN)/python -m pytest

lint: $(STAMP) ## ruff: lint and format; no clock, no chance and no unordered sets where the engine decides
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python -m scripts.determinism

types: $(STAMP) ## mypy, strict
	@$(BIN)/mypy

imports: $(STAMP) ## import-linter: the floors of the house
	@$(BIN)/lint-imports --no-cache

check: lint types imports test ## everything CI checks

bench: $(STAMP) ## time everything beside what others offer, into benchmarks/RESULTS.md; ARGS="--only kernel" for a part
	@$(BIN)/python -m benchmarks $(ARGS)

soak: $(STAMP) ## what is too long for the tests, one line a part; N=10000 for more sessions, ARGS="--only endurance"
	@$(BIN)/python tests/soak/soak.py $(if $(N),--n $(N)) $(ARGS)

lock: ## renew requirements.lock (needs uv)
	uv pip compile --universal --generate-hashes --no-header --quiet --python-version 3.11 --extra dev pyproject.toml -o requirements.lock

pictures: $(STAMP) ## draw the pictures of the README again: each layout, on a demo day that is always the same
	@$(BIN)/python -m scripts.pictures $(ARGS)

snapshots: $(STAMP) ## re-draw the screen snapshots after looking at the change
	@$(BIN)/python -m pytest tests/screen --snapshot-update

clean: ## remove the environment and every cache
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache snapshot_report.html
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
