/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory that an exchange works in. It belongs to a connection from the head of a request to
 * the end of its answer only, and then goes to whoever has the next request on the same processor:
 * sixteen connections that take turns would each find theirs out of the cache, and a thousand that
 * are idle would each keep one.
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/strbuf.h"

#include <stdatomic.h>

struct http_work {
    struct arena *arena; /* the handler's, of one exchange; reset */
    struct strbuf out;   /* heads and chunks are put together here */
    char *body;          /* of the request */
    size_t body_cap;
};

enum { WORK_ROWS = 16, WORK_ROW = 8 };

/* A row for a processor (or for some): idle works, the lowest place is used first and so warmest.
 */
struct http_works {
    struct {
        _Atomic(struct http_work *) idle[WORK_ROW];
        char apart[64]; /* processors do not share a line of cache */
    } rows[WORK_ROWS];
};

/* The caller's until it is given back; never NULL. */
struct http_work *work_take(struct http_works *works);
/* What grew too large goes back to the heap; its arena is reset. */
void work_give(struct http_works *works, struct http_work *work);
void works_release(struct http_works *works); /* nobody has one any more */
