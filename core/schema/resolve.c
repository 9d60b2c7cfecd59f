/* SPDX-License-Identifier: Apache-2.0 */
/* Where a reference leads: URI, then a JSON Pointer or an anchor; all within the set. */
#include "core/data/pointer.h"
#include "core/schema/metaschemas.h"
#include "core/schema/model.h"
#include "core/schema/uri.h"

#include <stdlib.h>

const char *pointer_token(struct arena *arena, const char *token)
{
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    size_t len = strlen(token);
    char *copy;

    if (!strpbrk(token, "~/")) {
        copy = arena_alloc(arena, len + 2);
        copy[0] = '/';
        memcpy(copy + 1, token, len);
        return copy;
    }
    pointer_add_token(token, &text);
    copy = arena_strdup(arena, text.buf);
    strbuf_release(&text);
    return copy;
}

/* One reference token, unescaped (RFC 6901 section 4), taken off the front. */
static char *take_token(struct arena *arena, const char **pointer)
{
    size_t len = strcspn(*pointer + 1, "/");
    char *token = arena_strndup(arena, *pointer + 1, len), *out = token;

    for (const char *in = token; *in; in++) {
        if (in[0] == '~' && (in[1] == '0' || in[1] == '1')) {
            *out++ = in[1] == '0' ? '~' : '/';
            in++;
        } else {
            *out++ = *in;
        }
    }
    *out = '\0';
    *pointer += len + 1;
    return token;
}

static const cJSON *step_down(const cJSON *node, const char *token)
{
    size_t digits = strspn(token, "0123456789");

    if (cJSON_IsObject(node))
        return tree_get(node, token);
    if (!cJSON_IsArray(node) || !digits || token[digits] || digits > 9 ||
        (token[0] == '0' && digits > 1))
        return NULL;
    return tree_at(node, strtoul(token, NULL, 10));
}

/* Walks down and keeps in mind which resource the place belongs to. */
bool pointer_resolve(struct schema_set *set, struct resource *resource, const char *pointer,
                     struct target *target)
{
    const cJSON *node = resource->root;
    const char *rest = pointer;

    if (*pointer && *pointer != '/')
        return false;
    while (*rest) {
        struct resource *inner;

        node = step_down(node, take_token(set->arena, &rest));
        if (!node)
            return false;
        inner = node_map_get(&set->roots, node);
        if (inner)
            resource = inner;
    }
    *target = (struct target){.node = node, .resource = resource};
    return true;
}

struct resource *resource_find(struct schema_set *set, const char *uri)
{
    struct resource *resource = map_get(set->resources, uri);

    return resource ? resource : metaschema_find(set, uri);
}

struct resource *resource_named(struct schema_set *set, const char *uri)
{
    struct resource *resource = resource_find(set, uri);

    return resource ? resource : resource_find(set, uri_resolve(set->arena, "", uri));
}

static const char *nearest_anchor(struct schema_set *set, const struct resource *resource,
                                  const char *name)
{
    size_t len = strlen(resource->uri), count = 0, all = map_count(set->anchors);
    const char **names = arena_alloc(set->arena, (all + 1) * sizeof *names);

    for (const struct map_entry *e = map_first(set->anchors); e; e = e->next)
        if (!strncmp(e->key, resource->uri, len) && e->key[len] == '#')
            names[count++] = e->key + len + 1;
    return text_nearest_of(name, names, count);
}

/* Of the last token of a pointer that leads nowhere: the members that were there to choose from. */
static const char *nearest_member(struct schema_set *set, const struct resource *resource,
                                  const char *pointer)
{
    const char *last = strrchr(pointer, '/');
    const char **names;
    const cJSON *parent, *member;
    size_t count = 0;

    if (!last)
        return NULL;
    parent =
        pointer_get(resource->root, arena_strndup(set->arena, pointer, (size_t)(last - pointer)));
    if (!cJSON_IsObject(parent))
        return NULL;
    names = arena_alloc(set->arena, (tree_count(parent) + 1) * sizeof *names);
    cJSON_ArrayForEach (member, parent)
        names[count++] = member->string;
    return text_nearest_of(last + 1, names, count);
}

static bool resolve_fragment(struct schema_set *set, struct resource *resource,
                             const char *reference, struct target *target, struct error *err)
{
    const char *fragment = uri_fragment(set->arena, reference), *near;
    struct anchor *anchor;

    if (!*fragment || *fragment == '/') {
        if (pointer_resolve(set, resource, fragment, target)) {
            const char *const texts[] = {resource->pointer, fragment};
            target->pointer = arena_join(set->arena, texts, 2);
            return true;
        }
        near = nearest_member(set, resource, fragment);
    } else {
        anchor = map_get(set->anchors, arena_printf(set->arena, "%s#%s", resource->uri, fragment));
        if (anchor) {
            *target = (struct target){anchor->node, anchor->resource, anchor->pointer, anchor};
            return true;
        }
        near = nearest_anchor(set, resource, fragment);
    }
    fail(err, ERROR_NOT_FOUND, "'%s' leads nowhere%s%s%s", reference,
         near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
    return false;
}

static bool resolve_anew(struct schema_set *set, const struct resource *from, const char *reference,
                         struct target *target, struct error *err)
{
    bool is_near = from && *reference == '#';
    const char *uri =
        is_near ? from->uri : uri_resolve(set->arena, from ? from->uri : "", reference);
    struct resource *resource = resource_find(set, uri);

    /* a document that names itself is still found under the name it was added with */
    if (!resource && from)
        resource = resource_find(set, uri_resolve(set->arena, from->document, reference));
    if (!resource) {
        fail(err, ERROR_NOT_FOUND, "'%s' leads to '%s', which was not loaded", reference, uri);
        return false;
    }
    return resolve_fragment(set, resource, reference, target, err);
}

static void free_links(void *map)
{
    map_free(map);
}

/* Documents say the same few hundred references over and over. */
bool reference_resolve(struct schema_set *set, struct resource *from, const char *reference,
                       struct target *target, struct error *err)
{
    const struct target *known = from ? map_get(from->links, reference) : NULL;

    if (known) {
        *target = *known;
        return true;
    }
    if (!resolve_anew(set, from, reference, target, err))
        return false;
    if (from && !from->links) {
        from->links = map_new();
        arena_defer(set->arena, free_links, from->links);
    }
    if (from)
        map_put(from->links, reference, arena_copy(set->arena, target, sizeof *target));
    return true;
}

int schema_set_resolves(struct schema_set *set, const char *uri, const char *reference,
                        struct error *err)
{
    struct resource *from = resource_named(set, uri);
    struct target target;

    return from && reference_resolve(set, from, reference, &target, err) ? 0 : -1;
}
