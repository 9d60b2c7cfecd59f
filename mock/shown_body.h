/* SPDX-License-Identifier: Apache-2.0 */
/* A value spelt as a media type has it: JSON, a plain text, events, lines. */
#pragma once

#include "mock/exchange.h"

/* `is_item`: the value is one item of a stream (itemSchema), not the whole of it. */
void shown_body(struct exchange *exchange, const char *media_type, const cJSON *value,
                bool is_item);
/* What Content-Type says: where the document names a range, what the client asked for. */
const char *shown_media_type(struct arena *arena, const char *named, const char *accept);
/* In style simple; NULL when a header line cannot hold it. */
const char *shown_header(struct arena *arena, const cJSON *value);
