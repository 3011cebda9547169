#!/bin/sh
# The size of a program: its bytes on disk, and its memory as a server without clients.
#
# Usage: tests/size.sh PATH-OF-PAPO [BYTES_MAX]. Fails if the program has more bytes on x86-64 (the code
# of other processors has another size), or if it has path names of its builder. For a program for
# another host it prints only the bytes.
set -eu

papo=$1 bytes_max=${2:-}
. "$(dirname "$0")/support/talk.sh"
bytes=$(wc -c <"$papo" | tr -d ' ')
for home in "${CARGO_HOME:-$HOME/.cargo}" "${RUSTUP_HOME:-$HOME/.rustup}" "$PWD"; do
    if LC_ALL=C grep -aqF "$home/" "$papo"; then
        fail "$papo has path names of its builder, $home: see REMAP in the Makefile"
    fi
done
if ! "$papo" --version >/dev/null 2>&1; then
    echo "$papo: $bytes bytes; it does not run here"
    exit
fi
"$papo" server --listen 127.0.0.1:0 2>"$work/server" &
server=$!
await event=listening "$work/server"
resident=$(awk '/VmRSS/ { print $2 }' "/proc/$server/status")
kill "$server"
wait "$server" || fail "the server did not end in order" "$work/server"
server=

echo "$papo: $bytes bytes${bytes_max:+ of $bytes_max}; idle server: $resident kB resident"
if [ "$(uname -m)" = x86_64 ] && [ "$bytes" -gt "${bytes_max:-$bytes}" ]; then
    fail "$papo has grown past $bytes_max bytes. What for? See docs/ARCHITECTURE.md"
fi
