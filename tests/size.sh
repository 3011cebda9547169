#!/bin/sh
# The size of a program: its bytes on disk, and its memory as a server with nobody there.
#
# Usage: tests/size.sh PATH-OF-PAPO [BYTES_MAX]. Fails where it has more than that, on x86-64: other
# processors' code has another size. Fails too where it has path names of whoever built it. Of a
# program for another host only its size is told.
set -eu

papo=$1 bytes_max=${2:-}
bytes=$(wc -c <"$papo" | tr -d ' ')
for home in "${CARGO_HOME:-$HOME/.cargo}" "${RUSTUP_HOME:-$HOME/.rustup}" "$PWD"; do
    if LC_ALL=C grep -aqF "$home/" "$papo"; then
        echo "FAILED: $papo has path names of its builder, $home: see REMAP in the Makefile" >&2
        exit 1
    fi
done
if ! "$papo" --version >/dev/null 2>&1; then
    echo "$papo: $bytes bytes; it does not run here"
    exit
fi
"$papo" server --listen 127.0.0.1:0 2>/dev/null &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
sleep 0.5
resident=$(awk '/VmRSS/ { print $2 }' "/proc/$server/status")
kill "$server"
wait "$server"
trap - EXIT

echo "$papo: $bytes bytes${bytes_max:+ of $bytes_max}; idle server: $resident kB resident"
if [ "$(uname -m)" = x86_64 ] && [ "$bytes" -gt "${bytes_max:-$bytes}" ]; then
    echo "FAILED: $papo has grown past $bytes_max bytes. What for? See docs/ARCHITECTURE.md" >&2
    exit 1
fi
