/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/keep/restore.h"

#include "core/base/mem.h"
#include "mock/keep/restore_parts.h"
#include "mock/keep/snapshot_write.h"
#include "mock/webhooks.h"

static bool is_format(struct reading *reading, struct str piece)
{
    const char *format = read_text(reading, reading->scratch, piece);
    if (!piece.ptr)
        reading_problem(reading, reading->whole.ptr,
                        "this is no kept state: it has no 'dryrun_state'");
    else if (format && !text_is(format, STATE_FORMAT))
        reading_problem(reading, piece.ptr, "the format is '%.40s', this program reads '%s'",
                        format, STATE_FORMAT);
    return text_is(format, STATE_FORMAT);
}

static void read_document(struct reading *reading, struct restored *restored,
                          const struct restore_options *options)
{
    static const char *const names[] = {"dryrun_state", "sessions"};
    struct str values[2], item;
    struct json_walk walk;
    const char *end = reading->whole.ptr + reading->whole.len;
    struct str whole = json_walk_value(reading->whole);
    for (const char *at = whole.ptr + whole.len; whole.len && at < end; at++)
        if (!strchr(" \n\r\t", *at)) {
            reading_problem(reading, at, "more text behind the state");
            return;
        }
    if (!read_members(reading, whole.len ? whole : reading->whole, names, 2, values) ||
        !is_format(reading, values[0]))
        return;
    if (!values[1].ptr)
        reading_problem(reading, reading->whole.ptr, "a state has no 'sessions'");
    if (!read_items(reading, values[1], &walk))
        return;
    while (read_next(reading, &walk, &item) && reading->findings->errors <= READING_PROBLEMS_MAX)
        restore_session(reading, restored, item, options);
    if (options->session && restored->count != 1)
        reading_problem(reading, values[1].ptr,
                        "there are %zu sessions here: add ?all=true to get them all, each by its "
                        "own name",
                        restored->count);
}

struct restored *restore_read(struct mock *mock, struct str text,
                              const struct restore_options *options, struct findings *findings)
{
    struct restored *restored = mem_alloc(sizeof *restored);
    size_t mark = text.len >= 3 && memcmp(text.ptr, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    struct reading reading = {
        .mock = mock,
        .findings = findings,
        .file = options->file,
        .whole = text.len ? (struct str){text.ptr + mark, text.len - mark} : (struct str){"", 0},
        .arena = arena_new(),
        .scratch = arena_new(),
        .told = map_new(),
    };
    restored->mock = mock;
    restored->all = options->all;
    restored->arena = arena_new();
    read_document(&reading, restored, options);
    map_free(reading.told);
    arena_free(reading.scratch);
    arena_free(reading.arena);
    if (!findings->errors)
        return restored;
    restored_free(restored);
    return NULL;
}

/* What was to go at once goes, and the scheduler hears what is due. */
static void resume(struct world *world)
{
    world_lock(world);
    if (!world_is_closed(world))
        webhooks_resume(world);
    world_unlock(world);
    world_unref(world);
}

int restore_commit(struct restored *restored, struct error *err)
{
    struct arena *arena = restored->arena;
    struct world **worlds = arena_alloc(arena, (restored->count + 1) * sizeof(struct world *));
    for (size_t i = 0; i < restored->count; i++)
        if (restored->items[i].world) /* they may be closed and forgotten at once */
            worlds[i] = world_ref(restored->items[i].world);
    int result = sessions_put(restored->mock->sessions, restored->items, restored->count,
                              restored->all, err);
    for (size_t i = 0; i < restored->count; i++) {
        if (worlds[i] && !result)
            resume(worlds[i]);
        else
            world_unref(worlds[i]);
    }
    return result;
}

void restored_free(struct restored *restored)
{
    if (!restored)
        return;
    for (size_t i = 0; i < restored->count; i++)
        if (restored->items[i].world)
            webhooks_forget(restored->items[i].world);
    session_items_release(restored->items, restored->count);
    mem_free(restored->sessions);
    arena_free(restored->arena);
    mem_free(restored);
}
