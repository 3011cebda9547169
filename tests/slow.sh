#!/bin/sh
# The tests that take minutes, or need root or rare tools. Each part runs as far as it can run here. The
# last lines have what failed and what was skipped.
#
# Usage: tests/slow.sh, from the root of the sources. `make test-slow` calls it.
set -u

cargo=${CARGO:-cargo}
failed= skipped=

run() {
    echo "== make $*"
    make "$@" || failed="$failed
    make $*"
}

skip() {
    skipped="$skipped
    make $1: $2"
}

if command -v patch >/dev/null; then run traps; else skip traps "there is no patch(1)"; fi
[ "$(id -u)" = 0 ] || skip drills "the drills in network namespaces need root"
run drills
run test-static
run test-windows
run test-cross PURE=yes
run check-targets
run test POLLER=poll
run size
run sim SEEDS=20000
if "$cargo" deb --version >/dev/null 2>&1; then run test-deb; else skip test-deb "there is no cargo-deb"; fi
if "$cargo" deny --version >/dev/null 2>&1; then run deny; else skip deny "there is no cargo-deny"; fi
if "$cargo" fuzz --version >/dev/null 2>&1 && "$cargo" +nightly --version >/dev/null 2>&1; then
    run fuzz SECONDS=30
else
    skip fuzz "there is no cargo-fuzz, or no nightly compiler: docs/FUZZING.md"
fi

echo "Skipped:${skipped:- nothing}"
[ -z "$failed" ] || { echo "FAILED:$failed" >&2; exit 1; }
echo "All parts that could run have passed."
