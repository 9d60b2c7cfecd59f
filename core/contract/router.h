/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Method and raw path to operation. Built once, then immutable and used by many threads. Paths are
 * matched as they were sent, segment by segment; a literal beats a template, a template with more
 * literal text beats one with less ("{name}:enable" beats "{name}"), and the literal after a
 * parameter is looked for from the right, so "a:b:enable" has the name "a:b". A percent-encoded
 * colon is never a verb. Values are decoded once, after matching (RFC 3986 section 2.4).
 */
#pragma once

#include "core/base/str.h"
#include "core/contract/openapi.h"

enum {
    ROUTE_VALUES_MAX = 24, /* parameters of a path, prefix included */
    ROUTE_METHODS_MAX = 16,
    ROUTE_SEGMENTS_MAX = 64, /* longer paths match nothing */
};

struct router;

struct route_value {
    const char *name;
    struct str raw; /* a piece of the path asked for */
};

enum route_slash {
    SLASH_EXACT,
    SLASH_EXTRA,   /* the path fits without its last slash */
    SLASH_MISSING, /* the path fits with a slash at its end */
};

struct route_match {
    const struct operation *operation; /* NULL: no such path, or not with this method */
    bool path_known;                   /* the path fits some operation's: 405, not 404 */
    enum route_slash slash;
    const char *prefix;   /* the mount's, as it was added */
    const char *template; /* the operation's path; of the best route when there is none */
    struct route_value values[ROUTE_VALUES_MAX];
    size_t value_count;
    const char *methods[ROUTE_METHODS_MAX]; /* what the path allows, in no special order */
    size_t method_count;
};

struct router *router_new(struct arena *arena);
/*
 * Adds an operation under a prefix ("" or "/api/{project}", without a slash at its end). A template
 * that cannot be read, or the same one twice with one method, is a finding and -1.
 */
int router_add(struct router *router, const char *prefix, const struct operation *operation,
               struct findings *findings);
/*
 * All operations of a contract under a prefix. With `replaces` ("/v1", NULL = nothing) only those
 * whose path begins with these segments, and the prefix takes their place.
 */
int router_mount(struct router *router, const struct contract *contract, const char *prefix,
                 const char *replaces, struct findings *findings);
/* All operations of a contract under each prefix; `count` 0 = just "". */
int router_add_contract(struct router *router, const struct contract *contract,
                        const char *const *prefixes, size_t count, struct findings *findings);

/* True when an operation was found. `path` is raw, begins with '/', has no query; method is upper
 * case. A literal segment also fits when it was sent percent-encoded. No memory is taken. */
bool router_match(const struct router *router, const char *method, struct str path,
                  struct route_match *match);
/* The values as sent, decoded, as an object of texts in the arena; a broken escape stays as it is.
 */
cJSON *route_match_values(const struct route_match *match, struct arena *arena);
/* The names of a template's parameters, in order, ended by NULL, in the arena; NULL and `err` when
 * it cannot be read. */
const char *const *route_template_names(struct arena *arena, const char *template,
                                        struct error *err);
/* "GET, HEAD, OPTIONS, POST": for Allow (RFC 9110 section 10.2.1); HEAD follows GET, OPTIONS is
 * always there. Sorted. */
void route_match_allow(const struct route_match *match, struct strbuf *out);

/* What a person may have meant by a path that fits nothing. */
struct route_near {
    const struct operation *operation;
    const char *prefix;
    size_t distance;    /* edits, other method counts 1 */
    const char *reason; /* "the same path with another method", "segment 2 is 'runs', not 'run'" */
};
/* The nearest first, at most `max`, in the arena. */
size_t router_nearest(const struct router *router, struct arena *arena, const char *method,
                      struct str path, struct route_near *near, size_t max);
