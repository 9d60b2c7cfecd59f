#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# try.sh CLIENT: the client under each plan, in a world of its own. Ends with 1 unless it survived them all.
set -eu
failed=0
for plan in plans/*.yaml; do
    verdict=$(dryrun exec warp --clock virtual --faults "$plan" -- python3 survive.py "$1") || failed=1
    printf '%-14s %s\n' "$(basename "$plan" .yaml)" "$verdict"
done
exit "$failed"
