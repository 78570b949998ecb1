# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
SEED ?= 7
DAY ?= 2026-11-22
PASSAGES ?= 2000
CODE := tollcentre tests tools
EXTRAS := test $(if $(shell command -v java),spark)

.PHONY: help setup setup-test demo test test-sqlite test-postgres check fmt sim map lock clean

help:            ## this list
	@grep -E '^[a-z-]+: .*##|^[a-z-]+: +##' Makefile | sed -E 's/:[^#]*##/\t/' | sort

setup:           ## .venv with .venv/bin/tollcentre, and the front-end files
	@"$(PYTHON)" tools/set_up.py

setup-test:
	@"$(PYTHON)" tools/set_up.py $(EXTRAS)

demo: setup      ## set up, clear a demo day, serve the console on 127.0.0.1:8000
	@$(BIN)/tollcentre demo

test: test-sqlite test-postgres  ## set up, then every test, the database ones on SQLite and PostgreSQL

test-sqlite: setup-test
	@$(BIN)/python tools/run_tests.py sqlite

test-postgres: setup-test
	@$(BIN)/python tools/run_tests.py postgres

check: setup-test  ## format, types, imports, tidy and the fast tests, under a minute
	@$(BIN)/python tools/check.py

fmt: setup-test  ## put the code in form
	@$(BIN)/ruff check --quiet --fix-only $(CODE)
	@$(BIN)/ruff format --quiet $(CODE)

sim: setup       ## SEED=7: one simulated day, cleared and verified in a home of its own
	@"$(PYTHON)" tools/simulate_day.py --seed $(SEED) --day $(DAY) --passages $(PASSAGES)

map: setup-test  ## the map of the house with the size of every room
	@$(BIN)/python tools/house_map.py

lock:            ## resolve the lock files afresh from pyproject.toml
	@"$(PYTHON)" tools/lock.py

clean:           ## remove what set-up and the tests made; var/ stays
	@rm -rf .venv .tools node_modules build *.egg-info tollcentre/console/static/vendor tollcentre/reporting/fonts
	@rm -rf .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
