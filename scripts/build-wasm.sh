#!/usr/bin/env bash
# Builds the npm package pkg/: the crate as WebAssembly with its JavaScript and types, in five builds. npm/ has the rest of it.
#
#   pkg/          simd128: for every browser
#   pkg/relaxed/  relaxed-simd, which multiplies and adds in one instruction
#   pkg/threads/  relaxed-simd and threads: for pages that are isolated from other origins
#   pkg/viewer/, pkg/viewer-relaxed/  the first two without training and without other families than the VAE: smaller
#
# The same sources and the same API; whoever loads them chooses by feature detection.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.cache/tools/bin:$PATH"

readonly target=wasm32-unknown-unknown
readonly wasm="$target/wasm/latent_canvas.wasm"

# with_flags FLAG...: rustc's flags beside those in .cargo/config.toml, as cargo's command line takes them.
with_flags() {
  local list
  list=$(printf '"%s",' "$@")
  printf 'target.%s.rustflags=[%s]' "$target" "${list%,}"
}

# finish FOLDER: what wasm-bindgen has made becomes a build of the package.
finish() {
  node scripts/slim-wasm.mjs "$1/latent_canvas_bg.wasm"
  node scripts/glue.mjs "$1"
}

# pack WASM FOLDER: what cargo has built becomes a package there.
pack() {
  rm -rf "$2"
  wasm-bindgen --target web --out-dir "$2" "$1"
  finish "$2"
}

scripts/tools.sh

wasm-pack build --profile wasm --target web --mode no-install -- --locked
finish pkg
readonly build=(cargo build --profile wasm --lib --target "$target" --locked)
"${build[@]}" --no-default-features
pack "target/$wasm" pkg/viewer

readonly relaxed=(--config "$(with_flags -Ctarget-feature=+relaxed-simd)")
"${build[@]}" "${relaxed[@]}"
pack "target/$wasm" pkg/relaxed
"${build[@]}" "${relaxed[@]}" --no-default-features
pack "target/$wasm" pkg/viewer-relaxed

# Threads need the standard library built with atomics, for which stable Rust has no switch of its own.
# The variable that gives one would make cargo build everything else anew each time, were it not kept apart.
if [[ -d $(rustc --print sysroot)/lib/rustlib/src/rust/library ]]; then
  RUSTC_BOOTSTRAP=1 cargo build --profile wasm --lib --target "$target" --locked --features threads \
    -Z build-std=std,panic_abort --target-dir target/threads \
    --config "$(with_flags -Ctarget-feature=+relaxed-simd,+atomics,+bulk-memory \
      -Clink-arg=--shared-memory -Clink-arg=--import-memory -Clink-arg=--max-memory=1073741824 \
      -Clink-arg=--export=__wasm_init_tls -Clink-arg=--export=__tls_size \
      -Clink-arg=--export=__tls_align -Clink-arg=--export=__tls_base)"
  pack "target/threads/$wasm" pkg/threads
else
  echo "Rust's own sources are not installed (rustup component add rust-src): no build with threads."
  rm -rf pkg/threads
fi

node scripts/npm-package.mjs
