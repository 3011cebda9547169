#!/bin/sh
# Runs fuzz targets: run.sh SECONDS [TARGET...]. Without a name: all of them.
#
# New inputs go to target/fuzz-corpus, and never into the committed corpus, which is only
# read. A failing input is kept in target/fuzz/artifacts.
set -eu
cd "$(dirname "$0")/../.."
seconds=$1
shift
cargo=${CARGO:-cargo}

if ! "$cargo" fuzz --version >/dev/null 2>&1; then
    echo 'cargo-fuzz is missing. Install it with: cargo install cargo-fuzz' >&2
    exit 1
fi
if ! "$cargo" +nightly --version >/dev/null 2>&1; then
    echo 'A nightly compiler is missing. Install it with: rustup toolchain install nightly' >&2
    exit 1
fi
mkdir -p target/fuzz
cp tests/fuzz/package.toml target/fuzz/Cargo.toml
# The versions of papo's own lock file; cargo adds what only the targets need.
cp Cargo.lock target/fuzz/Cargo.lock
# A fuzzer reads files, and the corpus is lines.
rm -rf target/fuzz-seeds
FUZZ_FILES=$PWD/target/fuzz-seeds "$cargo" test --locked --quiet --test machines inputs:: >/dev/null
[ $# -gt 0 ] || set -- $("$cargo" +nightly fuzz list --fuzz-dir target/fuzz)

for target; do
    mkdir -p "target/fuzz-corpus/$target"
    echo "== $target, $seconds s"
    log=target/fuzz-corpus/$target.log
    # Short inputs first, except for the world, which does nothing with a few bytes.
    growth=100
    [ "$target" != two_cores ] || growth=0
    # Without a sanitizer, which would make it twice as slow: we have no unsafe code. If the input
    # is a list of choices, comparisons are not traced: the input has none of the compared numbers,
    # and the tracing takes two thirds of the time.
    built='--fuzz-dir target/fuzz --sanitizer none'
    case $target in two_cores | editor) built="$built --no-trace-compares" ;; esac
    "$cargo" +nightly fuzz build $built "$target"
    if ! "$cargo" +nightly fuzz run $built "$target" \
        "target/fuzz-corpus/$target" "target/fuzz-seeds/$target" -- \
        -dict=tests/fuzz/dictionary.txt -max_total_time="$seconds" -timeout=10 \
        -len_control="$growth" >"$log" 2>&1
    then
        tail -n 60 "$log" >&2
        exit 1
    fi
    grep -E 'DONE|^Done' "$log"
done
