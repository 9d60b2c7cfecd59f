/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer, or an event of a stream, held against the operation it answers: status documented,
 * required headers there and of their type, media type documented, body valid. On the way every
 * value declared with a component schema is shown to the caller: these are its observations.
 */
#pragma once

#include "core/contract/parameters.h"

struct raw_response {
    int status;
    struct header_fields headers;
    struct str body;
    bool is_stream; /* the body goes to event_check piece by piece, not here */
    bool is_head;   /* answers a HEAD request: no body is expected */
};

struct checked_response {
    const struct response *documented; /* NULL: the status is not */
    const struct media_type *media;    /* of the body; NULL: not documented, or no body */
    cJSON *body;                       /* when it could be read (JSON, text); NULL otherwise */
    struct problems problems;
};

/* `found` (may be NULL) is called as schema_visit does, leniently, also when problems were found.
 */
void response_check(struct arena *arena, const struct operation *operation,
                    const struct raw_response *raw, schema_found *found, void *data,
                    struct checked_response *out);

/* One server-sent event, or one line of a JSON stream (then only `text`). */
struct raw_event {
    const char *event, *id; /* NULL = there was none */
    struct str text;        /* its data */
};

struct checked_event {
    cJSON *data; /* parsed when it is JSON, else a string */
    struct problems problems;
};

/*
 * By the media type's itemSchema (3.2: the event object with its `data` as text, and contentSchema
 * for what the text holds), else by its schema applied to the data of each event (3.1).
 */
void event_check(struct arena *arena, const struct media_type *media, const struct raw_event *raw,
                 schema_found *found, void *data, struct checked_event *out);
