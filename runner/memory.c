/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/memory.h"

#include "core/base/mem.h"
#include "core/base/vec.h"
#include "runner/judge.h"

struct memories {
    struct {
        VEC(struct memory *);
    } used; /* kept or not, since the last memories_let_go */
    struct {
        VEC(struct memory *);
    } loose; /* that may be used again, unless somebody holds them anew */
    struct {
        VEC(struct memory *);
    } kept;
};

static void free_memory(struct memory *memory)
{
    arena_free(memory->arena);
    mem_free(memory);
}

static void release(void *data)
{
    struct memories *memories = data;
    for (size_t i = 0; i < memories->used.count; i++)
        free_memory(memories->used.items[i]);
    for (size_t i = 0; i < memories->kept.count; i++)
        free_memory(memories->kept.items[i]);
    vec_free(&memories->used);
    vec_free(&memories->loose);
    vec_free(&memories->kept);
}

struct memories *memories_new(struct arena *arena)
{
    struct memories *memories = arena_alloc(arena, sizeof *memories);
    arena_defer(arena, release, memories);
    return memories;
}

static void loosen(struct memory *memory)
{
    if (memory->is_loose)
        return;
    memory->is_loose = true;
    vec_push(&memory->of->loose, memory);
}

struct memory *memories_take(struct memories *memories)
{
    while (memories->loose.count) {
        struct memory *memory = memories->loose.items[--memories->loose.count];
        memory->is_loose = false;
        if (memory->holds || memory->is_kept)
            continue;
        arena_reset(memory->arena);
        memory->holds = 1;
        return memory;
    }
    struct memory *made = mem_alloc(sizeof *made);
    *made = (struct memory){.arena = arena_new(), .of = memories, .holds = 1};
    vec_push(&memories->used, made);
    return made;
}

void memories_let_go(struct memories *memories)
{
    size_t left = 0;
    for (size_t i = 0; i < memories->used.count; i++) {
        struct memory *memory = memories->used.items[i];
        memory->holds = 0;
        if (memory->is_kept) {
            vec_push(&memories->kept, memory);
            continue;
        }
        memories->used.items[left++] = memory;
        loosen(memory);
    }
    memories->used.count = left;
}

void memory_hold(struct memory *memory)
{
    if (memory)
        memory->holds++;
}

void memory_drop(struct memory *memory)
{
    if (memory && memory->holds && !--memory->holds)
        loosen(memory);
}

void memory_keep(struct memory *memory)
{
    if (memory)
        memory->is_kept = true;
}

void seen_refer(const struct seen **place, const struct seen *seen)
{
    if (seen)
        memory_hold(seen->memory);
    if (*place)
        memory_drop((*place)->memory);
    *place = seen;
}
