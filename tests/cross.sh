#!/bin/sh
# Builds papo for other processors, and lets a server and two peers of each talk under qemu-user:
# 64 bits, 32 bits, and big-endian.
#
# Usage: tests/cross.sh [TRIPLE...]; `make test-cross` calls it. With PURE=yes the tests without sockets
# and the simulator run on the first processor, too, for some minutes. A target without its tools is
# SKIPPED, with the way to install them.
set -eu

targets=${*:-aarch64-unknown-linux-musl armv7-unknown-linux-musleabihf s390x-unknown-linux-musl}
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/cross"
export CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_TEST_DEBUG=0
mkdir -p "$CARGO_TARGET_DIR"
talked=
. "$(dirname "$0")/support/talk.sh"

skip() {
    echo "SKIPPED: $1"
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

# Runs cargo for a target. Returns 1, and prints SKIPPED, if a tool is missing.
cargo_for() {
    status=0
    scripts/std-from-source.sh "$@" >"$work/cargo" 2>&1 || status=$?
    [ "$status" != 0 ] || return 0
    [ "$status" = 3 ] || fail "$*" "$work/cargo"
    skip "$(sed -n 's/^MISSING: //p' "$work/cargo")"
    return 1
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
