#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The smallest bench runs to its end and prints every row. No number is judged here.
set -eu
cd "$(dirname "$0")/.."
command -v wrk >/dev/null 2>&1 || {
    echo "skipped: wrk is missing"
    exit 77
}
shown=$(bench/run.sh --quick)
printf '%s\n' "$shown"
missing=0
for row in 'get (200)' 'list (200)' 'create (200)' 'memory idle:' 'start to first 200:' 'stop with 100 idle'; do
    printf '%s\n' "$shown" | grep -qF "$row" || {
        echo "no row '$row'"
        missing=$((missing + 1))
    }
done
echo "6 cases, $missing failed"
[ "$missing" -eq 0 ]
