#!/bin/sh
# need.sh PROGRAM PACKAGE…: require a program; install its Debian packages if it is missing and we are root.
set -eu
program=$1
shift
command -v "$program" >/dev/null && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq || true
    apt-get install -qq -y --no-install-recommends "$@" >/dev/null || true
    command -v "$program" >/dev/null && exit 0
fi
echo "this target needs $program: install it (Debian: apt-get install $*) and try again" >&2
exit 1
