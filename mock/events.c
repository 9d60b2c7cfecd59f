/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/events.h"

#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/data/json.h"

static void drop(struct world *world, struct happening *happening)
{
    world_let_go(world, happening->bytes);
    mem_free((char *)happening->name);
    text_unref(happening->view);
    text_unref(happening->hidden);
    text_unref(happening->data);
}

static void make_room(struct live *live)
{
    if (live->log.count < EVENTS_KEPT)
        return;
    size_t half = live->log.count / 2;
    for (size_t i = 0; i < half; i++)
        drop(live->world, &live->log.items[i]);
    memmove(live->log.items, live->log.items + half,
            (live->log.count - half) * sizeof *live->log.items);
    live->log.count -= half;
    live->log.dropped += half;
}

/* What did not change since the happening before is the same text. */
static size_t bytes_of(const struct live *live, const struct happening *happening)
{
    const struct happening *before = live->log.count ? &live->log.items[live->log.count - 1] : NULL;
    size_t bytes = sizeof *happening + strlen(happening->name) + 1 + text_memory(happening->data);
    if (!before || before->view != happening->view)
        bytes += text_memory(happening->view);
    if (!before || before->hidden != happening->hidden)
        bytes += text_memory(happening->hidden);
    return bytes;
}

static void add(struct play *play, struct resource *root, const struct happening *what)
{
    struct live *live = live_of(play->world, root);
    make_room(live);
    struct happening happening = *what;
    happening.number = live->log.dropped + live->log.count + 1;
    happening.name = mem_strdup(what->name);
    happening.bytes = bytes_of(live, &happening);
    world_hold(live->world, happening.bytes);
    text_ref(happening.view);
    text_ref(happening.hidden);
    text_ref(happening.data);
    vec_push(&live->log, happening);
    world_notify(play->world, root->serial);
}

void events_restore(struct live *live, const struct happening *what)
{
    struct happening happening = *what;
    happening.number = live->log.dropped + live->log.count + 1;
    happening.name = mem_strdup(what->name);
    happening.bytes = bytes_of(live, &happening);
    world_hold(live->world, happening.bytes);
    vec_push(&live->log, happening);
}

/* The machines that a stream is of, among what the resource is and what it links to. */
static bool is_root(const struct play *play, int machine)
{
    const struct lifecycle *lifecycle = play->played->provider->lifecycle;
    for (size_t i = 0; i < lifecycle->stream_count; i++)
        if (lifecycle->streams[i].of == machine)
            return true;
    return false;
}

void events_add(struct play *play, struct resource *resource, const char *name, const cJSON *data)
{
    struct kind_play *kind = play_kind(play, resource);
    const struct machine *machine = kind->kind->machine;
    const struct lifecycle *lifecycle = play->played->provider->lifecycle;
    if (!kind->is_streamed || play->rehearsal)
        return;
    struct text *text = NULL;
    if (data) {
        const char *json = json_text(play->arena, data);
        text = text_copy(json);
    }
    struct happening what = {.name = name,
                             .kind = kind,
                             .view = resource->view,
                             .hidden = resource->hidden,
                             .data = text,
                             .at = world_now(play->world)};
    if (is_root(play, machine->index))
        add(play, resource, &what);
    for (size_t i = 0; i < machine->link_count; i++) {
        const char *target = store_link_target(resource, (unsigned)i);
        if (!target || !is_root(play, machine->links[i].machine))
            continue;
        struct resource *root =
            play_find(play, &lifecycle->machines[machine->links[i].machine], target);
        if (root && root != resource)
            add(play, root, &what);
    }
    text_unref(text);
}

uint64_t events_newest(const struct resource *root)
{
    const struct live *live = live_find(root);
    return live ? live->log.dropped + live->log.count : 0;
}

const struct happening *events_after(const struct resource *root, uint64_t number)
{
    const struct live *live = live_find(root);
    if (!live || number >= live->log.dropped + live->log.count)
        return NULL;
    size_t index = number < live->log.dropped ? 0 : (size_t)(number - live->log.dropped);
    return &live->log.items[index];
}

void events_release(struct live *live)
{
    struct happening *happening;
    vec_foreach (happening, &live->log)
        drop(live->world, happening);
    vec_free(&live->log);
}
