# Everything happens in .venv, which the first call creates and fills.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
LINTERS := $(VENV)/.linters
CHAPTERS := $(wildcard book/*.md)
PYTEST := $(BIN)/python -m pytest

export MPLCONFIGDIR := $(CURDIR)/$(VENV)/matplotlib
export JUPYTER_PREFER_ENV_PATH := 1

.PHONY: help book print test test-fast coverage lint resolve wheel notebooks bench torture clean $(VENV)
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

book: $(INSTALLED) ## execute the chapters and build _build/html/index.html
	$(BIN)/jupyter-book build . --all -W --keep-going -n

print: $(INSTALLED) ## the book as one page, _build/singlehtml/book.html, and where Chromium is installed as _build/book.pdf
	$(BIN)/jupyter-book build . --builder singlehtml -W --keep-going -n
	@sed 's|"book/intro.html#|"#|g' _build/singlehtml/book/intro.html > _build/singlehtml/book.html
	@for browser in chromium chromium-browser google-chrome; do \
	    command -v $$browser >/dev/null || continue; \
	    $$browser --headless --disable-gpu $(if $(filter 0,$(shell id -u)),--no-sandbox) --virtual-time-budget=60000 \
	        --no-pdf-header-footer --print-to-pdf=_build/book.pdf file://$(CURDIR)/_build/singlehtml/book.html 2>/dev/null; \
	    echo "Printed: _build/book.pdf"; exit; \
	done; echo "No Chromium is installed: open _build/singlehtml/book.html in a browser and print it."

test: $(INSTALLED) ## test the package, the command line and the committed chapters (or TESTS="tests/curves")
	$(PYTEST) $(or $(TESTS),plaw tests book) --nbval --nbval-current-env --nbval-sanitize-with book/sanitise.cfg

test-fast: $(INSTALLED) ## test the package without what takes long, for the habit of running it often
	$(PYTEST) plaw tests --ignore=tests/book -m "not gpu and not slow"

coverage: $(INSTALLED) ## test the package and measure which branches the tests reach: 95% at least
	$(PYTEST) plaw tests --ignore=tests/book --cov --cov-report=term:skip-covered

lint: $(LINTERS) ## check style, types and which part imports which
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

resolve: $(LINTERS) ## check that constraints.txt installs on the oldest and the newest Python allowed
	$(BIN)/python tests/constraints.py

wheel: $(INSTALLED) ## build the wheel and try it in an empty environment and an empty folder
	tests/wheel.sh $(BIN)/python

notebooks: $(INSTALLED) ## execute the chapters (or CHAPTERS="book/data.md") and store them as notebooks to commit
	$(BIN)/python book/execute.py $(CHAPTERS)

torture: $(INSTALLED) ## the long form of the tests of trust: kills, full disks, damaged inputs, repeatability (half an hour)
	$(BIN)/python tests/torture.py

bench: $(INSTALLED) ## measure the speed of training beside JAX and PyTorch
	@$(BIN)/python -c 'import jax, torch' 2>/dev/null || \
	    $(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[bench]' || echo "Going on without JAX and PyTorch."
	$(BIN)/plaw bench

clean: ## remove what the other targets made, .venv included
	rm -rf _build build dist $(VENV) *.egg-info .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis .coverage
	find plaw tests book -name __pycache__ -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml constraints.txt
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(MAKE) --no-print-directory $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[book,test]'
	@$(BIN)/python -c 'import matplotlib.pyplot'  # builds its font cache here rather than in a chapter
	@touch $@

$(LINTERS): $(INSTALLED)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[lint]'
	@touch $@

# $(PYTHON) if it fits, or the first Python that does; where Debian's python3-venv is missing, the system's pip installs one into the new folder.
$(VENV):
	@for python in $(PYTHON) python3.11 python3.12 python3.13 python3 python; do \
	    $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || continue; \
	    echo "$$($$python --version): creating $(VENV)"; \
	    $$python -m venv --clear $(VENV) >/dev/null 2>&1 && exit; \
	    $$python -m venv --clear --without-pip $(VENV) && exec $$python -m pip --python $(BIN)/python install --quiet pip; \
	done; \
	echo "plaw needs Python 3.11, 3.12 or 3.13 with venv and pip; install one (Debian: apt install python3-venv)" >&2; exit 1
