/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters between their text on the wire and typed values, by `style`, `explode` and schema
 * (OpenAPI 3.2 section 4.12, RFC 6570). Decoding is generous about how a client wrote a thing
 * (bracketed names encoded once or twice, `a[]=`, empty values for null) and exact about its value:
 * a text becomes another type only where the schema takes that type.
 */
#pragma once

#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/contract/problems.h"

/* A header as it was sent; views of the caller's memory. */
struct header_field {
    const char *name, *value;
};

struct header_fields {
    const struct header_field *items;
    size_t count;
};

/* The first of that name in any case, or NULL. */
const char *header_find(const struct header_fields *headers, const char *name);
/* All of that name, with commas between them, or NULL. */
const char *header_join(struct arena *arena, const struct header_fields *headers, const char *name);

/* One `name=value` of a query or an urlencoded body. */
struct pair {
    const char *name;  /* decoded until it no longer changes */
    const char *value; /* decoded once, '+' is a blank */
    struct str raw;    /* the value as sent */
    bool has_value;    /* there was a '=' */
    bool used;         /* some parameter took it */
};

struct pairs {
    VEC(struct pair);
};

/* `text` without '?'; views stay valid as long as text and arena. */
void pairs_parse(struct arena *arena, struct str text, struct pairs *pairs);
/* The value of the first pair of that name, or NULL. */
const char *pairs_find(const struct pairs *pairs, const char *name);

/* Each an object of typed values. What no parameter describes: a text, or an array of texts when it
 * came more than once; undescribed headers have lower-case names, described ones the contract's. */
struct decoded {
    cJSON *path, *query, *header, *cookie;
    struct {
        VEC(const char *);
    } unknown; /* names of query parameters that nobody describes */
};

/* What a request sends them in. */
struct sent_parameters {
    cJSON *path;      /* the path's texts, decoded (route_match_values), taken over; may be NULL */
    struct str query; /* without '?' */
    const struct header_fields *headers; /* may be NULL */
    bool described_headers_only;         /* the others are left out */
};

/*
 * Adds a problem for each parameter that is missing though required, or breaks its schema; such a
 * value stays in `out` as it was read.
 */
void parameters_decode(struct arena *arena, const struct operation *operation,
                       const struct sent_parameters *sent, struct decoded *out,
                       struct problems *problems);
/* One simple-style value (a header of an answer) by its schema. */
cJSON *parameter_decode_text(struct arena *arena, const struct parameter *parameter,
                             const char *text);
/* A text as the type that the schema takes; as text when it takes none that fits. */
cJSON *text_coerce(struct arena *arena, const struct schema *schema, const char *text);

/* The other way, for the runner. */
struct encoded {
    const char *path;  /* the operation's template with its values */
    const char *query; /* without '?'; "" when there is none */
    struct {
        VEC(struct header_field);
    } headers; /* a Cookie line included */
};

/*
 * `values` has the objects path, query, header, cookie (all may be missing); what the operation
 * does not describe is sent in form style. -1 and `err` when a path parameter has no value, or a
 * value has no spelling in its style.
 */
int parameters_encode(struct arena *arena, const struct operation *operation, const cJSON *values,
                      struct encoded *out, struct error *err);
