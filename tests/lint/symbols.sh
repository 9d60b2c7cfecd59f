#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No global function of ours may bear the name of one in libc or a library we link: ours would be called instead.
# usage: symbols.sh BUILD_DIR
set -eu
build=$1
ours=$(mktemp)
theirs=$(mktemp)
trap 'rm -f "$ours" "$theirs"' EXIT
find "$build/core" "$build/mock" "$build/runner" "$build/cli" -name '*.o' ! -path '*unit_*' ! -name 'civetweb_unit*' -print0 |
    xargs -0 -r nm -g --defined-only 2>/dev/null | awk '$2 ~ /[TDB]/ && $3 != "main" { print $3 }' | sort -u >"$ours"
for library in libc.so.6 libm.so.6 libssl.so.3 libcrypto.so.3 libcurl.so.4 libyaml-0.so.2 libpcre2-8.so.0 libcjson.so.1; do
    path=$(ldconfig -p | awk -v name="$library" '$1 == name { print $NF; exit }')
    [ -n "$path" ] && nm -D --defined-only "$path" | awk '$2 ~ /[TWiVD]/ { sub(/@.*/, "", $3); print $3 }'
done | sort -u >"$theirs"
if [ ! -s "$ours" ] || [ ! -s "$theirs" ]; then
    echo "symbols: found no symbols to compare in $build" >&2
    exit 1
fi
clashes=$(comm -12 "$ours" "$theirs")
if [ -n "$clashes" ]; then
    echo "names that a library has already:" >&2
    echo "$clashes" >&2
    exit 1
fi
echo "symbols: $(wc -l <"$ours") names of ours, none taken from a library"
