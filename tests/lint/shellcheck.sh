#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every shell script, whatever its name, is clean under shellcheck.
set -eu
. "$(dirname "$0")/lib.sh"
need shellcheck

scripts=$(for file in $(files '*'); do
    case $file in
    *.sh) echo "$file" ;;
    *.*) [ "$file" = .ci/run ] && echo "$file" || true ;;
    *) head -n 1 "$file" | tr -d '\000' | grep -qE '^#!.*[/ ](sh|bash|dash)( |$)' && echo "$file" || true ;;
    esac
done)
if [ -n "$scripts" ]; then
    # shellcheck disable=SC2086 # file names of ours have no spaces
    shellcheck --external-sources --source-path=SCRIPTDIR $scripts || report 'shellcheck found something'
fi
seen="$(printf '%s\n' "$scripts" | wc -l) scripts"
finish
