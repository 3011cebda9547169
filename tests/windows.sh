#!/bin/sh
# papo.exe under Wine, with papo of this machine: they chat in both directions, the services of the
# lab answer, a KEEP comes in time, Ctrl-C ends in order, and letters beyond ASCII arrive.
#
# Usage: tests/windows.sh PATH-OF-PAPO.EXE PATH-OF-PAPO. Where Wine or mingw-w64 is missing it says
# SKIPPED. Where they are there it builds papo.exe first, by `make windows`. All processes, files and
# ports are its own, and end with it.
set -eu

exe=$1 papo=$2
skip() { echo "SKIPPED: papo.exe is not tried: $1"; exit 0; }
wine=$(command -v wine64 || ls /usr/lib/wine/wine64 2>/dev/null || command -v wine) ||
    skip "there is no Wine: apt install wine64"
command -v x86_64-w64-mingw32-gcc >/dev/null || skip "there is no x86_64-w64-mingw32-gcc"
ls "$(rustc --print target-libdir --target x86_64-pc-windows-gnu)"/libstd-* >/dev/null 2>&1 ||
    skip "there is no standard library for it: rustup target add x86_64-pc-windows-gnu"
${MAKE:-make} windows

dir=$(mktemp -d)
export WINEPREFIX="$dir/wine" WINEDEBUG=-all LC_ALL=C.UTF-8 TERM=xterm
# The person's own choices are no part of a test.
unset PAPO_LANG PAPO_SERVER RUST_LOG 2>/dev/null || true
running=
end() {
    for pid in $running; do kill -KILL "$pid" 2>/dev/null || true; done
    # The processes of this prefix, and no others: its server knows them.
    wineserver=$(command -v wineserver || ls /usr/lib/wine/wineserver64 2>/dev/null || true)
    [ -z "$wineserver" ] || "$wineserver" -k 2>/dev/null || true
    rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' INT TERM HUP

fail() {
    echo "FAILED: $1"
    for file in "$dir"/*.out "$dir"/*.err; do
        [ -s "$file" ] && { echo "== ${file##*/}"; tail -20 "$file"; }
    done
    exit 1
}

# win WORDS, lin WORDS: papo on one of the two systems.
win() { timeout 60 "$wine" "$dir/papo.exe" "$@"; }
lin() { timeout 60 "$papo" "$@"; }

# start NAME SYSTEM WORDS: in the background, with files NAME.out and NAME.err, and a keyboard that
# stays open: type NAME LINE. Its number is in $pid.
start() {
    name=$1 system=$2
    shift 2
    mkfifo "$dir/$name.keys"
    sleep 60 >"$dir/$name.keys" &
    running="$running $!"
    case $system in
        win) "$wine" "$dir/papo.exe" "$@" <"$dir/$name.keys" >"$dir/$name.out" 2>"$dir/$name.err" & ;;
        lin) "$papo" "$@" <"$dir/$name.keys" >"$dir/$name.out" 2>"$dir/$name.err" & ;;
    esac
    pid=$!
    running="$running $pid"
}
type() { printf '%s\n' "$2" >"$dir/$1.keys"; }

# Waits until a file has a line like this; twenty seconds at most.
await() {
    for _ in $(seq 200); do
        grep -qs -- "$2" "$dir/$1" && return
        sleep 0.1
    done
    fail "no line like \"$2\" in $1"
}

# expect STATUS WORDS: a command that ends so.
expect() {
    wanted=$1 status=0
    shift
    "$@" >"$dir/command.out" 2>"$dir/command.err" || status=$?
    [ "$status" = "$wanted" ] || fail "status $status instead of $wanted: $*"
}
has() { grep -q -- "$1" "$dir/command.out" "$dir/command.err" || fail "no \"$1\" is said"; }

# ended PID STATUS WHO
ended() {
    status=0
    wait "$1" || status=$?
    [ "$status" = "$2" ] || fail "$3 ended with $status instead of $2"
}

# serve NAME SYSTEM SECONDS: a server on a free port, with KEEPs so far apart. Its address is in
# $address.
serve() {
    start "$1" "$2" server --listen 127.0.0.1:0 --keepalive "$3"
    await "$1.err" event=listening
    address=$(sed -n '/event=listening/s/.*address=\([^ ]*\).*/\1/p' "$dir/$1.err")
}

cp "$exe" "$dir/papo.exe"
timeout 60 "$wine" wineboot -i >/dev/null 2>&1 || skip "Wine does not start here"
if ! win --version >/dev/null 2>&1; then
    # Wine 8 lacks the library from which std has its random numbers. Windows 10 has it.
    cat >"$dir/random.c" <<'END'
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count)
{
    return SystemFunction036(bytes, count);
}
END
    x86_64-w64-mingw32-gcc -shared -o "$dir/bcryptprimitives.dll" "$dir/random.c" -ladvapi32
fi

echo "== the command line"
expect 0 win --version
has "^papo [0-9]"
expect 0 win peer --help --lang pt
has "usuário"
expect 2 win peer --nonsense --lang en
has "no such option"
expect 1 win who 127.0.0.1:1 --lang pt
has "não há servidor"
expect 1 win check peer --lang en -- prog
has "WSL"

# session SERVER ANA BRUNO: the handout's conversation between these systems.
session() {
    echo "== a server on $1, Ana on $2, Bruno on $3"
    serve "server-$1" "$1" 3
    server=$pid
    start "ana-$1" "$2" peer --lang pt --stay --keepalive 3 --server "$address"
    ana=$pid
    type "ana-$1" Ana
    await "server-$1.err" 'event=join name="Ana"'
    start "bruno-$1" "$3" peer Bruno --lang pt --stay --keepalive 3 --server "$address"
    bruno=$pid
    await "server-$1.err" 'event=join name="Bruno"'
    type "bruno-$1" /list
    await "bruno-$1.out" 'Ativos (além de você): Ana'
    type "bruno-$1" '/chat Ana'
    await "bruno-$1.out" '^Conectado a Ana'
    await "ana-$1.out" '^Conectado a Bruno'
    type "bruno-$1" 'Oi Ana! Ação, 你好 🎉'
    await "ana-$1.out" '^Bruno: Oi Ana! Ação, 你好 🎉$'
    type "ana-$1" 'Tudo bem, João?'
    await "bruno-$1.out" '^Ana: Tudo bem, João?$'
}

# The rest of it, when KEEPs have had to come in between.
goodbye() {
    echo "== the end with a server on $1"
    "$papo" who "$address" >"$dir/who.out"
    [ "$(tr '\n' ' ' <"$dir/who.out")" = "Ana Bruno " ] || fail "not both are online after 12 s"
    type "bruno-$1" /bye
    await "ana-$1.out" 'Bruno encerrou a conversa'
    type "bruno-$1" /exit
    ended "$bruno" 0 Bruno
    await "server-$1.err" 'event=leave name="Bruno".*reason=closed'
    # Ctrl-C: Wine makes one of SIGINT, and a shell's background processes on Unix ignore it.
    if [ "$2" = win ]; then kill -INT "$ana"; else kill -TERM "$ana"; fi
    ended "$ana" 0 Ana
    await "server-$1.err" 'event=leave name="Ana".*reason=closed'
    if [ "$1" = win ]; then kill -INT "$server"; else kill -TERM "$server"; fi
    ended "$server" 0 "the server"
    await "server-$1.err" event=stopped
}

began=$(date +%s)
session win lin win
server_win=$server ana_win=$ana bruno_win=$bruno address_win=$address
session lin win lin
server_lin=$server ana_lin=$ana bruno_lin=$bruno address_lin=$address

echo "== a text to one person"
expect 0 win send Ana 'um recado' --from Zoé --server "$address_win" --lang pt
await ana-win.out '^Zoé: um recado$'
expect 1 win send Nobody oi --from Zoé --server "$address_lin" --lang en
has "not online"

echo "== a port that is in use"
expect 1 win server --listen "$address_win" --lang en
has "cannot listen"

echo "== load, and the handout's rules"
serve server-load win 5
load=$pid
expect 0 lin load "$address" --clients 10 --seconds 1
expect 0 win load "$address" --clients 10 --seconds 1
expect 0 lin check server "$address" --lang en
has " 0 ✗ broken"
expect 0 win check server "$address" --only connect,user --lang en
kill -INT "$load"
ended "$load" 0 "a server with nobody"

echo "== the services of the lab"
mkdir "$dir/www" "$dir/www/sub"
printf '<p>Olá</p>' >"$dir/www/índice.html"
printf secret >"$dir/secret.txt"
start echo win lab echo --listen 127.0.0.1:0
echo_pid=$pid
await echo.err listens
port() { sed -n 's/.*listens on 127.0.0.1:\([0-9]*\).*/\1/p' "$dir/$1.err"; }
for transport in "" --udp; do
    printf 'ação\nEXIT\n' >"$dir/typed"
    # shellcheck disable=SC2086
    timeout 20 "$papo" lab client "127.0.0.1:$(port echo)" $transport <"$dir/typed" >"$dir/command.out" ||
        fail "the client of echo $transport"
    has '^ação$'
done
kill -INT "$echo_pid"
ended "$echo_pid" 0 "lab echo"
start daytime win lab daytime --listen 127.0.0.1:0
await daytime.err listens
timeout 20 "$papo" lab client "127.0.0.1:$(port daytime)" </dev/null >"$dir/command.out" || fail daytime
has "$(date -u +%Y)"
start reverse lin lab echo --listen 127.0.0.1:0
await reverse.err listens
printf 'olá do Windows\nEXIT\n' >"$dir/typed"
"$wine" "$dir/papo.exe" lab client "127.0.0.1:$(port reverse)" <"$dir/typed" >"$dir/command.out" ||
    fail "the client on Windows"
has '^olá do Windows$'
start web win lab web --root "$dir/www" --listen 127.0.0.1:0
await web.err listens
# ask PATH STATUS: HTTP by the lab's own client, which closes when the answer is there.
ask() {
    printf 'GET %s HTTP/1.0\n\n' "$1" >"$dir/typed"
    { cat "$dir/typed"; sleep 1; } | timeout 20 "$papo" lab client "127.0.0.1:$(port web)" \
        >"$dir/command.out" 2>"$dir/command.err" || true
    has "^HTTP/1.1 $2"
}
ask "/%C3%ADndice.html" 200
has '<p>Olá</p>'
ask /sub 301
ask /none 404
ask /..%5Csecret.txt 404
ask /CON 404
ask "/%C3%ADndice.html." 404
ask "/%C3%ADndice.html::%24DATA" 404
ask /../secret.txt 403
# A link of Windows cannot be tried here: Wine follows those of Unix unseen.

echo "== the handout's table"
expect 0 win demo --lang pt
has 'Tudo aconteceu como na tabela do enunciado'

# A client that is silent for 9 s is expelled: both servers have heard KEEPs by now.
while [ $(($(date +%s) - began)) -lt 13 ]; do sleep 1; done
server=$server_win ana=$ana_win bruno=$bruno_win address=$address_win
goodbye win lin
server=$server_lin ana=$ana_lin bruno=$bruno_lin address=$address_lin
goodbye lin win

# A console: script(1) has a pseudo-terminal, and Wine makes a console of it.
if ! command -v script >/dev/null; then
    echo "SKIPPED: no console is tried: there is no script(1)"
else
    echo "== a console"
    serve server-console lin 5
    mkfifo "$dir/console.keys"
    sleep 60 >"$dir/console.keys" &
    running="$running $!"
    script -qefc "'$wine' '$dir/papo.exe' peer --lang pt --server $address" /dev/null \
        <"$dir/console.keys" >"$dir/console.out" 2>"$dir/console.err" &
    console=$!
    running="$running $console"
    await console.out 'Nome de'
    printf 'José\r' >"$dir/console.keys"
    await server-console.err 'event=join name="José"'
    start rita lin peer Rita --lang pt --stay --server "$address"
    await server-console.err 'event=join name="Rita"'
    type rita '/chat José'
    type rita 'olá, ação'
    await console.out 'ação'
    printf 'não é? ção\r' >"$dir/console.keys"
    await rita.out '^José: não é? ção$'
    printf '\003' >"$dir/console.keys"
    ended "$console" 0 "a peer at a console, by Ctrl-C,"
fi

echo "papo.exe and papo have talked, in both directions."
