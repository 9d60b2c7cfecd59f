/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request held against its operation: types its parameters, reads its body, fills defaults, and
 * collects all that is wrong as data. What to answer (400, 415, 422, nothing) is the caller's.
 */
#pragma once

#include "core/contract/multipart.h"
#include "core/contract/parameters.h"
#include "core/contract/router.h"

/* Views of the caller's memory; nothing decoded. */
struct raw_request {
    struct str query; /* without '?' */
    struct header_fields headers;
    struct str body;
};

enum body_kind {
    BODY_NONE, /* empty: also with a JSON content type */
    BODY_JSON,
    BODY_FORM,      /* application/x-www-form-urlencoded, as an object */
    BODY_MULTIPART, /* multipart/form-data, as an object; the parts beside it */
    BODY_TEXT,      /* text types in valid UTF-8: a string */
    BODY_BYTES,     /* anything else: not looked into, `body` is NULL */
};

struct request_options {
    bool refuse_unknown_query;   /* a query parameter that nobody describes is a problem */
    bool refuse_wrong_way;       /* a readOnly member in the body is a problem */
    bool described_headers_only; /* others are left out of `parameters`: the caller has them */
};

struct checked_request {
    struct decoded parameters;
    enum body_kind kind;
    const char *content_type;       /* the header, or NULL */
    const struct media_type *media; /* what the operation says about it, or NULL */
    cJSON *sent;                    /* as sent; NULL = no body, or unreadable */
    cJSON *body;                    /* defaults filled; `sent` itself when there are none */
    struct parts parts;             /* of a multipart body */
    bool unsupported_media;         /* a problem `media_type` is among them: 415 */
    bool unreadable;                /* no JSON at all, a broken multipart: problem `syntax` */
    struct problems problems;
};

/* Everything in `out` is in the arena or the caller's. `match` gives the path's values. */
void request_check(struct arena *arena, const struct operation *operation,
                   const struct route_match *match, const struct raw_request *request,
                   const struct request_options *options, struct checked_request *out);
