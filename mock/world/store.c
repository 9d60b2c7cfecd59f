/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/store.h"

#include "core/base/draw.h"
#include "core/base/mem.h"
#include "mock/world/store_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct id_key {
    unsigned kind;
    const char *owner, *id;
};

static uint32_t hash_of(const void *item)
{
    return ((const struct resource *)item)->hash;
}

static bool equals(const void *item, const void *data)
{
    const struct resource *resource = item;
    const struct id_key *key = data;
    return resource->kind == key->kind && text_is(resource->id, key->id) &&
           text_is(resource_owner(resource), key->owner);
}

static bool has_id(const void *item, const void *data)
{
    const struct resource *resource = item;
    const struct id_key *key = data;
    return resource->kind == key->kind && text_is(resource->id, key->id);
}

/* Owners are not hashed, so that one probe finds what has an id, whoever owns it. */
static uint32_t hash_key(const struct id_key *key)
{
    return (uint32_t)draw_hash_text(key->kind, key->id);
}

void store_copy_shape(struct kind_shape *copy, const struct kind_shape *shape)
{
    assert(shape->link_count <= KIND_LINKS_MAX);
    size_t columns = shape->column_count * sizeof *shape->columns;
    size_t orders = shape->order_count * sizeof *shape->orders;
    void *column_copy = mem_alloc(columns), *order_copy = mem_alloc(orders);
    if (columns)
        memcpy(column_copy, shape->columns, columns);
    if (orders)
        memcpy(order_copy, shape->orders, orders);
    *copy = *shape;
    copy->columns = column_copy;
    copy->orders = order_copy;
}

struct store *store_new(const struct kind_shape *kinds, size_t kind_count, size_t limit)
{
    struct store *store = mem_alloc(sizeof *store);
    store->limit = limit;
    table_init(&store->ids, hash_of, &store->bytes);
    interns_init(&store->interns, &store->bytes);
    relations_init(&store->relations, &store->bytes);
    causes_init(&store->causes, &store->bytes);
    store_add_kinds(store, kinds, kind_count);
    return store;
}

void store_add_kinds(struct store *store, const struct kind_shape *kinds, size_t count)
{
    store->kinds =
        mem_realloc(store->kinds, (store->kind_count + count + 1) * sizeof *store->kinds);
    for (size_t i = 0; i < count; i++) {
        struct kind_rows *rows = mem_alloc(sizeof *rows);
        store->bytes += sizeof *rows + kinds[i].column_count * sizeof *kinds[i].columns +
                        kinds[i].order_count * sizeof *kinds[i].orders;
        store_copy_shape(&rows->shape, &kinds[i]);
        index_init(&rows->index, &rows->shape, &store->interns, &store->bytes);
        store->kinds[store->kind_count++] = rows;
    }
}

static size_t head_memory(const char *id, const char *owner, size_t links)
{
    size_t names = strlen(id) + 1 + (owner ? strlen(owner) + 1 : 0);
    return sizeof(struct resource) + links * sizeof(struct link_node) + names + 16;
}

size_t store_own_memory(const struct resource *resource)
{
    return head_memory(resource->id, resource_owner(resource), resource->link_count) +
           text_memory(resource->view) + text_memory(resource->hidden) +
           move_log_memory(&resource->moves);
}

static void free_resource(struct store *store, struct resource *resource)
{
    if (resource->outcome && store->release)
        store->release(resource->outcome);
    store->bytes -= store_own_memory(resource);
    text_unref(resource->view);
    text_unref(resource->hidden);
    move_log_release(&resource->moves);
    if (resource->has_own_links)
        mem_free(resource->links);
    mem_free(resource);
}

void store_free(struct store *store)
{
    if (!store)
        return;
    size_t at = 0;
    struct resource *resource;
    while ((resource = table_next(&store->ids, &at)))
        free_resource(store, resource);
    relations_release(&store->relations);
    causes_release(&store->causes);
    table_release(&store->ids);
    for (size_t i = 0; i < store->kind_count; i++) {
        index_release(&store->kinds[i]->index);
        mem_free((void *)store->kinds[i]->shape.columns);
        mem_free((void *)store->kinds[i]->shape.orders);
        mem_free(store->kinds[i]);
    }
    interns_release(&store->interns);
    mem_free(store->kinds);
    mem_free(store);
}

void store_on_release(struct store *store, void (*release)(void *outcome))
{
    store->release = release;
}

void store_on_change(struct store *store, void (*changed)(void *data), void *data)
{
    store->changed = changed;
    store->changed_data = data;
}

static uint32_t count_change(struct store *store)
{
    if (store->changed)
        store->changed(store->changed_data);
    return ++store->sequence;
}

/* What a row costs at most beside its own block and texts: columns, orders, tables, two moves. */
static size_t row_estimate(const struct kind_shape *shape)
{
    return shape->column_count * 2 * sizeof(int64_t) + shape->order_count * 32 + 128;
}

static int check_room(const struct store *store, const struct kind_shape *shape, size_t more,
                      struct error *err)
{
    if (!store->limit || store->bytes + more <= store->limit)
        return 0;
    return fail(err, ERROR_TOO_LARGE,
                "no room for another '%s': the session holds %zu bytes of at most %zu", shape->name,
                store->bytes, store->limit);
}

static struct resource *make_resource(const struct birth *birth, size_t link_count)
{
    size_t id_size = strlen(birth->id) + 1;
    struct resource *resource = mem_alloc(head_memory(birth->id, birth->owner, link_count) - 16);
    resource->links = (struct link_node *)(void *)(resource + 1);
    char *names = (char *)(resource->links + link_count);
    memcpy(names, birth->id, id_size);
    resource->id = names;
    if (birth->owner) {
        memcpy(names + id_size, birth->owner, strlen(birth->owner) + 1);
        resource->has_owner = true;
    }
    resource->kind = (uint16_t)birth->kind;
    resource->state = birth->state;
    resource->born = resource->entered = birth->at;
    resource->version = resource->holds = 1; /* the store's own hold */
    resource->link_count = (uint8_t)link_count;
    resource->view = text_ref(birth->data.view);
    resource->hidden = text_ref(birth->data.hidden);
    return resource;
}

static void log_move(struct store *store, struct resource *resource, struct move_record move,
                     const struct move_cause *cause)
{
    static const struct move_cause none = {0};
    move.cause = causes_number(&store->causes, cause ? cause : &none);
    move.exchange = cause ? cause->exchange : 0;
    move.sequence = count_change(store);
    store->bytes += (size_t)move_log_add(&resource->moves, &move);
}

void store_set_links(struct store *store, struct resource *resource, const char *const *links)
{
    const struct kind_shape *shape = &store->kinds[resource->kind]->shape;
    for (unsigned i = 0; i < resource->link_count; i++)
        related_set(&store->relations, shape, resource, i, links ? links[i] : NULL);
}

struct resource *store_make(struct store *store, const struct birth *birth, bool wants_id,
                            struct error *err)
{
    assert(birth->kind < store->kind_count);
    const struct kind_shape *shape = &store->kinds[birth->kind]->shape;
    assert(birth->state < shape->state_count);
    struct id_key key = {birth->kind, birth->owner, birth->id};
    uint32_t hash = hash_key(&key);
    if (wants_id && table_find(&store->ids, hash, equals, &key)) {
        fail(err, ERROR_CONFLICT, "there is a '%s' with the id '%s' already", shape->name,
             birth->id);
        return NULL;
    }
    size_t more = head_memory(birth->id, birth->owner, shape->link_count) + row_estimate(shape) +
                  text_memory(birth->data.view) + text_memory(birth->data.hidden);
    if (check_room(store, shape, more, err) < 0)
        return NULL;
    struct resource *resource = make_resource(birth, shape->link_count);
    resource->hash = hash;
    store->bytes += store_own_memory(resource);
    return resource;
}

void store_put_into_lists(struct store *store, struct resource *resource, const struct birth *birth)
{
    table_add(&store->ids, resource);
    index_add(&store->kinds[birth->kind]->index, resource, birth->data.columns);
    store_set_links(store, resource, birth->data.links);
}

struct resource *store_add(struct store *store, const struct birth *birth, struct error *err)
{
    struct resource *resource = store_make(store, birth, true, err);
    if (!resource)
        return NULL;
    resource->serial = ++store->serial;
    log_move(store, resource,
             (struct move_record){.at = birth->at, .from = MOVE_ABSENT, .to = birth->state},
             birth->cause);
    store_put_into_lists(store, resource, birth);
    return resource;
}

struct resource *store_find(const struct store *store, unsigned kind, const char *owner,
                            const char *id)
{
    struct id_key key = {kind, owner, id};
    return table_find(&store->ids, hash_key(&key), equals, &key);
}

struct resource *store_find_any(const struct store *store, unsigned kind, const char *id,
                                size_t *count)
{
    struct id_key key = {kind, NULL, id};
    uint32_t hash = hash_key(&key);
    if (count)
        *count = table_count(&store->ids, hash, has_id, &key);
    return table_find(&store->ids, hash, has_id, &key);
}

static void replace_data(struct store *store, struct resource *resource,
                         const struct resource_data *data)
{
    struct text *view = resource->view, *hidden = resource->hidden;
    store->bytes -= text_memory(view) + text_memory(hidden);
    store->bytes += text_memory(data->view) + text_memory(data->hidden);
    resource->view = text_ref(data->view);
    resource->hidden = text_ref(data->hidden);
    text_unref(view);
    text_unref(hidden);
    resource->version++;
    count_change(store);
    index_update(&store->kinds[resource->kind]->index, resource, data->columns);
    store_set_links(store, resource, data->links);
}

int store_change(struct store *store, struct resource *resource, const struct resource_data *data,
                 struct error *err)
{
    assert(!resource->is_deleted);
    size_t old = text_memory(resource->view) + text_memory(resource->hidden);
    size_t fresh = text_memory(data->view) + text_memory(data->hidden);
    if (fresh > old &&
        check_room(store, &store->kinds[resource->kind]->shape, fresh - old, err) < 0)
        return -1;
    replace_data(store, resource, data);
    return 0;
}

void store_rewind(struct store *store, struct resource *resource, const struct resource_data *data,
                  const struct rewind *to)
{
    struct move_log *moves = &resource->moves;
    uint8_t from = resource->state;
    while (moves->count && moves->items[moves->count - 1].sequence > to->sequence)
        moves->count--;
    replace_data(store, resource, data);
    resource->state = to->state;
    resource->entered = to->entered;
    index_set_state(&store->kinds[resource->kind]->index, resource);
    related_state(resource, from, to->state);
}

void store_set_state(struct store *store, struct resource *resource, uint8_t state, nanos at,
                     const struct move_cause *cause)
{
    assert(!resource->is_deleted && state < store->kinds[resource->kind]->shape.state_count);
    uint8_t from = resource->state;
    log_move(store, resource, (struct move_record){.at = at, .from = from, .to = state}, cause);
    resource->state = state;
    resource->entered = at;
    resource->version++;
    index_set_state(&store->kinds[resource->kind]->index, resource);
    related_state(resource, from, state);
}

void store_delete(struct store *store, struct resource *resource, nanos at,
                  const struct move_cause *cause)
{
    assert(!resource->is_deleted);
    log_move(store, resource,
             (struct move_record){.at = at, .from = resource->state, .to = MOVE_ABSENT}, cause);
    store_set_links(store, resource, NULL);
    index_remove(&store->kinds[resource->kind]->index, resource);
    table_remove(&store->ids, resource);
    resource->is_deleted = true;
    resource->version++;
    store_drop(store, resource);
}

struct move_cause store_cause(const struct store *store, const struct move_record *move)
{
    struct move_cause cause = causes_get(&store->causes, move->cause);
    cause.exchange = move->exchange;
    return cause;
}

struct resource *store_hold(struct resource *resource)
{
    if (resource)
        resource->holds++;
    return resource;
}

void store_drop(struct store *store, struct resource *resource)
{
    if (resource && --resource->holds == 0)
        free_resource(store, resource);
}

size_t store_count(const struct store *store, unsigned kind)
{
    return store->kinds[kind]->index.count;
}

void store_set_limit(struct store *store, size_t limit)
{
    store->limit = limit;
}

size_t store_bytes(const struct store *store)
{
    return store->bytes;
}

uint32_t store_sequence(const struct store *store)
{
    return store->sequence;
}

size_t store_kind_count(const struct store *store)
{
    return store->kind_count;
}

struct resource *const *store_rows(const struct store *store, unsigned kind, size_t *count)
{
    *count = store->kinds[kind]->index.count;
    return store->kinds[kind]->index.rows;
}

struct index *store_index(const struct store *store, unsigned kind)
{
    return &store->kinds[kind]->index;
}
