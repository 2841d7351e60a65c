#!/usr/bin/env bash
# cargo-tool.sh CRATE VERSION OPTIMISATION: builds a tool from its sources into the user's cache folder, where no checkout
# has done it before, and links its programs into .cache/tools/bin. The tools run for seconds, so a quick build beats a
# fast program. Should a registry mirror lag behind the tool's own lock file, the newest dependencies that it has will do.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly crate=$1 version=$2
readonly links="$PWD/.cache/tools/bin"
readonly folder="${XDG_CACHE_HOME:-$HOME/.cache}/latent-canvas/$crate-$version"
# Of this checkout, since another one may build the same tool at the same time. Whoever calls this removes it in the end.
export CARGO_TARGET_DIR="$PWD/.cache/tools/target"
export CARGO_PROFILE_RELEASE_LTO=false CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=$3

# cargo writes its list when all is in its place; a program that was built on another system may not run here.
if [[ ! -e $folder/.crates.toml ]] || ! "$folder/bin/${crate%-cli}" --version &>/dev/null; then
  echo "building $crate $version (once, a few minutes)"
  command=(cargo install "$crate" --version "=$version" --force --quiet --root "$folder")
  "${command[@]}" --locked || {
    echo "A registry that lags does that; trying again without the lock file of $crate"
    "${command[@]}"
  }
fi
mkdir -p "$links"
ln -sf "$folder"/bin/* "$links"
