#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh BINARY CASE: what the README of an example says is run, and what it prints is compared.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
DRYRUN_BIN=$(realpath "$1")
export DRYRUN_BIN
tools=$here/../../build/tools
python=$tools/venv-sdk/bin/python
if ! "$python" -c 'import pytest, oz_agent_sdk' 2>/dev/null || [ ! -x "$tools/node22/bin/node" ] ||
    [ ! -d "$here/../sdk/node/node_modules/vitest" ]; then
    echo 'examples: what they use is not installed: skipped (./dev setup installs it)'
    exit 77
fi
exec "$python" -B "$here/test_examples.py" "$2"
