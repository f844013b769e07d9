# Every chore of the guide. `make help` lists them; each sets up what it needs in .venv from the pinned files.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
SITE := $(BIN)/.site-ready
TOOLS := $(BIN)/.tools-ready
AUDIT := tests/audit/node_modules/.package-lock.json

# Silences the theme's notice about MkDocs 2 (its documented variable).
export NO_MKDOCS_2_WARNING = 1

.DEFAULT_GOAL := help
.PHONY: help serve build test check policy facts twins links offline audit vulnerabilities screenshots lock clean

help: ## list the chores
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: $(SITE) ## build the guide, serve it on this machine and open it (PORT=8000)
	@$(BIN)/python scripts/build_site.py --serve $(PORT)

build: $(SITE) ## write the site into site/, English at its root, Chinese under zh/
	@$(BIN)/python scripts/check_pages.py
	@$(BIN)/python scripts/build_site.py

test: $(TOOLS) ## run every test, in a real browser too
	@$(BIN)/python tests/chromium.py
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

check: $(TOOLS) ## check chapters, records, twins, words, output and code in seconds, without a browser, and say which kind the change is
	@failed=0; \
	for check in check_pages check_twins check_wording "count_ads --check" "build_site --check"; do \
	  set -- $$check; program=$$1; shift; $(BIN)/python scripts/$$program.py "$$@" || failed=1; \
	done; \
	$(BIN)/ruff check scripts tests || failed=1; \
	$(BIN)/ruff format --check scripts tests || failed=1; \
	$(BIN)/mypy || failed=1; \
	$(BIN)/python scripts/check_change.py || true; \
	exit $$failed

policy: $(SITE) ## write the hashes of the guide's scripts into scripts/policy.yml, after a change of one
	@$(BIN)/python scripts/policy.py --note overrides

facts: $(SITE) ## list the facts that are due for a check, oldest first
	@$(BIN)/python scripts/report_freshness.py

kits: $(TOOLS) ## run every kit against its reference and every spoilt variant
	@$(BIN)/python -m pytest --numprocesses auto tests/kits/run.py

twins: $(SITE) ## note that Chinese pages are in step with the English (PAGES="role.md …"; none: all)
	@$(BIN)/python scripts/check_twins.py --write $(PAGES)

links: build ## check the external links (ARGS="--changed-since origin/main", "--fix-moved", …)
	@$(BIN)/python scripts/check_links.py $(ARGS)

offline: build ## pack the site into dist/ for reading without a network
	@$(BIN)/python scripts/build_release.py

audit: $(AUDIT) build ## audit the site with Lighthouse and the Nu HTML checker; needs Java (RUNS=5, ALL=1, PAGES="…")
	@command -v java >/dev/null || { echo "The HTML checker needs Java. On Debian: sudo apt-get install default-jre-headless"; exit 1; }
	@$(BIN)/python tests/chromium.py
	@$(BIN)/python tests/audit/run.py

vulnerabilities: $(AUDIT) ## look the pinned packages up in lists of known vulnerabilities (asks the network)
	@$(BIN)/pip-audit --require-hashes --disable-pip -r requirements.txt -r tests/requirements.txt -r tests/audit/requirements.txt
	@cd tests/audit && ../../$(BIN)/npm audit

screenshots: $(TOOLS) build ## photograph every page into build/screenshots/
	@$(BIN)/python tests/chromium.py
	@$(BIN)/python tests/screenshots.py

# Extras are kept: with hashes, pip before 24 takes a name without its extra for another, unpinned one.
lock: $(TOOLS) ## pin the dependencies of requirements.in and tests/requirements.in anew
	@for file in requirements tests/requirements tests/audit/requirements; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-strip-extras $$file.in -o $$file.txt; \
	done

clean: ## remove everything that was built or installed
	rm -rf .venv site dist build tests/audit/node_modules

# -- Set-up ----------------------------------------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; found $$($(PYTHON) --version 2>&1). Name another one: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update -qq && apt-get install -y -qq python3-venv; } || { \
	  echo "Python's venv module is missing. On Debian: sudo apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv

$(SITE): requirements.txt | $(BIN)/python
	@echo "Setting up .venv (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(TOOLS): tests/requirements.txt $(SITE)
	@echo "Setting up the test tools (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.txt
	@touch $@

$(AUDIT): tests/audit/package-lock.json tests/audit/requirements.txt $(TOOLS)
	@echo "Setting up the audit tools (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/audit/requirements.txt
	@cd tests/audit && ../../$(BIN)/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
