#!/usr/bin/env bash
# Builds the npm package pkg/: the crate as WebAssembly with its JavaScript and types.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.cache/tools/bin:$PATH"

scripts/tools.sh
wasm-pack build --release --target web --mode no-install -- --locked

# The features are those that rustc's wasm32 target and .cargo/config.toml turn on.
module=pkg/latent_canvas_bg.wasm
npx wasm-opt -O3 --enable-simd --enable-bulk-memory --enable-mutable-globals --enable-multivalue \
  --enable-nontrapping-float-to-int --enable-reference-types --enable-sign-ext \
  "$module" -o "$module.optimized"
mv "$module.optimized" "$module"
