# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Sourced by the lint scripts. Each takes the tree to look at as its first argument (default: this
# one), prints "file:line: what is wrong" and ends with `finish`, so that all findings are seen at once.
lint_name=$(basename "$0" .sh)
root=${1:-$(dirname "$0")/../..}
cd "$root" || exit 2
found=0
seen= # how much was looked at, for the last line

# files PATTERN...: tracked files (pathspecs of git); in a tree without git, whatever find sees.
files() {
    if [ -e .git ] && git ls-files -- "$@" >/dev/null 2>&1; then
        # What is deleted but not yet committed is still listed: leave it out.
        git ls-files -- "$@" | while IFS= read -r file; do
            if [ -f "$file" ]; then printf '%s\n' "$file"; fi
        done
    else
        for pattern in "$@"; do
            case $pattern in
            \**) find . -path ./build -prune -o -path ./.git -prune -o -type f -name "$pattern" -print ;;
            *) find . -path "./$pattern" -type f ;;
            esac
        done | sed 's|^\./||' | sort -u
    fi
}

# report TEXT...: one finding (or several lines of them); nothing for an empty text.
report() {
    [ -n "$*" ] || return 0
    printf '%s\n' "$*"
    found=1
}

need() {
    for tool in "$@"; do
        if ! command -v "$tool" >/dev/null 2>&1; then
            echo "$lint_name: $tool is not installed: skipped (./dev setup installs it)"
            exit 77
        fi
    done
}

finish() {
    if [ "$found" -ne 0 ]; then
        echo "$lint_name: failed"
        exit 1
    fi
    echo "$lint_name: ok${seen:+ ($seen)}"
    exit 0
}
