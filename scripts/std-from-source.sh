#!/bin/sh
# Runs cargo with the standard library built from its source: for a target that no library was
# made for, or for a library that is smaller than the usual one.
#
# Usage: scripts/std-from-source.sh TRIPLE COMMAND [ARGUMENT...]
#     CARGO, RUSTFLAGS, CARGO_TARGET_DIR   as cargo has them
#     CARGO_TARGET_<TRIPLE>_LINKER         the linker, where it is not one of those named below
#
# COMMAND is cargo's (build, check, rustc, test). For Linux the linker is Debian's cross compiler
# where the C library is glibc, and Zig where it is musl: Zig has a linker and a musl for each
# processor. Exits with 3, and says how to get it, where something is missing.
set -eu

triple=$1 command=$2
shift 2
cargo=${CARGO:-cargo}
folder=${CARGO_TARGET_DIR:-target}/linkers

missing() {
    echo "MISSING: $1" >&2
    exit 3
}

# The name of the target's variable in cargo's environment.
variable() {
    echo "CARGO_TARGET_$(echo "$triple" | tr 'a-z-' 'A-Z_')_LINKER"
}

# Zig's own name for a target of musl.
zig_target() {
    processor=${triple%%-*}
    case $triple in
        mips-* | mipsel-*) echo "$processor-linux-musleabi" ;;
        powerpc-*) echo "$processor-linux-musleabihf" ;;
        i?86-*) echo x86-linux-musl ;;
        riscv64gc-*) echo riscv64-linux-musl ;;
        arm*) echo "arm-linux-${triple##*-}" ;;
        *) echo "$processor-linux-musl" ;;
    esac
}

# Debian's name for the compiler of a target of glibc.
gcc_of() {
    processor=${triple%%-*}
    case $triple in
        armv5te-* | arm*-gnueabi) echo arm-linux-gnueabi-gcc ;;
        arm*) echo arm-linux-gnueabihf-gcc ;;
        riscv64gc-*) echo riscv64-linux-gnu-gcc ;;
        *) echo "$processor-linux-${triple##*-}-gcc" ;;
    esac
}

find_zig() {
    if command -v zig >/dev/null; then
        echo zig
    elif python3 -c 'import ziglang' 2>/dev/null; then
        echo "python3 -m ziglang"
    else
        missing "a linker for $triple: pip install ziglang==0.15.2, or $(variable)=..."
    fi
}

# A program that is called as a linker is: cargo wants a path, and no arguments.
zig_linker() {
    zig=$(find_zig)
    mkdir -p "$folder"
    # Another cargo may be using it at this moment, so it is put there in one step.
    printf '#!/bin/sh\nexec %s cc -target %s "$@"\n' "$zig" "$(zig_target)" >"$folder/$triple.$$"
    chmod +x "$folder/$triple.$$"
    mv "$folder/$triple.$$" "$folder/$triple"
    (cd "$folder" && echo "$PWD/$triple")
}

cross_gcc() {
    gcc=$(gcc_of)
    command -v "$gcc" ||
        missing "$gcc for $triple: on Debian apt-get install gcc-${gcc%-gcc}, or $(variable)=..."
}

sysroot=$(rustc --print sysroot)
[ -d "$sysroot/lib/rustlib/src/rust/library" ] ||
    missing "the source of the standard library: rustup component add rust-src, or with Debian's \
compiler apt-get install rust-src (rust-web-src beside rustc-web)"

host=$(rustc -vV | sed -n 's/^host: //p')
if [ "$triple" != "$host" ] && [ "$command" != check ] && [ -z "$(printenv "$(variable)")" ]; then
    case $triple in
        *-linux-musl*) linker=$(zig_linker) && export "$(variable)=$linker" ;;
        *-linux-gnu*) linker=$(cross_gcc) && export "$(variable)=$linker" ;;
        *) missing "a linker for $triple: $(variable)=..." ;;
    esac
fi
# A panic in the standard library names its source, which would be in the home of who built it.
export RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$sysroot/lib/rustlib/src/rust=/rust"
# Static on each processor. Zig brings the objects with which a program of musl begins; rustc would
# add its own.
case $triple in
    *-linux-musl*)
        export RUSTFLAGS="$RUSTFLAGS -Ctarget-feature=+crt-static -Clink-self-contained=no" ;;
esac
export RUSTC_BOOTSTRAP=1
exec "$cargo" "$command" -Zbuild-std=std,panic_abort --locked --target "$triple" "$@"
