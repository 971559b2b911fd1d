# The words of a working day. `make` alone lists them.

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
# For instance: make test T="tests/dashboard -x"
T ?= tests

# What was compiled is kept: one `make test` starts hundreds of interpreters.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test check messages conformance fuzz chaos bench real

help: ## list these words
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Everynode needs Python 3.11 or newer; name one: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.runs: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m compileall -q controller dashboard
	@touch $@

.venv/.tests: requirements-dev.txt .venv/.runs
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

setup: .venv/.runs ## make .venv with what Everynode needs

run: setup ## start Everynode on this machine (PORT=8000)
	@exec $(BIN)/python manage.py up --port $(PORT)

# Without them their tests are skipped, under CI they fail; an odd registry is no reason to test nothing.
.venv/.clients: tools/clients.py tests/clients/programs.txt tests/clients/python/requirements.txt \
  tests/clients/javascript/package-lock.json | .venv/.tests
	@$(BIN)/python -m tools.clients && touch $@ || echo "The clients of the API could not be installed."

test: .venv/.tests .venv/.clients ## run all tests (T=path or options for some)
	$(BIN)/python -m pytest $(T)

check: .venv/.tests ## lint, types, contracts, migrations, templates, translations, gates
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python tools/templates.py
	$(BIN)/python -m tools.messages --check
	$(BIN)/python tools/vendor.py --check
	$(BIN)/python -m tools.schema --check
	$(BIN)/python tools/gates.py
	$(BIN)/python -m pytest tests/engine --quiet --cov=controller.engine --cov-branch --cov-report=term --cov-fail-under=100

messages: .venv/.tests ## collect what pages say, list what is untranslated, compile the rest
	$(BIN)/python -m tools.messages

conformance: .venv/.tests ## play every recording of a real control plane through kubectl
	$(BIN)/python -m tests.conformance.side_by_side

fuzz: .venv/.tests ## send 20,000 wild requests to an Everynode on SQLite and one on PostgreSQL
	EVERYNODE_FUZZ=20000 $(BIN)/python -m pytest -s -p no:randomly tests/apiserver/test_fuzz_wire.py

chaos: .venv/.tests ## kill programs and PostgreSQL, again and again, during rollouts of simulated and real clusters
	EVERYNODE_CHAOS=whole $(BIN)/python -m pytest -s -p no:randomly tests/chaos/test_production.py tests/chaos/test_staged.py

bench: .venv/.tests ## measure speed and memory, print the table, write bench/latest.json
	$(BIN)/python -m tests.bench

real: .venv/.tests ## try Everynode on a real cluster (KUBECONFIG=FILE CONTEXT=... NODES=ok|fake KUBELET=yes)
	@test -n "$(KUBECONFIG)" || { echo "Name a cluster: make real KUBECONFIG=FILE"; exit 1; }
	$(BIN)/python -m tests.real --kubeconfig "$(KUBECONFIG)" $(if $(CONTEXT),--context "$(CONTEXT)") \
	  $(if $(NODES),--nodes $(NODES)) $(if $(KUBELET),--kubelet)
