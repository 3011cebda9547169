#!/bin/sh
# A static papo in a root directory with nothing else in it: no C library, no /proc, no /dev.
# A server and two peers start there, and talk.
#
# Usage: tests/static.sh PATH-OF-PAPO. Without the right to change the root, it says SKIPPED.
set -eu

papo=$1
root=$(mktemp -d)
server= ana=
trap 'kill $server $ana 2>/dev/null || true; rm -rf "$root"' EXIT
trap 'exit 1' INT TERM HUP

# Waits until a file has a line like this; ten seconds at most.
await() {
    for _ in $(seq 100); do
        grep -qs "$1" "$2" && return
        sleep 0.1
    done
    echo "FAILED: no line like \"$1\" came, but:"
    cat "$2"
    exit 1
}

mkdir "$root/empty" && cp "$papo" "$root/empty/papo"
if [ "$(id -u)" = 0 ]; then alone="chroot"; else alone="unshare -r chroot"; fi
status=0
said=$($alone "$root/empty" /papo --version 2>&1) || status=$?
case $status in
    0) ;;
    # Not of the program: chroot and unshare have these for what they may not do or start. Only
    # where a plain static shell could not be started either is it the machine's fault.
    *) case $said in
        *"cannot change root"* | *"unshare failed"* | *"Operation not permitted"* | *": not found"*)
            echo "SKIPPED: no chroot to test a static build in: $said"
            exit 0 ;;
        *) echo "FAILED: it does not start where it is alone: $said"; exit 1 ;;
    esac ;;
esac

$alone "$root/empty" /papo server --listen 127.0.0.1:0 2>"$root/server" &
server=$!
await event=listening "$root/server"
address=$(sed -n '/event=listening/s/.*address=\([^ ]*\).*/\1/p' "$root/server")

# Ana's input stays open, so that she stays.
mkfifo "$root/keyboard"
$alone "$root/empty" /papo peer Ana --lang en --server "$address" \
    <"$root/keyboard" >"$root/ana" 2>&1 &
ana=$!
exec 3>"$root/keyboard"
await 'name="Ana"' "$root/server"

printf '/chat Ana\nOi Ana!\n' |
    $alone "$root/empty" /papo peer Bruno --lang en --server "$address" >"$root/bruno" 2>&1 ||
    { echo "FAILED: Bruno"; cat "$root/bruno"; exit 1; }
await '^Bruno: Oi Ana!$' "$root/ana"

exec 3>&-
wait "$ana" || { echo "FAILED: Ana did not leave in order"; exit 1; }
kill "$server"
wait "$server" || { echo "FAILED: the server did not end in order"; exit 1; }
server= ana=
echo "A static server and two static peers have talked where there is nothing but papo."
