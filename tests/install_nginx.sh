#!/bin/sh
# nginx for the tests of deploy/nginx.conf, from Debian's packages. It is not to be started as a service.
set -eu
run=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "nginx is missing and this user may not install it: apt-get install nginx-light" >&2; exit 1; }
    run="sudo"
fi
command -v apt-get >/dev/null || { echo "nginx is missing: install it with this system's package manager" >&2; exit 1; }
$run apt-get update -qq
$run env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq --yes --no-install-recommends nginx-light
