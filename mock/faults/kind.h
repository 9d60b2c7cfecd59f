/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kind of fault: one row that says its name, its parameters and what it does where. Rows stand in
 * tables, one a group (mock/faults/cut.c and its neighbours); everything else, the readers of
 * plans and headers, the help and the docs, goes through them. A row acts at one or more points of
 * an exchange; a point that a row does not name passes it by.
 */
#pragma once

#include "core/base/instant.h"
#include "core/base/strbuf.h"
#include "mock/exchange.h"
#include "mock/world/text.h"

#include <stdbool.h>
#include <stdint.h>

struct delivery;
struct fault_hit;
struct stream_faults;
struct stream_frame;

enum fault_value_type {
    FAULT_INTEGER,
    FAULT_NUMBER,
    FAULT_DURATION, /* "200ms", or a number of seconds; nanoseconds here */
    FAULT_TEXT,
    FAULT_CHOICE, /* one of `choices`; its index */
    FAULT_FLAG,
    FAULT_BASE64, /* as it was given; known to be right */
    FAULT_ERROR,  /* the name of an error of the service */
};

/* The first parameter of a row may be given without its name in the header: `status=503`. */
struct fault_parameter {
    const char *name; /* NULL ends a table */
    enum fault_value_type type;
    double least, most;         /* of numbers; both 0 = any that is not negative */
    const char *const *choices; /* ends by NULL */
    const char *fallback;       /* in the spelling of the header; NULL = not given */
    const char *help;           /* lower case, no full stop */
};

struct fault_value {
    bool is_given; /* or there is a fallback */
    int64_t integer;
    double number;
    const char *text; /* of every type, as it was given */
};

enum fault_group {
    FAULT_OF_LIFECYCLE,
    FAULT_OF_STREAM,
    FAULT_OF_WEBHOOK,
    FAULT_OF_WIRE,
    FAULT_OF_BODY,
    FAULT_GROUPS
};

/* What has become of a request that met the fault. */
enum fault_effect {
    FAULT_APPLIED, /* it has taken effect (or will: it was only late) */
    FAULT_NONE,    /* the service never saw it */
    FAULT_CHOSEN,  /* the parameter `effect` says it: FAULT_EFFECT_PARAMETER */
    FAULT_EFFECTS
};

struct fault_kind {
    const char *name;    /* NULL ends a table */
    const char *summary; /* lower case, no full stop: what the client meets */
    enum fault_group group;
    enum fault_effect effect;
    const struct fault_parameter *parameters;

    /* Before the service sees the request; no lock is held. True: it was answered. */
    bool (*before)(struct exchange *exchange, struct fault_hit *hit);
    /*
     * With the world's lock, in the order of a request: the resources that it names are known; its
     * rows agreed and say what would move; steps and moves are done and the answer is not made yet;
     * it is made, and outcomes were started. What is rehearsed (mock/rehearsal.h) is over by then.
     */
    void (*named)(struct exchange *exchange, struct fault_hit *hit);
    void (*decided)(struct exchange *exchange, struct fault_hit *hit);
    void (*moved)(struct exchange *exchange, struct fault_hit *hit);
    void (*settled)(struct exchange *exchange, struct fault_hit *hit);

    /* The answer is known and the world's lock is gone: other bytes, other headers. Gives its
     * reference of `body` (may be NULL) back and returns one. */
    struct text *(*change)(struct exchange *exchange, struct fault_hit *hit, struct text *body);
    /* Sends the answer in its own way. False: it leaves that to others. */
    bool (*send)(struct exchange *exchange, struct fault_hit *hit, struct http_response *response);
    /* Sends or does something in the place of an answer, before the service sees the request or
     * when it has answered: the row is one of FAULT_CHOSEN. The exchange is in the journal. */
    void (*instead)(struct exchange *exchange, struct fault_hit *hit);

    /* Of streams (mock/faults/stream.h): one begins; a frame was written, and those before it have
     * arrived; so many frames have arrived, and the next is not begun. */
    void (*begins)(struct stream_faults *faults, struct fault_hit *hit);
    void (*frame)(struct stream_faults *faults, const struct fault_hit *hit,
                  const struct stream_frame *frame);
    void (*arrived)(struct stream_faults *faults, const struct fault_hit *hit);
    /* Of webhooks: a try is about to go, with the world's lock. How much later it shall. */
    nanos (*delivers)(struct delivery *delivery, const struct fault_hit *hit);
};

/* Every kind, group by group; `next_fault_kind(NULL)` is the first, NULL comes after the last. */
const struct fault_kind *next_fault_kind(const struct fault_kind *before);
const struct fault_kind *find_fault_kind(const char *name); /* or NULL */
const char *nearest_fault_kind(const char *name);           /* or NULL */
const char *fault_group_name(enum fault_group group);
const char *fault_effect_name(enum fault_effect effect);

/* The tables, in the order in which they are listed; those of a group stand together. */
extern const struct fault_kind lifecycle_faults[];
extern const struct fault_kind stream_faults[], webhook_faults[];
extern const struct fault_kind slow_faults[], refusal_faults[], cut_faults[], body_faults[];

/* `effect: none` or `applied`; its index is an enum fault_effect_choice. */
extern const char *const fault_effect_choices[];
enum fault_effect_choice { CHOSEN_NONE, CHOSEN_APPLIED };
#define FAULT_EFFECT_PARAMETER                                                                     \
    {                                                                                              \
        .name = "effect", .type = FAULT_CHOICE, .choices = fault_effect_choices,                   \
        .fallback = "none", .help = "whether the request has taken effect",                        \
    }

/*
 * Reads one parameter. 0, or -1 and `err` with what was expected. `values` has a place for each
 * parameter of the row, all of them filled from the fallbacks by fault_values_new.
 */
struct fault_value *fault_values_new(struct arena *arena, const struct fault_kind *kind);
int fault_value_read(const struct fault_kind *kind, const char *name, const char *text,
                     struct fault_value *values, struct error *err);
/* "integer from 100 to 599", "duration", "one of a, b": what a parameter takes. */
void fault_parameter_print(const struct fault_parameter *parameter, struct strbuf *out);
