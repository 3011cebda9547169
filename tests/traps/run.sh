#!/bin/sh
# Springs the traps of docs/READING.md. Each row of its tables has a name and a test. The patch
# tests/traps/NAME.patch makes the mistake that the row tells of, in a copy of the sources. The
# test must pass without the patch, and fail with it.
#
# Usage: tests/traps/run.sh, from the root of the sources. In the environment:
#   ONLY=NAME   this trap alone
#   SOME=6      so many of them, which the commit's hash chooses: each commit tries others
#
# The copy and all that is built stay in target/traps, so that a patch costs the building of one
# crate. Without optimisation that takes seconds.
set -u

cargo=${CARGO:-cargo}
home=${CARGO_TARGET_DIR:-target}/traps
tree=$home/tree
# For one test. A test that hangs has not passed.
seconds_max=180

mkdir -p "$tree"
home=$(cd "$home" && pwd) && tree=$home/tree
export CARGO_TARGET_DIR="$home/target"
export CARGO_PROFILE_TEST_OPT_LEVEL=0 CARGO_PROFILE_TEST_DEBUG=0
# For a test of the simulator. The others take no notice.
export SEEDS="${SEEDS:-300}"

# One line for each trap: its name, the test's target and the test.
traps() {
    sed -n 's/^| `\([a-z0-9-]*\)` |.*`\([a-z_]*\)::\([a-z0-9_]*\)` |$/\1 \2 \3/p' docs/READING.md
}

chosen() {
    if [ -n "${ONLY:-}" ]; then
        traps | grep "^$ONLY "
    elif [ -n "${SOME:-}" ]; then
        hash=$(git rev-parse HEAD 2>/dev/null || echo none)
        traps | while read -r trap; do
            echo "$(echo "$hash $trap" | cksum | cut -d' ' -f1) $trap"
        done | sort -n | head -n "$SOME" | cut -d' ' -f2-
    else
        traps
    fi
}

# The files that git knows of. In sources without git: all files.
sources() {
    { git ls-files 2>/dev/null | grep . || find . -type f ! -path './target/*' | sed 's|^\./||'; } |
        while read -r file; do [ ! -f "$file" ] || echo "$file"; done
}

# Only what differs is written, so that only that is built again.
copy_sources() {
    sources >"$home/sources"
    while read -r file; do
        cmp -s "$file" "$tree/$file" && continue
        mkdir -p "$tree/$(dirname "$file")" && cp "$file" "$tree/$file"
    done <"$home/sources"
    (cd "$tree" && find . -type f | sed 's|^\./||') | grep -vxFf "$home/sources" |
        while read -r stale; do rm "$tree/$stale"; done
}

# The arguments of `cargo test` for a target: a test program, a module of one, or a module of the
# library.
target_of() {
    if [ -e "tests/$1.rs" ] || [ -e "tests/$1/main.rs" ]; then
        echo "--test $1"
    elif root=$(grep -l "^mod $1;" tests/*.rs); then
        echo "--test $(basename "$root" .rs)"
    else
        echo --lib
    fi
}

fail() {
    echo "FAILED  $1"
    failed="$failed ${1%%:*}"
}

# Builds the test of a trap and runs it. What cargo says is in $home/said. A patch that does not
# compile must not pass for a test that fails, so the two are told apart.
builds() {
    (cd "$tree" && "$cargo" test --locked --quiet $(target_of "$1") --no-run) </dev/null \
        >"$home/said" 2>&1
}

passes() {
    # The simulator's test of several servers has a name that begins in the same way.
    exact=$([ "$1" != simulation ] || echo --exact)
    (cd "$tree" && timeout -k 5 "$seconds_max" \
        "$cargo" test --locked --quiet $(target_of "$1") -- "$2" $exact) </dev/null >"$home/said" 2>&1
}

# A test that fails anyway proves nothing.
check_without_patch() {
    if ! builds "$2" || ! passes "$2" "$3"; then
        tail -n 40 "$home/said"
        fail "$1: $2::$3 does not pass without the patch"
    fi
}

# Whether the test notices the mistake.
spring() {
    patch=tests/traps/$1.patch
    if ! [ -f "$patch" ]; then
        fail "$1: there is no $patch"
    elif ! patch -p1 -s -F 0 --no-backup-if-mismatch -d "$tree" <"$patch"; then
        fail "$1: $patch does not apply"
    elif ! builds "$2"; then
        grep -m 3 -A 5 '^error' "$home/said"
        fail "$1: it does not compile with $patch"
    elif passes "$2" "$3"; then
        tail -n 5 "$home/said"
        fail "$1: $2::$3 passes with $patch"
    else
        echo "sprung  $1: $2::$3"
    fi
    copy_sources
}

command -v patch >/dev/null || { echo "patch(1) is needed to set a trap" >&2; exit 1; }
chosen >"$home/chosen"
[ -s "$home/chosen" ] || { echo "docs/READING.md has no such trap: ${ONLY:-}" >&2; exit 1; }
failed=
copy_sources
while read -r trap; do check_without_patch $trap; done <"$home/chosen"
while read -r trap; do spring $trap; done <"$home/chosen"
[ -z "$failed" ] || { echo "FAILED:$failed" >&2; exit 1; }
echo "Every trap was sprung by its test: $(grep -c . "$home/chosen") of them."
