#!/usr/bin/env bash
# Makes the Rust-to-wasm tools ready: the wasm32 target, Rust's own sources, wasm-pack, and the
# wasm-bindgen that fits Cargo.lock. What is on PATH in the right version is used; what is missing is built from its
# sources into the user's cache folder, once for every checkout, and linked into .cache/tools/bin. Nothing else of the
# user's is changed.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly wasm_pack_version=0.15.1
readonly target=wasm32-unknown-unknown
export PATH="$PWD/.cache/tools/bin:$PATH"

wasm_bindgen_version=$(awk '$0 == "name = \"wasm-bindgen\"" { found = 1 }
  found && $1 == "version" { gsub(/"/, "", $3); print $3; exit }' Cargo.lock)
readonly wasm_bindgen_version
if [[ -z $wasm_bindgen_version ]]; then
  echo "Cargo.lock names no wasm-bindgen; it cannot be told which wasm-bindgen-cli fits." >&2
  exit 1
fi

if ! command -v cargo >/dev/null; then
  echo "cargo is not on PATH. Install Rust with rustup, then run this again." >&2
  exit 1
fi
if ! node --eval 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' 2>/dev/null; then
  echo "Node.js 20 or later is needed; here is $(node --version 2>/dev/null || echo none)." >&2
  exit 1
fi
if ! command -v cc >/dev/null; then
  scripts/apt-install.sh "a C compiler, which Rust links with" gcc libc6-dev
fi

if [[ ! -d $(rustc --print target-libdir --target "$target") ]]; then
  if ! command -v rustup >/dev/null; then
    echo "Rust's $target target is missing and there is no rustup to add it with." >&2
    exit 1
  fi
  rustup target add "$target"
fi

# The build with threads compiles the standard library anew; without its sources there is no such build.
if [[ ! -d $(rustc --print sysroot)/lib/rustlib/src/rust/library ]] && command -v rustup >/dev/null; then
  rustup component add rust-src || echo "Going on without Rust's own sources, and without threads."
fi

# has COMMAND VERSION: is COMMAND on PATH, in that version?
has() {
  local found
  found=$("$1" --version 2>/dev/null) && [[ $(awk '{ print $2 }' <<<"$found") == "$2" ]]
}

has wasm-bindgen "$wasm_bindgen_version" && has wasm-bindgen-test-runner "$wasm_bindgen_version" ||
  scripts/cargo-tool.sh wasm-bindgen-cli "$wasm_bindgen_version" 1
has wasm-pack "$wasm_pack_version" || scripts/cargo-tool.sh wasm-pack "$wasm_pack_version" 0
rm -rf .cache/tools/target
