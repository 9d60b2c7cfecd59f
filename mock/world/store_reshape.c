/* SPDX-License-Identifier: Apache-2.0 */
/* A kind gets another shape while its resources stay. */
#include "core/base/mem.h"
#include "mock/world/store_parts.h"

#include <stdlib.h>
#include <string.h>

static int by_birth(const void *a, const void *b)
{
    const struct resource *const *left = a, *const *right = b;
    return ((*left)->serial > (*right)->serial) - ((*left)->serial < (*right)->serial);
}

static void set_shape(struct store *store, struct kind_rows *rows, const struct kind_shape *shape)
{
    index_release(&rows->index);
    mem_free((void *)rows->shape.columns);
    mem_free((void *)rows->shape.orders);
    store_copy_shape(&rows->shape, shape);
    index_init(&rows->index, &rows->shape, &store->interns, &store->bytes);
}

/* Whoever has the resource keeps its address: only its links move. */
static void resize_links(struct resource *resource, size_t count)
{
    if (resource->link_count == count)
        return;
    if (resource->has_own_links)
        mem_free(resource->links);
    resource->links = mem_alloc((count + 1) * sizeof *resource->links);
    resource->link_count = (uint8_t)count;
    resource->has_own_links = true;
}

static void map_states(struct resource *resource, const uint8_t *states)
{
    resource->state = states[resource->state];
    for (size_t i = 0; i < resource->moves.count; i++) {
        struct move_record *move = &resource->moves.items[i];
        move->from = move->from == MOVE_ABSENT ? MOVE_ABSENT : states[move->from];
        move->to = move->to == MOVE_ABSENT ? MOVE_ABSENT : states[move->to];
    }
}

static void come_in_again(struct store *store, struct resource *resource,
                          const struct reshaping *how)
{
    struct resource_data data = {0};
    store->bytes -= store_own_memory(resource);
    map_states(resource, how->states);
    resize_links(resource, how->shape->link_count);
    how->fill(resource, &data, how->data);
    text_unref(resource->view);
    text_unref(resource->hidden);
    resource->view = text_ref(data.view);
    resource->hidden = text_ref(data.hidden);
    store->bytes += store_own_memory(resource);
    resource->version++;
    index_add(&store->kinds[resource->kind]->index, resource, data.columns);
    store_set_links(store, resource, data.links);
    how->filled(&data, how->data);
}

void store_reshape(struct store *store, unsigned kind, const struct reshaping *how)
{
    struct kind_rows *rows = store->kinds[kind];
    size_t count = rows->index.count;
    struct resource **all = mem_alloc((count + 1) * sizeof(struct resource *));
    if (count)
        memcpy(all, rows->index.rows, count * sizeof(struct resource *));
    qsort(all, count, sizeof(struct resource *), by_birth); /* orders take them best so */
    for (size_t i = 0; i < count; i++) {
        store_set_links(store, all[i], NULL);
        index_remove(&rows->index, all[i]);
    }
    set_shape(store, rows, how->shape);
    for (size_t i = 0; i < count; i++)
        come_in_again(store, all[i], how);
    store->sequence++;
    mem_free(all);
}
