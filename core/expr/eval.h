/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What evaluating needs: names (scope), an arena for everything that is made, the instant and the
 * draws. One eval belongs to one thread and one moment; it is cheap to set up on the stack:
 *
 *     struct binding names[] = {{"run", run}, {"given", body}};
 *     struct scope scope = {.outer = &session_scope, .bindings = names, .count = 2};
 *     struct eval eval = {.arena = arena, .scope = &scope, .now = now, .draw_key = key};
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/instant.h"
#include "core/base/str.h"
#include "core/data/tree.h"
#include "core/expr/time_form.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eval;
struct expr_hooks;

enum http_part {
    HTTP_URL,
    HTTP_METHOD,
    HTTP_STATUS,         /* a number */
    HTTP_REQUEST_HEADER, /* `name` comes in lower case; field values are one text */
    HTTP_REQUEST_QUERY,  /* `name` as in the URL, case kept; the value typed by the document */
    HTTP_REQUEST_PATH,
    HTTP_REQUEST_BODY, /* no name; a tree, or a text when it is no JSON */
    HTTP_REQUEST_SENT, /* the body as sent, before defaults were filled in */
    HTTP_RESPONSE_HEADER,
    HTTP_RESPONSE_QUERY, /* in Arazzo's grammar, but there is no such thing: answer nothing */
    HTTP_RESPONSE_PATH,
    HTTP_RESPONSE_BODY,
    HTTP_MESSAGE_HEADER,
    HTTP_MESSAGE_PAYLOAD,
};

struct binding {
    const char *name;
    const cJSON *value; /* NULL = nothing, and outer frames are not asked */
};

/*
 * One frame of names; inner frames hide outer ones. First the bindings are asked, then `resolve`
 * (which may parse from stored text, and should keep what it made), then `outer`.
 */
struct scope {
    const struct scope *outer;
    const struct binding *bindings;
    size_t count;
    /* True when the name is one of this frame's; `*value` may then be NULL for nothing. */
    bool (*resolve)(void *data, struct str name, struct eval *eval, const cJSON **value);
    /*
     * Arazzo's HTTP roots; the innermost frame that has it answers for all of them. An empty name
     * asks for an object of all of them. NULL = nothing.
     */
    const cJSON *(*http)(void *data, enum http_part part, struct str name, struct eval *eval);
    void *data;
};

struct eval {
    struct arena *arena;
    const struct scope *scope;
    nanos now;                      /* $now, unless a frame binds that name */
    enum time_form time_form;       /* of $now and of every instant that is made */
    const struct expr_hooks *hooks; /* $example, criterion type schema; may be NULL where unused */

    /*
     * Draws: the key of this exchange (seed, session, operation, ..., how often seen); every draw
     * takes the next number in it.
     */
    uint64_t draw_key;
    uint64_t (*make_draw_key)(
        struct eval *eval);                 /* asked before the first draw; NULL: it is there */
    uint64_t drawn;                         /* how many before */
    int64_t (*count_up)(struct eval *eval); /* {counter} of $generate: 1, 2, ...; may be NULL */

    /*
     * For `under`: the id that the resource `id` itself holds at `pointer` (one step upwards), in
     * the arena or longer; NULL = there is none. May be NULL, then `under` looks one step only.
     */
    const char *(*step_up)(struct eval *eval, const char *pointer, const char *id);

    /* Everything that the scope and the templates give lives as long as the arena: what is made of
     * it shares its texts. */
    bool keeps_sources;
    bool sees_all; /* nothing is unknown here: only the judge has such values */

    void *host; /* the owner's: the mock's functions find their world here */

    /* Set by evaluating: the first thing that was wrong with the data ("'$sum' met a text"). The
     * value is then nothing. */
    const char *problem;
    /* $now as it was last made, and for which instant: so that it is known to be exact, whatever
     * its form shows. Of evaluating itself. */
    const cJSON *now_node;
    nanos now_made;
    unsigned depth;   /* of calls; zero at the start */
    bool met_unknown; /* a parameter could not be seen; of evaluating itself */
};

enum { EVAL_DEPTH_MAX = 200 };

/* The next draw of this evaluation. */
uint64_t eval_draw(struct eval *eval);
/* Remembers the first problem; always gives NULL, so that `return eval_problem(...)` says nothing.
 */
void *eval_problem(struct eval *eval, const char *format, ...)
    __attribute__((cold, format(printf, 2, 3)));
/* A value to be placed elsewhere; see `keeps_sources`. */
cJSON *eval_copy(struct eval *eval, const cJSON *value);
/* Something in the value cannot be seen; see `sees_all`. */
static inline bool eval_is_unseen(const struct eval *eval, const cJSON *value);
/* Reads an instant in any form; $now is exact though its form may show whole seconds. 0 or -1. */
int eval_instant(struct eval *eval, const cJSON *value, nanos *instant);
/* The root's value: frames from the inside out, then $now. NULL = nothing. */
const cJSON *scope_find(struct eval *eval, struct str name);

/* ---- what cannot be seen ---- */

/*
 * The judge sees resources through answers only. It marks an object whose other members it has not
 * seen as partial: a member that is not in it is unknown instead of absent; or puts an unknown node
 * in place. Unknown spreads: an expression, template or test that depends on it is unknown.
 */
enum truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_UNKNOWN };

enum truth truth_not(enum truth truth);
enum truth truth_and(enum truth a, enum truth b);
enum truth truth_or(enum truth a, enum truth b);

const cJSON *expr_unknown(void);          /* for bindings and resolvers; never put into a tree */
cJSON *unknown_node(struct arena *arena); /* one that may stand in a tree */
bool expr_is_unknown(const cJSON *node);  /* false for NULL */
void unknown_mark_partial(cJSON *object); /* members that are not in it are unknown */
bool unknown_is_partial(const cJSON *node);
/* A member, item or pointer target: NULL = nothing, expr_unknown() when it cannot be seen. */
const cJSON *seen_member(const cJSON *object, const char *name);
const cJSON *seen_pointer(const cJSON *root, const char *pointer);
/* Something in it cannot be seen. */
bool unknown_is_inside(const cJSON *node);

static inline bool eval_is_unseen(const struct eval *eval, const cJSON *value)
{
    return !eval->sees_all && unknown_is_inside(value);
}
