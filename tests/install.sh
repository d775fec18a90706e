#!/bin/sh
# What the tests need from Debian's packages: `sh tests/install.sh WHAT PACKAGE…`, WHAT as people call it.
set -eu
what="$1"
shift
run=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "$what is missing and this user may not install it: apt-get install $*" >&2; exit 1; }
    run="sudo"
fi
command -v apt-get >/dev/null || { echo "$what is missing: install it with this system's package manager" >&2; exit 1; }
$run apt-get update -qq
# RUNLEVEL: a server among them is not to be started as a service.
$run env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq --yes --no-install-recommends "$@"
