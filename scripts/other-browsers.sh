#!/usr/bin/env bash
# Makes Firefox and WebKit ready for the tests, with their WebDrivers. What may not be installed here is left out, and
# the tests that want it say so: only Chromium is needed (scripts/browser.sh).
set -uo pipefail
cd "$(dirname "$0")/.."

readonly geckodriver_version=0.37.1
readonly links="$PWD/.cache/tools/bin"
export PATH="$links:$PATH"

missing=()
command -v firefox >/dev/null || command -v firefox-esr >/dev/null || missing+=(firefox-esr)
command -v WebKitWebDriver >/dev/null || missing+=(webkit2gtk-driver)
command -v xvfb-run >/dev/null || missing+=(xvfb xauth)
if ((${#missing[@]})); then
  scripts/apt-install.sh "the other browsers that the tests drive" "${missing[@]}" || echo "Going on without."
fi

# Its driver looks for Firefox by this name, which Debian's has not.
if ! command -v firefox >/dev/null && command -v firefox-esr >/dev/null; then
  mkdir -p "$links"
  ln -sf "$(command -v firefox-esr)" "$links/firefox"
fi
if command -v firefox >/dev/null && ! geckodriver --version &>/dev/null; then
  scripts/cargo-tool.sh geckodriver "$geckodriver_version" 0 || echo "Going on without Firefox's driver."
fi
rm -rf .cache/tools/target
