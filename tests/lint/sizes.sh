#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One idea a file: at most 600 lines, better 400. (Functions: readability-function-size in .clang-tidy.)
set -eu
. "$(dirname "$0")/lib.sh"

most=600
better=400
for file in $(files '*.c' '*.h' '*.sh' '*.py' '*.cmake'); do
    lines=$(wc -l <"$file")
    if [ "$lines" -gt "$most" ]; then
        report "$file:$lines: $lines lines, at most $most"
    elif [ "$lines" -gt "$better" ]; then
        echo "$file:$lines: warning: $lines lines, better at most $better"
    fi
done
finish
