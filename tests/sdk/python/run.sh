#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh BINARY [unittest arguments]: drives the services' Python clients against the mock.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
DRYRUN_BIN=$(realpath "$1")
export DRYRUN_BIN PYTHONDONTWRITEBYTECODE=1
shift
python=$here/../../../build/tools/venv-sdk/bin/python
if ! "$python" -c 'import oz_agent_sdk' 2>/dev/null; then
    echo 'sdk.python: the clients are not installed: skipped (./dev setup installs them)'
    exit 77
fi
cd "$here"
if [ $# -gt 0 ]; then exec "$python" -m unittest "$@"; fi

# Each file by itself, so that it is known what reached what; then contracts/*/clients.yaml is held against it.
DRYRUN_REACHED=$(mktemp)
export DRYRUN_REACHED
trap 'rm -f "$DRYRUN_REACHED"' EXIT
failed=0
for file in test_*.py; do
    echo "$file"
    "$python" noted.py "$file" || failed=1
done
[ "$failed" -eq 0 ]
"$python" ../reach.py python "$DRYRUN_REACHED"
