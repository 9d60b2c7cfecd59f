/* SPDX-License-Identifier: Apache-2.0 */
/* Small readers that everything which loads a lifecycle or fixtures is built from. */
#include "core/lifecycle/loader.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/pointer.h"
#include "core/expr/function.h"
#include "core/lifecycle/formats.h"
#include "core/lifecycle/machine.h"

#include <string.h>

static const char *const source_names[] = {"seed", "spec", "sdk", "docs", "observed", "inferred"};

const char *source_name(enum source source)
{
    return source_names[source];
}

static const void *compile_hook(void *data, const cJSON *schema, struct findings *findings)
{
    struct loader *loader = data;

    (void)findings;
    return loader_schema(loader, schema);
}

static bool accepts_hook(const void *schema, const cJSON *value, struct arena *arena,
                         struct strbuf *why)
{
    struct schema_report report = {0};

    if (!why)
        return schema_valid(schema, value, NULL, arena);
    if (schema_validate(schema, value, NULL, arena, &report))
        return true;
    if (report.first)
        strbuf_addf(why, "%s: %s", report.first->instance, report.first->text);
    return false;
}

/* A set of its own: the loader is gone, and many threads may ask at once. */
static const void *read_hook(const cJSON *schema, struct arena *arena, struct error *err)
{
    struct findings findings = {0};
    struct schema_set *set = schema_set_new(arena);
    const void *compiled = NULL;

    formats_register(set);
    if (schema_set_add(set, "value", schema, SCHEMA_2020_12, &findings) == 0)
        compiled = schema_compile(set, "value", &findings);
    if (!compiled)
        fail(err, ERROR_INVALID, "%s", findings.count ? findings.items[0].text : "");
    findings_release(&findings);
    return compiled;
}

void loader_init(struct loader *loader, struct arena *arena, struct findings *findings,
                 const char *file)
{
    *loader = (struct loader){.arena = arena, .findings = findings, .source = SOURCE_DOCS};
    loader->file = file;
    loader->schemas = schema_set_new(arena);
    formats_register(loader->schemas);
    loader->hooks = (struct expr_hooks){.data = loader,
                                        .compile_schema = compile_hook,
                                        .read_schema = read_hook,
                                        .accepts = accepts_hook};
    loader->compiler = (struct compiler){.arena = arena,
                                         .findings = findings,
                                         .functions = &core_functions,
                                         .hooks = &loader->hooks};
}

struct place loader_place(const cJSON *node)
{
    return node ? tree_key_place(node) : (struct place){0};
}

void loader_unknown(struct loader *loader, const cJSON *node, const char *what, const char *name,
                    const char *const *names, size_t count)
{
    const char *near = text_nearest_of(name, names, count);

    if (near)
        findings_add(loader->findings, tree_place(node), "unknown %s '%s' (did you mean '%s'?)",
                     what, name, near);
    else
        findings_add(loader->findings, tree_place(node), "unknown %s '%s'", what, name);
}

struct texts_list loader_texts(struct loader *loader, const cJSON *node)
{
    struct {
        VEC(const char *);
    } texts = {0};
    const cJSON *item;

    if (tree_text(node))
        vec_push_arena(loader->arena, &texts, tree_text(node));
    if (cJSON_IsArray(node))
        cJSON_ArrayForEach (item, node)
            if (tree_text(item))
                vec_push_arena(loader->arena, &texts, tree_text(item));
    return (struct texts_list){texts.items, texts.count};
}

const char *loader_pointer(struct loader *loader, const char *text)
{
    struct strbuf pointer = STRBUF_INIT(LIMIT_MESSAGE);
    const char *copy;

    if (*text == '/' || !*text)
        return text;
    pointer_add_token(text, &pointer);
    copy = arena_strdup(loader->arena, pointer.buf);
    strbuf_release(&pointer);
    return copy;
}

struct texts_list loader_pointers(struct loader *loader, const cJSON *node)
{
    struct texts_list texts = loader_texts(loader, node);
    const char **pointers = arena_alloc(loader->arena, (texts.count + 1) * sizeof *pointers);
    size_t i;

    for (i = 0; i < texts.count; i++)
        pointers[i] = loader_pointer(loader, texts.items[i]);
    return (struct texts_list){pointers, texts.count};
}

enum source loader_source(const struct loader *loader, const cJSON *row)
{
    const char *name = tree_get_text(row, "source");
    size_t i;

    for (i = 0; name && i < sizeof source_names / sizeof *source_names; i++)
        if (strcmp(name, source_names[i]) == 0)
            return (enum source)i;
    return loader->source;
}

const struct schema *loader_schema(struct loader *loader, const cJSON *node)
{
    const char *uri;

    if (!node)
        return NULL;
    uri = arena_printf(loader->arena, "%s/%u", loader->file, loader->inline_schemas++);
    if (schema_set_add(loader->schemas, uri, node, SCHEMA_2020_12, loader->findings))
        return NULL;
    return schema_compile(loader->schemas, uri, loader->findings);
}

const struct template *loader_template(struct loader *loader, const cJSON *node)
{
    return node ? template_compile(&loader->compiler, node) : NULL;
}

static const struct variant *find_variant(struct loader *loader, const cJSON *member)
{
    const struct lifecycle *lifecycle = loader->lifecycle;
    const char **names = arena_alloc(loader->arena, (lifecycle->variant_count + 1) * sizeof *names);
    size_t i;

    for (i = 0; i < lifecycle->variant_count; i++) {
        names[i] = lifecycle->variants[i].name;
        if (text_is(names[i], member->string))
            return &lifecycle->variants[i];
    }
    loader_unknown(loader, member, "variant", member->string, names, lifecycle->variant_count);
    return NULL;
}

bool loader_variant(struct loader *loader, const cJSON *row)
{
    const cJSON *wanted = tree_get(row, "variant"), *member;
    bool chosen = true;

    if (!cJSON_IsObject(wanted))
        return true;
    cJSON_ArrayForEach (member, wanted) {
        const struct variant *variant = find_variant(loader, member);
        const char *value = tree_text(member);
        bool known = false;
        size_t i;

        for (i = 0; variant && value && i < variant->value_count; i++)
            known = known || text_is(variant->values[i], value);
        if (variant && value && !known)
            loader_unknown(loader, member, "value of the variant", value, variant->values,
                           variant->value_count);
        if (variant && !text_is(variant->chosen, value))
            chosen = false;
    }
    return chosen;
}

const struct refusal *loader_refusal(struct loader *loader, const cJSON *node)
{
    const struct lifecycle *lifecycle = loader->lifecycle;
    const char **names, *name = tree_text(node);
    size_t i;

    if (!name)
        return NULL;
    names = arena_alloc(loader->arena, (lifecycle->refusal_count + 1) * sizeof *names);
    for (i = 0; i < lifecycle->refusal_count; i++) {
        names[i] = lifecycle->refusals[i].name;
        if (text_is(names[i], name))
            return &lifecycle->refusals[i];
    }
    loader_unknown(loader, node, "error", name, names, lifecycle->refusal_count);
    return NULL;
}

int loader_machine(struct loader *loader, const cJSON *node)
{
    const char **names, *name = tree_text(node);
    size_t i;

    if (!name)
        return -1;
    names = arena_alloc(loader->arena, (loader->machine_count + 1) * sizeof *names);
    for (i = 0; i < loader->machine_count; i++) {
        names[i] = loader->machines[i].name;
        if (text_is(names[i], name))
            return (int)i;
    }
    loader_unknown(loader, node, "machine", name, names, loader->machine_count);
    return -1;
}

void loader_no_state(struct loader *loader, const struct machine *machine, const cJSON *node)
{
    static const char *const sets[] = {"open", "terminal", "waits", "present"};
    const char **names = arena_alloc(loader->arena, (machine->state_count + 4) * sizeof *names);
    const char *near;
    size_t i;

    for (i = 0; i < machine->state_count; i++)
        names[i] = machine->states[i].name;
    memcpy(names + machine->state_count, sets, sizeof sets);
    near = text_nearest_of(tree_text(node), names, machine->state_count + 4);
    if (near)
        findings_add(loader->findings, tree_place(node),
                     "'%s' has no state '%s' (did you mean '%s'?)", machine->name, tree_text(node),
                     near);
    else
        findings_add(loader->findings, tree_place(node), "'%s' has no state '%s'", machine->name,
                     tree_text(node));
}

static state_set read_state(struct loader *loader, const struct machine *machine, const cJSON *node)
{
    const char *name = tree_text(node);
    state_set set;

    if (!name)
        return 0;
    set = machine_states_named(machine, name);
    if (!set && !text_is(name, "open") && !text_is(name, "terminal") && !text_is(name, "waits"))
        loader_no_state(loader, machine, node);
    return set;
}

state_set loader_states(struct loader *loader, const struct machine *machine, const cJSON *node)
{
    const cJSON *item;
    state_set set = 0;

    if (!cJSON_IsArray(node))
        return read_state(loader, machine, node);
    cJSON_ArrayForEach (item, node)
        set |= read_state(loader, machine, item);
    return set;
}

/* The machine that the root of `of` speaks of: a machine's name, or a link's of any machine. */
static int machine_of_root(const struct loader *loader, const char *root)
{
    size_t i, j;

    for (i = 0; i < loader->machine_count; i++)
        if (text_is(loader->machines[i].name, root))
            return (int)i;
    for (i = 0; i < loader->machine_count; i++)
        for (j = 0; j < loader->machines[i].link_count; j++)
            if (text_is(loader->machines[i].links[j].name, root))
                return loader->machines[i].links[j].machine;
    return -1;
}

static void resolve_of(struct loader *loader, struct query *query, const cJSON *of)
{
    const struct machine *machine = &loader->machines[query->machine];
    const char *text = tree_text(of), *root;
    size_t i;

    query->of = loader_template(loader, of);
    if (!text || *text != '$') {
        findings_add(loader->findings, tree_place(of), "'of' is no expression of a resource");
        return;
    }
    root = arena_strndup(loader->arena, text + 1, strcspn(text + 1, ".[#"));
    query->of_machine = machine_of_root(loader, root);
    if (query->of_machine < 0) {
        findings_add(loader->findings, tree_place(of), "'of' names no machine or link: '%s'", text);
        return;
    }
    for (i = 0; i < machine->link_count && query->link < 0; i++)
        if (machine->links[i].machine == query->of_machine)
            query->link = (int)i;
    if (query->link < 0)
        findings_add(loader->findings, tree_place(of), "'%s' has no link to '%s'", machine->name,
                     loader->machines[query->of_machine].name);
}

const struct query *loader_query(struct loader *loader, const struct machine *own,
                                 const cJSON *node)
{
    struct query *query;
    const cJSON *name = tree_get(node, "machine");

    if (!cJSON_IsObject(node))
        return NULL;
    query = arena_alloc(loader->arena, sizeof *query);
    *query = (struct query){.of_machine = -1, .link = -1, .place = tree_place(node)};
    query->machine = name ? loader_machine(loader, name) : own ? own->index : -1;
    if (query->machine < 0)
        return NULL;
    if (tree_get(node, "of"))
        resolve_of(loader, query, tree_get(node, "of"));
    query->id = loader_template(loader, tree_get(node, "id"));
    query->ids = loader_template(loader, tree_get(node, "ids"));
    query->where = match_compile(&loader->compiler, tree_get(node, "where"));
    query->in = tree_get(node, "in")
                    ? loader_states(loader, &loader->machines[query->machine], tree_get(node, "in"))
                    : loader->machines[query->machine].present;
    return query;
}
