#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# no_form_parser.sh NM PROGRAM...: CVE-2025-9648 is in mg_handle_form_request, which is always compiled;
# the linker drops it (sections of their own, --gc-sections) as long as nothing calls it.
set -eu
nm=$1
shift
for program in "$@"; do
    symbols=$("$nm" "$program")
    # Proof that these symbols can be seen at all.
    if ! printf '%s\n' "$symbols" | grep -q ' mg_start2$'; then
        echo "$program: no symbols of the library found" >&2
        exit 1
    fi
    if printf '%s\n' "$symbols" | grep -q 'mg_handle_form_request'; then
        echo "$program: mg_handle_form_request is linked in (CVE-2025-9648)" >&2
        exit 1
    fi
    echo "$program: mg_handle_form_request is absent"
done
