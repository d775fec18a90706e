#!/bin/sh
# axe-core for the tests of accessibility, by npm, into tests/axe/node_modules: the version and digest of
# tests/axe/package-lock.json, nothing else. Where npm is missing it comes from Debian's packages.
set -eu
cd "$(dirname "$0")/axe"
if ! command -v npm >/dev/null; then
    run=""
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "npm is missing and this user may not install it: apt-get install npm" >&2; exit 1; }
        run="sudo"
    fi
    command -v apt-get >/dev/null || { echo "npm is missing: install it with this system's package manager" >&2; exit 1; }
    $run apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $run apt-get install -qq --yes --no-install-recommends npm
fi
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
