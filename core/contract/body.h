/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies as trees; private to core/contract. */
#pragma once

#include "core/contract/request_check.h"

struct sent_body {
    const char *content_type; /* may be NULL */
    struct str bytes;
};

/*
 * Reads by the content type. Adds a problem `syntax` (in: body) and sets kind but no tree when it
 * cannot be read; an empty body is BODY_NONE. `schema` types the texts of forms; `parts` may be
 * NULL.
 */
cJSON *body_read(struct arena *arena, struct sent_body sent, const struct schema *schema,
                 struct parts *parts, enum body_kind *kind, struct error *err);
