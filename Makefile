# One line a target; `make help` lists them. Everything that a target needs, it installs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Where cargo builds. A folder outside the clone is used again by the next clone.
export CARGO_TARGET_DIR ?= $(CURDIR)/target
HEARTH   = $(CARGO_TARGET_DIR)/$(PROFILE)/hearth
PLUGINS  = $(CARGO_TARGET_DIR)/plugins
DATA    ?= $(CURDIR)/data/demo
LISTEN  ?= 127.0.0.1:8080
# What the demonstration's first council adopts: outcomes, an assessment, a front door, what is bought; the first decides in both councils.
DEMO     = bristol-outcomes early-help-assessment barking-front-door haringey-partner-posts
# `N` (how many cases the property and fault tests try; small and seeded if left out) passes through to the tests.
# The tests share the profile of the demo: dependencies optimised, our own code quick to build.
PROFILE  = debug

.PHONY: help
help: ## This list.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

.PHONY: demo
demo: build ## Two councils, invented families, every decision; serves on 127.0.0.1:8080. ONCE=1: all but stay.
	$(HEARTH) demo --data $(DATA) $(DEMO:%=--plugin $(PLUGINS)/%.wasm) --listen $(LISTEN) $(if $(ONCE),--once)

.PHONY: test
test: plugins hostile closed-world conformance nextest node registry ## All tests. N=10000 tries the property tests in full.
	cargo nextest run --workspace --no-fail-fast
	$(MAKE) test-postgres
	COVERED="operator data-manager keyworker charity-worker" $(MAKE) schemathesis EXAMPLES=3
	cd plugins && CARGO_TARGET_DIR=$(PLUGINS)/build cargo test --quiet
	$(MAKE) mutants FIRST=2

.PHONY: replays
replays: plugins hostile closed-world conformance nextest registry ## Runs the tests, then replays every decision that they made, in a process of its own.
	rm -rf $(CARGO_TARGET_DIR)/kept && mkdir -p $(CARGO_TARGET_DIR)/kept
	HEARTH_TESTS_KEEP=$(CARGO_TARGET_DIR)/kept cargo nextest run --workspace --no-fail-fast
	tests/replays.sh $(HEARTH) $(CARGO_TARGET_DIR)/kept
	rm -rf $(CARGO_TARGET_DIR)/kept

.PHONY: test-postgres
test-postgres: hostile nextest node postgres registry ## What touches the records once more, on a PostgreSQL of its own.
	tests/with-postgres.sh cargo nextest run --package hearth --lib --no-fail-fast store:: workflow:: intake:: access:: api::
	tests/with-postgres.sh cargo nextest run --package hearth-tests --no-fail-fast --test command_line --test faults --test limits --test restored --test encrypted --test uploads --test sign_in

.PHONY: schemathesis
schemathesis: build ## Whatever the OpenAPI document allows, and what it does not, asked as everybody with a token: EXAMPLES=100 of each operation, SEED=1.
	@python3 -c 'import ensurepip' 2>/dev/null || { echo "installing Python's venv, which schemathesis is installed in"; apt-get update -qq && apt-get install -y -qq python3-venv; }
	@mkdir -p $(CARGO_TARGET_DIR)/schemathesis
	tests/schemathesis/run.sh $(HEARTH) $(PLUGINS)/bristol-outcomes.wasm $(CARGO_TARGET_DIR)/schemathesis $(or $(EXAMPLES),100) $(or $(SEED),1)

.PHONY: client
client: build node ## The TypeScript client as a package file, made from the OpenAPI document, and a small front end built with it.
	host/web/client/build.sh $(HEARTH) $(CARGO_TARGET_DIR)/client

.PHONY: browser
browser: build node ## Each role's journeys on the demonstration's pages in a real browser, with and without scripts, and every page looked at for barriers. Pictures stay in the target folder.
	@command -v chromium >/dev/null || { echo "installing Chromium, which the pages are looked at with"; apt-get update -qq && apt-get install -y -qq chromium; }
	@mkdir -p $(CARGO_TARGET_DIR)/browser
	DEMO="$(DEMO)" tests/browser/run.sh $(HEARTH) $(PLUGINS) $(CARGO_TARGET_DIR)/browser $(CARGO_TARGET_DIR)/browser/pictures

.PHONY: pages
pages: ## How long the host takes for each page, beside FAMILIES=5000.
	$(MAKE) build PROFILE=release
	cargo build --release --package hearth-tests --bin many
	@mkdir -p $(CARGO_TARGET_DIR)/browser
	DEMO="$(DEMO)" MANY=$(CARGO_TARGET_DIR)/release/many tests/browser/run.sh $(CARGO_TARGET_DIR)/release/hearth $(PLUGINS) $(CARGO_TARGET_DIR)/browser $(CARGO_TARGET_DIR)/browser/pictures

.PHONY: pictures
pictures: build node ## The new user's path of the README, gone in a real browser, and its pictures.
	@command -v chromium >/dev/null || { echo "installing Chromium, which the pages are looked at with"; apt-get update -qq && apt-get install -y -qq chromium; }
	@mkdir -p $(CARGO_TARGET_DIR)/browser
	DEMO="$(DEMO)" TOUR=host/web/pictures tests/browser/run.sh $(HEARTH) $(PLUGINS) $(CARGO_TARGET_DIR)/browser $(CARGO_TARGET_DIR)/browser/pictures

.PHONY: proofs
proofs: plugins hostile closed-world conformance nextest node postgres registry ## What is claimed of the record, in full, each figure printed: matching, a million rows, 10,000 random histories, 200 kills, every point, every route. ONLY="killed names": some parts.
	cargo build --release --package hearth --bin hearth
	cargo build --release --package hearth-tests --bin proofs
	tests/proofs.sh $(CARGO_TARGET_DIR)

# Every plugin with a list of mistakes.
MUTANTS = $(patsubst %/mutants.yaml,%,$(shell find plugins -name mutants.yaml -not -path '*/target/*' | sort))
.PHONY: mutants
mutants: build ## Do the scenarios of the reference plugins notice every mistake of mutants.yaml? FIRST=2: only two of each.
	for plugin in $(MUTANTS); do \
	  CARGO_TARGET_DIR=$(PLUGINS)/build $(HEARTH) plugin mutants $$plugin $(if $(FIRST),--first $(FIRST)) || exit 1; \
	done

.PHONY: check
check: toolchain ## Format, lints, licences, bans and sources.
	cargo fmt --all --check
	cargo fmt --manifest-path plugins/Cargo.toml --all --check
	cargo fmt --manifest-path tests/hostile/Cargo.toml --check
	cargo fmt --manifest-path tests/planner/Cargo.toml --check
	cargo fmt --manifest-path tests/fuzz/Cargo.toml --check
	cargo fmt --manifest-path tests/closed-world/rust/Cargo.toml --check
	rustfmt --edition 2024 --check < tests/conformance/rust/src/lib.rs # what it is built with is not there
	cargo clippy --workspace --all-targets -- -D warnings
	cd plugins && CARGO_TARGET_DIR=$(PLUGINS)/build cargo clippy --workspace --target wasm32-unknown-unknown -- -D warnings
	cd tests/hostile && CARGO_TARGET_DIR=$(PLUGINS)/build cargo clippy --target wasm32-unknown-unknown -- -D warnings
	cd tests/planner && CARGO_TARGET_DIR=$(PLUGINS)/build cargo clippy --target wasm32-unknown-unknown -- -D warnings
	cd tests/closed-world/rust && CARGO_TARGET_DIR=$(PLUGINS)/build cargo clippy --target wasm32-wasip2 -- -D warnings
	cargo deny --version >/dev/null 2>&1 || cargo install --locked --quiet cargo-deny
	cargo deny --log-level error check licenses bans sources

.PHONY: bench
bench: ## One rule about one family: Hearth beside raw wasmtime, native Rust, Extism, QuickJS, CEL and Python, in one run.
	$(MAKE) conformance PROFILE=release
	$(MAKE) peers
	cargo build --release --package hearth-tests --bin bench
	CONFORMANCE=$(PLUGINS)/conformance EXTISM_RULE=$(PEERS)/wasm32-unknown-unknown/plugin/extism_rule.wasm \
	  $(CARGO_TARGET_DIR)/release/bench --out $(CARGO_TARGET_DIR)/bench --peers $(PEERS)/release/peers

# A workspace of its own, with another wasmtime; nothing else builds it.
PEERS = $(CARGO_TARGET_DIR)/peers
.PHONY: peers
peers: toolchain
	cd tests/peers && CARGO_TARGET_DIR=$(PEERS) CONFORMANCE=$(PLUGINS)/conformance cargo build --locked --release --package peers
	cd tests/peers && CARGO_TARGET_DIR=$(PEERS) CONFORMANCE=$(PLUGINS)/conformance \
	  cargo build --locked --profile plugin --package extism-rule --target wasm32-unknown-unknown

.PHONY: programme
programme: ## A whole programme from a cold process: FAMILIES=400000 (some 15 GB of disk), with the curve up to it.
	$(MAKE) build PROFILE=release
	$(MAKE) conformance
	cargo build --release --package hearth-tests --bin programme
	rm -rf $(CARGO_TARGET_DIR)/programme
	$(CARGO_TARGET_DIR)/release/programme --data $(CARGO_TARGET_DIR)/programme --out $(CARGO_TARGET_DIR)/bench
	rm -rf $(CARGO_TARGET_DIR)/programme

.PHONY: back-test-speed
back-test-speed: plugins ## Families a second that a back-test asks both versions about: FAMILIES=20000 different ones in SQLite, RUNS=5 of each case.
	cargo build --release --package hearth --package hearth-tests --bin hearth --bin back_test_speed
	$(CARGO_TARGET_DIR)/release/back_test_speed

.PHONY: year
year: plugins hostile ## A year of two authorities through the API alone, against the table in tests/year. SEED=1 draws other families.
	cargo build --release --package hearth --package hearth-tests --bin hearth --bin year
	$(CARGO_TARGET_DIR)/release/year $(if $(CASE),--without $(CASE)) $(if $(STUB),--stub $(STUB))

.PHONY: crowd
crowd: conformance ## 5,000 installed plugins, 50 in use: memory, and how long a first use takes. WHOLE=1: every one with its own code on disk (25 GB).
	cargo build --workspace --bin crowd
	$(CARGO_TARGET_DIR)/$(PROFILE)/crowd --out $(CARGO_TARGET_DIR)/bench $(if $(WHOLE),--whole)

.PHONY: trail
trail: toolchain ## What the audit trail, erasure, extract and backup take. FAMILIES=10000 READINGS=20000.
	cargo build --release --package hearth-tests --bin trail
	$(CARGO_TARGET_DIR)/release/trail

.PHONY: attacks
attacks: hostile closed-world nextest ## Every attack, how it ended and what it used; then what another authority notices of them.
	cargo nextest run --package hearth-tests --test closed_world --test uploads
	cargo build --package hearth-tests --bin attacks --bin neighbours
	$(CARGO_TARGET_DIR)/debug/attacks
	$(CARGO_TARGET_DIR)/debug/neighbours

.PHONY: fuzz
fuzz: build ## Random input for every parser of uploaded bytes; RUNS=1000000 (20000 if left out) of each, or of TARGETS="kept mapping".
	cargo build --package hearth-tests --bin smith
	tests/fuzz/run.sh $(or $(RUNS),20000) $(TARGETS)

.PHONY: smith
smith: hostile ## Random components: N (10000) inspected, a fiftieth of them compiled and asked. FROM goes on after another sitting, SEED draws others.
	cargo build --package hearth-tests --bin smith
	RUST_BACKTRACE=0 $(CARGO_TARGET_DIR)/debug/smith # what wit-parser panics at is a refusal

.PHONY: newcomer
newcomer: build tools ## A first plugin in each language: begin, change a rule, test, upload, decide; with the time of each step.
	cargo build --workspace --bin newcomer
	CARGO_TARGET_DIR=$(PLUGINS)/newcomer $(CARGO_TARGET_DIR)/$(PROFILE)/newcomer

.PHONY: wkg
wkg: build registry ## What wkg, the ecosystem's own client, brings to a registry, Hearth takes, and the other way about.
	@[ -x $(CARGO_TARGET_DIR)/wkg/bin/wkg ] || cargo install --locked --debug --quiet --version 0.16.1 --root $(CARGO_TARGET_DIR)/wkg wkg
	tests/wkg.sh $(HEARTH) $(CARGO_TARGET_DIR)/wkg/bin/wkg $(PLUGINS)/bristol-outcomes.wasm

.PHONY: journey
journey: build tools nextest registry ## How a rule travels: a charity's module, two councils, a back-test over FAMILIES=5000, a switch, a way back, a revoked key. Tells the story.
	FAMILIES=$(or $(FAMILIES),5000) cargo nextest run --package hearth-tests --test journey --no-capture

.PHONY: build
build: toolchain ## The host, and the reference plugins as components.
	cargo build $(if $(filter release,$(PROFILE)),--release) --package hearth
	for plugin in $(DEMO); do CARGO_TARGET_DIR=$(PLUGINS)/build $(HEARTH) plugin build plugins/$$plugin --out $(PLUGINS)/$$plugin.wasm || exit 1; done

# The folders of the reference plugins; a component is named after its folder, those of one plugin's versions after both.
REFERENCE = bristol-outcomes early-help-assessment national-frameworks/v1 national-frameworks/v2 national-frameworks/v3 \
            leeds-abuse-hub hampshire-voluntary-sector barking-front-door haringey-partner-posts \
            leicestershire-hub family-goals charity-short-course

.PHONY: plugins
plugins: build tools ## Every reference plugin, built and put through its scenarios.
	@for plugin in $(REFERENCE); do \
	  echo "$$plugin"; out=$(PLUGINS)/$$(echo $$plugin | tr / -).wasm; \
	  CARGO_TARGET_DIR=$(PLUGINS)/build $(HEARTH) plugin build plugins/$$plugin --out $$out >/dev/null && \
	  $(HEARTH) plugin test $$out | tail -1 || exit 1; \
	done

.PHONY: hostile
hostile: tools ## The plugins that attack, in three languages, and the one that proposes, for the tests.
	CARGO_TARGET_DIR=$(PLUGINS)/build $(HEARTH) plugin build tests/hostile --out $(PLUGINS)/hostile.wasm
	CARGO_TARGET_DIR=$(PLUGINS)/build $(HEARTH) plugin build tests/planner --out $(PLUGINS)/planner.wasm
	$(HEARTH) plugin build tests/hostile-javascript --out $(PLUGINS)/hostile-javascript.wasm
	$(HEARTH) plugin build tests/hostile-python --out $(PLUGINS)/hostile-python.wasm

.PHONY: closed-world
closed-world: toolchain ## The plugins that look for a computer behind WASI, in three languages, for the tests.
	@tests/closed-world/build.sh $(PLUGINS)

.PHONY: conformance
conformance: tools ## One rule in three languages, for the tests.
	@tests/conformance/build.sh $(HEARTH) $(PLUGINS)

.PHONY: node
node:
	@command -v npm >/dev/null || { echo "installing Node.js: npm brings the style of the pages, and tools of the tests"; apt-get update -qq && apt-get install -y -qq nodejs npm; }

.PHONY: tools
tools: build ## What builds plugins in JavaScript and Python, from lock files, once for each user.
	@command -v npm >/dev/null || { echo "installing Node.js, which plugins in JavaScript are built with"; apt-get update -qq && apt-get install -y -qq nodejs npm; }
	@python3 -c 'import ensurepip' 2>/dev/null || { echo "installing Python's venv, which plugins in Python are built with"; apt-get update -qq && apt-get install -y -qq python3-venv; }
	@$(HEARTH) plugin tools javascript
	@$(HEARTH) plugin tools python

# Debian packages and Rust pieces that the build needs; quiet and quick where they are there.
.PHONY: toolchain
toolchain: node
	@command -v cargo >/dev/null || { echo "Rust is missing: install it with rustup (https://rustup.rs)"; exit 1; }
	@command -v cc >/dev/null || { echo "installing gcc, which SQLite is built with"; apt-get update -qq && apt-get install -y -qq gcc libc6-dev; }
	@for target in wasm32-unknown-unknown wasm32-wasip2; do rustup target list --installed | grep -qx $$target || rustup target add $$target; done

.PHONY: postgres
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || \
	  { echo "installing PostgreSQL, which the records are tested on too"; apt-get update -qq && apt-get install -y -qq postgresql; }
	@command -v openssl >/dev/null || { echo "installing OpenSSL, which makes PostgreSQL's certificate"; apt-get update -qq && apt-get install -y -qq openssl; }

.PHONY: registry
registry:
	@command -v docker-registry >/dev/null || \
	  { echo "installing docker-registry, which plugins travel through in the tests"; apt-get update -qq && apt-get install -y -qq docker-registry; }

.PHONY: nextest
nextest:
	@cargo nextest --version >/dev/null 2>&1 || cargo install --locked --quiet cargo-nextest

.PHONY: clean
clean: ## Forget the demonstration's data.
	rm -rf $(DATA)

.PHONY: freeze
freeze: plugins ## Freezes wit/ as the release whose number it has, with a plugin of each language. See wit/README.md.
	cargo build --package hearth-tests --bin freeze
	$(CARGO_TARGET_DIR)/debug/freeze $$(date +%F) rust=$(PLUGINS)/early-help-assessment.wasm \
	  javascript=$(PLUGINS)/leeds-abuse-hub.wasm python=$(PLUGINS)/hampshire-voluntary-sector.wasm
