#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cppcheck.sh ROOT BUILD: cppcheck over our own files of BUILD/compile_commands.json. Its own build
# directory below BUILD remembers what did not change.
set -eu
build=$(realpath "$2")
lint=$(realpath "$(dirname "$0")")
. "$(dirname "$0")/lib.sh"
need cppcheck

# Only our code: what we compile in from others is not ours to change. What is remembered holds for
# this script and its macros alone. Left out are its opinions on style, which are mostly wrong here
# (a condition that "is always true", a while that ends with 'continue', JSON_COMPACT being 0), and
# ctuuninitvar, which takes every out parameter for an uninitialized one.
cache=$build/lint/cppcheck-$(cat "$lint/cppcheck.cfg" "$lint/cppcheck.sh" | sha256sum | cut -c1-12)
mkdir -p "$cache"
cppcheck --project="$build/compile_commands.json" --cppcheck-build-dir="$cache" -j "${DRYRUN_JOBS:-2}" \
    --enable=warning,performance,portability --inline-suppr --error-exitcode=1 --quiet \
    --suppress='*:*/civetweb*' --suppress='*:/usr/include/*' \
    --suppress=ctuuninitvar --suppress=unmatchedSuppression --suppress=toomanyconfigs -i "$build" -ideps -icivetweb_unit.c \
    --library="$lint/cppcheck.cfg" --template='{file}:{line}: {severity}: {message} [{id}]' || report 'cppcheck found something'
finish
