#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Calls that are never right here, and words that belong into data: a provider has no name in C.
set -eu
. "$(dirname "$0")/lib.sh"

# ban WHERE-NOT WHAT WHY: WHAT is an extended regular expression, WHERE-NOT are paths that may.
ban() {
    # shellcheck disable=SC2086 # file names of ours have no spaces
    hits=$(grep -nE "$2" $listed /dev/null | grep -vE "^($1)" || true)
    [ -z "$hits" ] || report "$(printf '%s\n' "$hits" | sed "s|\$|   <- $3|")"
}

call() {
    printf '(^|[^A-Za-z0-9_>.])(%s)[ ]*\\(' "$1"
}

listed=$(files '*.c' '*.h')
ban '-' "$(call 'strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|stpcpy')" 'no bounds: use strbuf or snprintf'
ban '-' "$(call 'strtok|strerror_r|gmtime|localtime|asctime|ctime')" 'hidden state'
ban '-' "$(call 'atoi|atol|atoll|atof|scanf|fscanf')" 'errors go unseen: use strtoll or strtod and look at the end'
ban '-' "$(call 'alloca|system|popen|setjmp|longjmp')" 'never'
ban '-' "$(call 'rand|srand|random|srandom|drand48')" 'not replayable: use core/base/draw.h'
ban 'core/base/' "$(call 'time|gettimeofday')" 'use core/base/instant.h'
ban 'core/base/|bench/|tests/(oracle|e2e|shake)/' "$(call 'malloc|calloc|realloc|free|strdup|strndup|asprintf|vasprintf')" \
    'memory comes from core/base (arena.h, mem.h)'
ban '-' "$(call 'cJSON_(Parse|Print|Delete|Create|Add|Insert|Replace|Duplicate|Minify|Set)[A-Za-z]*')" \
    'our trees live in arenas: use core/data/tree.h'
ban '-' "$(call 'mg_handle_form_request')" 'CVE-2025-9648'
ban 'tests/' '(^|[^A-Za-z])([Ww]arp|WARP|[Ll]etta|LETTA|[Aa]zure|AZURE|[Aa]cp|ACP|[Aa]gntcy|AGNTCY)($|[^A-Za-z])' \
    'a provider is data: no code knows its name'
finish
