# papo: the targets. `make` alone lists them.

CARGO ?= cargo

# POLLER=poll builds every target with poll(2) and not with epoll(7), in a folder of its own.
# docs/READING.md compares the two.
POLLER ?= epoll
FORCE_POLL = --cfg=mio_unsupported_force_poll_poll
ifeq ($(POLLER),poll)
export RUSTFLAGS := $(strip $(filter-out $(FORCE_POLL),$(RUSTFLAGS)) $(FORCE_POLL))
export CARGO_TARGET_DIR := $(patsubst %/poll,%,$(or $(CARGO_TARGET_DIR),target))/poll
else ifneq ($(POLLER),epoll)
$(error POLLER=$(POLLER): epoll or poll)
endif
TARGET_DIR = $(or $(CARGO_TARGET_DIR),target)

# The triple of another host, as in cargo's CARGO_BUILD_TARGET.
BUILT_FOR = $(CARGO_BUILD_TARGET)
IS_CROSS = $(filter-out $(HOST),$(BUILT_FOR))
OUT_DIR = $(TARGET_DIR)$(if $(BUILT_FOR),/$(BUILT_FOR))
PAPO = $(OUT_DIR)/release/papo

# A static build has a folder of its own, because its flags would rebuild everything else.
HOST = $(shell rustc -vV | sed -n 's/^host: //p')
STATIC_DIR = $(TARGET_DIR)/static
PAPO_STATIC = $(STATIC_DIR)/$(HOST)/release/papo
PAPO_SMALL = $(OUT_DIR)/small/papo
# `make size` keeps here the same with a plain peer, and with the line editor, too.
PAPO_SMALL_PEER = $(OUT_DIR)/small/papo-with-peer
PAPO_SMALL_EDITOR = $(OUT_DIR)/small/papo-with-editor
# Their largest sizes in bytes, on x86-64 and with Rust's own linker (from 1.90 on): a build that
# grows is noticed.
SMALL_BYTES_MAX = 464000
SMALL_EDITOR_BYTES_MAX = 830000
# `make tiny LIBC=musl`, a server alone.
TINY_BYTES_MAX = 260000

# Everything but the line editor, for which Windows has no terminal; and one log level for the whole
# program. Its largest size holds for the linker of mingw-w64.
WINDOWS = x86_64-pc-windows-gnu
WINDOWS_FEATURES = tools
WINDOWS_LINKER = x86_64-w64-mingw32-gcc
WINDOWS_BYTES_MAX = 1200000
PAPO_WINDOWS = $(TARGET_DIR)/$(WINDOWS)/small/papo.exe

# RELR=no is for hosts with a C library before glibc 2.36 or musl 1.2.4 (2022, 2023), which cannot
# read this form of a program's addresses. It costs 12 to 20 kB.
RELR ?= $(if $(IS_CROSS),no,yes)
LINK_ICF = -Wl,--icf=all
LINK_RELR = -Wl,-z,pack-relative-relocs
# One of these for rustc, if the linker knows it. If the program is for this host, the C library must
# be able to run it, too. The variable for the linker of another host is cargo's.
LINKER_VARIABLE = CARGO_TARGET_$(shell echo $(BUILT_FOR) | tr a-z- A-Z_)_LINKER
PROBED = $(RUSTFLAGS) $(if $(BUILT_FOR),--target $(BUILT_FOR) \
	$(if $($(LINKER_VARIABLE)),-C linker=$($(LINKER_VARIABLE))))
if_links = $(shell dir=$$(mktemp -d) && { echo 'fn main() {}' | \
	rustc $(PROBED) -C link-arg=$(1) -o $$dir/probe - 2>/dev/null && \
	$(if $(IS_CROSS),true,$$dir/probe) 2>/dev/null && echo '-C link-arg=$(1)'; rm -r $$dir; })
SMALL_LINK = $(call if_links,$(LINK_ICF)) $(if $(filter yes,$(RELR)),$(call if_links,$(LINK_RELR)))
# For a server alone, z makes a lookup 8 % slower and saves 3 kB. With a peer, which waits for a
# person, it saves 20 kB.
SMALL_OPT_LEVEL = $(if $(FEATURES),z,s)

# For `make fuzz`, TARGET is the name of a fuzz target.
ifneq ($(TARGET),)
ifeq ($(filter fuzz,$(MAKECMDGOALS)),)
export CARGO_BUILD_TARGET := $(TARGET)
endif
endif
# The flags of a static program must not reach the build scripts that run here. So cargo is given a
# target, even if it is this host.
ifeq ($(STATIC),yes)
export CARGO_BUILD_TARGET := $(or $(CARGO_BUILD_TARGET),$(HOST))
export CARGO_TARGET_DIR := $(STATIC_DIR)
export RUSTFLAGS := $(strip $(RUSTFLAGS) -C target-feature=+crt-static)
endif

# A panic prints the path of its source file. For the sources of other crates and of Rust's library,
# that would be a path in the home of the person who builds.
REMAP = --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)=/cargo \
	--remap-path-prefix=$(SYSROOT)/lib/rustlib/src/rust=/rust
SYSROOT := $(shell rustc --print sysroot)
REMAPPED = RUSTFLAGS="$(RUSTFLAGS) $(REMAP)"

# The folders of `make install`, with the names of Debian and the GNU coding standards.
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
	fuzz tutorial bench screens pages doc size small tiny static test-static test-cross check-targets \
	windows test-windows third-party deny deb test-deb dist install uninstall clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

build: ## build the program (release)
	@$(REMAPPED) $(CARGO) build --release --locked

# Ctrl-C is for make as well, which waits for the program then. One that ends in the same moment
# is waited for twice ("wait: No child processes"), so the shell stays a moment longer. That a person
# ends a program is no error.
until_ctrl_c = trap 'sleep 0.2' INT; $(1) || [ $$? -eq 130 ]

run-server: build ## run the server on port 10000; ARGS="--listen 127.0.0.1:7000"
	@$(call until_ctrl_c,$(PAPO) server $(ARGS))

run-peer: build ## run a peer; NAME=Bruno ARGS="--server 192.168.0.7"
	@$(call until_ctrl_c,$(PAPO) peer $(if $(NAME),"$(NAME)") $(ARGS))

run-cluster: build ## an engine and three servers that share one directory, on loopback
	@PAPO=$(abspath $(PAPO)) sh docs/deploy/run-cluster.sh

demo: build ## the handout's whole conversation, live, at a reading pace
	@$(call until_ctrl_c,$(PAPO) demo)

# Over poll(2) an event loop has no descriptor for a host's loop, so the example of this cannot be
# built. The others are built by name, because `cargo test` would build all.
ifeq ($(POLLER),poll)
EXAMPLES = $(filter-out directory_in_poll,$(shell sed -n '/^\[\[example/{n;s/^name = "\(.*\)"/\1/p;}' Cargo.toml))
BUILD_EXAMPLES = $(CARGO) build --locked --profile test $(EXAMPLES:%=--example %)
TESTED = --lib --bins --tests
endif

# Each test program is a job. Most tests of `program` wait for a KEEP or an expiry; the other jobs
# compute meanwhile, with a lower priority. More tests at once than cores make the waits shorter. The
# drills measure times, so they come last. A job shows its output when it is over.
TEST_JOBS = $(addprefix job-,program house simulation machines lib $(if $(TESTED),,doc))
.PHONY: $(TEST_JOBS)
test: ## all tests
	$(BUILD_EXAMPLES)
	$(CARGO) test --locked $(TESTED) --no-run
	@$(MAKE) --no-print-directory --keep-going --jobs \
		$(if $(filter output-sync,$(.FEATURES)),--output-sync=target) $(TEST_JOBS)
	$(CARGO) test --locked --test drills

job-program:
	RUST_TEST_THREADS=$${RUST_TEST_THREADS:-32} $(CARGO) test --locked --test program
job-house job-simulation job-machines: job-%:
	nice $(CARGO) test --locked --test $*
job-lib:
	nice $(CARGO) test --locked --lib --bins
job-doc:
	nice $(CARGO) test --locked --doc

test-fast: ## the tests that need no process and no network: seconds
	$(CARGO) test --locked --lib --test machines

test-slow: ## the tests that take minutes, root or other tools: traps, drills, cross, poll, size, sim, fuzz
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

sim: ## the simulator with SEEDS=2000, or one SEED=17 with its whole trace; RECORD=FOLDER; CLUSTER=17: several servers
	SEEDS=$(SEEDS) $(if $(SEED),SEED=$(SEED) $(if $(RECORD),RECORD=$(abspath $(RECORD)))) $(CARGO) test --locked --test simulation -- --nocapture $(if $(CLUSTER),seeds_hold_every_invariant_of,seeds_hold)

# Each patch in tests/traps makes one mistake in a copy of the sources, and a test must notice it.
traps: ## every trap of docs/READING.md must fail a test; ONLY=half-a-line; SOME=6 by the commit
	CARGO="$(CARGO)" ONLY=$(ONLY) SOME=$(SOME) sh tests/traps/run.sh

tutorial: ## the steps of docs/TUTORIAL.md; STEP=4 PROGRAM='python3 mine.py' tries your own
	$(CARGO) build --locked --examples
	STEP=$(STEP) $(if $(PROGRAM),PROGRAM="$(PROGRAM)") $(CARGO) test --locked --test house -- \
		--nocapture tutorial::$(if $(PROGRAM),a_program_of_your_own)

fuzz: ## every fuzz target for SECONDS=10, or one TARGET=name: docs/FUZZING.md
	CARGO="$(CARGO)" sh tests/fuzz/run.sh $(or $(SECONDS),10) $(TARGET)

bench: $(if $(filter page,$(ONLY)),,build) ## measure beside a bare loop and Redis, ten minutes; REPS=7 QUICK=1 OUT=folder ONLY=list|pollers|page
	$(if $(filter page,$(ONLY)),,$(MAKE) $(if $(filter pollers,$(ONLY)),build POLLER=poll,small))
	PAPO=$(PAPO) PAPO_POLL=$(TARGET_DIR)/poll/release/papo PAPO_BARE=$(PAPO_SMALL) REPS=$(REPS) QUICK=$(QUICK) ONLY=$(ONLY) \
	OUT=$(if $(OUT),$(abspath $(OUT))) \
	$(CARGO) bench --locked --bench bench

# A drill that needs root or a missing tool is skipped, and says so.
drills: build ## the fault drills, best as root: all of them, or ONLY=D4,D11
	PAPO=$(abspath $(PAPO)) $(CARGO) test --locked --test drills -- --all $(if $(ONLY),--only $(ONLY))

screens: ## the pictures of the documents, from real sessions, to docs/screens
	WRITE_SCREENS=1 $(CARGO) test --locked --test program -- --nocapture pictures::

# The digests come first, because the program that writes the pages has them in it.
PAGES = $(if $(FRAME),frame,1)
pages: ## the pages of the documents, from real sessions, to docs/pages; FRAME=1 records nothing
	WRITE_PAGES=$(PAGES) $(CARGO) test --locked --test program -- the_policy_has
	WRITE_PAGES=$(PAGES) ONLY=$(ONLY) $(CARGO) test --locked --test program -- --nocapture pages_of_the
	WRITE_PAGES=$(PAGES) $(CARGO) test --locked --test program -- pictures_of_the_pages

doc: ## the documentation, private items included, in target/doc/papo
	$(CARGO) doc --locked --no-deps --document-private-items

# A program for another host needs the standard library of rustup or Debian for it. If there is none,
# `make tiny` builds one.
SMALL_CARGO = --profile small --locked --no-default-features $(if $(FEATURES),--features $(FEATURES)) \
	--bin papo
small: ## the server alone, built for size; FEATURES=editor TARGET=triple STATIC=yes RELR=no
	$(REMAPPED) CARGO_PROFILE_SMALL_OPT_LEVEL=$(SMALL_OPT_LEVEL) $(CARGO) rustc $(SMALL_CARGO) -- $(SMALL_LINK)

# Without std's backtrace, and with a standard library built for size: docs/deploy/ROUTER.md.
TINY_TARGET = $(if $(filter musl,$(LIBC)),$(subst -gnu,-musl,$(TINY_FOR)),$(TINY_FOR))
TINY_FOR = $(or $(BUILT_FOR),$(HOST))
TINY_DIR = $(TARGET_DIR)/tiny
PAPO_TINY = $(TINY_DIR)/$(TINY_TARGET)/small/papo
tiny: ## the smallest server: its own standard library; TARGET=triple LIBC=musl FEATURES=peer
	$(REMAPPED) CARGO_TARGET_DIR=$(TINY_DIR) CARGO_PROFILE_SMALL_OPT_LEVEL=$(SMALL_OPT_LEVEL) CARGO="$(CARGO)" \
		scripts/std-from-source.sh $(TINY_TARGET) rustc -Zbuild-std-features=optimize_for_size $(filter-out --locked,$(SMALL_CARGO))
	@tests/size.sh $(PAPO_TINY) $(if $(FEATURES),,$(if $(findstring musl,$(TINY_TARGET)),$(TINY_BYTES_MAX)))

size: build ## the size of each build on disk, and in memory without clients
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

test-cross: ## other processors under qemu: a server and two peers talk; PURE=yes for more tests
	CARGO="$(CARGO)" PURE=$(PURE) tests/cross.sh

# We have not run papo there. Only the types are checked.
CHECKED_TARGETS ?= aarch64-apple-darwin x86_64-unknown-freebsd
check-targets: ## type-check for macOS and FreeBSD; CHECKED_TARGETS="triple ..."
	@for triple in $(CHECKED_TARGETS); do \
		CARGO="$(CARGO)" CARGO_TARGET_DIR=$(TARGET_DIR)/types scripts/std-from-source.sh $$triple check; \
		case $$? in \
			0) echo "$$triple: the types are right." ;; \
			3) echo "SKIPPED: $$triple is not checked" ;; \
			*) exit 1 ;; \
		esac; \
	done

# A package needs the licences of the crates in it.
third-party: ## write THIRD-PARTY after a change of dependencies; needs cargo-about
	@$(CARGO) about --version >/dev/null 2>&1 || \
		{ echo "There is no cargo-about: cargo install --locked cargo-about --features cli"; exit 1; }
	$(CARGO) about generate --locked -c docs/third-party/about.toml -o THIRD-PARTY docs/third-party/about.hbs

deny: ## licences, doubled crates and registries, by deny.toml; needs cargo-deny
	@$(CARGO) deny --version >/dev/null 2>&1 || \
		{ echo "There is no cargo-deny: cargo install --locked cargo-deny"; exit 1; }
	$(CARGO) deny --locked check licenses bans sources

# The package has the files of `make install`. Cargo.toml tells cargo-deb their places.
DEB_ROOT = target/deb-root
VERSION = $(shell sed -n '/^version/{s/.*"\(.*\)"/\1/p;q;}' Cargo.toml)
PAPO_DEB = target/debian/papo.deb
deb: build ## a Debian package, target/debian/papo.deb; needs cargo-deb
	@$(CARGO) deb --version >/dev/null 2>&1 || \
		{ echo "There is no cargo-deb: cargo install --locked cargo-deb"; exit 1; }
	rm -rf $(DEB_ROOT)
	$(MAKE) -s install DESTDIR=$(DEB_ROOT) prefix=/usr
	$(CARGO) deb --no-build --locked $(if $(BUILT_FOR),--target $(BUILT_FOR)) -o $(PAPO_DEB)

test-deb: deb ## the package installs and talks in a fresh Debian; SKIPPED without root or debootstrap
	tests/deb.sh $(PAPO_DEB)

# A static program with all features for each target, with rustup's libraries: rustup target add TRIPLE.
DIST_TARGETS ?= x86_64-unknown-linux-musl aarch64-unknown-linux-musl armv7-unknown-linux-musleabihf \
	mipsel-unknown-linux-musl x86_64-pc-windows-gnu
dist: ## archives and checksums in target/dist; DIST_TARGETS="triple ..."
	$(REMAPPED) MAKE="$(MAKE)" CARGO="$(CARGO)" scripts/dist.sh $(VERSION) $(DIST_TARGETS)

# `sudo make install` does not build again after `make build`.
$(OUT_DIR)/release/papo: Cargo.toml Cargo.lock $(shell find src -name '*.rs')
	$(REMAPPED) $(CARGO) build --release --locked

install: $(PAPO) ## install to $(DESTDIR)$(prefix); PAPO=path installs another build
	install -d "$(DESTDIR)$(bindir)" "$(DESTDIR)$(mandir)/man1" \
		"$(DESTDIR)$(mandir)/pt_BR/man1" "$(DESTDIR)$(docdir)" \
		"$(DESTDIR)$(bashdir)" "$(DESTDIR)$(zshdir)" "$(DESTDIR)$(fishdir)"
	install -m 755 $(PAPO) "$(DESTDIR)$(bindir)/papo"
	install -m 644 docs/man/*.1 "$(DESTDIR)$(mandir)/man1"
	install -m 644 docs/man/pt_BR/*.1 "$(DESTDIR)$(mandir)/pt_BR/man1"
	install -m 644 README.md CHANGELOG.md LICENSE THIRD-PARTY docs/*.md "$(DESTDIR)$(docdir)"
	install -m 644 docs/completions/papo "$(DESTDIR)$(bashdir)/papo"
	install -m 644 docs/completions/_papo "$(DESTDIR)$(zshdir)/_papo"
	install -m 644 docs/completions/papo.fish "$(DESTDIR)$(fishdir)/papo.fish"
	$(if $(UNITS),install -d "$(DESTDIR)$(unitdir)")
	for unit in $(UNITS); do \
		sed 's|/usr/[a-z/]*bin/papo|$(bindir)/papo|' $$unit >"$(DESTDIR)$(unitdir)/$${unit##*/}" && \
		chmod 644 "$(DESTDIR)$(unitdir)/$${unit##*/}" || exit; \
	done

uninstall: ## remove the files that `make install` with the same variables has installed
	rm -f "$(DESTDIR)$(bindir)/papo" "$(DESTDIR)$(bashdir)/papo" "$(DESTDIR)$(zshdir)/_papo" \
		"$(DESTDIR)$(fishdir)/papo.fish"
	cd docs/man && for page in *.1; do \
		rm -f "$(DESTDIR)$(mandir)/man1/$$page" "$(DESTDIR)$(mandir)/pt_BR/man1/$$page"; done
	for unit in $(UNITS); do rm -f "$(DESTDIR)$(unitdir)/$${unit##*/}"; done
	rm -rf "$(DESTDIR)$(docdir)"

clean: ## remove all builds
	$(CARGO) clean
