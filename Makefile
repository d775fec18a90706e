# Two commands: `make serve` to use it, `make test` to try all of it. Each sets up what it needs, is
# safe to repeat, and quick the second time.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
# Tools that only look at requirements; in an environment of their own.
TOOLS := .venv/tools/bin
COMPILE = $(TOOLS)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock"
export PORT

.PHONY: help setup serve test opensearch faults check bench torture lock audit clean

help:
	@sed -n 's/^# target: //p' $(MAKEFILE_LIST)

# target: setup   make the virtual environment .venv and install requirements.lock
setup: .venv/installed

# target: serve   serve http://127.0.0.1:8000 (PORT= for another); the first run ingests samples/
serve: setup
	@test -e index/CURRENT || $(BIN)/flask ingest 'samples/*.txt'
	@echo "Serving http://127.0.0.1:$(PORT) (Ctrl-C stops)"
	@exec $(BIN)/gunicorn --config gunicorn.conf.py wsgi:app

# target: test    run all tests; installs Chromium, nginx, gcc, PostgreSQL, Java, Maven (Debian's packages), axe-core (npm) and OpenSearch (Maven) where they are missing
test: .venv/installed-for-tests chromium nginx cc postgresql java tests/axe/node_modules/.package-lock.json
	$(BIN)/pytest

# target: opensearch start a real OpenSearch of three nodes here, and say how to use it, until Ctrl-C (NODES=)
opensearch: .venv/installed-for-tests java
	$(BIN)/python -m tests.opensearch.nodes --nodes $(or $(NODES),3)

# target: faults  kill nodes of a real OpenSearch while people search and articles come in; some minutes
faults: .venv/installed-for-tests java
	$(BIN)/pytest -v tests/opensearch/faults.py

# target: check   ruff and mypy
check: .venv/installed-for-tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# target: bench   measure against other engines on shared data; prints a table (see bench/README.md)
bench: .venv/installed-for-bench
	$(BIN)/python -m bench.run $(BENCH)

# target: torture the whole battery of faults, hostile input and load; prints its figures (TORTURE="--quick ROW…")
torture: .venv/installed-for-tests chromium nginx cc
	$(BIN)/python -m tests.torture $(TORTURE)

# target: lock    write requirements.lock and tests/requirements.lock anew, with the hashes of all that is installed
lock: .venv/tools/installed
	$(COMPILE) requirements.txt --output-file requirements.lock
	$(COMPILE) --constraint requirements.lock tests/requirements.txt --output-file tests/requirements.lock

# target: audit   ask the advisory database whether anything that is installed has known holes (needs the network)
audit: .venv/tools/installed
	$(TOOLS)/pip-audit --require-hashes --disable-pip --strict --requirement requirements.lock
	$(TOOLS)/pip-audit --require-hashes --disable-pip --strict --requirement tests/requirements.lock

# target: clean   remove the virtual environment and caches; articles and index stay
clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis test-output tests/axe/node_modules

.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || sh tests/install.sh Chromium chromium fonts-noto-cjk

# Debian has it where only root's PATH goes.
.PHONY: nginx
nginx:
	@test -x /usr/sbin/nginx || command -v nginx >/dev/null || sh tests/install.sh nginx nginx-light

# For the shim that counts file operations (tests/torture/shim.c).
.PHONY: cc
cc:
	@command -v cc >/dev/null || sh tests/install.sh "A C compiler" gcc libc6-dev

# For the real OpenSearch that tests start (tests/opensearch/).
.PHONY: java
java:
	@command -v javac >/dev/null && command -v mvn >/dev/null || sh tests/install.sh "Java with Maven" default-jdk-headless maven
	@command -v openssl >/dev/null || sh tests/install.sh openssl openssl

# Debian has its programs where nobody's PATH goes. Its tests need no server that is running already. Where it
# cannot be installed, the tests that need it are left out, and named.
.PHONY: postgresql
postgresql:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || sh tests/install.sh PostgreSQL postgresql || true

tests/axe/node_modules/.package-lock.json: tests/axe/package-lock.json tests/install_axe.sh
	sh tests/install_axe.sh
	touch $@

.venv/installed: requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m searchsvc.engine.compiled
	touch $@

.venv/installed-for-tests: .venv/installed tests/requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement tests/requirements.lock
	touch $@

.venv/installed-for-bench: .venv/installed bench/requirements-bench.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement bench/requirements-bench.txt
	touch $@

.venv/tools/installed: Makefile
	$(PYTHON) -m venv .venv/tools
	.venv/tools/bin/pip install --quiet --disable-pip-version-check uv==0.13.9 pip-audit==2.10.1
	touch $@
