/* SPDX-License-Identifier: Apache-2.0 */
/* References within documents: RFC 3986 section 5, and fragments. */
#pragma once

#include "core/base/arena.h"

/* `reference` as seen from `base`, without its fragment. A base without a scheme is a file's name.
 */
const char *uri_resolve(struct arena *arena, const char *base, const char *reference);
/* What follows '#', percent-decoded; "" when there is none. */
const char *uri_fragment(struct arena *arena, const char *reference);
