# What there is to do here: make help. Needs python3 (3.11 or newer) and make, nothing else.
SHELL  := /bin/bash
PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
INSTALL := $(PY) -m pip install -qq --disable-pip-version-check --require-hashes
# Pins and hashes only: no address, no path, no index. Plain pip installs from it anywhere.
LOCK := $(PY) -m uv pip compile pyproject.toml --quiet --universal --generate-hashes --upgrade \
    --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help run test lint format check lock words assets diagrams screenshots prove prove-small bench clean

help: ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.runtime ## the whole service on this machine, at http://127.0.0.1:8000
	@$(PY) -m bot prepare
	@exec $(PY) -m bot serve

test: lint check ## everything: style, then every test

lint: $(VENV)/.dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

format: $(VENV)/.dev ## put the code into its style, as far as a machine can
	@$(PY) -m ruff check --quiet --fix . || true
	@$(PY) -m ruff format .

check: $(VENV)/.dev
	@$(PY) -m pytest -n auto --dist worksteal $(ARGS)

words: $(VENV)/.runtime ## gather what people read, for translators, into locales/
	@$(PY) -m bot.words.catalogue

diagrams: $(VENV)/.runtime ## draw every flow again, into flows/README.md
	@$(PY) -m bot diagrams

screenshots: $(VENV)/.dev ## take the pictures in docs/screenshots again
	@$(PY) -m docs.screenshots

prove: $(VENV)/.dev ## the proofs at full size: kills, copies, orders, bad input (takes a while)
	@$(PY) -m bot prove

prove-small: $(VENV)/.dev ## the same proofs, small enough for every change
	@$(PY) -m bot prove --small

bench: $(VENV)/.dev ## how many turns a second, beside two other bots
	@$(PY) -m benchmarks.turns --keep

assets: $(VENV)/.dev ## fetch the pages' vendored styles and scripts again (needs npm)
	@$(PY) -m bot.web.vendored bot/web/static/vendor tests/support/vendor

lock: $(VENV)/.dev ## write requirements.txt and requirements-dev.txt again from pyproject.toml
	@$(LOCK) --group dev --output-file requirements-dev.txt
	@$(LOCK) --constraints requirements-dev.txt --output-file requirements.txt

clean: ## remove what was made here, but never data/ or .env
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find bot flows tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

# An environment of its own; installed again only when its lock has changed.
$(PY):
	@$(PYTHON) -c 'import sys; sys.exit("This needs Python 3.11 or newer; $(PYTHON) is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian or Ubuntu: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: requirements.txt | $(PY)
	@echo "Installing what the service needs, once"
	@$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(PY)
	@echo "Installing what the tests need, once"
	@$(INSTALL) -r requirements-dev.txt
	@touch $@ $(VENV)/.runtime
