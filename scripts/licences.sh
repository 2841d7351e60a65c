#!/usr/bin/env bash
# Holds every dependency of the library and the command line to deny.toml: licences, sources, and known faults where their
# list can be had.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.cache/tools/bin:$PATH"

scripts/cargo-tool.sh cargo-deny 0.20.2 0
cargo-deny --locked check bans licenses sources

# The list of known faults is fetched from GitHub; a machine that cannot reach it says so and goes on.
if ! output=$(cargo-deny --locked check advisories 2>&1); then
  if grep -q 'failed to fetch advisory database' <<<"$output"; then
    echo "skipped: the list of known faults cannot be fetched"
  else
    echo "$output"
    exit 1
  fi
fi
