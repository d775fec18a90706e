#!/bin/sh
# axe-core for the tests of accessibility, by npm, into tests/axe/node_modules: the version and digest of
# tests/axe/package-lock.json, nothing else. Where npm is missing it comes from Debian's packages.
set -eu
cd "$(dirname "$0")/axe"
command -v npm >/dev/null || sh ../install.sh npm npm
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
