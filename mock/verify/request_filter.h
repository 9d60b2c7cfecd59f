/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which entries of the journal somebody asks for: by query parameters (docs/ADMIN.md, filters) or
 * by the members of an object in a body, which may look into headers and bodies, too. Every name
 * is held against what the providers have, so that a misspelt one does not count 0.
 */
#pragma once

#include "core/expr/match.h"
#include "mock/admin/call.h"

enum request_side {            /* what a filter says about webhooks that were sent */
                    SIDE_CAME, /* only requests that came in */
                    SIDE_SENT, /* only webhooks */
                    SIDE_BOTH
};

struct wanted_state {
    const char *machine; /* of "machine=STATE"; NULL = any */
    const char *state;
};

struct wanted_status {
    int low, high;
};

/* A match object over a part of the exchange. */
struct wanted_part {
    const cJSON *written; /* NULL = anything */
    const struct bound_match *match;
};

/* Lists: one of them must fit; an empty one fits everything. */
struct request_filter {
    struct admin_names operations, methods, resources, providers, paths, callbacks, faults;
    struct {
        VEC(struct wanted_state);
    } states;
    struct {
        VEC(struct wanted_status);
    } statuses;
    uint64_t after; /* exchanges with higher numbers */
    bool has_since;
    nanos since; /* the world's time from then on */
    enum request_side side;
    bool is_about_match, is_unmatched; /* `unmatched` was given, and what */
    struct wanted_part headers, query, body, response;
    struct eval *eval; /* of the match objects */
};

/* The query parameters and the members that say it; the second may have the words of both. */
#define FILTER_WORDS                                                                               \
    "operation provider state status method path resource since fault callback unmatched"
#define FILTER_PARTS "headers query body response"

/* From the query parameters of the call. */
void request_filter_read(struct admin_call *call, struct request_filter *filter);
/* From an object; `where` ("in_order[1]", or "") begins the problems. Other members are left alone.
 */
void request_filter_read_object(struct admin_call *call, const cJSON *object, const char *where,
                                struct request_filter *filter);
/* Members that are none of the known words are problems. */
void request_filter_check_members(struct admin_call *call, const cJSON *object, const char *where,
                                  const char *words);

/* For journal_query; `filter` is a struct request_filter. */
bool request_filter_fits(const struct journal_record *record, void *filter);
/*
 * Why it does not fit, a text each, added to the list. Gives how far off it is: 0 fits, above
 * DIFFERENT it is about something else.
 */
enum { DIFFERENT = 8 };
unsigned request_filter_differences(const struct request_filter *filter,
                                    const struct journal_record *record, struct arena *arena,
                                    cJSON *differences);
/* "cancelRun, status 2xx"; "request" when it asks for nothing. */
void request_filter_describe(const struct request_filter *filter, struct strbuf *out);

/* Path without /~SESSION and query, as it was sent. */
struct str request_path(const struct journal_record *record);
