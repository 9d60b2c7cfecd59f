/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/rehearsal.h"

#include "core/base/vec.h"
#include "core/data/json.h"
#include "mock/body.h"

struct kept {
    struct resource *resource; /* held by the play */
    struct resource_image image;
    uint32_t sequence; /* of the store: younger moves go */
    bool was_born;
};

struct rehearsal {
    VEC(struct kept);
};

void rehearsal_begin(struct play *play)
{
    if (!play->rehearsal)
        play->rehearsal = arena_alloc(play->arena, sizeof *play->rehearsal);
}

bool rehearsal_has_changed(const struct play *play)
{
    return play->rehearsal && play->rehearsal->count;
}

static bool is_kept(const struct rehearsal *rehearsal, const struct resource *resource)
{
    for (size_t i = 0; i < rehearsal->count; i++)
        if (rehearsal->items[i].resource == resource)
            return true;
    return false;
}

bool rehearsal_has_kept(const struct play *play, const struct resource *resource)
{
    return play->rehearsal && is_kept(play->rehearsal, resource);
}

static void keep(struct play *play, struct resource *resource, bool was_born)
{
    struct rehearsal *rehearsal = play->rehearsal;
    if (!rehearsal || is_kept(rehearsal, resource))
        return;
    struct kept kept = {
        .resource = resource,
        .image = {text_ref(resource->view), text_ref(resource->hidden), resource->entered,
                  resource->state},
        .sequence = store_sequence(play->world->store),
        .was_born = was_born,
    };
    play_hold(play, resource);
    vec_push_arena(play->arena, rehearsal, kept);
}

void rehearsal_keep(struct play *play, struct resource *resource)
{
    keep(play, resource, false);
}

void rehearsal_born(struct play *play, struct resource *resource)
{
    keep(play, resource, true);
}

void rehearsal_delete(struct play *play, struct resource *resource)
{
    keep(play, resource, false);
    resource->is_deleted = true;
}

static const cJSON *whole(struct play *play, const struct resource_image *image)
{
    cJSON *tree = json_parse(play->arena, image->view->bytes, image->view->len, NULL, NULL);
    const cJSON *hidden = image->hidden ? json_parse(play->arena, image->hidden->bytes,
                                                     image->hidden->len, NULL, NULL)
                                        : NULL;
    const cJSON *member;
    cJSON_ArrayForEach (member, hidden)
        tree_set(play->arena, tree, member->string, tree_copy(play->arena, member));
    return tree;
}

/* Columns and links are worked out anew; the texts are the very same. */
static void put_back(struct play *play, struct resource *resource,
                     const struct resource_image *image, uint32_t sequence)
{
    struct resource_data made = {0};
    body_data(play, play_kind(play, resource), tree_copy(play->arena, whole(play, image)), &made);
    struct resource_data data = {image->view, image->hidden, made.columns, made.links};
    store_rewind(play->world->store, resource, &data,
                 &(struct rewind){image->state, image->entered, sequence});
    body_release(&made);
}

void rehearsal_show(struct play *play, struct resource *resource,
                    const struct resource_image *image)
{
    rehearsal_keep(play, resource);
    put_back(play, resource, image, UINT32_MAX);
}

void rehearsal_end(struct play *play)
{
    struct rehearsal *rehearsal = play->rehearsal;
    if (!rehearsal)
        return;
    play->rehearsal = NULL;
    play->settle.count = play->calls.count = play->starts.count = play->resumes.count = 0;
    for (size_t i = rehearsal->count; i-- > 0;) {
        struct kept *kept = &rehearsal->items[i];
        kept->resource->is_deleted = false;
        put_back(play, kept->resource, &kept->image, kept->sequence);
        text_unref(kept->image.view);
        text_unref(kept->image.hidden);
        if (kept->was_born)
            store_delete(play->world->store, kept->resource, world_now(play->world), NULL);
    }
}
