#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every C file looks as clang-format 14 would print it (./dev fmt).
set -eu
. "$(dirname "$0")/lib.sh"
need clang-format-14

listed=$(files '*.c' '*.h')
if [ -n "$listed" ]; then
    # shellcheck disable=SC2086 # file names of ours have no spaces
    clang-format-14 --dry-run -Werror --ferror-limit=1 $listed || report 'run ./dev fmt'
fi
seen="$(printf '%s\n' "$listed" | wc -l) files"
finish
