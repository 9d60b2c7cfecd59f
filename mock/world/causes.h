/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why resources moved: a name, the place in the data that said so, and what kind of thing it was.
 * There are few different ones, so the log of moves holds a number instead: a million runs pay four
 * bytes a move. Guarded by the world's lock, as the store is that owns it.
 */
#pragma once

#include "core/base/findings.h"
#include "mock/world/table.h"

#include <stdint.h>

enum cause_kind {
    CAUSE_SEED,
    CAUSE_OPERATION, /* a request */
    CAUSE_OUTCOME,
    CAUSE_TIMER,
    CAUSE_SIGNAL,   /* given by the admin API */
    CAUSE_CALLBACK, /* what follows a webhook */
    CAUSE_CLIENT,   /* it left */
    CAUSE_RELOAD,   /* the documents do not know it any more */
    CAUSE_KINDS
};

struct move_cause {
    enum cause_kind kind;
    const char *name;          /* not copied: outlives the world; may be NULL */
    const struct place *place; /* of the row or step that decided, the same; may be NULL */
    uint32_t exchange;         /* the request's number; 0 = none. Kept by the move, not here */
};

struct causes {
    struct cause **items;
    size_t count, cap;
    struct table numbers;
};

void causes_init(struct causes *causes, size_t *bytes);
void causes_release(struct causes *causes);
uint32_t causes_number(struct causes *causes, const struct move_cause *cause);
struct move_cause causes_get(const struct causes *causes, uint32_t number);

/* "operation", "outcome", ...: as the admin API and its users call it. */
const char *cause_kind_name(enum cause_kind kind);
