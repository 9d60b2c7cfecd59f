/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From nodes to schemas. What a schema refers to or contains is queued, never recursed into, so the
 * length of a chain of references costs no stack.
 */
#include "core/schema/keywords.h"
#include "core/schema/model.h"

#include <stdarg.h>

enum { REF_CHAIN_MAX = 200 };

bool compile_fails(struct compiler *compiler, const cJSON *node, const char *format, ...)
{
    va_list args;
    const char *text;

    va_start(args, format);
    text = arena_vprintf(compiler->set->arena, format, args);
    va_end(args);
    findings_add(compiler->findings, tree_place(node), "%s", text);
    return false;
}

/* NAME of .../schemas/NAME and the like. */
static const char *name_of(struct arena *arena, const char *pointer)
{
    static const char *const homes[] = {"/components/schemas/", "/$defs/", "/definitions/"};

    for (size_t i = 0; i < sizeof homes / sizeof *homes; i++) {
        const char *name = pointer + strlen(homes[i]);
        char *text, *out;

        if (!text_starts_with(pointer, homes[i]) || !*name || strchr(name, '/'))
            continue;
        text = out = arena_strdup(arena, name);
        for (const char *in = text; *in; in++) {
            bool escaped = in[0] == '~' && (in[1] == '0' || in[1] == '1');

            *out++ = escaped ? (in[1] == '0' ? '~' : '/') : *in;
            in += escaped;
        }
        *out = '\0';
        return text;
    }
    return NULL;
}

static struct schema *make_schema(struct schema_set *set, const struct target *target)
{
    struct schema *schema = node_map_get(&set->compiled, target->node);

    if (schema)
        return schema;
    schema = arena_alloc(set->arena, sizeof *schema);
    schema->node = target->node;
    schema->resource = target->resource;
    schema->pointer = target->pointer;
    schema->name = name_of(set->arena, target->pointer);
    schema->types = SCHEMA_ANY_TYPE;
    node_map_put(set->arena, &set->compiled, target->node, schema);
    return schema;
}

/* The dynamic anchors of a resource are compiled with it: any of them may be asked for at run time.
 */
static void use_resource(struct compiler *compiler, struct resource *resource)
{
    if (resource->in_use)
        return;
    resource->in_use = true;
    for (struct anchor *a = resource->dynamics; a; a = a->next) {
        struct target target = {a->node, a->resource, a->pointer, a};

        a->schema = compile_target(compiler, &target);
    }
}

const struct schema *compile_target(struct compiler *compiler, const struct target *target)
{
    struct schema *schema = make_schema(compiler->set, target);

    if (schema->is_queued)
        return schema;
    schema->is_queued = true;
    if (compiler->queue_end)
        compiler->queue_end->queued = schema;
    else
        compiler->queue = schema;
    compiler->queue_end = schema;
    use_resource(compiler, target->resource);
    return schema;
}

const struct schema *compile_child(struct compiler *compiler, const struct schema *parent,
                                   const cJSON *node, const char *tokens)
{
    struct schema_set *set = compiler->set;
    struct resource *inner = node_map_get(&set->roots, node);
    const char *const texts[] = {parent->pointer, tokens};
    struct target target = {node, inner ? inner : parent->resource,
                            arena_join(set->arena, texts, 2), NULL};

    return compile_target(compiler, &target);
}

static void refuse_unknown(struct compiler *compiler, const struct schema *schema,
                           const cJSON *member)
{
    const char *near;

    if (!compiler->set->strict || text_starts_with(member->string, "x-"))
        return;
    near = keyword_nearest(member->string, schema->resource->dialect);
    compile_fails(compiler, member, "unknown keyword '%s'%s%s%s", member->string,
                  near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

static void add_rules(struct compiler *compiler, struct schema *schema, bool late)
{
    const struct resource *resource = schema->resource;
    bool ref_alone = resource->dialect & DIALECTS_4 && tree_get_text(schema->node, "$ref");
    const cJSON *member;

    cJSON_ArrayForEach (member, schema->node) {
        const struct keyword *keyword = keyword_find(member->string, resource->dialect);
        struct rule rule = {.keyword = keyword, .value = member};

        if (ref_alone && !text_is(member->string, "$ref"))
            continue;
        if (!keyword && !late)
            refuse_unknown(compiler, schema, member);
        if (!keyword || keyword->late != late || !(keyword->vocabulary & resource->vocabularies))
            continue;
        if (keyword->compile && keyword->compile(compiler, schema, &rule) && keyword->validate)
            vec_push_arena(compiler->set->arena, &schema->rules, rule);
    }
}

static void fill(struct compiler *compiler, struct schema *schema)
{
    const cJSON *node = schema->node;

    if (cJSON_IsBool(node) && schema->resource->dialect & DIALECTS_2020) {
        schema->is_boolean = true;
        schema->boolean = cJSON_IsTrue(node);
        return;
    }
    if (!cJSON_IsObject(node)) {
        compile_fails(compiler, node, "a schema must be an object%s but is %s",
                      schema->resource->dialect & DIALECTS_2020 ? " or a boolean" : "",
                      tree_type_name(node));
        return;
    }
    schema->read_only = cJSON_IsTrue(tree_get(node, "readOnly"));
    schema->write_only = cJSON_IsTrue(tree_get(node, "writeOnly"));
    add_rules(compiler, schema, false);
    add_rules(compiler, schema, true);
}

/* A chain of nothing but references that never ends says nothing about any value. */
static void check_chain(struct compiler *compiler, const struct schema *schema)
{
    const struct schema *at = schema;

    for (unsigned hops = 0; at->ref; at = at->ref)
        if (at->ref == schema || ++hops > REF_CHAIN_MAX) {
            if (at->ref == schema)
                compile_fails(compiler, tree_get(schema->node, "$ref"),
                              "'$ref' leads back to where it stands");
            return;
        }
}

/* Others may look at a schema only when all that it leads to is there. */
static void fill_queue(struct compiler *compiler)
{
    for (struct schema *at = compiler->queue; at; at = at->queued)
        fill(compiler, at);
    for (struct schema *at = compiler->queue; at; at = at->queued)
        check_chain(compiler, at);
    for (struct schema *at = compiler->queue; at; at = at->queued)
        atomic_store_explicit(&at->is_ready, true, memory_order_release);
}

void schema_fill(struct schema *schema)
{
    struct schema_set *set = schema->resource->set;
    struct target target = {schema->node, schema->resource, schema->pointer, NULL};
    struct findings findings = {0};
    struct compiler compiler = {set, &findings, NULL, NULL};

    pthread_mutex_lock(&set->lock);
    compile_target(&compiler, &target); /* nothing is queued when another thread was first */
    fill_queue(&compiler);
    if (findings.count && set->tell)
        set->tell(set->tell_data, &findings);
    pthread_mutex_unlock(&set->lock);
    findings_release(&findings);
}

static const struct schema *compile_all(struct compiler *compiler, const struct target *target)
{
    size_t errors = compiler->findings->errors;
    const struct schema *schema;

    if (compiler->set->lazy)
        return make_schema(compiler->set, target);
    schema = compile_target(compiler, target);
    fill_queue(compiler);
    return compiler->findings->errors > errors ? NULL : schema;
}

const struct schema *schema_compile(struct schema_set *set, const char *uri,
                                    struct findings *findings)
{
    struct compiler compiler = {set, findings, NULL, NULL};
    struct target target;
    struct error err;

    if (!reference_resolve(set, NULL, uri, &target, &err)) {
        findings_add(findings, (struct place){0}, "%s", err.text);
        return NULL;
    }
    return compile_all(&compiler, &target);
}

const struct schema *schema_compile_at(struct schema_set *set, const char *uri, const char *pointer,
                                       struct findings *findings)
{
    struct compiler compiler = {set, findings, NULL, NULL};
    struct resource *resource = NULL;
    struct target target;
    struct error err;

    if (reference_resolve(set, NULL, uri, &target, &err))
        resource = target.resource;
    if (!resource || !pointer_resolve(set, resource, pointer, &target)) {
        findings_add(findings, (struct place){0}, "there is no schema at '%s#%s'", uri, pointer);
        return NULL;
    }
    const char *const texts[] = {resource->pointer, pointer};
    target.pointer = arena_join(set->arena, texts, 2);
    return compile_all(&compiler, &target);
}

const struct schema *schema_compile_node(struct schema_set *set, const char *uri,
                                         const char *pointer, const cJSON *node,
                                         struct findings *findings)
{
    struct compiler compiler = {set, findings, NULL, NULL};
    struct resource *resource = resource_named(set, uri);
    const char *const texts[] = {resource ? resource->pointer : "", pointer};
    struct target target = {node, resource, NULL, NULL};

    /* a schema within the document that has a base of its own: the pointer must be walked */
    if (!resource || set->roots.count != set->documents)
        return schema_compile_at(set, uri, pointer, findings);
    target.pointer = arena_join(set->arena, texts, 2);
    return compile_all(&compiler, &target);
}
