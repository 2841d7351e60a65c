#!/usr/bin/env bash
# rustdoc with its unstable switches, of which scripts/public-api.mjs needs the one for JSON.
RUSTC_BOOTSTRAP=1 exec rustdoc "$@"
