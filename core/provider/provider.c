/* SPDX-License-Identifier: Apache-2.0 */
/* Loading in order: lifecycle, contract with overlays, fixtures, and what joins them. */
#include "core/provider/provider.h"

#include "core/base/file.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/load.h"
#include "core/lifecycle/formats.h"
#include "core/provider/build.h"

#include <string.h>

/* ---- what stands behind '$' in fixtures ---- */

struct name_list {
    VEC(const char *);
};

static void add_name(struct builder *builder, struct name_list *names, const char *name)
{
    size_t i;

    for (i = 0; i < names->count; i++)
        if (text_is(names->items[i], name))
            return;
    if (name)
        vec_push_arena(builder->arena, names, name);
}

/* `as: name` of a step that makes or finds a kind's resource: what the name speaks of. */
static void note_bound(struct builder *builder, const cJSON *step, const char *as)
{
    const size_t max = sizeof builder->bound / sizeof *builder->bound;
    const cJSON *kind = tree_get(step, "create");
    const struct machine *machine = NULL;
    size_t i;

    if (!kind && tree_get(tree_get(step, "each"), "$find"))
        kind = tree_get(tree_get(tree_get(step, "each"), "$find"), "kind");
    for (i = 0; kind && i < builder->provider->kind_count; i++)
        if (text_is(builder->kinds[i].name, tree_text(kind)))
            machine = builder->kinds[i].machine;
    for (i = 0; i < builder->bound_count; i++)
        if (text_is(builder->bound[i].name, as)) {
            if (builder->bound[i].machine != machine)
                builder->bound[i].machine = NULL;
            return;
        }
    if (builder->bound_count < max) {
        builder->bound[builder->bound_count].name = as;
        builder->bound[builder->bound_count++].machine = machine;
    }
}

static void collect_names(struct builder *builder, struct name_list *names, const cJSON *node,
                          unsigned depth)
{
    const cJSON *item, *bound;

    if (!node || depth > TREE_DEPTH_MAX)
        return;
    if (tree_get_text(node, "as")) {
        add_name(builder, names, tree_get_text(node, "as"));
        note_bound(builder, node, tree_get_text(node, "as"));
    }
    cJSON_ArrayForEach (bound, tree_get(node, "let"))
        add_name(builder, names, bound->string);
    cJSON_ArrayForEach (item, node)
        collect_names(builder, names, item, depth + 1);
}

void build_roots(struct builder *builder, const struct provider_options *options)
{
    static const char *const fixed[] = {
        "variant",  "tables",   "principal", "exchange",   "id",      "state",   "given",
        "self",     "outcome",  "repeated",  "case",       "targets", "missing", "problem",
        "problems", "resource", "error",     "credential", "page",    "event",   "timer",
        "delivery", "round",    "with",      "of",         "item",    "value",   "created",
        "from",     "signal",   "files",
    };
    struct root_names *roots = arena_alloc(builder->arena, sizeof *roots);
    struct name_list names = {0};
    size_t i, j;

    for (i = 0; i < sizeof fixed / sizeof *fixed; i++)
        add_name(builder, &names, fixed[i]);
    for (i = 0; i < builder->lifecycle->machine_count; i++) {
        const struct machine *machine = &builder->lifecycle->machines[i];

        add_name(builder, &names, machine->name);
        for (j = 0; j < machine->link_count; j++)
            add_name(builder, &names, machine->links[j].name);
    }
    for (i = 0; i < builder->provider->kind_count; i++)
        add_name(builder, &names, builder->kinds[i].name);
    collect_names(builder, &names, builder->service, 0);
    collect_names(builder, &names, builder->resources, 0);
    collect_names(builder, &names, builder->outcomes, 0);
    *roots = (struct root_names){names.items, names.count, NULL};
    builder->loader.compiler.roots = roots;
    builder->loader.compiler.functions =
        options->functions ? options->functions : &world_signatures;
}

/* ---- schemas of the contract, for $example and criteria ---- */

static const void *find_schema_hook(void *data, const char *name, struct place place,
                                    struct findings *findings)
{
    struct builder *builder = (struct builder *)data; /* its loader stands first */
    const struct schema *schema = contract_component_schema(builder->contract, name);
    const char *const *names = contract_component_names(builder->contract), *near;
    size_t count = 0;

    if (schema)
        return schema;
    while (names && names[count])
        count++;
    near = text_nearest_of(name, names, count);
    if (near)
        findings_add(findings, place, "unknown schema '%s' (did you mean '%s'?)", name, near);
    else
        findings_add(findings, place, "unknown schema '%s'", name);
    return NULL;
}

static cJSON *example_hook(const void *schema, struct arena *arena, uint64_t key)
{
    return schema_example(schema, arena, key, SCHEMA_EXAMPLE_RESPONSE, NULL);
}

/* ---- files ---- */

static const char *path_of(struct arena *arena, const char *dir, const char *name, const char *file)
{
    return file_join(arena, file_join(arena, dir, name), file);
}

struct builder *builder_new(struct arena *arena, const char *name, struct findings *findings)
{
    struct builder *builder = arena_alloc(arena, sizeof *builder); /* its hooks outlive loading */

    builder->arena = arena;
    builder->findings = findings;
    builder->provider = arena_alloc(arena, sizeof *builder->provider);
    builder->provider->name = arena_strdup(arena, name);
    return builder;
}

void builder_load_contract(struct builder *builder, const char *path,
                           const struct contract_options *options)
{
    struct provider *provider = builder->provider;

    builder->contract = contract_load_with(builder->arena, path, options, builder->findings);
    provider->contract = builder->contract;
    if (!builder->contract)
        return;
    provider->schemas = builder->contract->schemas;
    provider->operation_count = builder->contract->operations.count;
    builder->operations =
        arena_alloc(builder->arena, (provider->operation_count + 1) * sizeof *builder->operations);
    provider->operations = builder->operations;
}

void builder_start(struct builder *builder, const char *directory)
{
    struct loader *loader = &builder->loader;

    loader_init(loader, builder->arena, builder->findings, directory);
    loader->hooks.data = loader;
    loader->hooks.find_schema = find_schema_hook;
    loader->hooks.example = example_hook;
    loader->lifecycle = (struct lifecycle *)builder->lifecycle;
    loader->machines = (struct machine *)builder->lifecycle->machines;
    loader->machine_count = builder->lifecycle->machine_count;
    builder->provider->hooks = &loader->hooks;
    builder->provider->tables = builder->lifecycle->tables;
}

static void load_contract(struct builder *builder, const char *directory,
                          const struct provider_options *wanted)
{
    const struct lifecycle *lifecycle = builder->lifecycle;
    const char **overlays =
        arena_alloc(builder->arena, (lifecycle->overlay_count + 1) * sizeof *overlays);
    size_t i, count = 0;

    for (i = 0; i < lifecycle->overlay_count; i++) {
        const char *path = file_join(builder->arena, directory, lifecycle->overlays[i].file);

        if (file_exists(path))
            overlays[count++] = path;
        else
            findings_add(builder->findings, lifecycle->overlays[i].place, "there is no file '%s'",
                         path);
    }
    struct contract_options options = {.overlays = overlays,
                                       .overlay_count = count,
                                       .is_lazy = wanted->is_lazy,
                                       .tell = wanted->tell,
                                       .tell_data = wanted->tell_data};
    options.formats = formats_of_texts(&options.format_count);
    builder_load_contract(builder, file_join(builder->arena, directory, lifecycle->openapi),
                          &options);
}

static const cJSON *load_fixture(struct builder *builder, const char *dir, const char *format)
{
    const char *path = path_of(builder->arena, dir, builder->provider->name,
                               arena_printf(builder->arena, "%s.yaml", format));
    cJSON *document;

    if (!file_exists(path)) {
        findings_add(builder->findings, (struct place){path, 0, 0}, "there is no such file");
        return NULL;
    }
    document = load_document(builder->arena, path, builder->findings);
    if (document)
        format_check(builder->arena, format, document, builder->findings);
    return document;
}

static void merge_tables(struct builder *builder)
{
    cJSON *all = tree_copy(builder->arena, builder->lifecycle->tables);
    const cJSON *item;

    cJSON_ArrayForEach (item, tree_get(builder->resources, "tables"))
        tree_set(builder->arena, all, item->string, tree_copy(builder->arena, item));
    builder->provider->tables = all;
}

static void load_fixtures(struct builder *builder, const struct provider_options *options)
{
    builder->service = load_fixture(builder, options->fixtures_dir, "service");
    builder->resources = load_fixture(builder, options->fixtures_dir, "resources");
    builder->outcomes = load_fixture(builder, options->fixtures_dir, "outcomes");
    if (!builder->service || !builder->resources || !builder->outcomes)
        return;
    builder->provider->has_fixtures = true;
    merge_tables(builder);
    build_kind_names(builder);
    build_script_names(builder);
    build_service_names(builder);
    build_roots(builder, options);
    build_kinds(builder);
    build_outcomes(builder);
    build_seeds(builder);
    build_service(builder);
    build_service_operations(builder);
}

static void check_choices(struct builder *builder, const struct provider_options *options)
{
    const struct lifecycle *lifecycle = builder->lifecycle;
    const char **names =
        arena_alloc(builder->arena, (lifecycle->variant_count + 1) * sizeof *names);
    size_t i, j;

    for (j = 0; j < lifecycle->variant_count; j++)
        names[j] = lifecycle->variants[j].name;
    for (i = 0; i < options->choice_count; i++) {
        const struct variant_choice *choice = &options->choices[i];

        for (j = 0; j < lifecycle->variant_count && !text_is(names[j], choice->name); j++)
            ;
        if (j == lifecycle->variant_count)
            findings_add(builder->findings, (struct place){lifecycle->file, 0, 0},
                         "there is no variant '%s' to choose", choice->name);
        else if (!text_is(lifecycle->variants[j].chosen, choice->value))
            findings_add(builder->findings, lifecycle->variants[j].place,
                         "the variant '%s' has no value '%s'", choice->name, choice->value);
    }
}

/* `clean`: every name was known, so that what follows from names can be trusted. */
static void check_all(struct builder *builder, bool lint, bool clean)
{
    check_contract(builder);
    check_cells(builder);
    if (clean && lint)
        check_reachable(builder);
    if (!builder->provider->has_fixtures)
        return;
    check_names(builder);
    if (clean)
        check_outcomes(builder);
    if (clean && lint)
        check_bodies(builder);
}

struct provider *provider_load(struct arena *arena, const char *name,
                               const struct provider_options *options, struct findings *findings)
{
    struct builder *builder = builder_new(arena, name, findings);
    struct provider *provider = builder->provider;
    const char *directory = file_join(arena, options->contracts_dir, name);
    size_t errors = findings->errors;

    builder->lifecycle = lifecycle_load(arena, file_join(arena, directory, "lifecycle.yaml"),
                                        options->choices, options->choice_count, findings);
    provider->lifecycle = builder->lifecycle;
    if (!builder->lifecycle)
        return NULL;
    load_contract(builder, directory, options);
    if (!builder->contract)
        return NULL;
    builder_start(builder, directory);
    check_choices(builder, options);
    build_operations(builder);
    if (options->fixtures_dir)
        load_fixtures(builder, options);
    check_all(builder, options->lint, findings->errors == errors);
    return provider;
}

const char **provider_list(struct arena *arena, const char *contracts_dir, struct error *err)
{
    const char **all = file_list(arena, contracts_dir, err);
    size_t i, count = 0;

    for (i = 0; all && all[i]; i++)
        if (file_exists(path_of(arena, contracts_dir, all[i], "lifecycle.yaml")))
            all[count++] = all[i];
    if (all)
        all[count] = NULL;
    return all;
}

const struct kind *provider_kind(const struct provider *provider, const char *name)
{
    size_t i;

    for (i = 0; i < provider->kind_count; i++)
        if (text_is(provider->kinds[i].name, name))
            return &provider->kinds[i];
    return NULL;
}

const struct kind *provider_kind_for(const struct provider *provider, const struct machine *machine)
{
    return provider->kind_of_machine ? provider->kind_of_machine[machine->index] : NULL;
}
