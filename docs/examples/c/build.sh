#!/bin/sh
# Builds papo for C, and the example host: libpapo_c.a, libpapo_c.so and host, in target/c.
#
# Usage: docs/examples/c/build.sh [CARGO-OPTION...], such as --release or --offline. CC is the
# compiler, CARGO is cargo.
set -eu
cd "$(dirname "$0")/../../.."

source=docs/examples/c out=target/c profile=debug
for option; do [ "$option" != --release ] || profile=release; done
mkdir -p "$out"
cp "$source/package.toml" "$out/Cargo.toml"
# The versions that papo itself is built with. Cargo takes out what is not used.
cp Cargo.lock "$out/Cargo.lock"
"${CARGO:-cargo}" build --quiet --manifest-path "$out/Cargo.toml" --target-dir "$out/target" "$@"
cp "$out/target/$profile/libpapo_c.a" "$out/target/$profile/libpapo_c.so" "$out"
"${CC:-cc}" -std=c99 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -g -I "$source" \
    -o "$out/host" "$source/host.c" "$out/libpapo_c.a" -lpthread -ldl -lm
