#!/usr/bin/env bash
# apt-install.sh WHY PACKAGE...: installs Debian packages where it may (as root, or with a sudo that
# asks nothing); otherwise says which command to run.
set -euo pipefail

readonly why=$1
shift
if [[ $(id -u) == 0 ]]; then
  as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  echo "Missing: $why. Install it with: sudo apt-get install $*" >&2
  exit 1
fi
if ! command -v apt-get >/dev/null; then
  echo "Missing: $why. There is no apt-get here; install these by other means: $*" >&2
  exit 1
fi

echo "installing $* ($why)"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
