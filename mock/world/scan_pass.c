/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass, a thousand rows at a time and a column after the other, so that each column is read in
 * one go. The page is found with a heap whose top is the worst row kept.
 */
#include "mock/world/scan_pass.h"

#include "core/base/mem.h"
#include "core/base/vec.h"
#include "mock/world/index.h"

#include <string.h>

enum { CHUNK = 1024 };

/* Predicates */

static void compile_values(struct compiled_test *ready, const struct index *index,
                           const struct predicate *predicate)
{
    size_t given = predicate->test == TEST_IN || predicate->test == TEST_NOT_IN
                       ? predicate->count
                       : (predicate->values ? 1 : 0);
    ready->numbers = mem_alloc(given * sizeof *ready->numbers);
    for (size_t i = 0; i < given; i++) {
        const struct column_value *value = &predicate->values[i];
        if (!value->is_set) {
            ready->holds_unset = true;
        } else if (!ready->is_text) {
            ready->numbers[ready->count++] = value->number;
        } else {
            const struct interned *interned = intern_find(index->interns, value->text);
            ready->text = value->text;
            if (interned)
                ready->numbers[ready->count++] = (int64_t)(intptr_t)interned;
        }
    }
}

void compiled_init(struct compiled *compiled, const struct index *index,
                   const struct predicate *predicates, size_t count)
{
    compiled->tests = mem_alloc(count * sizeof *compiled->tests);
    compiled->count = count;
    for (size_t i = 0; i < count; i++) {
        struct compiled_test *ready = &compiled->tests[i];
        ready->test = predicates[i].test;
        if (ready->test == TEST_STATE) {
            ready->state_column = index->states;
            ready->states = predicates[i].states;
            continue;
        }
        ready->is_text = index->shape->columns[predicates[i].column] == COLUMN_TEXT;
        ready->column = index->columns[predicates[i].column];
        compile_values(ready, index, &predicates[i]);
    }
}

void compiled_release(struct compiled *compiled)
{
    for (size_t i = 0; i < compiled->count; i++)
        mem_free(compiled->tests[i].numbers);
    mem_free(compiled->tests);
}

static int compare_value(const struct compiled_test *test, int64_t packed)
{
    if (!test->is_text)
        return (packed > test->numbers[0]) - (packed < test->numbers[0]);
    const struct interned *text = (const struct interned *)(intptr_t)packed;
    size_t shorter = text->len < test->text.len ? text->len : test->text.len;
    int result = shorter ? memcmp(text->bytes, test->text.ptr, shorter) : 0;
    return result ? result : (text->len > test->text.len) - (text->len < test->text.len);
}

static bool is_among(const struct compiled_test *test, int64_t packed)
{
    if (packed == COLUMN_NULL)
        return test->holds_unset;
    for (size_t i = 0; i < test->count; i++)
        if (test->numbers[i] == packed)
            return true;
    return false;
}

static bool is_comparable(const struct compiled_test *test, int64_t packed)
{
    return packed != COLUMN_NULL && !test->holds_unset;
}

static bool test_fits(const struct compiled_test *test, size_t slot)
{
    if (test->test == TEST_STATE)
        return test->states >> test->state_column[slot] & 1;
    int64_t packed = test->column[slot];
    switch (test->test) {
    case TEST_EQUAL:
    case TEST_IN:
        return is_among(test, packed);
    case TEST_NOT_IN:
        return !is_among(test, packed);
    case TEST_LESS:
        return is_comparable(test, packed) && compare_value(test, packed) < 0;
    case TEST_LESS_EQUAL:
        return is_comparable(test, packed) && compare_value(test, packed) <= 0;
    case TEST_GREATER:
        return is_comparable(test, packed) && compare_value(test, packed) > 0;
    case TEST_GREATER_EQUAL:
        return is_comparable(test, packed) && compare_value(test, packed) >= 0;
    case TEST_SET:
        return packed != COLUMN_NULL;
    default:
        return packed == COLUMN_NULL;
    }
}

bool compiled_fit(const struct compiled *compiled, size_t slot)
{
    for (size_t i = 0; i < compiled->count; i++)
        if (!test_fits(&compiled->tests[i], slot))
            return false;
    return true;
}

/* Leaves in `slots` those that fit, in place; the commonest tests have loops of their own, without
 * branches. */
static size_t narrow(const struct compiled_test *test, uint32_t *slots, size_t count)
{
    size_t kept = 0;
    if (test->test == TEST_EQUAL && test->count == 1) {
        for (size_t i = 0; i < count; i++) {
            slots[kept] = slots[i];
            kept += test->column[slots[i]] == test->numbers[0];
        }
        return kept;
    }
    if (test->test == TEST_STATE) {
        for (size_t i = 0; i < count; i++) {
            slots[kept] = slots[i];
            kept += test->states >> test->state_column[slots[i]] & 1;
        }
        return kept;
    }
    for (size_t i = 0; i < count; i++)
        if (test_fits(test, slots[i]))
            slots[kept++] = slots[i];
    return kept;
}

/* The page: a heap of the first rows, the last of them at the top */

struct best {
    const struct order *order;
    bool is_backward;
    size_t wanted;
    VEC(struct resource *);
};

static bool comes_before(const struct best *best, const struct resource *a,
                         const struct resource *b)
{
    struct order_key left = order_key_of(best->order, a), right = order_key_of(best->order, b);
    int result = order_compare(best->order, &left, &right);
    return best->is_backward ? result > 0 : result < 0;
}

static void sink(struct best *best, size_t place, size_t count)
{
    struct resource **rows = best->items, *row = rows[place];
    for (size_t child; (child = 2 * place + 1) < count; place = child) {
        if (child + 1 < count && comes_before(best, rows[child], rows[child + 1]))
            child++;
        if (!comes_before(best, row, rows[child]))
            break;
        rows[place] = rows[child];
    }
    rows[place] = row;
}

static void rise(struct best *best, size_t place)
{
    struct resource **rows = best->items, *row = rows[place];
    while (place && comes_before(best, rows[(place - 1) / 2], row)) {
        rows[place] = rows[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    rows[place] = row;
}

static bool is_wanted(const struct best *best, const struct resource *row)
{
    return best->count < best->wanted || (best->count && comes_before(best, row, best->items[0]));
}

static void offer(struct best *best, struct resource *row)
{
    if (best->count < best->wanted) {
        vec_push(best, row);
        rise(best, best->count - 1);
    } else {
        best->items[0] = row;
        sink(best, 0, best->count);
    }
}

static void sort_best(struct best *best)
{
    for (size_t end = best->count; end > 1; end--) {
        struct resource *last = best->items[0];
        best->items[0] = best->items[end - 1];
        best->items[end - 1] = last;
        sink(best, 0, end - 1);
    }
}

struct pass {
    const struct scan *scan;
    struct best best;
    struct order_key after;
    size_t total;
};

static bool is_behind(const struct pass *pass, const struct resource *row)
{
    if (!pass->scan->after.is_set)
        return true;
    struct order_key key = order_key_of(pass->best.order, row);
    int result = order_compare(pass->best.order, &key, &pass->after);
    return pass->scan->is_backward ? result < 0 : result > 0;
}

static void take_row(struct pass *pass, struct resource *row)
{
    const struct scan *scan = pass->scan;
    bool is_needed = is_behind(pass, row) && is_wanted(&pass->best, row);
    if (!is_needed && !scan->wants_total)
        return;
    if (scan->fits && !scan->fits(row, scan->data))
        return;
    pass->total++;
    if (is_needed)
        offer(&pass->best, row);
}

static void read_rows(const struct index *index, const struct compiled *compiled, struct pass *pass)
{
    uint32_t slots[CHUNK];
    for (size_t from = 0; from < index->count; from += CHUNK) {
        size_t count = index->count - from < CHUNK ? index->count - from : CHUNK;
        for (size_t i = 0; i < count; i++)
            slots[i] = (uint32_t)(from + i);
        for (size_t i = 0; i < compiled->count && count; i++)
            count = narrow(&compiled->tests[i], slots, count);
        for (size_t i = 0; i < count; i++)
            take_row(pass, index->rows[slots[i]]);
    }
}

void scan_pass(const struct index *index, const struct scan *scan, const struct compiled *compiled,
               struct scan_result *result)
{
    struct pass pass = {.scan = scan};
    struct best *best = &pass.best;
    best->order = &index->orders[scan->order];
    best->is_backward = scan->is_backward;
    size_t room =
        SIZE_MAX - 1 - scan->limit; /* one more than the page tells whether there is more */
    best->wanted = scan->offset > room ? SIZE_MAX : scan->offset + scan->limit + 1;
    if (scan->limit == SIZE_MAX)
        best->wanted = SIZE_MAX;
    if (scan->after.is_set)
        pass.after = order_key_from(best->order, &scan->after.value, scan->after.serial);
    read_rows(index, compiled, &pass);
    sort_best(best);
    size_t from = scan->offset < best->count ? scan->offset : best->count;
    result->count = best->count - from < scan->limit ? best->count - from : scan->limit;
    result->has_more = best->count - from > scan->limit;
    result->total = pass.total;
    result->examined += index->count;
    if (from && result->count)
        memmove(best->items, best->items + from, result->count * sizeof *best->items);
    result->rows = best->items;
}
