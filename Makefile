# Each target does what it needs first and is quick the second time.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
ASSETS := crm/static/built/.inputs

.PHONY: help install serve test test-external check bench soak docs clean

help:  ## show what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

$(INSTALLED): constraints.txt pyproject.toml $(wildcard plugins/*/pyproject.toml)
	@$(PYTHON) -c 'import sys, venv; assert sys.version_info >= (3, 11)' 2>/dev/null \
	  || { echo "Python 3.11 or later with venv is needed: apt-get install python3 python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
# the list is whole, so nothing is to be worked out: pip looks past a pin at newer releases for what asks for an extra
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r constraints.txt
	@$(BIN)/python hatch_build.py
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . $(foreach p,$(wildcard plugins/*/pyproject.toml),-e $(dir $(p)))
	@$(BIN)/python -m pip check
	@touch $@

install: $(INSTALLED)  ## the environment and the assets, nothing else
	@$(BIN)/python hatch_build.py

serve: install system  ## everything on this machine, with the demonstration
	@$(BIN)/crm serve --demo

# What Debian must give: Pango for documents. As root it is installed; otherwise the exact line is said.
.PHONY: system browser imapd
system:
	@ldconfig -p | grep -q libpangoft2-1.0 || bash tests/setup/debian.sh libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0

browser: system
	@command -v chromium >/dev/null || bash tests/setup/debian.sh chromium

# A real mail server, for the tests of mail that comes in.
imapd:
	@test -x /usr/sbin/dovecot || bash tests/setup/debian.sh dovecot-imapd

test: install browser imapd  ## all tests, in parallel
	@$(BIN)/python -m pytest -n auto --dist worksteal

test-external: install  ## a short pass against Debian's PostgreSQL 15 and Redis 7
	@$(BIN)/python tests/external

check: install  ## style, types, floors, templates, docs
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -n0 tests/checks
	@$(BIN)/codespell crm docs templates plugins README.md

bench: install  ## speed as ratios within one run
	@$(BIN)/python tests/bench $(ARGS)

soak: install browser imapd  ## every proof in its long gear for an hour, with a page of figures
	@$(BIN)/python tests/soak $(ARGS)

.PHONY: sbom advisories
sbom: install  ## what is inside, for the core and each plugin, as CycloneDX in dist/
	@$(BIN)/python tests/supply

advisories: install  ## known holes in what is inside: FROM=a folder of advisories in OSV format
	@$(BIN)/python tests/supply --advisories "$(FROM)"

.PHONY: release-schema
release-schema: install  ## keep the schema of this version, from which every later one proves that it upgrades
	@$(BIN)/python tests/upgrade

docs: install  ## draw the generated pages and build the manual
	@$(BIN)/crm docs
	@$(BIN)/zensical build --clean

clean:  ## take away what was made, never the data in var/
	@rm -rf .venv node_modules crm/static/built site
