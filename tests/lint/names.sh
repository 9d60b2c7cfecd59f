#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Nothing in the tree depends on the machine that it was written on: no absolute paths of a
# workplace, no host of a package registry, and no unfinished business.
set -eu
. "$(dirname "$0")/lib.sh"

# This file must name what it forbids, and the self-test must do it wrong.
listed=$(files '*' | grep -vE '^tests/lint/(names|selftest)\.sh$')

# forbid EXPRESSION WHY [FILES-NOT]
forbid() {
    # shellcheck disable=SC2086 # file names of ours have no spaces
    hits=$(grep -nIE "$1" $listed /dev/null | grep -vE "^(${3:--})" | cut -c1-200 || true)
    [ -z "$hits" ] || report "$(printf '%s\n' "$hits" | sed "s|\$|   <- $2|")"
}

forbid '(^|[^A-Za-z0-9_.-])/(work|farm)(/|[^A-Za-z0-9_/]|$)|/(work)/(main|shared)' 'a path of one machine'
forbid '(registry\.npmjs|pypi\.org|files\.pythonhosted|deb\.debian|registry\.yarnpkg|static\.crates|proxy\.golang|deb\.nodesource)' \
    'a registry: clients know theirs'
forbid '"resolved":' 'a lockfile that names its registry' '[^:]*\.(c|h|md):'
forbid '(^|[^A-Za-z])(TODO|FIXME|XXX)($|[^A-Za-z])' 'finish it, or write an issue' '(contracts|fixtures|tests/data)/'
seen="$(printf '%s\n' "$listed" | wc -l) files"
finish
