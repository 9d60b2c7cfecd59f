/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* sched_getcpu */
#include "core/net/http_work.h"

#include "core/base/error.h"
#include "core/base/mem.h"

#include <sched.h>

enum {
    BODY_KEEP = 256 * 1024, /* a larger body's memory is given back after its exchange */
    OUT_KEEP = 64 * 1024
};

static struct http_work *work_new(void)
{
    struct http_work *work = mem_alloc(sizeof *work);
    work->arena = arena_new();
    strbuf_init(&work->out, LIMIT_DOCUMENT);
    return work;
}

static void work_free(struct http_work *work)
{
    arena_free(work->arena);
    strbuf_release(&work->out);
    mem_free(work->body);
    mem_free(work);
}

/* Where the thread runs may change at any moment: the row is a hint, its places are exchanged. */
static _Atomic(struct http_work *) *row_here(struct http_works *works)
{
    int processor = sched_getcpu();
    return works->rows[processor > 0 ? processor % WORK_ROWS : 0].idle;
}

struct http_work *work_take(struct http_works *works)
{
    _Atomic(struct http_work *) *idle = row_here(works);
    for (int i = 0; i < WORK_ROW; i++) {
        if (!atomic_load_explicit(&idle[i], memory_order_relaxed))
            continue;
        struct http_work *work = atomic_exchange_explicit(&idle[i], NULL, memory_order_acquire);
        if (work)
            return work;
    }
    return work_new();
}

static void shrink(struct http_work *work)
{
    arena_reset(work->arena);
    if (work->body_cap > BODY_KEEP) {
        mem_free(work->body);
        work->body = NULL;
        work->body_cap = 0;
    }
    if (work->out.cap > OUT_KEEP)
        strbuf_release(&work->out);
}

void work_give(struct http_works *works, struct http_work *work)
{
    _Atomic(struct http_work *) *idle = row_here(works);
    shrink(work);
    for (int i = 0; i < WORK_ROW; i++) {
        struct http_work *none = NULL;
        if (!atomic_load_explicit(&idle[i], memory_order_relaxed) &&
            atomic_compare_exchange_strong_explicit(&idle[i], &none, work, memory_order_release,
                                                    memory_order_relaxed))
            return;
    }
    work_free(work);
}

void works_release(struct http_works *works)
{
    for (int row = 0; row < WORK_ROWS; row++)
        for (int i = 0; i < WORK_ROW; i++) {
            struct http_work *work = atomic_load(&works->rows[row].idle[i]);
            if (work)
                work_free(work);
        }
}
