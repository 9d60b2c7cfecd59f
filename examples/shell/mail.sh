#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The program under test: has an agent write a mail, approves the draft (or denies it: mail.sh TO ABOUT false), says what came of it.
# ACP_HOST says where the agents are, ACP_API_KEY holds {"x-api-key": KEY}.
set -eu
to=$1 about=$2 approved=${3:-true}
writer=5d9f6a3e-0000-4000-8000-000000000002
key=$(printf '%s' "$ACP_API_KEY" | sed 's/.*"x-api-key": *"\([^"]*\)".*/\1/')

# ask METHOD PATH [BODY]
ask() {
    curl -sS --fail-with-body -X "$1" "$ACP_HOST$2" -H "x-api-key: $key" -H 'Content-Type: application/json' ${3:+--data "$3"}
}

# member NAME: the first text of that name in the JSON that comes in
member() {
    sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1
}

run=$(ask POST /runs "{\"agent_id\": \"$writer\", \"input\": {\"to\": \"$to\", \"about\": \"$about\"}}" | member run_id)
draft=$(ask GET "/runs/$run/wait" | member draft)
[ -n "$draft" ] || { echo 'there is no draft' >&2; exit 2; }
echo "draft: $draft"
ask POST "/runs/$run" "{\"approved\": $approved}" >/dev/null
sent=$(ask GET "/runs/$run/wait" | sed -n 's/.*"sent":\([a-z]*\).*/\1/p')
echo "sent: $sent"
[ "$sent" = true ]
