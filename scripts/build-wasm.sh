#!/usr/bin/env bash
# Builds the npm package pkg/: the crate as WebAssembly with its JavaScript and types.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.cache/tools/bin:$PATH"

scripts/tools.sh
wasm-pack build --release --target web --mode no-install -- --locked
