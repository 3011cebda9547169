#!/bin/sh
# The Debian package in a fresh Debian root: it installs, a server and two peers talk, its pages and
# units are there, and no file stays after its removal.
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
. "$(dirname "$0")/support/talk.sh"
root=$work/root

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

export LC_ALL=C
talk chroot "$root" papo

inside dpkg -P papo >"$work/log" 2>&1 || fail "dpkg -P" "$work/log"
# A folder may belong to another package, too. A file may not.
while read -r path; do
    [ ! -f "$root$path" ] || fail "$path stays behind"
done <"$work/files"
echo "$said has been installed in a fresh Debian ($suite), talked there, and was removed."
