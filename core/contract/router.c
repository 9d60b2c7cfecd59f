/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trie with one level a segment. Each node is reached by one path of segments, so a search looks
 * at a node once at most, whatever the path asked for.
 */
#include "core/contract/router.h"

#include "core/contract/percent.h"
#include "core/contract/routes.h"

#include <stdlib.h>

enum { LITERALS_FEW = 12 }; /* looking through so many is quicker than hashing */

/* ---- building ---- */

struct router *router_new(struct arena *arena)
{
    struct router *router = arena_alloc(arena, sizeof *router);
    router->arena = arena;
    return router;
}

static void free_map(void *map)
{
    map_free(map);
}

static struct route_node *find_literal(const struct route_node *node, struct str text)
{
    if (node->many)
        return map_get_n(node->many, text.ptr, text.len);
    for (size_t i = 0; i < node->literals.count; i++)
        if (str_equal(node->literals.items[i]->text, text))
            return node->literals.items[i];
    return NULL;
}

static void put_many(struct router *router, struct route_node *node)
{
    node->many = map_new();
    arena_defer(router->arena, free_map, node->many);
    for (size_t i = 0; i < node->literals.count; i++)
        map_put(node->many, node->literals.items[i]->text.ptr, node->literals.items[i]);
}

static struct route_node *add_literal(struct router *router, struct route_node *node,
                                      const struct segment *segment)
{
    struct route_node *child = find_literal(node, str_from(segment->text));
    if (child)
        return child;
    child = arena_alloc(router->arena, sizeof *child);
    child->segment = segment;
    child->text = str_from(segment->text);
    vec_push_arena(router->arena, &node->literals, child);
    if (node->many)
        map_put(node->many, segment->text, child);
    else if (node->literals.count > LITERALS_FEW)
        put_many(router, node);
    return child;
}

static struct route_node *add_template(struct router *router, struct route_node *node,
                                       const struct segment *segment)
{
    for (size_t i = 0; i < node->templates.count; i++)
        if (text_is(node->templates.items[i]->segment->shape, segment->shape))
            return node->templates.items[i];
    struct route_node *child = arena_alloc(router->arena, sizeof *child);
    child->segment = segment;
    vec_push_arena(router->arena, &node->templates, child);
    struct route_node **items = node->templates.items;
    for (size_t i = node->templates.count - 1;
         i && items[i - 1]->segment->literal_len < segment->literal_len; i--) {
        items[i] = items[i - 1];
        items[i - 1] = child;
    }
    return child;
}

static int collect_names(struct arena *arena, struct route *route, struct error *err)
{
    route->names = arena_alloc(arena, ROUTE_VALUES_MAX * sizeof *route->names);
    const struct segment *segment;
    vec_foreach (segment, &route->template.segments) {
        for (size_t i = 0; i < segment->pieces.count; i++) {
            const char *name = segment->pieces.items[i].name;
            if (!name)
                continue;
            if (route->name_count == ROUTE_VALUES_MAX)
                return fail(err, ERROR_INVALID, "more than %d parameters", ROUTE_VALUES_MAX);
            for (size_t n = 0; n < route->name_count; n++)
                if (text_is(route->names[n], name))
                    return fail(err, ERROR_INVALID, "parameter '%s' stands in it twice", name);
            route->names[route->name_count++] = name;
        }
    }
    return 0;
}

static const struct route *find_route(const struct route_node *node, const char *method)
{
    for (size_t i = 0; i < node->routes.count; i++)
        if (text_is(node->routes.items[i]->operation->method, method))
            return node->routes.items[i];
    return NULL;
}

/* `path` is the operation's, or what is left of it behind what a mount replaces. */
static int add_route(struct router *router, const char *prefix, const struct operation *operation,
                     const char *path, struct findings *findings)
{
    struct error err;
    struct arena *arena = router->arena;
    struct place place = tree_key_place(operation->node);
    struct route *route = arena_alloc(arena, sizeof *route);
    route->operation = operation;
    route->prefix = arena_strdup(arena, prefix);
    const char *text = arena_printf(arena, "%s%s", prefix, path);
    if (template_parse(arena, text, &route->template, &err) || collect_names(arena, route, &err)) {
        findings_add(findings, place, "path '%s': %s", text, err.text);
        return -1;
    }
    struct route_node *node = &router->root;
    const struct segment *segment;
    vec_foreach (segment, &route->template.segments)
        node = segment->is_literal ? add_literal(router, node, segment)
                                   : add_template(router, node, segment);
    const struct route *other = find_route(node, operation->method);
    if (other) {
        findings_add(findings, place, "'%s %s' fits the same paths as '%s%s'", operation->method,
                     text, other->prefix, other->operation->path);
        return -1;
    }
    vec_push_arena(arena, &node->routes, route);
    vec_push_arena(arena, &router->routes, route);
    return 0;
}

int router_add(struct router *router, const char *prefix, const struct operation *operation,
               struct findings *findings)
{
    return add_route(router, prefix, operation, operation->path, findings);
}

int router_mount(struct router *router, const struct contract *contract, const char *prefix,
                 const char *replaces, struct findings *findings)
{
    int result = 0;
    size_t len = replaces ? strlen(replaces) : 0;
    const struct operation *operation;
    vec_foreach (operation, &contract->operations) {
        const char *path = operation->path;
        if (replaces && len &&
            (strncmp(path, replaces, len) != 0 || (path[len] && path[len] != '/')))
            continue;
        if (add_route(router, prefix, operation, path + len, findings))
            result = -1;
    }
    return result;
}

int router_add_contract(struct router *router, const struct contract *contract,
                        const char *const *prefixes, size_t count, struct findings *findings)
{
    static const char *const bare[] = {""};
    int result = 0;
    if (!count) {
        prefixes = bare;
        count = 1;
    }
    for (size_t i = 0; i < count; i++) {
        if (router_mount(router, contract, prefixes[i], NULL, findings))
            result = -1;
    }
    return result;
}

/* ---- matching ---- */

struct search {
    const char *method;
    const struct str *segments;
    size_t segment_count;
    struct str values[ROUTE_VALUES_MAX];
    struct route_match *match;
};

int split_path(struct str path, struct str segments[static ROUTE_SEGMENTS_MAX + 1])
{
    int count = 0;
    if (!path.len || *path.ptr != '/')
        return -1;
    const char *at = path.ptr, *end = path.ptr + path.len;
    while (at < end) {
        const char *start = at + 1;
        const char *slash = start < end ? memchr(start, '/', (size_t)(end - start)) : NULL;
        at = slash ? slash : end;
        if (count == ROUTE_SEGMENTS_MAX)
            return -1;
        segments[count++] = (struct str){start, (size_t)(at - start)};
    }
    return count;
}

static void take_route(const struct search *search, const struct route *route)
{
    struct route_match *match = search->match;
    match->path_known = true;
    match->prefix = route->prefix;
    match->template = route->operation->path;
    match->value_count = route->name_count;
    for (size_t i = 0; i < route->name_count; i++)
        match->values[i] = (struct route_value){route->names[i], search->values[i]};
}

static void note_methods(struct route_match *match, const struct route_node *node)
{
    for (size_t i = 0; i < node->routes.count; i++) {
        const char *method = node->routes.items[i]->operation->method;
        size_t known = 0;
        while (known < match->method_count && !text_is(match->methods[known], method))
            known++;
        if (known == match->method_count && known < ROUTE_METHODS_MAX)
            match->methods[match->method_count++] = method;
    }
}

/* True when the method is here; else the path is noted, and the search goes on. */
static bool end_here(struct search *search, const struct route_node *node)
{
    const struct route *route = find_route(node, search->method);
    if (route) {
        take_route(search, route);
        search->match->operation = route->operation;
        return true;
    }
    if (node->routes.count && !search->match->path_known)
        take_route(search, node->routes.items[0]);
    note_methods(search->match, node);
    return false;
}

static bool search_node(struct search *search, const struct route_node *node, size_t depth,
                        size_t value_count);

/* The children whose literal is written in the path with escapes. */
static bool search_encoded(struct search *search, const struct route_node *node, size_t depth,
                           size_t value_count)
{
    for (size_t i = 0; i < node->literals.count; i++) {
        const struct route_node *child = node->literals.items[i];
        if (percent_equal(search->segments[depth], child->text.ptr) &&
            search_node(search, child, depth + 1, value_count))
            return true;
    }
    return false;
}

static size_t count_parameters(const struct segment *segment)
{
    size_t count = 0;
    for (size_t i = 0; i < segment->pieces.count; i++)
        count += segment->pieces.items[i].name != NULL;
    return count;
}

/* As deep as the path has segments, ROUTE_SEGMENTS_MAX at most. */
static bool search_node(struct search *search, const struct route_node *node, size_t depth,
                        size_t value_count)
{
    if (depth == search->segment_count)
        return end_here(search, node);
    struct str raw = search->segments[depth];
    struct route_node *child = find_literal(node, raw);
    if (child && search_node(search, child, depth + 1, value_count))
        return true;
    if (!child && raw.len && memchr(raw.ptr, '%', raw.len) &&
        search_encoded(search, node, depth, value_count))
        return true;
    for (size_t i = 0; i < node->templates.count; i++) {
        child = node->templates.items[i];
        if (segment_match(child->segment, raw, search->values + value_count) &&
            search_node(search, child, depth + 1, value_count + count_parameters(child->segment)))
            return true;
    }
    return false;
}

bool router_match(const struct router *router, const char *method, struct str path,
                  struct route_match *match)
{
    struct str segments[ROUTE_SEGMENTS_MAX + 1];
    match->operation = NULL;
    match->path_known = false;
    match->slash = SLASH_EXACT;
    match->prefix = match->template = NULL;
    match->value_count = match->method_count = 0;
    int count = split_path(path, segments);
    if (count < 1)
        return false;
    struct search search; /* its values are set as they are found */
    search.method = method;
    search.segments = segments;
    search.segment_count = (size_t)count;
    search.match = match;
    if (search_node(&search, &router->root, 0, 0) || match->path_known)
        return match->operation != NULL;
    bool has_slash = !segments[count - 1].len;
    match->slash = has_slash ? SLASH_EXTRA : SLASH_MISSING;
    if (!has_slash)
        segments[count] = (struct str){"", 0};
    search.segment_count = (size_t)(has_slash ? count - 1 : count + 1);
    if (search_node(&search, &router->root, 0, 0) || match->path_known)
        return match->operation != NULL;
    match->slash = SLASH_EXACT;
    return false;
}

/* ---- what a match says ---- */

cJSON *route_match_values(const struct route_match *match, struct arena *arena)
{
    cJSON *values = tree_object(arena);
    for (size_t i = 0; i < match->value_count; i++)
        tree_set_string(arena, values, match->values[i].name,
                        percent_decode(arena, match->values[i].raw, false));
    return values;
}

const char *const *route_template_names(struct arena *arena, const char *template,
                                        struct error *err)
{
    struct route route = {0};
    if (template_parse(arena, template, &route.template, err) || collect_names(arena, &route, err))
        return NULL;
    const char **names = arena_alloc(arena, (route.name_count + 1) * sizeof *names);
    for (size_t i = 0; i < route.name_count; i++)
        names[i] = route.names[i];
    return names;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void route_match_allow(const struct route_match *match, struct strbuf *out)
{
    const char *methods[ROUTE_METHODS_MAX + 2];
    size_t count = 0;
    bool has_get = false, has_head = false, has_options = false;
    for (; count < match->method_count; count++) {
        methods[count] = match->methods[count];
        has_get |= text_is(methods[count], "GET");
        has_head |= text_is(methods[count], "HEAD");
        has_options |= text_is(methods[count], "OPTIONS");
    }
    if (has_get && !has_head)
        methods[count++] = "HEAD";
    if (!has_options)
        methods[count++] = "OPTIONS";
    qsort(methods, count, sizeof *methods, compare_texts);
    for (size_t i = 0; i < count; i++)
        strbuf_addf(out, "%s%s", i ? ", " : "", methods[i]);
}
