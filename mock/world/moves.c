/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/moves.h"

#include "core/base/mem.h"

#include <string.h>

ptrdiff_t move_log_add(struct move_log *log, const struct move_record *move)
{
    uint16_t before = log->cap;
    if (log->count == MOVES_KEPT) {
        uint16_t half = MOVES_KEPT / 2;
        memmove(log->items, log->items + half, half * sizeof *log->items);
        log->count = (uint16_t)(log->count - half);
        log->dropped += half;
    }
    if (log->count == log->cap) {
        /* A run makes four or five moves: grow slowly at first. */
        log->cap = (uint16_t)(log->cap < 8 ? log->cap + 2 : log->cap * 2);
        log->items = mem_realloc(log->items, log->cap * sizeof *log->items);
    }
    log->items[log->count++] = *move;
    return ((ptrdiff_t)log->cap - (ptrdiff_t)before) * (ptrdiff_t)sizeof *log->items;
}

size_t move_log_memory(const struct move_log *log)
{
    return log->cap * sizeof *log->items;
}

void move_log_release(struct move_log *log)
{
    mem_free(log->items);
    *log = (struct move_log){0};
}
