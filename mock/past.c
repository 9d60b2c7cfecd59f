/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/past.h"

#include "core/base/mem.h"
#include "mock/state.h"
#include "mock/world/budget.h"

static struct past *past_of(const struct world *world)
{
    return &state_of(world)->past;
}

static size_t image_bytes(const struct past_move *move)
{
    return text_memory(move->image.view) + text_memory(move->image.hidden);
}

static void clear(struct world *world, struct past_move *move)
{
    size_t bytes = image_bytes(move);
    past_of(world)->bytes -= bytes;
    world_let_go(world, bytes);
    text_unref(move->image.view);
    text_unref(move->image.hidden);
    store_drop(world->store, move->resource);
    *move = (struct past_move){0};
}

static struct past_move *oldest(struct past *past)
{
    return &past->moves[(past->next + PAST_MOVES - past->count) % PAST_MOVES];
}

static void drop_oldest(struct world *world)
{
    struct past *past = past_of(world);
    clear(world, oldest(past));
    past->count--;
}

static struct past_move *make_ring(struct world *world)
{
    const size_t size = PAST_MOVES * sizeof(struct past_move);
    world_hold(world, size);
    return mem_alloc(size);
}

static void add(struct play *play, struct resource *resource, const struct resource_image *image)
{
    struct world *world = play->world;
    struct past *past = past_of(world);
    if (play->rehearsal)
        return;
    if (!past->moves)
        past->moves = make_ring(world);
    struct past_move move = {store_hold(resource), *image, {0}, false};
    text_ref(image->view);
    text_ref(image->hidden);
    past->bytes += image_bytes(&move);
    world_hold(world, image_bytes(&move));
    while (past->count && (past->count == PAST_MOVES || past->bytes > PAST_BYTES))
        drop_oldest(world);
    past->moves[past->next] = move;
    past->next = (past->next + 1) % PAST_MOVES;
    past->count++;
}

void past_add(struct play *play, struct resource *resource)
{
    add(play, resource,
        &(struct resource_image){resource->view, resource->hidden, resource->entered,
                                 resource->state});
}

void past_add_birth(struct play *play, struct resource *resource)
{
    add(play, resource, &(struct resource_image){0});
}

/* 0 is the newest. */
static struct past_move *nth(const struct past *past, size_t n)
{
    return &past->moves[(past->next + 2 * PAST_MOVES - 1 - n) % PAST_MOVES];
}

void past_forget(struct play *play, const struct resource *resource)
{
    struct past *past = past_of(play->world);
    for (size_t i = 0; i < past->count; i++)
        if (nth(past, i)->resource == resource)
            clear(play->world, nth(past, i));
}

void past_release(struct world *world)
{
    struct past *past = past_of(world);
    while (past->count)
        drop_oldest(world);
    if (past->moves)
        world_let_go(world, PAST_MOVES * sizeof *past->moves);
    mem_free(past->moves);
    *past = (struct past){0};
}

static bool is_of(const struct past_move *move, bool of_birth)
{
    return move->resource && !move->image.view == of_birth;
}

struct past_move *past_find(const struct world *world, const struct resource *resource,
                            bool of_birth)
{
    const struct past *past = past_of(world);
    for (size_t i = 0; i < past->count; i++)
        if (nth(past, i)->resource == resource && is_of(nth(past, i), of_birth))
            return nth(past, i);
    return NULL;
}

struct past_move **past_of_kind(const struct world *world, unsigned kind, bool of_birth,
                                struct arena *arena, size_t *count)
{
    const struct past *past = past_of(world);
    struct past_move **found = arena_alloc(arena, (past->count + 1) * sizeof *found);
    *count = 0;
    for (size_t i = 0; i < past->count; i++) {
        struct past_move *move = nth(past, i);
        if (is_of(move, of_birth) && move->resource->kind == kind &&
            past_find(world, move->resource, of_birth) == move)
            found[(*count)++] = move;
    }
    return found;
}
