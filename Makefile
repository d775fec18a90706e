# Two commands: `make serve` to use it, `make test` to try all of it. Each sets up what it needs, is
# safe to repeat, and quick the second time.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
export PORT

.PHONY: help setup serve test check bench torture clean

help:
	@sed -n 's/^# target: //p' $(MAKEFILE_LIST)

# target: setup   make the virtual environment .venv and install requirements.txt
setup: .venv/installed

# target: serve   serve http://127.0.0.1:8000 (PORT= for another); the first run ingests samples/
serve: setup
	@test -e index/CURRENT || $(BIN)/flask ingest 'samples/*.txt'
	@echo "Serving http://127.0.0.1:$(PORT) (Ctrl-C stops)"
	@exec $(BIN)/gunicorn --config gunicorn.conf.py wsgi:app

# target: test    run all tests; installs Chromium and nginx (Debian's packages) and axe-core (npm) where they are missing
test: .venv/installed-for-tests chromium nginx tests/axe/node_modules/.package-lock.json
	$(BIN)/pytest

# target: check   ruff and mypy
check: .venv/installed-for-tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# target: bench   measure against other engines on shared data; prints a table (see bench/README.md)
bench: .venv/installed-for-bench
	$(BIN)/python -m bench.run $(BENCH)

# target: torture the whole battery of faults, hostile input and load; prints its figures (TORTURE="--quick ROW…")
torture: .venv/installed-for-tests chromium nginx
	$(BIN)/python -m tests.torture $(TORTURE)

# target: clean   remove the virtual environment and caches; articles and index stay
clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis test-output tests/axe/node_modules

.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || sh tests/install_chromium.sh

# Debian has it where only root's PATH goes.
.PHONY: nginx
nginx:
	@test -x /usr/sbin/nginx || command -v nginx >/dev/null || sh tests/install_nginx.sh

tests/axe/node_modules/.package-lock.json: tests/axe/package-lock.json tests/install_axe.sh
	sh tests/install_axe.sh
	touch $@

.venv/installed: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.txt
	$(BIN)/python -m searchsvc.engine.compiled
	touch $@

.venv/installed-for-tests: .venv/installed tests/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt
	touch $@

.venv/installed-for-bench: .venv/installed bench/requirements-bench.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement bench/requirements-bench.txt
	touch $@
