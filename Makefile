# The set-up of a fresh machine: `make chat` to use it, `make test` to check it.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 7860
INSTALL := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet -c constraints.txt
NOW := date +%s
EVALUATE := $(BIN)/assistant eval retrieval ingest/sample --split test
GATES := baseline baseline-bundled

.PHONY: chat ask test check gate baseline bench pictures clean

chat: .venv/ready  ## environment, sample library, index, UI
	@$(BIN)/assistant chat --sample --port $(PORT)

ask: .venv/ready  ## make ask Q="metformin and eGFR 28"
	@$(BIN)/assistant ask --sample "$(Q)"

test: .venv/dev  ## the whole test suite, offline
	$(BIN)/python -m pytest

check: .venv/dev  ## lint and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

build/gate/baseline/results.json: .venv/ready FORCE
	@$(EVALUATE) --rerankers none,late --out $(@D)

build/gate/baseline-bundled/results.json: .venv/ready FORCE
	@$(EVALUATE) --retrievers hybrid --rerankers none,bundled --depth 30 --out $(@D)

FORCE:

gate: $(GATES:%=build/gate/%/results.json)  ## has ranking on the sample library fallen behind the kept results?
	set -e; for name in $(GATES); do $(BIN)/assistant eval gate eval/$$name.json build/gate/$$name/results.json; done

baseline: $(GATES:%=build/gate/%/results.json)  ## keep the present results as what `make gate` holds against
	set -e; for name in $(GATES); do $(BIN)/python -c "from dataclasses import replace; from pathlib import Path; from eval.result_file import save; from eval.results import load; \
	save(Path('eval/$$name.json'), replace(load(Path('build/gate/$$name/results.json')), moves=(), notes=(), skipped=(), versions=None))"; done

bench: .venv/ready  ## this engine against sentence-transformers in float32, in one run
	$(BIN)/assistant eval bench

pictures: .venv/dev  ## the README's pictures, from the sample library
	$(BIN)/python -m tests.e2e.picture

.venv/ready: pyproject.toml constraints.txt
	@begin=$$($(NOW)); echo "Making the environment in .venv (about 2.5 GB, a few minutes the first time)"; \
	$(PYTHON) -m venv .venv \
	&& echo "  torch" && $(INSTALL) torch \
	&& echo "  the rest" && $(INSTALL) -e . \
	&& touch $@ && echo "Environment ready after $$(( $$($(NOW)) - begin )) s"

.venv/dev: .venv/ready
	@echo "Adding what the tests need"; $(INSTALL) -e '.[dev]' && touch $@

clean:  ## removes the environment, not the index
	rm -rf .venv build *.egg-info
