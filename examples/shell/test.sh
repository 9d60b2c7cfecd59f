#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tests of mail.sh: each in a session, thus a world, of its own. Run by `dryrun exec acp --clock virtual -- ./test.sh`.
set -eu
: "${DRYRUN_URL:?there is no mock: run dryrun exec acp --clock virtual -- ./test.sh}"
failed=0

# begin SESSION OUTCOME: from now on requests go to this session, and its runs unfold so ('dryrun list outcomes acp')
begin() {
    session=$DRYRUN_URL/~$1
    export ACP_HOST="$session/acp"
    admin outcomes "{\"outcome\": \"$2\"}" >/dev/null
}

# admin PATH [BODY]: a call of the admin API in the session
admin() {
    curl -sS --fail-with-body "$session/__admin/$1" -H 'Content-Type: application/json' ${2:+--data "$2"}
}

# expect WHAT EXPECTED GOT
expect() {
    if [ "$2" = "$3" ]; then
        echo "ok: $1"
    else
        printf 'not ok: %s\n  expected: %s\n  got: %s\n' "$1" "$2" "$3"
        failed=1
    fi
}

# how_often OPERATION
how_often() {
    admin "requests/count?operation=$1" | sed -n 's/.*"count": *\([0-9]*\).*/\1/p'
}

begin approved asks_once
expect 'an approved draft is sent' 'draft: Dear reader, all is well.
sent: true' "$(./mail.sh me@example.com agents)"
expect 'it answers once' 1 "$(how_often resume_stateless_run)"

begin denied asks_once
expect 'a denied one is not' 'draft: Dear reader, all is well.
sent: false
exit 1' "$(./mail.sh me@example.com agents false || echo "exit $?")"

begin broken platform_error
expect 'an agent that breaks has no draft' 'there is no draft
exit 2' "$(./mail.sh me@example.com agents 2>&1 || echo "exit $?")"
expect 'and is not answered' 0 "$(how_often resume_stateless_run)"

begin slow slow
before=$(date +%s)
./mail.sh me@example.com agents >/dev/null 2>&1 || true
expect 'an hour of waiting takes no time' yes "$([ $(($(date +%s) - before)) -lt 60 ] && echo yes)"

exit "$failed"
