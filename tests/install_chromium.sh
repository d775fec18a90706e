#!/bin/sh
# Chromium for the browser tests, from Debian's packages, and a font with Han glyphs to look at.
set -eu
run=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "Chromium is missing and this user may not install it: apt-get install chromium fonts-noto-cjk" >&2; exit 1; }
    run="sudo"
fi
command -v apt-get >/dev/null || { echo "Chromium is missing: install it with this system's package manager" >&2; exit 1; }
$run apt-get update -qq
DEBIAN_FRONTEND=noninteractive $run apt-get install -qq --yes --no-install-recommends chromium fonts-noto-cjk
