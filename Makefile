# Latent Canvas. `make help` lists what there is.

SHELL := bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8080
HOST ?= localhost
export PORT HOST
export PATH := $(CURDIR)/.cache/tools/bin:$(PATH)

# Folders are listed beside files: their time changes when a file is removed.
RUST_SOURCES := Cargo.toml Cargo.lock .cargo/config.toml $(shell find src)
PAGE_SOURCES := index.html package.json $(wildcard vite.config.ts svelte.config.js tsconfig.json) \
	scripts/compress.mjs scripts/first-picture.mjs scripts/first-view.mjs $(wildcard scripts/texts/*) $(wildcard examples/*) \
	$(shell find www -not -name '*.test.ts')

NPM := node_modules/.package-lock.json
WASM := pkg/latent_canvas_bg.wasm
SITE := dist/index.html

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: serve
serve: $(SITE) ## build the page and serve it on PORT (8080)
	@node scripts/serve.mjs dist

.PHONY: dev
dev: $(WASM) ## serve the page on PORT with hot reload
	npx vite --port $(PORT) --strictPort --host $(HOST)

.PHONY: build
build: $(SITE) ## build the static site into dist/

.PHONY: test
test: ## run every check and test
	@node scripts/test.mjs

.PHONY: check
check: ## formats, lints, types, public items and licences
	@node scripts/test.mjs check

.PHONY: soak
soak: $(SITE) ## count what docs/trust.md counts: hours; PART= does one part
	@node scripts/soak.mjs $(PART)

.PHONY: measure
measure: $(SITE) ## measure the built page in Chromium: sizes, times, images a second
	@node scripts/measure.mjs

.PHONY: trace
trace: $(SITE) ## record a trace of the page while it trains and someone draws
	@node scripts/trace.mjs

.PHONY: bench
bench: $(WASM) $(NPM) ## race this engine and others at the same work, in one Chromium
	@node benches/web/run.mjs

.PHONY: mnist
mnist: ## fetch the MNIST files into MNIST_DIR
	@node scripts/mnist.mjs

.PHONY: models
models: ## train the shipped models again
	@node scripts/models.mjs

.PHONY: clean
clean: ## remove everything that was built
	rm -rf .cache dist pkg target node_modules benches/web/node_modules test-results playwright-report

# The steps that the commands above are made of.

.PHONY: tools npm wasm browser other-browsers
tools:
	@scripts/tools.sh
npm: $(NPM)
wasm: $(WASM) ## build the npm package into pkg/
browser:
	@scripts/browser.sh
other-browsers:
	@scripts/other-browsers.sh

$(NPM): package.json package-lock.json
	npm ci
	@touch $@

$(WASM): $(RUST_SOURCES) scripts/build-wasm.sh scripts/slim-wasm.mjs scripts/glue.mjs scripts/npm-package.mjs \
		$(wildcard npm/*) scripts/tools.sh | $(NPM)
	scripts/build-wasm.sh

$(SITE): $(WASM) $(NPM) $(PAGE_SOURCES)
	npx vite build
	@touch $@
