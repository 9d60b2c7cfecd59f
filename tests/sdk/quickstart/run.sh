#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh BINARY [words]: the quick-start programs of the services' installed clients against the mock.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tools=$here/../../../build/tools
python=$tools/venv-sdk/bin/python
if ! "$python" -c 'import azure.identity' 2>/dev/null || [ ! -x "$tools/node22/bin/node" ] || [ ! -d "$here/../node/node_modules/oz-agent-sdk" ]; then
    echo 'sdk.quickstart: the clients are not installed: skipped (./dev setup installs them)'
    exit 77
fi
exec "$python" -B "$here/quickstart.py" "$@"
