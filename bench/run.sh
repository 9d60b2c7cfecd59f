#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Measures the mock against its floor, both in one run: bench/run.sh [--quick] [--runs N,N] [--rounds N]
# [--seconds N] [--connections N] [--lists N]. The programs come from the release build, or from $DRYRUN_BENCH_BUILD.
# Ratios of CPU time are what counts: seconds and requests a second differ from machine to machine.
set -eu
cd "$(dirname "$0")/.."
build=${DRYRUN_BENCH_BUILD:-build/release}
for tool in wrk python3; do
    command -v "$tool" >/dev/null 2>&1 || {
        echo "bench: $tool is missing: run './dev setup'" >&2
        exit 2
    }
done
dryrun=${DRYRUN_BENCH_DRYRUN:-$(find "$build" -maxdepth 2 -name dryrun -type f -perm -100 | head -n 1)}
raw=$build/bench/bench_raw
[ -n "$dryrun" ] && [ -x "$raw" ] || {
    echo "bench: no programs in '$build': run './dev build'" >&2
    exit 2
}
exec python3 bench/measure.py --dryrun "$dryrun" --raw "$raw" "$@"
