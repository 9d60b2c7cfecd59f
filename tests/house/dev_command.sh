#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ./dev says what it can do, and a mistake ends it with one line and a failure.
set -eu
dev=$1/dev

help=$("$dev" help)
for command in setup build run test fmt lint bench fuzz shake help; do
    printf '%s\n' "$help" | grep -qE "^  $command " || {
        echo "dev help does not tell of '$command'"
        exit 1
    }
done

# refuses 'what it says' arguments...
refuses() {
    part=$1
    shift
    if output=$("$dev" "$@" 2>&1); then
        echo "dev $* did not fail"
        exit 1
    fi
    printf '%s\n' "$output" | grep -qF -e "$part" || {
        printf '%s\n' "dev $* said: $output"
        exit 1
    }
}
refuses "unknown command 'tset'" tset
refuses "unknown part 'all'" setup all
refuses "the seed is a number, not 'x1'" shake x1
echo 'dev_command: ok'
