# papo: what there is to do here. `make` alone lists it.

CARGO ?= cargo
PAPO = target/release/papo
DESTDIR ?=
prefix ?= /usr/local
SEEDS ?= 2000

.DEFAULT_GOAL := help
.PHONY: help build run-server run-peer demo test check sim drills doc size install clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

build: ## build the program (release)
	$(CARGO) build --release --locked

run-server: build ## run the server on port 10000; ARGS="--listen 127.0.0.1:7000"
	@$(PAPO) server $(ARGS)

run-peer: build ## run a peer; NAME=Bruno ARGS="--server 192.168.0.7"
	@$(PAPO) peer $(if $(NAME),"$(NAME)") $(ARGS)

demo: build ## the handout's whole conversation, live, in a few seconds
	@$(PAPO) demo

# Most tests on real sockets wait: for a KEEP, for an expiry. More of them at once than there are
# cores costs nothing, and the whole run is over sooner.
test: ## all tests
	RUST_TEST_THREADS=$${RUST_TEST_THREADS:-6} $(CARGO) test --locked

check: ## formatting, lints, documentation, and 2000 seeds of the simulator
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" $(CARGO) doc --locked --no-deps --document-private-items
	$(MAKE) sim

sim: ## the simulator: SEEDS=2000 of them, or one SEED=17 with its whole trace
	SEEDS=$(SEEDS) $(if $(SEED),SEED=$(SEED)) $(CARGO) test --locked --test simulation -- --nocapture seeds_hold

# What needs root or a missing tool is skipped, and said to be.
drills: build ## the fault drills, best as root: all of them, or ONLY=D4,D11
	PAPO=$(abspath $(PAPO)) $(CARGO) test --locked --test drills -- --all $(if $(ONLY),--only $(ONLY))

doc: ## the documentation, private items included, in target/doc/papo
	$(CARGO) doc --locked --no-deps --document-private-items

size: build ## the program's size on disk, and in memory when nobody is there
	@ls -l $(PAPO) | awk '{ print "binary:", $$5, "bytes" }'
	@$(PAPO) server --listen 127.0.0.1:0 2>/dev/null & server=$$!; sleep 0.5; \
	awk '/VmRSS/ { print "idle server:", $$2, "kB resident" }' /proc/$$server/status; \
	kill $$server; wait $$server

install: build ## install to $(DESTDIR)$(prefix)
	install -d "$(DESTDIR)$(prefix)/bin" "$(DESTDIR)$(prefix)/share/doc/papo"
	install -m 755 $(PAPO) "$(DESTDIR)$(prefix)/bin/papo"
	install -m 644 README.md LICENSE docs/*.md "$(DESTDIR)$(prefix)/share/doc/papo"

clean: ## remove what was built
	$(CARGO) clean
