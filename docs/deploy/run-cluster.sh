#!/bin/sh
# An engine and three servers that share one directory, on free ports of loopback, until Ctrl-C.
# Usage: PAPO=path sh docs/deploy/run-cluster.sh
set -eu
PAPO=${PAPO:-papo}

engine=$(command -v redis-server || command -v valkey-server || true)
if [ -z "$engine" ]; then
    echo "This script needs redis-server or valkey-server: apt-get install redis-server"
    exit 1
fi

folder=$(mktemp -d)
started=
# Every process that was started here, and no other.
finish() {
    trap - INT TERM EXIT
    for process in $started; do kill "$process" 2>/dev/null || true; done
    for process in $started; do wait "$process" 2>/dev/null || true; done
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 0' INT TERM

# A port at which the engine can listen: the first that it does not refuse.
port=16379
while :; do
    # A terminal's Ctrl-C is for this script, which then ends the others in order.
    (trap '' INT; exec "$engine" --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" \
        >"$folder/engine.log" 2>&1) &
    process=$!
    while kill -0 "$process" 2>/dev/null && ! grep -q 'eady to accept' "$folder/engine.log"; do sleep 0.1; done
    if kill -0 "$process" 2>/dev/null; then break; fi
    port=$((port + 1))
    if [ "$port" -gt 16479 ]; then cat "$folder/engine.log"; exit 1; fi
done
started=$process

for number in 1 2 3; do
    log=$folder/server-$number.log
    (trap '' INT; exec "$PAPO" server --listen 127.0.0.1:0 --directory "redis://127.0.0.1:$port" 2>"$log") &
    process=$!
    started="$started $process"
    while kill -0 "$process" 2>/dev/null && ! grep -q event=engine_up "$log"; do sleep 0.1; done
    if ! kill -0 "$process" 2>/dev/null; then cat "$log"; exit 1; fi
    address=$(sed -n 's/.*event=listening address=\([^ ]*\).*/\1/p' "$log")
    echo "Server $number at $address. Another terminal joins there: $PAPO peer NAME --server $address"
done
echo "The engine is at 127.0.0.1:$port; the logs are in $folder. Ctrl-C ends all of it."
wait
