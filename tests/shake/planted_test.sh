#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# planted_test.sh LIBRARY PROGRAM: a seed brings the planted mistake up; who is not meant is never delayed.
set -eu
library=$1
program=$2
runs=100

refuse() {
    echo "shake: $*"
    exit 1
}

# shaken SEED [VARIABLE=VALUE...]: what the program prints, "DELAYS" or "DELAYS late".
shaken() {
    seed=$1
    shift
    env LD_PRELOAD="$library" SHAKE_SEED="$seed" "$@" "$program"
}

seed=0 delayed=0
until [ "${told:-}" = late ]; do
    seed=$((seed + 1))
    [ "$seed" -le 1000 ] || refuse 'no seed shows the mistake'
    printed=$(shaken $seed SHAKE_PROGRAMS=other,plan)
    count=${printed%% *} told=${printed#* }
    [ "$count" -eq 0 ] || delayed=$((delayed + 1))
done
[ $delayed -gt 0 ] || refuse 'it never delays'
echo "seed $seed shows the mistake; $delayed of those up to it delayed the program"

for unmeant in SHAKE_PROGRAMS=other SHAKE_LONGEST=0; do
    for seed in $(seq $runs); do
        printed=$(shaken "$seed" $unmeant)
        [ "${printed%% *}" = 0 ] || refuse "with $unmeant seed $seed delays: $printed"
    done
done
for _ in $(seq $runs); do
    printed=$(env LD_PRELOAD="$library" "$program")
    [ "${printed%% *}" = 0 ] || refuse "without a seed it delays: $printed"
done
echo "shake: $((runs * 3 + 1)) cases"
