#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh BINARY [PROVIDER...]: Redocly's Respect, another runner of Arazzo, plays our scenarios against the mock.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
DRYRUN_BIN=$(realpath "$1")
export DRYRUN_BIN
shift
node=$here/../../../../build/tools/node22/bin/node
if [ ! -x "$node" ] || [ ! -d "$here/../node_modules/@redocly/cli" ]; then
    echo 'sdk.respect: Respect is not installed: skipped (./dev setup installs it)'
    exit 77
fi
exec "$node" "$here/respect.mjs" "$@"
