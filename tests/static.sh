#!/bin/sh
# A static papo in a root directory with nothing else in it: no C library, no /proc, no /dev.
# A server and two peers start there, and talk.
#
# Usage: tests/static.sh PATH-OF-PAPO. Without the right to change the root, it says SKIPPED.
set -eu

papo=$1
. "$(dirname "$0")/support/talk.sh"

mkdir "$work/empty" && cp "$papo" "$work/empty/papo"
if [ "$(id -u)" = 0 ]; then alone="chroot"; else alone="unshare -r chroot"; fi
status=0
said=$($alone "$work/empty" /papo --version 2>&1) || status=$?
case $status in
    0) ;;
    # Not of the program: chroot and unshare have these for what they may not do or start. Only
    # where a plain static shell could not be started either is it the machine's fault.
    *) case $said in
        *"cannot change root"* | *"unshare failed"* | *"Operation not permitted"* | *": not found"*)
            echo "SKIPPED: no chroot to test a static build in: $said"
            exit 0 ;;
        *) fail "it does not start where it is alone: $said" ;;
    esac ;;
esac

talk $alone "$work/empty" /papo
echo "A static server and two static peers have talked where there is nothing but papo."
