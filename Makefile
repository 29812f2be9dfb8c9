# Everything a person does with this project. `make` alone prints the list.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test coverage check format seed bench audit licences clean

help: ## Print this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup: .venv/.ready ## Make the virtual environment (done by the others when needed)

run: .venv/.ready ## Start the shop with its own database and print its address
	@$(BIN)/python -m server $(ARGS)

test: .venv/.ready ## Run the whole suite
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

coverage: .venv/.ready ## Run it and report what no test reaches; it takes half as long again
	@$(MAKE) --no-print-directory test ARGS="--cov --cov-report=term:skip-covered $(ARGS)"

check: .venv/.ready ## Format, lint, types and imports, changing nothing
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: .venv/.ready ## Format, and mend what the linter can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

seed: .venv/.ready ## Put the demo catalogue into the database (never twice)
	@$(BIN)/python -m server seed $(ARGS)

bench: .venv/.ready ## Measure, each figure beside its yardstick
	@$(BIN)/python -m bench $(ARGS)

audit: .venv/.ready ## Ask whether a dependency has a known hole, where one can ask
	@sh .ci/audit

licences: .venv/.ready ## Write docs/dependencies.md anew
	@$(BIN)/python .ci/licences > docs/dependencies.md.new
	@mv docs/dependencies.md.new docs/dependencies.md

clean: ## Remove the environment and caches; the shop's data in .souk stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage *.egg-info

.venv/.ready: pyproject.toml constraints.txt
	@sh .ci/setup "$(PYTHON)"
	@touch $@
