#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs_sync.sh ROOT [PROGRAM]: every command and option that the program's own help prints is told in
# README.md or docs/, every page of docs/ can be reached from README.md or docs/ARCHITECTURE.md, and what
# docs/ARCHITECTURE.md names of the tree is there.
set -eu
program=${2:-}
[ -z "$program" ] || program=$(realpath "$program")
. "$(dirname "$0")/lib.sh"

for page in README.md docs/ARCHITECTURE.md; do
    [ -f "$page" ] || report "$page: missing"
done
[ "$found" -eq 0 ] || finish
scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT

pages=$(files 'docs/*.md')
for page in $pages; do
    case $page in docs/ARCHITECTURE.md) continue ;; esac
    name=$(basename "$page")
    grep -qF "$name" README.md docs/ARCHITECTURE.md ||
        report "$page: neither README.md nor docs/ARCHITECTURE.md links it"
done
for page in README.md $pages; do
    links=$(grep -oE '\]\([^)#: ]+\.md' "$page" | sed 's/^](//' || true)
    for link in $links; do
        [ -f "$(dirname "$page")/$link" ] || report "$page: links '$link', which is not there"
    done
done

# Paths in backticks; what has a word in capitals, angle brackets or braces stands for many.
# shellcheck disable=SC2016 # backticks of Markdown
grep -oE '`(core|mock|runner|cli|tests|contracts|fixtures|bench|docs)/[^` ]+`' docs/ARCHITECTURE.md | tr -d '`' | sort -u >"$scratch"
while IFS= read -r path; do
    case $path in *[A-Z]* | *"<"* | *"{"*) continue ;; esac
    # shellcheck disable=SC2086 # a wildcard is meant
    [ -e "$(set -- $path && printf '%s' "$1")" ] || report "docs/ARCHITECTURE.md: names '$path', which is not there"
done <"$scratch"

# is_told WORD: the word stands in a page, not as part of a longer one.
is_told() {
    # shellcheck disable=SC2086 # file names of ours have no spaces
    grep -qE -e "(^|[^A-Za-z0-9-])$1($|[^A-Za-z0-9-])" README.md $pages
}

options_of() {
    grep -oE -e '(^|[ ,])--[a-z][a-z0-9-]*' | tr -d ' ,' | sort -u
}

if [ -n "$program" ]; then
    help=$("$program" --help) || {
        echo "docs_sync: '$program --help' fails: skipped"
        exit 77
    }
    commands=$(printf '%s\n' "$help" | awk '
        tolower($0) ~ /commands:$/ { inside = 1; next }
        inside && /^$/ { inside = 0 }
        inside && /^  +[a-z]/ { print $1 }')
    [ -n "$commands" ] || report "'dryrun --help' lists no commands below 'Commands:'"
    count=0
    for command in $commands; do
        is_told "dryrun $command" || report "docs: 'dryrun $command' is told nowhere"
        told=$("$program" "$command" --help) || report "'dryrun $command --help' fails"
        for option in $(printf '%s\n' "$told" | options_of); do
            is_told "$option" || report "docs: '$option' of 'dryrun $command' is told nowhere"
            count=$((count + 1))
        done
    done
    echo "docs_sync: $(printf '%s\n' "$commands" | wc -l) commands, $count options"
fi
finish
