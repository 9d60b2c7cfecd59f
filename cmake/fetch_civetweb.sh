#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch_civetweb.sh DIRECTORY: unpacks the distribution's civetweb source below DIRECTORY and prints where.
# Nothing is installed. When no deb-src entry offers the source, one is added (root or sudo), derived
# from the Debian entries this machine already trusts. Does nothing when the source is there.
set -eu

version=1.15+dfsg-4
unpacked=civetweb-1.15+dfsg
entry=/etc/apt/sources.list.d/dryrun-src.sources

die() {
    echo "fetch_civetweb: $*" >&2
    exit 1
}

[ $# -eq 1 ] || die "usage: fetch_civetweb.sh DIRECTORY"
mkdir -p "$1"
directory=$(cd "$1" && pwd)
if [ -f "$directory/$unpacked/src/civetweb.c" ]; then
    echo "$directory/$unpacked"
    exit 0
fi
command -v apt-get >/dev/null 2>&1 || die "apt-get is missing: unpack civetweb 1.15 yourself and" \
    "configure with -DCIVETWEB_SOURCE_DIR=<its directory>"
command -v dpkg-source >/dev/null 2>&1 || die "dpkg-source is missing: install dpkg-dev"

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        die "no deb-src entry offers civetweb $version, and adding one needs root or sudo"
    fi
}

# The pinned version is among what apt's source indexes offer.
is_offered() {
    apt-cache showsrc civetweb 2>/dev/null | grep -qxF "Version: $version"
}

# The machine's own entries for Debian main, as deb-src in deb822 form. The release's own archive
# is what we need: suites with a slash or another component list are left out.
derive_entry() {
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -f "$file" ] || continue
        sed -n 's/^[[:space:]]*deb[[:space:]]\{1,\}//p' "$file" | sed 's/\[[^]]*\]//' |
            awk '$3 == "main" && $1 ~ /debian\/?$/ {
                     printf "Types: deb-src\nURIs: %s\nSuites: %s\nComponents: main\n\n", $1, $2 }'
    done
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] && [ "$file" != "$entry" ] || continue
        grep -v '^#' "$file" | awk 'BEGIN { RS = ""; FS = "\n" }
            /(^|\n)Types:[^\n]*deb/ && /(^|\n)URIs:[^\n]*debian\/?[ \t]*($|\n)/ &&
            /(^|\n)Components:[^\n]*main/ {
                for (i = 1; i <= NF; i++) {
                    if ($i ~ /^Types:/) $i = "Types: deb-src"
                    if ($i ~ /^Components:/) $i = "Components: main"
                    if ($i !~ /^Enabled:/) print $i
                }
                print ""
            }'
    done
}

if ! is_offered; then
    if [ ! -f "$entry" ]; then
        text=$(derive_entry)
        [ -n "$text" ] || die "no Debian entry found in /etc/apt to derive a deb-src entry from"
        printf '%s\n' "$text" | as_root tee "$entry" >/dev/null
    fi
    as_root apt-get update >&2 || die "apt-get update failed"
    is_offered || die "apt offers no source of civetweb $version, not even with $entry"
fi

work=$(mktemp -d "$directory/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get source --download-only "civetweb=$version" >&2 || die "downloading civetweb $version failed"
dpkg-source --no-check -x "civetweb_$version.dsc" "$unpacked" >&2 || die "unpacking failed"
[ -f "$unpacked/src/civetweb.c" ] || die "the package has no src/civetweb.c"
rm -rf "${directory:?}/$unpacked"
mv "$unpacked" "$directory/$unpacked"
echo "$directory/$unpacked"
