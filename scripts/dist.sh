#!/bin/sh
# Makes an archive for each target, and their checksums, in target/dist. Each archive has the whole
# program, static, with its pages, completions, units and licences.
#
# Usage: scripts/dist.sh VERSION TRIPLE...; `make dist` calls it.
#     MAKE, CARGO   the programs
#     RUSTFLAGS     as cargo has it; the Makefile takes the builder's paths out by it
#
# The standard library for a target of musl is rustup's, and the linker is Rust's own: no C compiler
# is needed. Where rustup has none, it is built from source (std-from-source.sh). Fails at the end
# where something was missing, and says how to get it; what could be made is there all the same.
set -eu

version=$1
shift
make=${MAKE:-make} cargo=${CARGO:-cargo}
out=${CARGO_TARGET_DIR:-target}/dist
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/dist-build"
flags=${RUSTFLAGS:-}
# The same sources give the same archive.
date=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
missing=

# Whether rustup's library for a target of musl is here: it brings a C library and its start files.
has_library() {
    folder=$(rustc --print target-libdir --target "$1" 2>/dev/null) &&
        [ -f "$folder/self-contained/crt1.o" ] && ls "$folder"/libstd-*.rlib >/dev/null 2>&1
}

build_linux() {
    if has_library "$1"; then
        name=CARGO_TARGET_$(echo "$1" | tr 'a-z-' 'A-Z_')
        env "${name}_LINKER=rust-lld" RUSTFLAGS="$flags -C target-feature=+crt-static" \
            "$cargo" build --release --locked --target "$1"
    else
        echo "There is no standard library for $1 (rustup target add $1): it is built from source."
        scripts/std-from-source.sh "$1" build --release
    fi
}

# Puts everything below /usr/local, as `make install` does.
pack_linux() {
    stage=$out/stage
    rm -rf "$stage"
    "$make" -s install DESTDIR="$stage" prefix=/usr/local PAPO="$CARGO_TARGET_DIR/$1/release/papo"
    mv "$stage/usr/local" "$stage/$2"
    tar -C "$stage" --sort=name --mtime="@$date" --owner=0 --group=0 --numeric-owner \
        -cf - "$2" | gzip -9n >"$out/$2.tar.gz"
    rm -rf "$stage"
}

# Adds $2.zip with papo.exe, the documents and the licences.
pack_windows() {
    stage=$out/stage/$2
    rm -rf "$stage" "$out/$2.zip"
    mkdir -p "$stage/docs"
    cp "$CARGO_TARGET_DIR/$1/small/papo.exe" README.md CHANGELOG.md LICENSE THIRD-PARTY "$stage"
    cp docs/*.md "$stage/docs"
    find "$stage" -exec touch -d "@$date" {} +
    (cd "$out/stage" && find "$2" -type f | sort | TZ=UTC zip -qX "../$2.zip" -@)
    rm -rf "$out/stage"
}

one() {
    archive=papo-$version-$1
    echo "== $archive"
    case $1 in
        *-windows-*)
            command -v zip >/dev/null || { echo "MISSING: zip(1), for an archive for Windows"; return 1; }
            "$make" windows && pack_windows "$1" "$archive" ;;
        *) build_linux "$1" && pack_linux "$1" "$archive" ;;
    esac
}

rm -rf "$out"
mkdir -p "$out"
for triple; do
    one "$triple" || missing="$missing $triple"
done
cd "$out"
sha256sum papo-* >SHA256SUMS
cat SHA256SUMS
[ -z "$missing" ] || { echo "FAILED: no archive for$missing: see above what is missing" >&2; exit 1; }
