#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh BINARY [arguments of node --test]: drives the services' Node clients against the mock.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
DRYRUN_BIN=$(realpath "$1")
export DRYRUN_BIN
shift
node=$here/../../../build/tools/node22/bin/node
if [ ! -x "$node" ] || [ ! -d "$here/node_modules/oz-agent-sdk" ]; then
    echo 'sdk.node: the clients are not installed: skipped (./dev setup installs them)'
    exit 77
fi
cd "$here"
if [ $# -gt 0 ]; then exec "$node" --test --test-force-exit --test-reporter=spec "$@" ./*.test.mjs; fi

# What reached what is written down, and contracts/*/clients.yaml is held against it.
DRYRUN_REACHED=$(mktemp)
export DRYRUN_REACHED
trap 'rm -f "$DRYRUN_REACHED"' EXIT
"$node" --test --test-force-exit --test-reporter=spec ./*.test.mjs
python3 -B ../reach.py node "$DRYRUN_REACHED"
