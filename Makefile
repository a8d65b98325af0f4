# Every daily command. `make` lists them; each prepares what it needs.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
JOBS ?= 3
UV := $(firstword $(wildcard $(abspath $(BIN))/uv) uv)
FEATURE ?=
ARGS ?=

# The first Python that is new enough.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)

RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
CATALOGUES := $(wildcard portal/*/translations/*/LC_MESSAGES/messages.po)
COMPILED := $(CATALOGUES:.po=.mo)

export FLASK_APP := wsgi.py
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help install run serve test lint format bench messages compile lock clean

help: ## list the commands
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-9s %s\n' "$$name" "$$text"; done

install: $(DEV) $(COMPILED) ## prepare .venv with everything that work on the portal needs

run: export PORTAL_ENV := $(or $(PORTAL_ENV),development)
run: export SCHEDULER := $(or $(SCHEDULER),1)
run: $(RUNTIME) $(COMPILED) ## start the portal with demo data and its timed work on http://127.0.0.1:8000 (PORT=8000)
	@mkdir -p instance
	@$(BIN)/python -m flask db upgrade
	@$(BIN)/python -m flask demo load
	@PORT=$(PORT) exec $(BIN)/python -m gunicorn

serve: $(RUNTIME) $(COMPILED) ## serve the configured database (PORT=8000 WORKERS=2 SCHEDULER=1, or SERVES=shop)
	@PORT=$(PORT) exec $(BIN)/python -m gunicorn

test: lint $(COMPILED) ## check everything, then run every test (JOBS=3, REQUIRE_ALL=1 allows no skips)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

lint: $(DEV) ## check style, types, layers, templates and safety
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates

format: $(DEV) ## put imports and code in their usual form
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

bench: $(DEV) $(COMPILED) ## measure, and print the benchmark table
	@$(BIN)/python -m benchmarks $(ARGS)

messages: $(RUNTIME) ## collect the texts to translate (FEATURE=orders for one catalogue)
	@$(BIN)/python -m scripts.messages update $(FEATURE)

compile: $(COMPILED) ## compile the translations

lock: ## resolve requirements/*.in anew, with hashes (needs uv)
	@cd requirements && for name in runtime redis dev; do \
		$(UV) pip compile --quiet --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-emit-index-url \
			--no-emit-find-links "$$name.in" -o "$$name.txt"; done

clean: ## remove what was made here, but for .venv and instance
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* htmlcov build dist *.egg-info
	@find portal scripts tests migrations -name __pycache__ -prune -exec rm -rf {} +
	@rm -f $(COMPILED)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python has no venv here; on Debian: apt-get install python3-venv"; exit 1; }

$(RUNTIME): requirements/runtime.txt | $(BIN)/python
	@echo "Installing what the portal needs…"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/runtime.txt
	@touch $@

$(DEV): requirements/dev.txt $(RUNTIME) | $(BIN)/python
	@echo "Installing what tests and checks need…"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

$(COMPILED) &: $(CATALOGUES) | $(RUNTIME)
	@$(BIN)/python -m scripts.messages compile
	@touch $(COMPILED)
