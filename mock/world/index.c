/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/index.h"

#include "core/base/mem.h"

#include <assert.h>
#include <string.h>

int64_t column_real(double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (value == 0)
        return 0; /* -0 is 0 */
    return bits < 0 ? -(bits & INT64_MAX) : bits;
}

void index_init(struct index *index, const struct kind_shape *shape, struct interns *interns,
                size_t *bytes)
{
    assert(shape->column_count <= KIND_COLUMNS_MAX && shape->state_count <= KIND_STATES_MAX);
    *index = (struct index){.shape = shape, .interns = interns, .bytes = bytes};
    index->columns = mem_alloc(shape->column_count * sizeof *index->columns);
    index->orders = mem_alloc(shape->order_count * sizeof *index->orders);
    for (size_t i = 0; i < shape->order_count; i++)
        order_init(&index->orders[i], index, &shape->orders[i], bytes);
}

static size_t row_memory(const struct index *index)
{
    return sizeof *index->rows + sizeof *index->states +
           index->shape->column_count * sizeof **index->columns;
}

void index_release(struct index *index)
{
    for (size_t i = 0; i < index->shape->order_count; i++)
        order_release(&index->orders[i]);
    for (size_t i = 0; i < index->shape->column_count; i++)
        mem_free(index->columns[i]);
    *index->bytes -= index->cap * row_memory(index);
    mem_free(index->orders);
    mem_free(index->columns);
    mem_free(index->states);
    mem_free(index->rows);
}

static void grow(struct index *index)
{
    /* By an eighth: what is not used is a part of the price of each row. */
    size_t cap = index->cap < 64 ? index->cap + 16 : index->cap + index->cap / 8;
    *index->bytes += (cap - index->cap) * row_memory(index);
    index->rows = mem_realloc(index->rows, cap * sizeof *index->rows);
    index->states = mem_realloc(index->states, cap * sizeof *index->states);
    for (size_t i = 0; i < index->shape->column_count; i++)
        index->columns[i] = mem_realloc(index->columns[i], cap * sizeof **index->columns);
    index->cap = cap;
}

/* The packed form; a text gets one more reference. */
static int64_t pack(struct index *index, size_t column, const struct column_value *value)
{
    if (!value || !value->is_set)
        return COLUMN_NULL;
    if (index->shape->columns[column] == COLUMN_TEXT)
        return (int64_t)(intptr_t)intern_ref(index->interns, value->text);
    return value->number == COLUMN_NULL ? COLUMN_NULL + 1 : value->number;
}

static void unpack(struct index *index, size_t column, int64_t packed)
{
    if (packed != COLUMN_NULL && index->shape->columns[column] == COLUMN_TEXT)
        intern_unref(index->interns, (struct interned *)(intptr_t)packed);
}

/* The row before often has the same text: then it need not be looked up. */
static int64_t pack_like(struct index *index, size_t column, size_t slot,
                         const struct column_value *value)
{
    int64_t before = slot ? index->columns[column][slot - 1] : COLUMN_NULL;
    if (value && value->is_set && before != COLUMN_NULL &&
        index->shape->columns[column] == COLUMN_TEXT) {
        struct interned *text = (struct interned *)(intptr_t)before;
        if (intern_is(text, value->text)) {
            text->references++;
            return before;
        }
    }
    return pack(index, column, value);
}

void index_add(struct index *index, struct resource *resource, const struct column_value *columns)
{
    if (index->count == index->cap)
        grow(index);
    size_t slot = index->count++;
    resource->slot = (uint32_t)slot;
    index->rows[slot] = resource;
    index->states[slot] = resource->state;
    for (size_t i = 0; i < index->shape->column_count; i++)
        index->columns[i][slot] = pack_like(index, i, slot, columns ? &columns[i] : NULL);
    for (size_t i = 0; i < index->shape->order_count; i++)
        order_insert(&index->orders[i], resource);
}

void index_remove(struct index *index, struct resource *resource)
{
    for (size_t i = 0; i < index->shape->order_count; i++)
        order_remove(&index->orders[i], resource);
    size_t slot = resource->slot, last = --index->count;
    for (size_t i = 0; i < index->shape->column_count; i++) {
        unpack(index, i, index->columns[i][slot]);
        index->columns[i][slot] = index->columns[i][last];
    }
    index->states[slot] = index->states[last];
    index->rows[slot] = index->rows[last];
    index->rows[slot]->slot = (uint32_t)slot;
}

void index_update(struct index *index, struct resource *resource,
                  const struct column_value *columns)
{
    const struct kind_shape *shape = index->shape;
    size_t slot = resource->slot;
    int64_t fresh[KIND_COLUMNS_MAX];
    for (size_t i = 0; i < shape->column_count; i++)
        fresh[i] = pack(index, i, columns ? &columns[i] : NULL);
    uint64_t changed = 0;
    for (size_t i = 0; i < shape->column_count; i++)
        if (fresh[i] != index->columns[i][slot])
            changed |= UINT64_C(1) << i;
    /* Out of the orders while the old values stand, in again when the new ones do. */
    for (size_t i = 0; i < shape->order_count; i++)
        if (shape->orders[i].column >= 0 && changed >> shape->orders[i].column & 1)
            order_remove(&index->orders[i], resource);
    for (size_t i = 0; i < shape->column_count; i++) {
        unpack(index, i, index->columns[i][slot]);
        /* cppcheck-suppress uninitvar ; the first loop set just these */
        index->columns[i][slot] = fresh[i];
    }
    for (size_t i = 0; i < shape->order_count; i++)
        if (shape->orders[i].column >= 0 && changed >> shape->orders[i].column & 1)
            order_insert(&index->orders[i], resource);
}

void index_set_state(struct index *index, const struct resource *resource)
{
    index->states[resource->slot] = resource->state;
}

struct column_value index_value(const struct index *index, const struct resource *resource,
                                int column)
{
    int64_t packed = index->columns[column][resource->slot];
    if (packed == COLUMN_NULL)
        return (struct column_value){0};
    if (index->shape->columns[column] != COLUMN_TEXT)
        return (struct column_value){.is_set = true, .number = packed};
    const struct interned *text = (const struct interned *)(intptr_t)packed;
    return (struct column_value){.is_set = true, .text = {text->bytes, text->len}};
}
