# The set-up of a fresh machine: `make chat` to use it, `make test` to check it.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 7860
INSTALL := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet -c constraints.txt
NOW := date +%s

.PHONY: chat ask test check browser bench clean

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
