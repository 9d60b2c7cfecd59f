/* SPDX-License-Identifier: Apache-2.0 */
#include "core/contract/openapi.h"

#include "core/contract/descriptions.h"
#include "core/data/load.h"

/* ---- security ---- */

static void read_schemes(struct reader *reader, const struct spot *components)
{
    struct spot map = spot_child(reader->loaded, components, "securitySchemes");
    const cJSON *member;
    cJSON_ArrayForEach (member, map.node) {
        struct spot spot = spot_member(reader->loaded, &map, member);
        spot = spot_follow_to(reader->loaded, spot, OBJECT_SECURITY_SCHEME);
        if (!spot.node)
            continue;
        struct security_scheme scheme = {.name = member->string,
                                         .type = tree_get_text(spot.node, "type"),
                                         .in = IN_HEADER,
                                         .parameter_name = tree_get_text(spot.node, "name"),
                                         .scheme = tree_get_text(spot.node, "scheme"),
                                         .node = spot.node};
        const char *in = tree_get_text(spot.node, "in");
        for (int i = IN_QUERY; i <= IN_COOKIE; i++)
            if (text_is(in, parameter_in_names[i]))
                scheme.in = (enum parameter_in)i;
        if (text_is(scheme.type, "apiKey") && (!in || !scheme.parameter_name))
            findings_add(reader->findings, tree_place(spot.node),
                         "an apiKey scheme needs the members 'name' and 'in'");
        if (text_is(scheme.type, "http") && !scheme.scheme)
            findings_add(reader->findings, tree_place(spot.node),
                         "an http scheme needs the member 'scheme'");
        vec_push_arena(reader->arena, &reader->contract->security_schemes, scheme);
    }
}

static const char *next_scheme(void *state)
{
    const struct security_scheme **at = state;
    return (*at)->name ? (*at)++->name : NULL;
}

static void report_scheme(struct reader *reader, const cJSON *need)
{
    struct contract *contract = reader->contract;
    size_t count = contract->security_schemes.count;
    struct security_scheme *all = arena_alloc(reader->arena, (count + 1) * sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = contract->security_schemes.items[i];
    const struct security_scheme *at = all;
    const char *nearest = text_nearest(need->string, next_scheme, &at);
    soft_finding(reader)(reader->findings, tree_key_place(need),
                         "there is no security scheme '%s'%s%s%s", need->string,
                         nearest ? " (did you mean '" : "", nearest ? nearest : "",
                         nearest ? "'?)" : "");
}

void read_security(struct reader *reader, const cJSON *list, struct operation *operation)
{
    const cJSON *item, *member;
    operation->anonymous = true;
    cJSON_ArrayForEach (item, list) {
        struct security_requirement requirement = {0};
        cJSON_ArrayForEach (member, item) {
            struct security_need need = {contract_security_scheme(reader->contract, member->string),
                                         member};
            if (need.scheme)
                vec_push_arena(reader->arena, &requirement, need);
            else
                report_scheme(reader, member);
        }
        operation->anonymous =
            (operation->security.count && operation->anonymous) || !tree_count(item);
        vec_push_arena(reader->arena, &operation->security, requirement);
    }
}

/* ---- the document ---- */

static void read_components(struct reader *reader, const struct spot *components)
{
    struct loaded *loaded = reader->loaded;
    struct spot map = spot_child(loaded, components, "schemas");
    size_t count = tree_count(map.node);
    const cJSON *member;
    loaded->component_names =
        arena_alloc(reader->arena, (count + 1) * sizeof *loaded->component_names);
    cJSON_ArrayForEach (member, map.node) {
        struct spot spot = spot_member(loaded, &map, member);
        const struct schema *schema = spot_schema(loaded, &spot);
        if (!schema)
            continue;
        loaded->component_names[loaded->component_count++] = member->string;
        map_put(loaded->components, member->string, (void *)schema);
    }
}

/* What no operation uses must be right as well; the schemas in it are compiled once anyway. */
static void check_components(struct reader *reader, const struct spot *components)
{
    struct loaded *loaded = reader->loaded;
    struct spot parameters = spot_child(loaded, components, "parameters");
    struct spot headers = spot_child(loaded, components, "headers");
    struct spot responses = spot_child(loaded, components, "responses");
    struct spot bodies = spot_child(loaded, components, "requestBodies");
    struct parameters unused = {0};
    struct responses none = {0};
    const cJSON *member;
    cJSON_ArrayForEach (member, parameters.node) {
        struct spot spot = spot_member(loaded, &parameters, member);
        read_parameter(reader, &spot, &(struct parameter){0});
    }
    read_headers(reader, &headers, &unused);
    read_named_responses(reader, &responses, &none);
    cJSON_ArrayForEach (member, bodies.node) {
        struct spot spot = spot_member(loaded, &bodies, member);
        read_request_body(reader, &spot);
    }
}

static void add_operation(struct reader *reader, void *data, const struct operation *operation)
{
    (void)data;
    struct contract *contract = reader->contract;
    struct operation copy = *operation;
    copy.index = contract->operations.count;
    vec_push_arena(reader->arena, &contract->operations, copy);
}

static void add_webhook(struct reader *reader, void *data, const struct operation *operation)
{
    struct contract *contract = reader->contract;
    struct operation *copy = arena_copy(reader->arena, operation, sizeof *operation);
    copy->index = contract->webhooks.count;
    struct callback webhook = {.name = data, .operation = copy};
    vec_push_arena(reader->arena, &contract->webhooks, webhook);
}

static void read_paths(struct reader *reader, const struct spot *root)
{
    struct loaded *loaded = reader->loaded;
    struct spot paths = spot_child(loaded, root, "paths");
    struct spot webhooks = spot_child(loaded, root, "webhooks");
    const cJSON *member;
    if (!paths.node && (!loaded->minor || (!webhooks.node && !tree_get(root->node, "components"))))
        findings_add(reader->findings, tree_place(root->node),
                     "an OpenAPI document needs the member 'paths'%s",
                     loaded->minor ? ", 'webhooks' or 'components'" : "");
    cJSON_ArrayForEach (member, paths.node) {
        struct spot spot = spot_member(loaded, &paths, member);
        if (*member->string == '/')
            read_path_item(reader, member->string, &spot, add_operation, NULL);
    }
    cJSON_ArrayForEach (member, webhooks.node) {
        struct spot spot = spot_member(loaded, &webhooks, member);
        read_path_item(reader, member->string, &spot, add_webhook, member->string);
    }
}

static int read_version(struct contract *contract, const cJSON *document, struct findings *findings)
{
    const cJSON *node = tree_get(document, "openapi");
    const char *text = tree_text(node);
    contract->version = text;
    if (text && text_starts_with(text, "3.") && text[2] >= '0' && text[2] <= '2' &&
        (!text[3] || text[3] == '.')) {
        contract->minor = text[2] - '0';
        return 0;
    }
    if (!text)
        findings_add(findings, tree_place(node ? node : document),
                     node ? "'openapi' must be a string such as \"3.1.0\""
                          : "this is no OpenAPI document: it has no member 'openapi'");
    else
        findings_add(findings, tree_place(node),
                     "OpenAPI '%s' is not read here: expected 3.0, 3.1 or 3.2", text);
    return -1;
}

static void free_map(void *map)
{
    map_free(map);
}

static struct map *map_in(struct arena *arena)
{
    struct map *map = map_new();
    arena_defer(arena, free_map, map);
    return map;
}

/* Hundreds of operations are asked for by name thousands of times while a provider is joined. */
static void name_operations(struct reader *reader)
{
    struct contract *contract = reader->contract;
    struct map *names = map_in(reader->arena), *twice = map_in(reader->arena);
    struct operation *operation;
    const struct map_entry *entry;
    vec_foreach (operation, &contract->operations) {
        if (operation->id && map_get(names, operation->id))
            map_put(twice, operation->id, operation);
        else if (operation->id)
            map_put(names, operation->id, operation);
    }
    for (entry = map_first(twice); entry; entry = entry->next)
        map_remove(names, entry->key); /* whoever asks is told */
    vec_foreach (operation, &contract->operations)
        map_put(names, operation->key, operation);
    contract->names = names;
}

static void read_document(struct reader *reader, const char *uri)
{
    struct contract *contract = reader->contract;
    struct spot root = spot_root(reader->loaded, uri);
    struct spot components = spot_child(reader->loaded, &root, "components");
    const cJSON *server;
    contract->title = tree_get_text(tree_get(root.node, "info"), "title");
    cJSON_ArrayForEach (server, tree_get(root.node, "servers")) {
        const char *url = tree_get_text(server, "url");
        vec_push_arena(reader->arena, &contract->servers, url);
    }
    read_components(reader, &components);
    check_components(reader, &components);
    read_schemes(reader, &components);
    read_paths(reader, &root);
    struct operation *operation;
    vec_foreach (operation, &contract->operations)
        operation->contract = contract;
    name_operations(reader);
}

static struct contract *contract_from(struct arena *arena, const char *name, cJSON *document,
                                      const struct contract_options *options,
                                      struct findings *findings)
{
    size_t before = findings->errors;
    struct contract *contract = arena_alloc(arena, sizeof *contract);
    contract->file = arena_strdup(arena, name);
    contract->root = document;
    for (size_t i = 0; i < options->overlay_count; i++)
        overlay_apply(arena, document, options->overlays[i], findings);
    if (read_version(contract, document, findings) ||
        (options->is_foreign ? structure_check_foreign : structure_check)(
            document, OBJECT_OPENAPI, contract->minor, findings))
        return NULL;
    struct loaded *loaded = arena_alloc(arena, sizeof *loaded);
    *loaded = (struct loaded){.arena = arena,
                              .findings = findings,
                              .schemas = schema_set_new(arena),
                              .documents = map_in(arena),
                              .components = map_in(arena),
                              .minor = contract->minor,
                              .is_lazy = options->is_lazy,
                              .is_foreign = options->is_foreign};
    contract->schemas = loaded->schemas;
    contract->loaded = loaded;
    if (options->is_lazy)
        schema_set_lazy(loaded->schemas, options->tell, options->tell_data);
    for (size_t i = 0; i < options->format_count; i++)
        schema_set_format(loaded->schemas, &options->formats[i]);
    if (documents_gather(loaded, contract->file, document,
                         contract->minor ? SCHEMA_OAS31 : SCHEMA_OAS30))
        return NULL;
    struct reader reader = {contract, loaded, arena, findings, 0};
    read_document(&reader, contract->file);
    loaded->findings = NULL;
    return findings->errors > before ? NULL : contract;
}

struct contract *contract_from_tree(struct arena *arena, const char *name, cJSON *document,
                                    const char *const *overlays, size_t overlay_count,
                                    struct findings *findings)
{
    const struct contract_options options = {.overlays = overlays, .overlay_count = overlay_count};
    return contract_from(arena, name, document, &options, findings);
}

struct contract *contract_load_with(struct arena *arena, const char *path,
                                    const struct contract_options *options,
                                    struct findings *findings)
{
    cJSON *document = (options->is_foreign ? load_foreign : load_document)(arena, path, findings);
    return document ? contract_from(arena, path, document, options, findings) : NULL;
}

struct contract *contract_load(struct arena *arena, const char *path, const char *const *overlays,
                               size_t overlay_count, struct findings *findings)
{
    const struct contract_options options = {.overlays = overlays, .overlay_count = overlay_count};
    return contract_load_with(arena, path, &options, findings);
}
