/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request to a played service and its answer in the making: what every stage of
 * mock/pipeline.c reads and fills. Lives on the handler's thread; its memory is one arena.
 */
#pragma once

#include "core/contract/request_check.h"
#include "core/net/http_server.h"
#include "mock/outcomes.h"
#include "mock/play.h"

/* A machine that takes part, with its resource (NULL: absent) and the row that decided. */
struct taking {
    const struct participant *participant;
    struct resource *resource;
    const char *id; /* as the request named it; NULL = it named none */
    const struct row *row;
    int to; /* STATE_NONE: nothing moves */
};

/* A resource that a row with `each` is about. */
struct target {
    struct resource *resource;
    const struct row *row;
    int to;
    const cJSON *says;
};

struct pretence;

struct exchange {
    struct mock *mock;
    struct http_exchange *http;
    const struct http_request *request;
    struct arena *arena;
    const char *session;         /* name, "" = the default one */
    bool session_by_path;        /* the URL begins with /~NAME */
    bool is_routed;              /* route_find was here already */
    bool is_stale;               /* by documents that are no more: once more from the beginning */
    struct str path;             /* what is left of the path behind session and provider */
    const char *base;            /* of exchange_base(), once it was asked for */
    const char *provider_prefix; /* the URL names the provider: its name; NULL */
    const struct played *played;
    struct world *world; /* a reference; NULL before it is known */
    bool is_in_flight;   /* counted as such by its world */
    const struct provider_operation *operation;
    struct route_match match;
    struct checked_request checked;
    const char *credential; /* NULL = anonymous */
    nanos came;             /* real time */
    uint64_t number;
    uint64_t hash; /* of the request as it is meant, for draws; 0 = not made yet */

    bool in_world; /* between world_begin and world_end: there is a play */
    struct taking *takings;
    size_t taking_count;
    struct target *targets;
    size_t target_count;
    struct resource *made;  /* by the steps: the last one */
    uint64_t events_before; /* of the resource named, before the steps: where its stream begins */
    const struct outcome **forced; /* X-Dryrun-Outcome: all that have its name, for one start */
    size_t forced_count;

    struct fault_hit *faults; /* mock/faults: that apply to it */
    size_t fault_count;
    uint64_t fault_key;        /* what they draw from; 0 = not asked for yet */
    struct pretence *pretence; /* of faults; NULL: the truth is told */

    int status;
    const char *rule;   /* file:line of the row that decided */
    const char *remark; /* for the journal: why it was refused, what was near */
    const char *state;  /* machine=STATE, for X-Dryrun-State */
    bool is_unmatched;
    const cJSON *reply;      /* printed after unlocking; NULL = none, or: */
    struct text *reply_text; /* a reference */
    struct text **items;     /* references: they take the place of a list's items in `reply` */
    size_t item_count;
    const struct page_key *page_key; /* keep the body in the world's pages; NULL = do not */
    const char *media_type;          /* NULL: application/json */
    cJSON *headers;                  /* of the service's own, name -> text */
    bool answered;                   /* the answer is on the wire (streams) */
    bool is_handed_over;             /* its stream goes on when the handler has returned */
    struct str last;                 /* bytes of it for when it is in the journal, then: */
    void (*finish)(struct http_exchange *http); /* its end; NULL = it has ended */
    nanos answered_at;                          /* the world's time, for Date */
    const char *target;                         /* path and query, for the journal */
    struct journal_touched *touched;
    size_t touched_count;

    struct play play; /* last: nothing of it is set before `in_world` is */
};

/*
 * It counts as in flight between these two. Whoever sends the last bytes of an answer calls
 * exchange_over first, so that a client that has them finds nothing of it under way; the place
 * that it waited in is free, too.
 */
void exchange_under_way(struct exchange *exchange);
void exchange_over(struct exchange *exchange); /* the second time: nothing */
/* The whole answer: nothing is left of the exchange then. */
void exchange_send(struct exchange *exchange, const struct http_response *response);

/* `$request...` and friends: of the request, or of the one that an outcome remembers. */
const cJSON *exchange_http(struct exchange *exchange, const struct playing *playing,
                           enum http_part part, struct str name, struct eval *eval);
/* Copies what an outcome may read of the request later. `exchange` may be NULL: nothing. */
void exchange_snapshot(const struct exchange *exchange, struct arena *arena,
                       struct request_snapshot *snapshot);

/* For steps; all accept a NULL exchange. */
int exchange_birth_state(const struct exchange *exchange, const struct machine *machine);
void exchange_made(struct exchange *exchange, struct resource *resource);
const struct outcome *exchange_forced_outcome(struct exchange *exchange, const struct kind *kind);

/* Scheme, host, session and provider: what absolute URLs begin with. */
const char *exchange_base(struct exchange *exchange);
void exchange_drop_items(struct exchange *exchange);
/* The body as it goes on the wire, a reference; NULL = none. Outside of the lock. */
struct text *exchange_body(struct exchange *exchange);
void exchange_header(struct exchange *exchange, const char *name, const char *value);
