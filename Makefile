# papo: what there is to do here. `make` alone lists it.

CARGO ?= cargo
TARGET_DIR = $(or $(CARGO_TARGET_DIR),target)
PAPO = $(TARGET_DIR)/release/papo

# A static build has a folder of its own: its flags would make everything else stale.
HOST = $(shell rustc -vV | sed -n 's/^host: //p')
STATIC_DIR = $(TARGET_DIR)/static
PAPO_STATIC = $(STATIC_DIR)/$(HOST)/release/papo
PAPO_SMALL = $(TARGET_DIR)/small/papo
# The same with a plain peer, and with the line editor too: where `make size` keeps them.
PAPO_SMALL_PEER = $(TARGET_DIR)/small/papo-with-peer
PAPO_SMALL_EDITOR = $(TARGET_DIR)/small/papo-with-editor
# What they may weigh at most, in bytes, on x86-64 and with Rust's own linker (from 1.90 on): so
# that nothing grows unseen.
SMALL_BYTES_MAX = 460000
SMALL_EDITOR_BYTES_MAX = 790000

# Everything but the line editor, which Windows has no terminal for; and one log level for the whole
# program. A bound for it, with the linker of mingw-w64.
WINDOWS = x86_64-pc-windows-gnu
WINDOWS_FEATURES = demo,who,load,check,lab,spoken
WINDOWS_LINKER = x86_64-w64-mingw32-gcc
WINDOWS_BYTES_MAX = 1200000
PAPO_WINDOWS = $(TARGET_DIR)/$(WINDOWS)/small/papo.exe

# RELR=no: for hosts whose C library is older than glibc 2.36 or musl 1.2.4 (both of 2022), which
# cannot read the addresses of a program in this form. It is 12 to 20 kB.
RELR ?= yes
LINK_ICF = -Wl,--icf=all
LINK_RELR = -Wl,-z,pack-relative-relocs
# One of these for rustc, if its linker knows it and the C library here can run what comes of it.
if_links = $(shell dir=$$(mktemp -d) && { echo 'fn main() {}' | \
	rustc $(RUSTFLAGS) -C link-arg=$(1) -o $$dir/probe - 2>/dev/null && \
	$$dir/probe 2>/dev/null && echo '-C link-arg=$(1)'; rm -r $$dir; })
SMALL_LINK = $(call if_links,$(LINK_ICF)) $(if $(filter yes,$(RELR)),$(call if_links,$(LINK_RELR)))
# A server alone is to be quick as well: z makes a lookup 8 % slower there, and saves nothing. With
# a peer, which waits for a person, it saves 20 kB.
SMALL_OPT_LEVEL = $(if $(FEATURES),z,s)

# A program tells where a panic was; of the sources of other crates that would be a path in the home
# of the person who built it.
REMAP = --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)=/cargo
REMAPPED = RUSTFLAGS="$(RUSTFLAGS) $(REMAP)"

# Where `make install` puts things, as Debian and the GNU coding standards call it.
DESTDIR ?=
prefix ?= /usr/local
bindir ?= $(prefix)/bin
datadir ?= $(prefix)/share
docdir ?= $(datadir)/doc/papo
mandir ?= $(datadir)/man
bashdir ?= $(datadir)/bash-completion/completions
zshdir ?= $(datadir)/zsh/site-functions
fishdir ?= $(datadir)/fish/vendor_completions.d
unitdir ?= $(prefix)/lib/systemd/system
UNITS = $(wildcard docs/deploy/*.service docs/deploy/*.socket)

SEEDS ?= 2000

.DEFAULT_GOAL := help
.PHONY: help build run-server run-peer run-cluster demo test test-fast test-slow check sim traps drills \
	fuzz tutorial bench screens pages doc size small static test-static windows test-windows install \
	uninstall clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

build: ## build the program (release)
	$(REMAPPED) $(CARGO) build --release --locked

run-server: build ## run the server on port 10000; ARGS="--listen 127.0.0.1:7000"
	@$(PAPO) server $(ARGS)

run-peer: build ## run a peer; NAME=Bruno ARGS="--server 192.168.0.7"
	@$(PAPO) peer $(if $(NAME),"$(NAME)") $(ARGS)

run-cluster: build ## an engine and three servers that share one directory, on loopback
	@PAPO=$(abspath $(PAPO)) sh docs/deploy/run-cluster.sh

demo: build ## the handout's whole conversation, live, at a reading pace
	@$(PAPO) demo

# Most tests on real sockets wait: for a KEEP, for an expiry. More of them at once than there are
# cores costs nothing, and the whole run is over sooner.
test: ## all tests
	RUST_TEST_THREADS=$${RUST_TEST_THREADS:-16} $(CARGO) test --locked

test-fast: ## the tests that need no process and no network: seconds
	$(CARGO) test --locked --lib --test machines

test-slow: ## what takes minutes, root or other tools: traps, drills, static, size, sim, fuzz
	CARGO="$(CARGO)" sh tests/slow.sh

check: ## formatting, lints, documentation, the size of a small build, 2000 seeds of the simulator
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	$(CARGO) clippy --locked --all-targets --no-default-features -- -D warnings
	$(CARGO) clippy --locked --all-targets --no-default-features --features peer -- -D warnings
	RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" $(CARGO) doc --locked --no-deps --document-private-items
	$(MAKE) small FEATURES=editor
	tests/size.sh $(PAPO_SMALL) $(SMALL_EDITOR_BYTES_MAX)
	$(MAKE) sim

sim: ## the simulator: SEEDS=2000 of them, or one SEED=17 with its whole trace; RECORD=FOLDER
	SEEDS=$(SEEDS) $(if $(SEED),SEED=$(SEED) $(if $(RECORD),RECORD=$(abspath $(RECORD)))) $(CARGO) test --locked --test simulation -- --nocapture seeds_hold

# Each patch in tests/traps makes one mistake in a copy of the sources, and a test must notice it.
traps: ## set every trap of docs/READING.md, or one: ONLY=half-a-line; SOME=6 by the commit
	CARGO="$(CARGO)" ONLY=$(ONLY) SOME=$(SOME) sh tests/traps/run.sh

tutorial: ## the steps of docs/TUTORIAL.md; STEP=4 PROGRAM='python3 mine.py' tries your own
	$(CARGO) build --locked --examples
	STEP=$(STEP) $(if $(PROGRAM),PROGRAM="$(PROGRAM)") $(CARGO) test --locked --test house -- \
		--nocapture tutorial::$(if $(PROGRAM),a_program_of_your_own)

fuzz: ## every fuzz target for SECONDS=10, or one TARGET=name: docs/FUZZING.md
	CARGO="$(CARGO)" sh tests/fuzz/run.sh $(or $(SECONDS),10) $(TARGET)

bench: build ## beside a bare loop and Redis, ten minutes; REPS=7, QUICK=1, ONLY=list
	$(MAKE) small
	PAPO=$(PAPO) PAPO_BARE=$(PAPO_SMALL) REPS=$(REPS) QUICK=$(QUICK) ONLY=$(ONLY) \
	$(CARGO) bench --locked --bench bench

# What needs root or a missing tool is skipped, and said to be.
drills: build ## the fault drills, best as root: all of them, or ONLY=D4,D11
	PAPO=$(abspath $(PAPO)) $(CARGO) test --locked --test drills -- --all $(if $(ONLY),--only $(ONLY))

screens: ## the pictures of the documents, from real sessions, to docs/screens
	WRITE_SCREENS=1 $(CARGO) test --locked --test program -- --nocapture pictures::

# The digests first: they are compiled into what writes the pages.
PAGES = $(if $(FRAME),frame,1)
pages: ## the pages of the documents, from real sessions, to docs/pages; FRAME=1 records nothing
	WRITE_PAGES=$(PAGES) $(CARGO) test --locked --test program -- the_policy_has
	WRITE_PAGES=$(PAGES) ONLY=$(ONLY) $(CARGO) test --locked --test program -- --nocapture pages_of_the
	WRITE_PAGES=$(PAGES) $(CARGO) test --locked --test program -- pictures_of_the_pages

doc: ## the documentation, private items included, in target/doc/papo
	$(CARGO) doc --locked --no-deps --document-private-items

small: ## the server alone, built for size; FEATURES=editor adds a peer; RELR=no for old C libraries
	$(REMAPPED) CARGO_PROFILE_SMALL_OPT_LEVEL=$(SMALL_OPT_LEVEL) $(CARGO) rustc --profile small --locked \
		--no-default-features $(if $(FEATURES),--features $(FEATURES)) --bin papo -- $(SMALL_LINK)

size: build ## the size of each build on disk, and in memory when nobody is there
	@$(MAKE) small FEATURES=peer
	@cp $(PAPO_SMALL) $(PAPO_SMALL_PEER)
	@$(MAKE) small FEATURES=editor
	@cp $(PAPO_SMALL) $(PAPO_SMALL_EDITOR)
	@$(MAKE) small FEATURES=
	@tests/size.sh $(PAPO_SMALL) $(if $(filter yes,$(RELR)),$(SMALL_BYTES_MAX))
	@tests/size.sh $(PAPO_SMALL_PEER)
	@tests/size.sh $(PAPO_SMALL_EDITOR) $(if $(filter yes,$(RELR)),$(SMALL_EDITOR_BYTES_MAX))
	@tests/size.sh $(PAPO)

static: ## a program that needs no C library on its host
	RUSTFLAGS="-C target-feature=+crt-static $(REMAP)" $(CARGO) build --release --locked \
		--target $(HOST) --target-dir $(STATIC_DIR)

test-static: static ## a static server and peer talk where there is nothing but themselves
	tests/static.sh $(PAPO_STATIC)

windows: ## papo.exe for Windows 10 and later, on Linux with mingw-w64
	@command -v $(WINDOWS_LINKER) >/dev/null || \
		{ echo "There is no $(WINDOWS_LINKER): apt install gcc-mingw-w64-x86-64"; exit 1; }
	@ls $$(rustc --print target-libdir --target $(WINDOWS))/libstd-* >/dev/null 2>&1 || \
		{ echo "There is no standard library for it: rustup target add $(WINDOWS)"; exit 1; }
	$(REMAPPED) CARGO_PROFILE_SMALL_OPT_LEVEL=z CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=$(WINDOWS_LINKER) \
		$(CARGO) build --profile small --locked --target $(WINDOWS) --bin papo \
		--no-default-features --features $(WINDOWS_FEATURES)
	@bytes=$$(stat -c %s $(PAPO_WINDOWS)); echo "$(PAPO_WINDOWS): $$bytes bytes of $(WINDOWS_BYTES_MAX)"; \
		[ $$bytes -le $(WINDOWS_BYTES_MAX) ]

test-windows: build ## papo.exe under Wine talks to papo; SKIPPED without Wine or mingw-w64
	MAKE="$(MAKE)" tests/windows.sh $(PAPO_WINDOWS) $(PAPO)

# `sudo make install` builds nothing that `make build` has built already.
$(TARGET_DIR)/release/papo: Cargo.toml Cargo.lock $(shell find src -name '*.rs')
	$(REMAPPED) $(CARGO) build --release --locked

install: $(PAPO) ## install to $(DESTDIR)$(prefix); PAPO=path installs another build
	install -d "$(DESTDIR)$(bindir)" "$(DESTDIR)$(mandir)/man1" \
		"$(DESTDIR)$(mandir)/pt_BR/man1" "$(DESTDIR)$(docdir)" \
		"$(DESTDIR)$(bashdir)" "$(DESTDIR)$(zshdir)" "$(DESTDIR)$(fishdir)"
	install -m 755 $(PAPO) "$(DESTDIR)$(bindir)/papo"
	install -m 644 docs/man/*.1 "$(DESTDIR)$(mandir)/man1"
	install -m 644 docs/man/pt_BR/*.1 "$(DESTDIR)$(mandir)/pt_BR/man1"
	install -m 644 README.md CHANGELOG.md LICENSE docs/*.md "$(DESTDIR)$(docdir)"
	install -m 644 docs/completions/papo "$(DESTDIR)$(bashdir)/papo"
	install -m 644 docs/completions/_papo "$(DESTDIR)$(zshdir)/_papo"
	install -m 644 docs/completions/papo.fish "$(DESTDIR)$(fishdir)/papo.fish"
	for unit in $(UNITS); do \
		install -D -m 644 $$unit "$(DESTDIR)$(unitdir)/$${unit##*/}" && \
		sed -i 's|/usr/[a-z/]*bin/papo|$(bindir)/papo|' "$(DESTDIR)$(unitdir)/$${unit##*/}" || exit; \
	done

uninstall: ## remove what `make install` with the same words has put there
	rm -f "$(DESTDIR)$(bindir)/papo" "$(DESTDIR)$(bashdir)/papo" "$(DESTDIR)$(zshdir)/_papo" \
		"$(DESTDIR)$(fishdir)/papo.fish"
	cd docs/man && for page in *.1; do \
		rm -f "$(DESTDIR)$(mandir)/man1/$$page" "$(DESTDIR)$(mandir)/pt_BR/man1/$$page"; done
	for unit in $(UNITS); do rm -f "$(DESTDIR)$(unitdir)/$${unit##*/}"; done
	rm -rf "$(DESTDIR)$(docdir)"

clean: ## remove what was built
	$(CARGO) clean
