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

sources() {
    git ls-files 2>/dev/null | grep . || find . -type f ! -path './target/*' ! -path './.git/*' |
        sed 's|^\./||'
}

# Only what differs is written, so that only that is built again.
copy_sources() {
    sources >"$home/sources"
    while read -r file; do
        [ -f "$file" ] || continue
        cmp -s "$file" "$tree/$file" && continue
        mkdir -p "$tree/$(dirname "$file")" && cp "$file" "$tree/$file"
    done <"$home/sources"
    (cd "$tree" && find . -type f | sed 's|^\./||') | grep -vxFf "$home/sources" |
        while read -r stale; do rm "$tree/$stale"; done
}

# The arguments of `cargo test` for a target: a file or folder of tests, or a module of the library.
target_of() {
    if [ -e "tests/$1.rs" ] || [ -e "tests/$1" ]; then echo "--test $1"; else echo --lib; fi
}

# The words after `cargo test`. Not quoted where it is called: they are several.
run_cargo_test() {
    (cd "$tree" && timeout -k 5 "$seconds_max" "$cargo" test --locked --quiet "$@") </dev/null \
        >"$home/said" 2>&1
}

fail() {
    echo "FAILED  $1"
    failed="$failed $name"
}

# Whether the test can tell the right code from the wrong one.
spring() {
    name=$1 wanted=$(target_of "$2") test=$3 patch=tests/traps/$1.patch
    if ! [ -f "$patch" ]; then fail "$name: there is no $patch"; return; fi
    if ! (cd "$tree" && "$cargo" test --locked --quiet $wanted --no-run) >"$home/said" 2>&1 ||
        ! run_cargo_test $wanted -- "$test"
    then
        tail -n 20 "$home/said"
        fail "$name: $2::$test does not pass without the patch"
        return
    fi
    if ! patch -p1 -s -F 0 --no-backup-if-mismatch -d "$tree" <"$patch"; then
        fail "$name: $patch does not apply"
    elif ! (cd "$tree" && "$cargo" test --locked --quiet $wanted --no-run) >"$home/said" 2>&1; then
        grep -m 3 -A 5 '^error' "$home/said"
        fail "$name: it does not compile with $patch"
    elif run_cargo_test $wanted -- "$test"; then
        tail -n 5 "$home/said"
        fail "$name: $2::$test passes with $patch"
    else
        echo "sprung  $name: $2::$test"
    fi
    copy_sources
}

command -v patch >/dev/null || { echo "patch(1) is needed to set a trap" >&2; exit 1; }
chosen >"$home/chosen"
[ -s "$home/chosen" ] || { echo "docs/READING.md has no such trap: ${ONLY:-}" >&2; exit 1; }
failed= count=0
copy_sources
while read -r name target test; do
    spring "$name" "$target" "$test"
    count=$((count + 1))
done <"$home/chosen"
[ -z "$failed" ] || { echo "FAILED:$failed" >&2; exit 1; }
echo "$count traps set, and each was sprung by its test."
