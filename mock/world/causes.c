/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/causes.h"

#include "core/base/draw.h"
#include "core/base/mem.h"

struct cause {
    struct move_cause cause;
    uint32_t number, hash;
};

static uint32_t hash_of(const void *item)
{
    return ((const struct cause *)item)->hash;
}

/* By address: names and places stand still as long as the world lives. */
static bool equals(const void *item, const void *data)
{
    const struct move_cause *have = &((const struct cause *)item)->cause, *wanted = data;
    return have->name == wanted->name && have->place == wanted->place && have->kind == wanted->kind;
}

void causes_init(struct causes *causes, size_t *bytes)
{
    *causes = (struct causes){0};
    table_init(&causes->numbers, hash_of, bytes);
}

void causes_release(struct causes *causes)
{
    for (size_t i = 0; i < causes->count; i++)
        mem_free(causes->items[i]);
    mem_free(causes->items);
    table_release(&causes->numbers);
}

uint32_t causes_number(struct causes *causes, const struct move_cause *cause)
{
    const void *key[] = {cause->name, cause->place};
    uint32_t hash = (uint32_t)draw_hash(cause->kind, key, sizeof key);
    const struct cause *known = table_find(&causes->numbers, hash, equals, cause);
    if (known)
        return known->number;
    struct cause *fresh = mem_alloc(sizeof *fresh);
    *fresh = (struct cause){*cause, (uint32_t)causes->count, hash};
    fresh->cause.exchange = 0;
    if (causes->count == causes->cap) {
        causes->cap = causes->cap ? causes->cap * 2 : 16;
        causes->items = mem_realloc(causes->items, causes->cap * sizeof *causes->items);
    }
    causes->items[causes->count++] = fresh;
    table_add(&causes->numbers, fresh);
    return fresh->number;
}

struct move_cause causes_get(const struct causes *causes, uint32_t number)
{
    return causes->items[number]->cause;
}

const char *cause_kind_name(enum cause_kind kind)
{
    static const char *const names[CAUSE_KINDS] = {
        [CAUSE_SEED] = "seed",     [CAUSE_OPERATION] = "operation", [CAUSE_OUTCOME] = "outcome",
        [CAUSE_TIMER] = "timer",   [CAUSE_SIGNAL] = "signal",       [CAUSE_CALLBACK] = "callback",
        [CAUSE_CLIENT] = "client", [CAUSE_RELOAD] = "reload",
    };
    return names[kind];
}
