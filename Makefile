# make demo: everything from nothing to tables in the terminal.   make test: the test suite.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test test-unit test-drawn test-engines test-compiled test-dialects test-velox test-editor trials lint types bench clean install

install: $(STAMP)

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("kpidsl needs Python 3.11 or later") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(STAMP)

# The words of the demo's last tables: make demo LOCALE=fr
LOCALE ?= en
NOW := --as-of 2026-09-21 --locale $(LOCALE)

# $(call SHOW,EXAMPLE,COMMAND): a command, and what it answers in the folder of an example.
define SHOW
	@echo; echo '$$ $(2)'; cd examples/$(1) && PATH="$(CURDIR)/$(BIN):$$PATH" $(2)
endef

demo: install
	@$(BIN)/python examples/boutique/make_data.py
	$(call SHOW,boutique,kpidsl check --connection duckdb:///data/boutique.duckdb)
	$(call SHOW,boutique,kpidsl test)
	$(call SHOW,boutique,kpidsl compile conversion_rate --by channel --period 2026)
	$(call SHOW,boutique,kpidsl run revenue conversion_rate average_order_value --by channel --period 2026)
	$(call SHOW,boutique,kpidsl run revenue --by month --period 2026 --chart)
	@echo; $(BIN)/python examples/marketing/make_data.py
	$(call SHOW,marketing,kpidsl check --connection duckdb:///data/roastery.duckdb)
	$(call SHOW,marketing,kpidsl run average_order_value conversion_rate_session cac_blended --by month --period 2026 $(NOW))
	$(call SHOW,marketing,kpidsl objectives year_of_revenue twenty_thousand phones_convert_too $(NOW))
	$(call SHOW,marketing,kpidsl scorecards roastery $(NOW))

# Tests start the command many times: its compiled modules are kept, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE

test: install
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m 'not drawn and not as_documented'

# What needs no engine.
UNIT_TESTS := tests/syntax tests/loading tests/semantics tests/plan tests/formatting tests/diagnostics tests/report tests/house
test-unit: install
	$(BIN)/python -m pytest -n 2 -q -m 'not drawn' $(UNIT_TESTS)

# What is drawn at random, at length; `make test` asks the first of each.
test-drawn: install
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m drawn

# The engines that take long to come or to start, and the drivers of those that cannot come, on loopback: the cases, the tests of SQL and of connections.
ENGINES ?= postgres,mariadb,clickhouse,googlesql,spark
DRIVERS ?= bigquery,databricks,snowflake,sqlserver,trino
# Of what Spark and GoogleSQL are asked, one test of so many: make test-engines SHARE=4, as CI does; of make test-dialects' cases, too.
SHARE ?= 1
ENGINE_TESTS := tests/cases/test_answers.py tests/engines tests/sql tests/queries tests/oracle/test_worlds_on_engines.py tests/cli/test_spark.py tests/examples/marketing
test-engines: $(VENV)/.engines
	@sh tests/servers/debian_packages.sh $(ENGINES),$(DRIVERS)
	KPIDSL_SHARE=$(SHARE) KPIDSL_ENGINES=$(ENGINES) KPIDSL_DRIVERS=$(DRIVERS) $(BIN)/python -m pytest -n 2 --dist worksteal -q -m 'not as_documented' $(ENGINE_TESTS)

$(VENV)/.engines: pyproject.toml $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,engines]'
	touch $@

# The SQL of every case (or of one of SHARE) in every dialect, by sqlglot's parsers, and by DuckDB put together as for every dialect; that of the catalogue by sqlfluff's grammars;
# and the catalogue's statements on a PostgreSQL to which the functions of a dialect that nobody runs were added.
test-dialects: install $(VENV)/.grammars
	KPIDSL_SHARE=$(SHARE) $(BIN)/python -m pytest -n 2 -q tests/dialects/reparse_checks.py tests/dialects/sqlfluff_checks.py tests/dialects/without_checks.py
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m as_documented tests/sql

$(VENV)/.grammars: pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,grammars]'
	touch $@

# Trino's scalar functions by Velox, which asks for a pyarrow of its own.
VELOX := .venv-velox
test-velox: install $(VELOX)/.installed
	LD_LIBRARY_PATH=$$(echo $(CURDIR)/$(VELOX)/lib/python3.*/site-packages/pyarrow) KPIDSL_VELOX=$(CURDIR)/$(VELOX)/bin/python $(BIN)/python -m pytest -q tests/dialects/velox_checks.py

$(VELOX)/.installed:
	test -x $(VELOX)/bin/python || $(PYTHON) -m venv $(VELOX)
	$(VELOX)/bin/python -m pip install --quiet --disable-pip-version-check pyvelox==0.2.0 pyarrow==19.0.1
	touch $@

# sqlglot comes as Python and, by the extra `fast`, compiled: both must say and answer the same.
COMPILED := .venv-compiled
test-compiled: $(COMPILED)/.installed
	KPIDSL_SQLGLOT=compiled KPIDSL_ENGINES=duckdb,sqlite $(COMPILED)/bin/python -m pytest -n 2 --dist worksteal -q tests/sql tests/cases tests/queries tests/dialects

$(COMPILED)/.installed: pyproject.toml
	test -x $(COMPILED)/bin/python || $(PYTHON) -m venv $(COMPILED)
	$(COMPILED)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,fast]'
	touch $@

# Random worlds against the oracle on every engine, as many as wanted: make trials WORLDS=20000
WORLDS ?= 3000
FIRST ?= 1
trials: install
	$(BIN)/python -m tests.oracle.trials $(FIRST) $(WORLDS)

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

# A real YAML language server on the project's schemas; npm fetches it once.
YAML_SERVER := yaml-language-server@1.25.0
NODE := tests/editor/node

test-editor: install $(NODE)/.installed
	$(BIN)/python -m pytest -q tests/editor/editor_checks.py

$(NODE)/.installed: Makefile
	@command -v npm > /dev/null || { echo 'make test-editor needs npm, and finds none: install Node.js (tried with version 20)' >&2; exit 1; }
	rm -rf $(NODE)
	mkdir -p $(NODE)
	npm install --prefix $(NODE) --no-save --ignore-scripts --no-audit --no-fund $(YAML_SERVER)
	touch $@

bench: install
	$(BIN)/python -m benchmarks.run

clean:
	rm -rf $(VENV) $(COMPILED) $(NODE) build dist *.egg-info
