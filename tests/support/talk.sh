# A server and two peers talk: the common part of tests/cross.sh, deb.sh, size.sh and static.sh, which
# source this file. Its folder, $work, and its processes end with the script. tests/windows.sh has an
# await and a fail of its own, because it has many processes, and shows the output of all of them.

# The settings of the person who runs the tests.
unset RUST_LOG PAPO_LANG PAPO_LISTEN PAPO_SERVER 2>/dev/null || true
work=$(mktemp -d)
server= ana=
trap 'kill $server $ana 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

# fail TEXT [FILE]: prints the text and the file, and ends.
fail() {
    echo "FAILED: $1"
    [ ! -f "${2:-}" ] || cat "$2"
    exit 1
}

# await PATTERN FILE: waits until the file has such a line, for thirty seconds at most.
await() {
    for _ in $(seq 300); do
        ! grep -qs "$1" "$2" || return 0
        sleep 0.1
    done
    fail "no line like \"$1\" came, but:" "$2"
}

# talk WORDS: a session of the handout with the papo that these words start. Bruno calls Ana, and sends
# a line. The words must not be a shell function, which would be a process of its own.
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
