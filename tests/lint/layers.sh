#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Includes follow the arrows of docs/ARCHITECTURE.md and no others, and each outside library is
# included in its one place.
set -eu
. "$(dirname "$0")/lib.sh"

# layer, and the layers that it may see beside itself
arrows='
core/base
core/data core/base
core/schema core/base core/data
core/expr core/base core/data
core/contract core/base core/data core/schema core/expr
core/lifecycle core/base core/data core/schema core/expr
core/provider core/base core/data core/schema core/expr core/contract core/lifecycle
core/graph core/base core/data core/schema core/expr core/contract core/lifecycle core/provider
core/net core/base
core/tape core/base core/data core/net
mock/world core/base
mock mock/world core/base core/data core/schema core/expr core/contract core/lifecycle core/provider core/graph core/net core/tape
runner core/base core/data core/schema core/expr core/contract core/lifecycle core/provider core/graph core/net core/tape
cli core/base core/data core/schema core/expr core/contract core/lifecycle core/provider core/graph core/net core/tape mock mock/world runner
tests/fuzz core/base core/data core/schema core/expr core/contract core/lifecycle core/provider core/graph core/net core/tape mock mock/world runner
tests/oracle
'
# header, and the paths that may include it (extended regular expressions, anchored at the start)
libraries='
civetweb\. core/net/|bench/
curl/ core/net/|bench/
openssl/ core/net/|tests/unit/core/net/|bench/
yaml\.h core/data/yaml\.c$
pcre2\.h core/data/pattern\.c$
unicode/ core/expr/[a-z_]*zone[a-z_]*\.c$
ut(hash|list|array|string)\.h core/base/map\.c$
cjson/ core/data/tree\.h$|tests/lint/tidy_models\.h$
cmocka\.h tests/unit/cmocka_all\.h$
getopt\.h core/base/options\.c$
'

listed=$(files '*.c' '*.h')
# shellcheck disable=SC2086 # file names of ours have no spaces
report "$(awk -v arrows="$arrows" -v libraries="$libraries" '
    BEGIN {
        rows = split(arrows, row, "\n")
        for (i = 1; i <= rows; i++) {
            words = split(row[i], word, " ")
            if (!words) continue
            layers[++layer_count] = word[1]
            for (j = 1; j <= words; j++) may[word[1], word[j]] = 1
        }
        rows = split(libraries, row, "\n")
        for (i = 1; i <= rows; i++)
            if (split(row[i], word, " ") == 2) { header[++header_count] = word[1]; home[header_count] = word[2] }
    }
    # The layer that a path belongs to; the tests of a layer are held to its arrows.
    function layer_of(path,   i) {
        sub(/^tests\/unit\//, "", path)
        for (i = 1; i <= layer_count; i++)
            if (index(path, layers[i] "/") == 1) return layers[i]
        return ""
    }
    function complain(text) { print FILENAME ":" FNR ": " text }
    /^[ \t]*#[ \t]*include[ \t]*[<"]/ {
        name = $0
        sub(/^[^<"]*[<"]/, "", name)
        sub(/[>"].*$/, "", name)
        for (i = 1; i <= header_count; i++)
            if (name ~ "^" header[i]) {
                if (FILENAME !~ "^(" home[i] ")")
                    complain("'\''" name "'\'' may be included only in " home[i])
                next
            }
        if ($0 !~ /"/) next
        if (name !~ /^(core|mock|runner|cli|tests|bench)\//) {
            complain("'\''" name "'\'' is not written from the root")
            next
        }
        from = layer_of(FILENAME); to = layer_of(name)
        if (name ~ /^tests\// && FILENAME !~ /^tests\//)
            complain("only tests include '\''" name "'\''")
        else if (from != "" && to != "" && !((from, to) in may))
            complain(from " must not see " to " ('\''" name "'\'')")
    }' $listed /dev/null)"
seen="$(printf '%s\n' "$listed" | wc -l) files"
finish
