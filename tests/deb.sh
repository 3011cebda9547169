#!/bin/sh
# The Debian package in a fresh Debian root: it installs, a server and two peers talk, its pages and
# units are there, and nothing of it stays when it is removed.
#
# Usage: tests/deb.sh PATH-OF-DEB. Says SKIPPED without root, debootstrap or a Debian mirror.
# SUITE=bookworm MIRROR=http://... choose another Debian than the one of this host.
set -eu

deb=$1
skip() {
    echo "SKIPPED: the package in a fresh Debian: $1"
    exit 0
}
[ "$(id -u)" = 0 ] || skip "debootstrap and chroot need root"
command -v debootstrap >/dev/null || skip "apt-get install debootstrap"

suite=${SUITE:-$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)}
mirror=${MIRROR:-http://deb.debian.org/debian}
work=$(mktemp -d)
root=$work/root
server= ana=
trap 'kill $server $ana 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

fail() {
    echo "FAILED: $1"
    [ ! -f "${2:-}" ] || cat "$2"
    exit 1
}

# Waits until a file has a line like this; twenty seconds at most.
await() {
    for _ in $(seq 200); do
        ! grep -qs "$1" "$2" || return 0
        sleep 0.1
    done
    fail "no line like \"$1\" came, but:" "$2"
}

inside() {
    LC_ALL=C chroot "$root" "$@"
}

debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$work/log" 2>&1 ||
    skip "debootstrap of $suite from $mirror: $(tail -n 1 "$work/log")"
cp "$deb" "$root/papo.deb"
inside dpkg -i /papo.deb >"$work/log" 2>&1 || fail "dpkg -i" "$work/log"

version=$(inside dpkg-query -W -f '${Version}' papo)
said=$(inside papo --version)
[ "papo ${version%-*}" = "$said" ] || fail "the package is $version, and the program says $said"
inside dpkg -L papo >"$work/files"
for file in man/man1/papo-server.1.gz man/pt_BR/man1/papo-peer.1.gz doc/papo/copyright \
    doc/papo/THIRD-PARTY bash-completion/completions/papo zsh/site-functions/_papo \
    fish/vendor_completions.d/papo.fish; do
    grep -q "^/usr/share/$file$" "$work/files" || fail "no $file in the package" "$work/files"
done
for unit in papo.service papo.socket; do
    grep -q "^/usr/lib/systemd/system/$unit$" "$work/files" || fail "no $unit" "$work/files"
done
grep -q '^ExecStart=/usr/bin/papo ' "$root/usr/lib/systemd/system/papo.service" ||
    fail "the unit starts another program than the package's"

# Not by way of a function: the shell would put a process of its own before it, and kill that one.
chroot "$root" papo server --listen 127.0.0.1:0 2>"$work/server" &
server=$!
await event=listening "$work/server"
address=$(sed -n '/event=listening/s/.*address=\([^ ]*\).*/\1/p' "$work/server")
# Ana's input stays open, so that she stays.
mkfifo "$work/keyboard"
chroot "$root" papo peer Ana --lang en --server "$address" <"$work/keyboard" >"$work/ana" 2>&1 &
ana=$!
exec 3>"$work/keyboard"
await 'name="Ana"' "$work/server"
printf '/chat Ana\nOi Ana!\n' |
    inside papo peer Bruno --lang en --server "$address" >"$work/bruno" 2>&1 ||
    fail "Bruno" "$work/bruno"
await '^Bruno: Oi Ana!$' "$work/ana"
exec 3>&-
wait "$ana" || fail "Ana did not leave in order" "$work/ana"
kill "$server"
wait "$server" || fail "the server did not end in order" "$work/server"
server= ana=

inside dpkg -P papo >"$work/log" 2>&1 || fail "dpkg -P" "$work/log"
# A folder may be somebody else's, too. A file may not.
while read -r path; do
    [ ! -f "$root$path" ] || fail "$path stays behind"
done <"$work/files"
echo "$said has been installed in a fresh Debian ($suite), talked there, and was removed."
