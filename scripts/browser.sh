#!/usr/bin/env bash
# Makes a Chromium and its WebDriver ready for the browser tests.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
command -v chromium >/dev/null || missing+=(chromium fonts-liberation)
command -v chromedriver >/dev/null || missing+=(chromium-driver)
if ((${#missing[@]})); then
  scripts/apt-install.sh "the browser that the tests drive" "${missing[@]}"
fi
