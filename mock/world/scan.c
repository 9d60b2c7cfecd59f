/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First the order is walked, with a budget: a filter that fits one row in a hundred fills its page
 * there. When the budget is spent the rest is one pass over the packed columns, which keeps the
 * best of what fits in a heap (mock/world/scan_pass.c).
 */
#include "mock/world/scan.h"

#include "core/base/mem.h"
#include "core/base/vec.h"
#include "mock/world/index.h"
#include "mock/world/scan_pass.h"

enum { BUDGET_LEAST = 2048, BUDGET_FACTOR = 100 };

struct walk {
    const struct order *order;
    struct order_cursor cursor;
    bool is_backward, is_over;
};

/* The key that a scan starts behind; walking backwards it is the last one not before. */
static void start_walk(struct walk *walk, const struct scan *scan)
{
    const struct order *order = walk->order;
    if (!scan->after.is_set) {
        walk->cursor = scan->is_backward ? (struct order_cursor){order->block_count, 0}
                                         : (struct order_cursor){0, 0};
    } else {
        struct order_key key = order_key_from(order, &scan->after.value, scan->after.serial);
        walk->cursor = order_seek(order, &key, scan->is_backward);
    }
    walk->is_backward = scan->is_backward;
    walk->is_over = false;
}

static struct resource *walk_next(struct walk *walk)
{
    if (walk->is_over)
        return NULL;
    if (walk->is_backward) {
        walk->is_over = !order_previous(walk->order, &walk->cursor);
        return walk->is_over ? NULL : order_row(walk->order, walk->cursor);
    }
    struct resource *row = order_row(walk->order, walk->cursor);
    walk->is_over = !row;
    if (row)
        order_next(walk->order, &walk->cursor);
    return row;
}

/* Without a filter an offset is arithmetic. */
static void jump(struct walk *walk, size_t offset)
{
    size_t rank = order_rank(walk->order, walk->cursor), count = walk->order->count;
    if (walk->is_backward) {
        walk->is_over = offset > rank;
        if (!walk->is_over)
            walk->cursor = order_at(walk->order, rank - offset);
    } else {
        walk->is_over = offset > count - rank;
        if (!walk->is_over)
            walk->cursor = order_at(walk->order, rank + offset);
    }
}

static void keep_row(struct scan_result *result, size_t *cap, struct resource *row)
{
    result->rows = vec_grow(result->rows, cap, result->count, sizeof *result->rows);
    result->rows[result->count++] = row;
}

static void run_unfiltered(const struct index *index, const struct scan *scan,
                           struct scan_result *result)
{
    struct walk walk = {.order = &index->orders[scan->order]};
    struct resource *row;
    size_t cap = 0;
    start_walk(&walk, scan);
    jump(&walk, scan->offset);
    while ((row = walk_next(&walk)) && result->count < scan->limit) {
        keep_row(result, &cap, row);
        result->examined++;
    }
    result->has_more = row != NULL;
    result->total = index->count;
}

/* True when the page is complete; false when the budget was spent before. */
static bool run_walk(const struct index *index, const struct scan *scan,
                     const struct compiled *tests, size_t budget, struct scan_result *result)
{
    struct walk walk = {.order = &index->orders[scan->order]};
    size_t passed = 0, cap = 0;
    start_walk(&walk, scan);
    for (;;) {
        if (budget-- == 0)
            return false;
        struct resource *row = walk_next(&walk);
        if (!row)
            return true;
        result->examined++;
        if (!compiled_fit(tests, row->slot) || (scan->fits && !scan->fits(row, scan->data)))
            continue;
        if (passed++ < scan->offset)
            continue;
        if (result->count == scan->limit) {
            result->has_more = true;
            return true;
        }
        keep_row(result, &cap, row);
    }
}

void scan_run(const struct index *index, const struct scan *scan, struct scan_result *result)
{
    *result = (struct scan_result){0};
    if (!scan->predicate_count && !scan->fits) {
        run_unfiltered(index, scan, result);
        return;
    }
    struct compiled tests;
    compiled_init(&tests, index, scan->predicates, scan->predicate_count);
    size_t wanted = scan->offset > SIZE_MAX - scan->limit ? SIZE_MAX : scan->offset + scan->limit;
    size_t budget = wanted > SIZE_MAX / BUDGET_FACTOR - 1 ? SIZE_MAX : wanted * BUDGET_FACTOR;
    if (budget < BUDGET_LEAST)
        budget = BUDGET_LEAST;
    if (!scan->predicate_count)
        budget = SIZE_MAX; /* the caller's question alone: a pass would not ask it less often */
    bool is_done = false;
    if (!scan->wants_total)
        is_done = run_walk(index, scan, &tests, budget, result);
    if (!is_done) {
        mem_free(result->rows);
        result->rows = NULL;
        result->count = 0;
        scan_pass(index, scan, &tests, result);
    }
    compiled_release(&tests);
}

void scan_release(struct scan_result *result)
{
    mem_free(result->rows);
    *result = (struct scan_result){0};
}

struct scan_position scan_position_of(const struct index *index, unsigned order,
                                      const struct resource *resource)
{
    struct scan_position position = {.is_set = true, .serial = resource->serial};
    int column = index->shape->orders[order].column;
    if (column >= 0)
        position.value = index_value(index, resource, column);
    return position;
}
