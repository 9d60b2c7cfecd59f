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
if [ $# -eq 0 ]; then set -- discover --pattern 'test_*.py'; fi
exec "$python" -m unittest "$@"
