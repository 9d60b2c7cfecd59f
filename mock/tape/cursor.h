/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which entry of a tape answers a request; private to the player. The tape is read once into
 * operations (immutable); a cursor is one client's way through it.
 */
#pragma once

#include "core/base/map.h"
#include "core/contract/router.h"
#include "core/tape/har.h"

#include <stddef.h>

enum { TAPE_VALUES_MAX = 8 };

/* A request as an operation: "GET /base/runs/{id}" and the values of its path. */
struct tape_request {
    const char *operation;
    struct str values[TAPE_VALUES_MAX];
    size_t value_count;
    const char *query; /* "" = none */
    uint64_t body;     /* its hash as JSON, or as text */
    bool is_safe;
};

struct taped_answer {
    struct tape_request request;
    const struct har_entry *entry;
    bool is_chosen[TAPE_VALUES_MAX]; /* by the client: no answer before it has this value */
    /* Of a read: the nearest changes that it may show, before and after it; -1 = none. */
    ptrdiff_t change_before, change_after;
};

struct tape_book {
    struct arena *arena;
    struct router *const *routers;
    size_t router_count;
    struct {
        VEC(struct taped_answer);
    } answers; /* in the tape's order */
};

struct tape_cursor;

void tape_book_read(struct tape_book *book, const struct har *har);
/* `path` is raw, with its query cut off; all in `arena`. */
void tape_request_read(const struct tape_book *book, struct arena *arena, const char *method,
                       const char *path, struct tape_request *out);

/* For `body`: equal JSON has equal hashes; 0 = none. */
uint64_t tape_body_hash(struct str body);

struct tape_cursor *tape_cursor_new(const struct tape_book *book);
void tape_cursor_free(struct tape_cursor *cursor);
/* The answer, and `*again` when it was given before. NULL: the tape has none. Not thread-safe. */
const struct taped_answer *tape_cursor_pick(struct tape_cursor *cursor,
                                            const struct tape_request *request, bool *again);
/* The client's names for ids of the tape: recorded id -> the client's. */
const struct map *tape_cursor_names(const struct tape_cursor *cursor);
