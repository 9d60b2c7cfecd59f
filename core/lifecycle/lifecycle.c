/* SPDX-License-Identifier: Apache-2.0 */
/* The file as a whole: variants, overlays, groups, the catalogue of errors; machines follow. */
#include "core/lifecycle/lifecycle.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/load.h"
#include "core/lifecycle/formats.h"
#include "core/lifecycle/loader.h"

enum { GROUP_DEPTH_MAX = 8 };

/* The choices that name the variant and do exist; its default otherwise. */
static const char *choose(const struct variant *variant, const char *fallback,
                          const struct variant_choice *choices, size_t count)
{
    size_t i, j;

    for (i = 0; i < count; i++)
        for (j = 0; text_is(choices[i].name, variant->name) && j < variant->value_count; j++)
            if (text_is(choices[i].value, variant->values[j]))
                return choices[i].value;
    return fallback;
}

static struct variant load_variant(struct loader *loader, const cJSON *item,
                                   const struct variant_choice *choices, size_t choice_count)
{
    struct variant variant = {
        .name = item->string, .source = loader_source(loader, item), .place = tree_key_place(item)};
    struct {
        VEC(const char *);
    } values = {0};
    const cJSON *all = tree_get(item, "values"), *value;
    const char *fallback = tree_get_text(item, "default");
    size_t i;
    bool known = false;

    cJSON_ArrayForEach (value, all) {
        const char *name = cJSON_IsObject(all) ? value->string : tree_text(value);

        if (name)
            vec_push_arena(loader->arena, &values, name);
    }
    variant.values = values.items;
    variant.value_count = values.count;
    for (i = 0; fallback && i < values.count; i++)
        known = known || text_is(fallback, values.items[i]);
    if (fallback && !known)
        loader_unknown(loader, tree_get(item, "default"), "value of the variant", fallback,
                       values.items, values.count);
    if (!known)
        fallback = values.count ? values.items[0] : "";
    variant.chosen = choose(&variant, fallback, choices, choice_count);
    return variant;
}

static void load_variants(struct loader *loader, const cJSON *document,
                          const struct variant_choice *choices, size_t choice_count)
{
    struct lifecycle *lifecycle = loader->lifecycle;
    cJSON *values = tree_object(loader->arena);
    struct {
        VEC(struct variant);
    } variants = {0};
    const cJSON *item;

    cJSON_ArrayForEach (item, tree_get(document, "variants")) {
        struct variant variant = load_variant(loader, item, choices, choice_count);

        vec_push_arena(loader->arena, &variants, variant);
        tree_set_string(loader->arena, values, variant.name, variant.chosen);
    }
    lifecycle->variants = variants.items;
    lifecycle->variant_count = variants.count;
    lifecycle->variant_values = values;
}

static void load_overlays(struct loader *loader, const cJSON *document)
{
    struct {
        VEC(struct overlay);
    } overlays = {0};
    const cJSON *item;

    cJSON_ArrayForEach (item, tree_get(document, "overlays")) {
        const char *file = tree_text(item) ? tree_text(item) : tree_get_text(item, "file");
        struct overlay overlay = {file, tree_place(item)};

        if (file && loader_variant(loader, item))
            vec_push_arena(loader->arena, &overlays, overlay);
    }
    loader->lifecycle->overlays = overlays.items;
    loader->lifecycle->overlay_count = overlays.count;
}

void load_refusals(struct loader *loader, const cJSON *document)
{
    struct {
        VEC(struct refusal);
    } refusals = {0};
    const cJSON *item;

    cJSON_ArrayForEach (item, tree_get(document, "errors")) {
        struct refusal refusal = {.name = item->string, .place = tree_key_place(item)};
        int64_t status = 0;

        if (tree_get(item, "status") && tree_as_int64(tree_get(item, "status"), &status))
            refusal.status = (int)status;
        refusal.schema = loader_schema(loader, tree_get(item, "schema"));
        vec_push_arena(loader->arena, &refusals, refusal);
    }
    if (refusals.count > 64)
        findings_add(loader->findings, tree_key_place(tree_get(document, "errors")),
                     "a catalogue has at most 64 errors");
    loader->lifecycle->refusals = refusals.items;
    loader->lifecycle->refusal_count = refusals.count > 64 ? 64 : refusals.count;
    loader->lifecycle->missing = loader_refusal(loader, tree_get(document, "missing"));
}

struct names_builder {
    VEC(const char *);
};

static void flatten_group(struct loader *loader, const cJSON *groups, const cJSON *group,
                          struct names_builder *names, unsigned depth)
{
    const cJSON *item;
    size_t i;

    if (depth > GROUP_DEPTH_MAX) {
        findings_add(loader->findings, tree_place(group),
                     "groups are nested too deeply, or within "
                     "themselves");
        return;
    }
    cJSON_ArrayForEach (item, group) {
        const char *name = tree_text(item);
        const cJSON *nested = name ? tree_get(groups, name) : NULL;
        bool known = false;

        if (nested)
            flatten_group(loader, groups, nested, names, depth + 1);
        for (i = 0; i < names->count; i++)
            known = known || text_is(names->items[i], name);
        if (name && !nested && !known)
            vec_push_arena(loader->arena, names, name);
    }
}

static void load_groups(struct loader *loader, const cJSON *document)
{
    const cJSON *groups = tree_get(document, "groups"), *item;
    struct {
        VEC(struct group);
    } list = {0};

    cJSON_ArrayForEach (item, groups) {
        struct names_builder names = {0};
        struct group group = {.name = item->string, .place = tree_key_place(item)};

        flatten_group(loader, groups, item, &names, 0);
        group.operations = names.items;
        group.operation_count = names.count;
        vec_push_arena(loader->arena, &list, group);
    }
    loader->lifecycle->groups = list.items;
    loader->lifecycle->group_count = list.count;
}

/* What may stand behind '$' in a lifecycle. */
static void set_roots(struct loader *loader, const cJSON *document)
{
    static const char *const fixed[] = {"variant", "tables", "principal", "targets", "exchange"};
    struct root_names *roots = arena_alloc(loader->arena, sizeof *roots);
    struct names_builder names = {0};
    const cJSON *machine, *link;
    size_t i;

    for (i = 0; i < sizeof fixed / sizeof *fixed; i++)
        vec_push_arena(loader->arena, &names, fixed[i]);
    cJSON_ArrayForEach (machine, tree_get(document, "machines")) {
        vec_push_arena(loader->arena, &names, (const char *)machine->string);
        cJSON_ArrayForEach (link, tree_get(machine, "links"))
            vec_push_arena(loader->arena, &names, (const char *)link->string);
    }
    *roots = (struct root_names){names.items, names.count, NULL};
    loader->compiler.roots = roots;
}

struct lifecycle *lifecycle_load(struct arena *arena, const char *path,
                                 const struct variant_choice *choices, size_t choice_count,
                                 struct findings *findings)
{
    const cJSON *document = load_document(arena, path, findings);

    if (!document)
        return NULL;
    return lifecycle_from_document(arena, path, document, choices, choice_count, findings);
}

struct lifecycle *lifecycle_from_document(struct arena *arena, const char *path,
                                          const cJSON *document,
                                          const struct variant_choice *choices, size_t choice_count,
                                          struct findings *findings)
{
    struct lifecycle *lifecycle = arena_alloc(arena, sizeof *lifecycle);
    struct loader *loader = arena_alloc(arena, sizeof *loader); /* its hooks outlive loading */
    const cJSON *tables;

    loader_init(loader, arena, findings, path);
    format_check(arena, "lifecycle", document, findings);
    loader->lifecycle = lifecycle;
    loader->source = loader_source(loader, document);
    tables = tree_get(document, "tables");
    lifecycle->file = arena_strdup(arena, path);
    lifecycle->document = document;
    lifecycle->schemas = loader->schemas;
    lifecycle->tables = cJSON_IsObject(tables) ? tables : tree_object(arena);
    lifecycle->openapi = tree_get_text(document, "openapi");
    if (!lifecycle->openapi)
        lifecycle->openapi = "openapi.yaml";
    set_roots(loader, document);
    load_variants(loader, document, choices, choice_count);
    load_overlays(loader, document);
    load_refusals(loader, document);
    load_groups(loader, document);
    load_machines(loader, document);
    load_rules(loader, document);
    load_announcements(loader, document);
    return lifecycle;
}

const struct machine *lifecycle_machine(const struct lifecycle *lifecycle, const char *name)
{
    size_t i;

    for (i = 0; i < lifecycle->machine_count; i++)
        if (text_is(lifecycle->machines[i].name, name))
            return &lifecycle->machines[i];
    return NULL;
}

const struct refusal *lifecycle_refusal(const struct lifecycle *lifecycle, const char *name)
{
    size_t i;

    for (i = 0; i < lifecycle->refusal_count; i++)
        if (text_is(lifecycle->refusals[i].name, name))
            return &lifecycle->refusals[i];
    return NULL;
}

const struct group *lifecycle_group(const struct lifecycle *lifecycle, const char *name)
{
    size_t i;

    for (i = 0; i < lifecycle->group_count; i++)
        if (text_is(lifecycle->groups[i].name, name))
            return &lifecycle->groups[i];
    return NULL;
}
