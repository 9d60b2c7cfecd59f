/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/order.h"

#include "core/base/mem.h"
#include "mock/world/index.h"

#include <assert.h>
#include <string.h>

enum { FIRST_BLOCK = 8 };

void order_init(struct order *order, const struct index *index, const struct order_shape *shape,
                size_t *bytes)
{
    *order = (struct order){.index = index, .shape = *shape, .bytes = bytes};
    order->is_text = shape->column >= 0 && index->shape->columns[shape->column] == COLUMN_TEXT;
}

static size_t block_memory(size_t cap)
{
    return sizeof(struct order_block) + cap * sizeof(struct order_entry);
}

void order_release(struct order *order)
{
    for (size_t i = 0; i < order->block_count; i++) {
        *order->bytes -= block_memory(order->blocks[i]->cap);
        mem_free(order->blocks[i]);
    }
    *order->bytes -= order->block_cap * (sizeof *order->blocks + sizeof *order->counts);
    mem_free(order->blocks);
    mem_free(order->counts);
}

/* Keys */

/* The first eight bytes as a number that sorts as they do. */
static int64_t text_number(const char *text, size_t len)
{
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++)
        number = number << 8 | (i < len ? (unsigned char)text[i] : 0);
    return (int64_t)(number ^ UINT64_C(1) << 63);
}

struct order_key order_key_from(const struct order *order, const struct column_value *value,
                                uint64_t serial)
{
    struct order_key key = {.serial = serial};
    if (order->shape.column == ORDER_BY_BIRTH) {
        key.number = order->shape.ties_reversed ? -(int64_t)serial : (int64_t)serial;
        return key;
    }
    if (!value->is_set) {
        key.number = order->shape.absent_last ? INT64_MAX : INT64_MIN;
    } else if (order->is_text) {
        key.text = value->text.ptr ? value->text.ptr : "";
        key.text_len = value->text.len;
        key.number = text_number(key.text, key.text_len);
    } else {
        key.number = value->number;
    }
    return key;
}

struct order_key order_key_of(const struct order *order, const struct resource *row)
{
    struct column_value value = {0};
    if (order->shape.column >= 0)
        value = index_value(order->index, row, order->shape.column);
    return order_key_from(order, &value, row->serial);
}

static int compare_texts(const struct order_key *a, const struct order_key *b, bool absent_last)
{
    if (!a->text || !b->text) {
        int by_presence = (a->text != NULL) - (b->text != NULL);
        return absent_last ? -by_presence : by_presence;
    }
    size_t shorter = a->text_len < b->text_len ? a->text_len : b->text_len;
    int by_bytes = shorter ? memcmp(a->text, b->text, shorter) : 0;
    return by_bytes ? by_bytes : (a->text_len > b->text_len) - (a->text_len < b->text_len);
}

int order_compare(const struct order *order, const struct order_key *a, const struct order_key *b)
{
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    int result = order->is_text ? compare_texts(a, b, order->shape.absent_last) : 0;
    if (result)
        return result;
    result = (a->serial > b->serial) - (a->serial < b->serial);
    return order->shape.ties_reversed ? -result : result;
}

static int compare_entry(const struct order *order, const struct order_entry *entry,
                         const struct order_key *key)
{
    if (entry->number != key->number)
        return entry->number < key->number ? -1 : 1;
    struct order_key own = order->is_text
                               ? order_key_of(order, entry->row)
                               : (struct order_key){entry->number, NULL, 0, entry->row->serial};
    return order_compare(order, &own, key);
}

/* Places */

static bool is_before(const struct order *order, const struct order_entry *entry,
                      const struct order_key *key, bool or_equal)
{
    int result = compare_entry(order, entry, key);
    return or_equal ? result < 0 : result <= 0;
}

struct order_cursor order_seek(const struct order *order, const struct order_key *key,
                               bool or_equal)
{
    size_t low = 0, high = order->block_count;
    while (low < high) { /* the first block whose last row is not before the key */
        size_t middle = (low + high) / 2;
        const struct order_block *block = order->blocks[middle];
        if (is_before(order, &block->entries[block->count - 1], key, or_equal))
            low = middle + 1;
        else
            high = middle;
    }
    struct order_cursor cursor = {low, 0};
    if (low == order->block_count)
        return cursor;
    const struct order_block *block = order->blocks[low];
    size_t first = 0, end = block->count;
    while (first < end) {
        size_t middle = (first + end) / 2;
        if (is_before(order, &block->entries[middle], key, or_equal))
            first = middle + 1;
        else
            end = middle;
    }
    cursor.place = first;
    return cursor;
}

struct order_cursor order_at(const struct order *order, size_t number)
{
    size_t block = 0;
    while (block < order->block_count && number >= order->counts[block])
        number -= order->counts[block++];
    return (struct order_cursor){block, block < order->block_count ? number : 0};
}

size_t order_rank(const struct order *order, struct order_cursor cursor)
{
    size_t rank = cursor.place;
    for (size_t i = 0; i < cursor.block; i++)
        rank += order->counts[i];
    return rank;
}

struct resource *order_row(const struct order *order, struct order_cursor cursor)
{
    if (cursor.block >= order->block_count)
        return NULL;
    return order->blocks[cursor.block]->entries[cursor.place].row;
}

void order_next(const struct order *order, struct order_cursor *cursor)
{
    if (++cursor->place == order->counts[cursor->block])
        *cursor = (struct order_cursor){cursor->block + 1, 0};
}

bool order_previous(const struct order *order, struct order_cursor *cursor)
{
    if (cursor->place) {
        cursor->place--;
        return true;
    }
    if (!cursor->block)
        return false;
    cursor->block--;
    cursor->place = order->counts[cursor->block] - 1;
    return true;
}

/* Changes */

static struct order_block *resize_block(struct order *order, struct order_block *block, size_t cap)
{
    size_t old = block ? block_memory(block->cap) : 0;
    struct order_block *resized = mem_realloc(block, block_memory(cap));
    if (!block)
        resized->count = 0;
    resized->cap = (uint32_t)cap;
    *order->bytes += block_memory(cap) - old;
    return resized;
}

static void insert_block(struct order *order, size_t at, struct order_block *block)
{
    if (order->block_count == order->block_cap) {
        size_t cap = order->block_cap ? order->block_cap * 2 : 4;
        order->blocks = mem_realloc(order->blocks, cap * sizeof *order->blocks);
        order->counts = mem_realloc(order->counts, cap * sizeof *order->counts);
        *order->bytes += (cap - order->block_cap) * (sizeof *order->blocks + sizeof *order->counts);
        order->block_cap = cap;
    }
    size_t behind = order->block_count - at;
    memmove(order->blocks + at + 1, order->blocks + at, behind * sizeof *order->blocks);
    memmove(order->counts + at + 1, order->counts + at, behind * sizeof *order->counts);
    order->blocks[at] = block;
    order->counts[at] = block->count;
    order->block_count++;
}

static void remove_block(struct order *order, size_t at)
{
    *order->bytes -= block_memory(order->blocks[at]->cap);
    mem_free(order->blocks[at]);
    size_t behind = --order->block_count - at;
    memmove(order->blocks + at, order->blocks + at + 1, behind * sizeof *order->blocks);
    memmove(order->counts + at, order->counts + at + 1, behind * sizeof *order->counts);
}

/* Makes room at the cursor. Rows that come in order fill their blocks: the last one is not halved.
 */
static void make_room(struct order *order, struct order_cursor *cursor)
{
    struct order_block *block = order->blocks[cursor->block];
    if (block->count < block->cap)
        return;
    if (block->cap < ORDER_BLOCK) {
        order->blocks[cursor->block] = resize_block(order, block, (size_t)block->cap * 2);
        return;
    }
    bool is_append = cursor->block + 1 == order->block_count && cursor->place == block->count;
    uint32_t kept = is_append ? block->count : block->count / 2, moved = block->count - kept;
    struct order_block *right = resize_block(order, NULL, is_append ? FIRST_BLOCK : ORDER_BLOCK);
    memcpy(right->entries, block->entries + kept, moved * sizeof *right->entries);
    right->count = moved;
    block->count = order->counts[cursor->block] = kept;
    insert_block(order, cursor->block + 1, right);
    if (is_append || cursor->place > kept)
        *cursor = (struct order_cursor){cursor->block + 1, cursor->place - kept};
}

static bool is_behind_last(const struct order *order, size_t block, const struct order_key *key)
{
    const struct order_block *of = order->blocks[block];
    return is_before(order, &of->entries[of->count - 1], key, false);
}

/* The key belongs right there: what stands before it is before it, and what follows is not. */
static bool fits_at(const struct order *order, struct order_cursor at, const struct order_key *key)
{
    if (at.block >= order->block_count || at.place >= order->counts[at.block])
        return false;
    const struct order_entry *entries = order->blocks[at.block]->entries;
    if (is_before(order, &entries[at.place], key, false))
        return false;
    if (at.place)
        return is_before(order, &entries[at.place - 1], key, false);
    return !at.block || is_behind_last(order, at.block - 1, key);
}

/* Births mostly come last in their orders, or beside the birth before: there it is tried first. */
static struct order_cursor place_for(const struct order *order, const struct order_key *key)
{
    if (!order->block_count)
        return (struct order_cursor){0, 0};
    if (is_behind_last(order, order->block_count - 1, key))
        return (struct order_cursor){order->block_count, 0};
    struct order_cursor near = order->newest, behind = {near.block, near.place + 1};
    if (fits_at(order, near, key))
        return near;
    if (fits_at(order, behind, key))
        return behind;
    return order_seek(order, key, false);
}

void order_insert(struct order *order, struct resource *row)
{
    struct order_key key = order_key_of(order, row);
    struct order_cursor cursor = place_for(order, &key);
    if (!order->block_count)
        insert_block(order, 0, resize_block(order, NULL, FIRST_BLOCK));
    if (cursor.block == order->block_count || (cursor.block && !cursor.place)) {
        cursor.block = cursor.block ? cursor.block - 1 : 0; /* at the end of the block before */
        cursor.place = order->counts[cursor.block];
    }
    make_room(order, &cursor);
    struct order_block *block = order->blocks[cursor.block];
    memmove(block->entries + cursor.place + 1, block->entries + cursor.place,
            (block->count - cursor.place) * sizeof *block->entries);
    block->entries[cursor.place] = (struct order_entry){key.number, row};
    order->counts[cursor.block] = ++block->count;
    order->count++;
    order->newest = cursor;
}

/* Joins a block with the next when both together leave half a block free. */
static void join_blocks(struct order *order, size_t at)
{
    if (at + 1 >= order->block_count || order->counts[at] + order->counts[at + 1] > ORDER_BLOCK / 2)
        return;
    struct order_block *left = order->blocks[at], *right = order->blocks[at + 1];
    if (left->cap < left->count + right->count)
        left = order->blocks[at] = resize_block(order, left, ORDER_BLOCK);
    memcpy(left->entries + left->count, right->entries, right->count * sizeof *right->entries);
    order->counts[at] = left->count += right->count;
    remove_block(order, at + 1);
}

void order_remove(struct order *order, const struct resource *row)
{
    struct order_key key = order_key_of(order, row);
    struct order_cursor cursor = order_seek(order, &key, true);
    assert(order_row(order, cursor) == row);
    struct order_block *block = order->blocks[cursor.block];
    order->counts[cursor.block] = --block->count;
    order->count--;
    memmove(block->entries + cursor.place, block->entries + cursor.place + 1,
            (block->count - cursor.place) * sizeof *block->entries);
    if (!block->count) {
        remove_block(order, cursor.block);
        return;
    }
    join_blocks(order, cursor.block);
    if (cursor.block)
        join_blocks(order, cursor.block - 1);
}
