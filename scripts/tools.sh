#!/usr/bin/env bash
# Makes the Rust-to-wasm tools ready: the wasm32 target, Rust's own sources, wasm-pack, and the
# wasm-bindgen that fits Cargo.lock. What is on PATH in the right version is used; what is missing is built from its
# sources into the user's cache folder, once for every checkout, and linked into .cache/tools/bin. Nothing else of the
# user's is changed.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly wasm_pack_version=0.15.1
readonly target=wasm32-unknown-unknown
readonly links="$PWD/.cache/tools/bin"
readonly built="${XDG_CACHE_HOME:-$HOME/.cache}/latent-canvas"
export PATH="$links:$PATH"

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

# install CRATE VERSION OPTIMISATION: builds a tool, where no checkout has done it before, and links its programs. The
# tools run for seconds, so a quick build beats a fast program. Should a registry mirror lag behind the tool's own lock
# file, the newest dependencies that it has will do.
install() {
  local folder="$built/$1-$2"
  # cargo writes its list when all is in its place; a program that was built on another system may not run here.
  if [[ ! -e $folder/.crates.toml ]] || ! "$folder/bin/${1%-cli}" --version &>/dev/null; then
    echo "building $1 $2 (once, a few minutes)"
    export CARGO_PROFILE_RELEASE_OPT_LEVEL=$3
    local command=(cargo install "$1" --version "=$2" --force --quiet --root "$folder")
    "${command[@]}" --locked || {
      echo "A registry that lags does that; trying again without the lock file of $1"
      "${command[@]}"
    }
  fi
  mkdir -p "$links"
  ln -sf "$folder"/bin/* "$links"
}
# Of this checkout: another one may build the same tool at the same time.
export CARGO_TARGET_DIR="$PWD/.cache/tools/target"
export CARGO_PROFILE_RELEASE_LTO=false CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16

has wasm-bindgen "$wasm_bindgen_version" && has wasm-bindgen-test-runner "$wasm_bindgen_version" ||
  install wasm-bindgen-cli "$wasm_bindgen_version" 1
has wasm-pack "$wasm_pack_version" || install wasm-pack "$wasm_pack_version" 0
rm -rf "$CARGO_TARGET_DIR"
