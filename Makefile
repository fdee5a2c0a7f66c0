# Nightshift. `make help` says what there is.

PORT ?= 8000
HOST ?= 127.0.0.1
PYTHON ?= python3

VENV := .venv
DATA := tests/data
JS := tests/js
SETTINGS := served static file firefox
# Longest first, one more than there are cores: each of them waits for a browser or a server half of its time. What fails in one does not hide what
# fails in another. (A target that waits for another is begun after all that are named behind it: so not «check», but what it is made of.)
SUITES := e2e unit python-checks js-checks browser journeys-firefox journeys-file rabbit journeys-static hostile faults contract js-tests
# Unit tests that the hostile run has as well (tests/hostile/__main__.py): make test runs them there.
HOSTILE := $(addprefix tests/unit/,gateway/http/test_guard.py gateway/http/test_odd_requests.py services/runtime/test_isolation.py ui/damage/test_damage.py)
CORES := $(or $(shell getconf _NPROCESSORS_ONLN 2>/dev/null),2)
JOBS ?= $(shell expr $(CORES) + 1)
AT_ONCE := --keep-going --jobs=$(JOBS) $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
# Longest first, as above; the tests of the server and of the JavaScript wait half of their time.
QUICK := quick-gateway quick-ui quick-rest quick-services js-tests python-checks js-checks
BIN := $(VENV)/bin
JSBIN := $(JS)/node_modules/.bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header \
  --strip-extras --allow-unsafe

# Every part of the tests is a process of its own, and they start a hundred servers: each would compile the program anew where Python was told to keep
# nothing of it, as pictures of containers do.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
# Each has other globals: the page, the service worker, the build, the tests.
JS_PROJECTS := tsconfig.json tsconfig.worker.json tools/tsconfig.json $(JS)/tsconfig.json
.PHONY: js js-checks js-tests python-checks help run headless test test-ready test-browsers test-built test-everywhere test-faults deep soak million tables tokens roundtrip evaluation prices posts deliveries check unit contract browser faults hostile rabbit e2e build bench screens gallery access lock clean vendor dev quick t fmt hooks

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.run ## serve the page on http://127.0.0.1:8000 (PORT=…, HOST=…), installing what is missing
	@$(BIN)/python -m tools.vendor
	@$(BIN)/python -m tools.filelist
	@$(BIN)/python -m tools.dist --site
	@PORT='$(PORT)' HOST='$(HOST)' exec $(BIN)/python -m app.gateway

dev: $(VENV)/.dev ## serve the sources on http://127.0.0.1:8001; the page reloads when a file is changed
	@$(BIN)/python -m tools.vendor
	@$(BIN)/python -m tools.filelist
	@$(BIN)/python -m tools.guide
	@PORT='$(if $(filter 8000,$(PORT)),8001,$(PORT))' HOST='$(HOST)' NIGHTSHIFT_DATA="$${NIGHTSHIFT_DATA:-build/dev}" exec $(BIN)/python -m tools.dev

t: $(VENV)/.dev ## one test and what belongs to it: make t T=…, a file, a folder, file::test, or a word of a name; any suite
	@$(BIN)/python -m tools.onetest '$(T)'

quick: $(VENV)/.dev ## a minute: check, and the unit tests that are not slow, with few examples of each property
	@$(MAKE) --no-print-directory $(AT_ONCE) $(QUICK)

fmt: $(VENV)/.dev $(JS)/node_modules/.made ## lay the code out, and write anew what is made from it (list of files, map, messages of the guide)
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .
	@$(JSBIN)/biome check --write --error-on-warnings
	@$(BIN)/python -m tools.filelist
	@$(BIN)/python -m tools.architecture
	@$(BIN)/python -m tools.messages

hooks: $(VENV)/.dev ## look at each commit before it is made (.pre-commit-config.yaml)
	@$(BIN)/pre-commit install

headless: $(VENV)/.headless ## the same with nobody in front of it: keeps the page open in a Chromium without a window
	@$(BIN)/python -m tools.vendor
	@$(BIN)/python -m tools.filelist
	@$(BIN)/python -m tools.dist --site
	@PORT='$(PORT)' HOST='$(HOST)' exec $(BIN)/python -m tools.headless

test: ## everything that must hold: check, then unit, contract, browser, RabbitMQ, faults (a sample), hostile and e2e tests, in other settings those that can differ there
	@$(MAKE) --no-print-directory --jobs=$(JOBS) test-ready
	@$(MAKE) --no-print-directory $(AT_ONCE) ELSEWHERE='$(HOSTILE)' $(SUITES)

# What the suites begin from, beside each other: one waits for the network while another keeps a core busy.
test-ready: $(VENV)/.dev $(DATA)/node_modules/.made $(JS)/node_modules/.made test-browsers test-built

test-browsers: $(VENV)/.dev
	@$(BIN)/python -m tools.browser shell firefox
	@$(BIN)/python -m tools.rabbit

test-built: vendor
	@$(BIN)/python -m tools.dist --site --file

test-everywhere: $(VENV)/.dev $(DATA)/node_modules/.made vendor ## every journey in every setting: make run, a static host, the one file, the same in Firefox
	@$(BIN)/python -m tools.browser shell firefox
	@for setting in $(SETTINGS); do echo "— e2e tests, $$setting"; $(BIN)/python -m pytest -q tests/e2e --setting $$setting || exit 1; done

test-faults: $(VENV)/.dev vendor ## the whole fault matrix in a browser: every step of a batch, times every fault
	@$(BIN)/python -m tools.browser
	@$(BIN)/python -m tests.faults

deep: $(VENV)/.dev vendor ## the unit tests in their whole depth, of which make test takes a sample: 10,000 lives of batches, every view with every kind of huge text, …
	@NIGHTSHIFT_DEEP=1 $(BIN)/python -m pytest -q tests/unit

soak: $(VENV)/.dev ## an hour of simulated weeks with random faults; ends with a ledger that balances
	@$(BIN)/python -m tests.soak

million: $(VENV)/.dev vendor ## 20 batches of 50,000 requests in one run of the page; prints memory and how it answers
	@$(BIN)/python -m tools.browser
	@$(BIN)/python -m tests.million

tables: $(VENV)/.dev $(DATA)/node_modules/.made vendor ## public tables of 34 MB and of 3,000,000 rows, from a file to the plan, in the page and in the one file; prints how long they took
	@$(BIN)/python -m tools.browser
	@for setting in served file; do echo "— large tables, $$setting"; $(BIN)/python -m pytest -q -s tests/e2e/large_tables.py --setting $$setting || exit 1; done

tokens: $(VENV)/.dev $(DATA)/node_modules/.made vendor ## every row of public tables, up to 34 MB, has the tokens that OpenAI's tiktoken counts; prints how many
	@$(BIN)/python -m pytest -q -s tests/contract/all_tokens.py

roundtrip: $(VENV)/.roundtrip vendor ## files of answers as pandas, pyarrow, openpyxl and LibreOffice (Debian: libreoffice-calc) read them: same rows, same cells
	@$(BIN)/python -m pytest -q -s tests/roundtrip

evaluation: $(VENV)/.dev $(DATA)/node_modules/.made ## 3,000 labelled mails from table to evaluation; prints the page's figures and scikit-learn's (fetched once)
	@$(BIN)/python -m tests.evaluation

prices: $(VENV)/.dev ## the table of prices against LiteLLM's (fetches 44 MB); prints what differs
	@$(BIN)/python -m tools.litellm_prices

posts: $(VENV)/.dev ## 10,000 posts to the mailbox, 32 at a time: none lost; prints how long they took
	@$(BIN)/python -m tests.bench.posts

deliveries: $(VENV)/.dev vendor ## 3,000 results to a webhook receiver, straight and through the local server; prints how many a second
	@$(BIN)/python -m tools.browser
	@$(BIN)/python -m tests.bench.deliveries

journeys-%: $(VENV)/.dev vendor
	@echo "— the journeys for which $* is another thing"
	@$(BIN)/python -m pytest -q tests/e2e --short --setting $*

# Each property draws few examples, and what takes the processor longer than 0.15 s is left out.
FEW := -m 'not slow' --hypothesis-profile quick

quick-ui quick-services quick-gateway: quick-%: $(VENV)/.dev
	@$(BIN)/python -m pytest -q $(FEW) tests/unit/$*

quick-rest: $(VENV)/.dev
	@$(BIN)/python -m pytest -q $(FEW) tests/unit --ignore tests/unit/ui --ignore tests/unit/services --ignore tests/unit/gateway

check: python-checks js-checks ## format, lint, types, import contract, list of files, map, dead code, workflows; the JavaScript's format, lint and types

python-checks: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.filelist --check
	$(BIN)/python -m tools.architecture --check
	$(BIN)/python -m tools.unused
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/zizmor --offline --no-progress --quiet --persona pedantic .github

js: js-checks js-tests ## JavaScript alone: format, lint, types, unit tests by Node

js-checks: $(JS)/node_modules/.made vendor
	$(JSBIN)/biome check --error-on-warnings
	@set -e; for project in $(JS_PROJECTS); do echo "tsc --project $$project"; $(JSBIN)/tsc --project $$project; done

js-tests: vendor
	@echo "— unit tests of the JavaScript"
	@node --test --test-concurrency=$(JOBS) --test-reporter=spec $(JS)/*.test.mjs

contract e2e unit: $(DATA)/node_modules/.made

browser access gallery: $(JS)/node_modules/.made

unit contract browser faults rabbit e2e: $(VENV)/.dev vendor
	@echo "— $@ tests"
	@$(BIN)/python -m pytest -q tests/$@ $(if $(filter unit,$@),$(ELSEWHERE:%=--ignore %))

hostile: $(VENV)/.dev vendor ## attack the page and its server: a provider that misbehaves, hostile texts, damaged stores; prints the sizes
	@echo "— hostile tests"
	@$(BIN)/python -m tests.hostile

build: $(VENV)/.run vendor ## dist/, for any static host under any path, and dist/nightshift.html, one file that a browser opens from the disk
	@$(BIN)/python -m tools.dist

bench: $(VENV)/.dev vendor ## measure; prints a table and writes build/bench.json
	@$(BIN)/python -m tools.browser firefox
	@$(BIN)/python -m tests.bench

screens: $(VENV)/.dev vendor ## draw the screenshots in docs/screens anew, and the moving picture of the README
	@$(BIN)/python -m tools.browser
	@$(BIN)/python -m tests.screens

access: $(VENV)/.dev ## WCAG 2.2 AA over every view and dialog in every state: axe in both themes and at two widths, targets, zoom, reflow; prints what it finds (ONLY=…)
	@$(BIN)/python -m tools.browser shell
	@$(BIN)/python -m tests.access --only '$(ONLY)'

gallery: $(VENV)/.dev ## every view and dialog in every state, as pages and screenshots, in build/gallery (ONLY=…: those with this word in their names)
	@$(BIN)/python -m tools.browser
	@$(BIN)/python -m tests.gallery --only '$(ONLY)'

lock: $(VENV)/.dev ## write tools/locks/run.txt, headless.txt, roundtrip.txt and dev.txt anew from pyproject.toml
	$(COMPILE) --upgrade --output-file tools/locks/run.txt pyproject.toml
	$(COMPILE) --upgrade --extra dev --constraint tools/locks/run.txt --output-file tools/locks/dev.txt pyproject.toml
	$(COMPILE) --upgrade --extra roundtrip --constraint tools/locks/dev.txt --output-file tools/locks/roundtrip.txt pyproject.toml
	$(COMPILE) --upgrade --extra headless --constraint tools/locks/dev.txt --output-file tools/locks/headless.txt pyproject.toml

clean: ## remove everything that make has made
	rm -rf $(VENV) build dist $(DATA)/node_modules $(JS)/node_modules static/vendor static/node_modules .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find app tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

vendor: $(VENV)/.run
	@$(BIN)/python -m tools.vendor

$(VENV)/pyvenv.cfg:
	@for python in '$(PYTHON)' python3.14 python3.13 python3.12 python3.11; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    "$$python" -m venv $(VENV) && exit 0; rm -rf $(VENV); exit 1; \
	  fi; \
	done; echo 'Nightshift needs Python 3.11 or newer. Name one: make run PYTHON=/path/to/python3' >&2; exit 1

$(DATA)/node_modules/.made: $(DATA)/package-lock.json
	@echo 'Installing public test data …'
	@cd $(DATA) && npm ci --ignore-scripts --silent
	@touch $@

$(JS)/node_modules/.made: $(JS)/package-lock.json
	@echo 'Installing what checks the JavaScript …'
	@cd $(JS) && npm ci --ignore-scripts --silent
	@touch $@

$(VENV)/.run: tools/locks/run.txt $(VENV)/pyvenv.cfg
	@echo 'Installing what the server needs …'
	@$(INSTALL) --requirement tools/locks/run.txt
	@touch $@

$(VENV)/.headless: tools/locks/headless.txt $(VENV)/.run
	@echo 'Installing what keeps the page open …'
	@$(INSTALL) --requirement tools/locks/headless.txt
	@touch $@

$(VENV)/.roundtrip: tools/locks/roundtrip.txt $(VENV)/.dev
	@echo 'Installing what reads files of answers …'
	@$(INSTALL) --requirement tools/locks/roundtrip.txt
	@touch $@

# Only what is imported of these is compiled, and then.
$(VENV)/.dev: tools/locks/dev.txt $(VENV)/.run
	@echo 'Installing what the tests need …'
	@$(INSTALL) --no-compile --requirement tools/locks/dev.txt
	@touch $@
