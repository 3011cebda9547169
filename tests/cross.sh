#!/bin/sh
# Builds papo for other processors, and lets a server and two peers of each talk under qemu-user:
# 64 and 32 bits, and one with the other order of bytes.
#
# Usage: tests/cross.sh [TRIPLE...]; `make test-cross` calls it. With PURE=yes the tests that need
# no socket and the simulator run on the first of them, too: some minutes. What is missing here is
# SKIPPED, and said how to get.
set -eu

targets=${*:-aarch64-unknown-linux-musl armv7-unknown-linux-musleabihf s390x-unknown-linux-musl}
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/cross"
export CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_TEST_DEBUG=0
mkdir -p "$CARGO_TARGET_DIR"
work=$(mktemp -d)
server= ana= talked=
trap 'kill $server $ana 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

skip() {
    echo "SKIPPED: $1"
}

fail() {
    echo "FAILED: $1"
    [ ! -f "${2:-}" ] || cat "$2"
    exit 1
}

# Waits until a file has a line like this; thirty seconds at most.
await() {
    for _ in $(seq 300); do
        ! grep -qs "$1" "$2" || return 0
        sleep 0.1
    done
    fail "no line like \"$1\" came, but:" "$2"
}

# qemu's name for a processor.
emulator_of() {
    case ${1%%-*} in
        arm*) echo qemu-arm-static ;;
        i?86) echo qemu-i386-static ;;
        riscv64gc) echo qemu-riscv64-static ;;
        powerpc64le) echo qemu-ppc64le-static ;;
        powerpc) echo qemu-ppc-static ;;
        *) echo "qemu-${1%%-*}-static" ;;
    esac
}

# Runs cargo for a target; 1 where something is missing, which is then said.
cargo_for() {
    status=0
    scripts/std-from-source.sh "$@" >"$work/cargo" 2>&1 || status=$?
    [ "$status" != 0 ] || return 0
    [ "$status" = 3 ] || fail "$*" "$work/cargo"
    skip "$(sed -n 's/^MISSING: //p' "$work/cargo")"
    return 1
}

# The handout's session: Bruno calls Ana, and says something.
talk() {
    rm -f "$work/keyboard" && mkfifo "$work/keyboard"
    "$@" server --listen 127.0.0.1:0 2>"$work/server" &
    server=$!
    await event=listening "$work/server"
    address=$(sed -n '/event=listening/s/.*address=\([^ ]*\).*/\1/p' "$work/server")
    # Ana's input stays open, so that she stays.
    "$@" peer Ana --lang en --server "$address" <"$work/keyboard" >"$work/ana" 2>&1 &
    ana=$!
    exec 3>"$work/keyboard"
    await 'name="Ana"' "$work/server"
    printf '/chat Ana\nOlá, Ana!\n' |
        "$@" peer Bruno --lang en --server "$address" >"$work/bruno" 2>&1 || fail Bruno "$work/bruno"
    await '^Bruno: Olá, Ana!$' "$work/ana"
    exec 3>&-
    wait "$ana" || fail "Ana did not leave in order" "$work/ana"
    kill "$server"
    wait "$server" || fail "the server did not end in order" "$work/server"
    server= ana=
}

for triple in $targets; do
    emulator=$(emulator_of "$triple")
    if ! command -v "$emulator" >/dev/null; then
        skip "$triple wants $emulator: on Debian apt-get install qemu-user-static"
        continue
    fi
    cargo_for "$triple" build --no-default-features --features peer --bin papo || continue
    talk "$emulator" "$CARGO_TARGET_DIR/$triple/debug/papo"
    echo "$triple: a server and two peers have talked under $emulator."
    talked="$talked $triple"
done

if [ "${PURE:-}" = yes ] && [ -n "$talked" ]; then
    first=${talked# } && first=${first%% *}
    name=$(echo "$first" | tr 'a-z-' 'A-Z_')
    export "CARGO_TARGET_${name}_RUNNER=$(emulator_of "$first")"
    for pure in machines simulation; do
        SEEDS=${SEEDS:-100} cargo_for "$first" test --no-default-features --features peer --test $pure
        echo "$first: $pure: $(grep '^test result' "$work/cargo")"
    done
fi
