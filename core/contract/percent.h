/* SPDX-License-Identifier: Apache-2.0 */
/* Percent-encoding (RFC 3986 section 2.1). A '%' without two hex digits stays as it is; %00 becomes
 * the bytes C0 80, as everywhere in trees; what is not UTF-8 afterwards becomes U+FFFD. */
#pragma once

#include "core/base/arena.h"
#include "core/base/str.h"
#include "core/base/strbuf.h"

const char *percent_decode(struct arena *arena, struct str text, bool plus_is_blank);
/* Again and again (8 times at most) until nothing changes. */
const char *percent_decode_fully(struct arena *arena, struct str text);
bool percent_equal(struct str encoded, const char *text); /* decoded once; no memory is taken */

enum percent_keep {
    PERCENT_UNRESERVED, /* letters digits - . _ ~ stay, all else is encoded */
    PERCENT_RESERVED,   /* RFC 3986's reserved ones stay too, and what is already encoded */
    PERCENT_FORM,       /* as UNRESERVED, with '+' for a blank */
};
void percent_encode(struct str text, enum percent_keep keep, struct strbuf *out);
