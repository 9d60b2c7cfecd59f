/* SPDX-License-Identifier: Apache-2.0 */
/* Names that one file gives and another uses: kinds, blobs, cases, parameters; and lost commas. */
#include "core/provider/build.h"

#include "core/base/str.h"

#include <string.h>

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

/* ---- inside templates ---- */

static void check_find(struct builder *builder, const cJSON *find)
{
    const struct kind *kind = builder_kind(builder, tree_get(find, "kind"));
    const cJSON *in = tree_get(find, "in");

    if (kind && kind->machine && in && !builder_is_call(in))
        loader_states(&builder->loader, kind->machine, in);
}

static void check_sign(struct builder *builder, const cJSON *sign)
{
    const struct service *service = &builder->provider->service;
    const cJSON *blob = tree_get(sign, "blob");
    const char **names = arena_alloc(builder->arena, (service->blob_count + 1) * sizeof *names);
    size_t i;

    if (!tree_text(blob) || service_blob(service, tree_text(blob)))
        return;
    for (i = 0; i < service->blob_count; i++)
        names[i] = service->blobs[i].name;
    loader_unknown(&builder->loader, blob, "blob", tree_text(blob), names, service->blob_count);
}

/* `{ text: Well, hello }` has a member 'hello' without a value: a text that wanted quotes. */
static void check_comma(struct builder *builder, const cJSON *member)
{
    struct place key = tree_key_place(member), value = tree_place(member);

    if (!member->string || !cJSON_IsNull(member) || !key.line)
        return;
    if (value.line == key.line && value.column > key.column + strlen(member->string) + 1)
        return; /* a null that was written */
    findings_add(builder->findings, key,
                 "'%s' has no value: is it the end of a text with a comma, which wants quotes?",
                 member->string);
}

/* "$tables.NAME" and "$variant.NAME", anywhere in a text. */
static void check_constants(struct builder *builder, const cJSON *node, const char *root,
                            const cJSON *known)
{
    const char **names = arena_alloc(builder->arena, (tree_count(known) + 1) * sizeof *names);
    const char *at = tree_text(node), *name;
    const cJSON *item;
    size_t count = 0;

    cJSON_ArrayForEach (item, known)
        names[count++] = item->string;
    while ((at = strstr(at, root))) {
        at += strlen(root);
        name = arena_strndup(builder->arena, at, strspn(at, NAME_LETTERS));
        if (*name && !tree_get(known, name))
            loader_unknown(&builder->loader, node, root[1] == 't' ? "table" : "variant", name,
                           names, count);
    }
}

static void walk(struct builder *builder, const cJSON *node, unsigned depth)
{
    const cJSON *item;

    if (!node || depth > TREE_DEPTH_MAX)
        return;
    if (cJSON_IsObject(node) && tree_get(node, "$find"))
        check_find(builder, tree_get(node, "$find"));
    if (cJSON_IsObject(node) && tree_get(node, "$sign"))
        check_sign(builder, tree_get(node, "$sign"));
    cJSON_ArrayForEach (item, node) {
        if (depth > 2)
            check_comma(builder, item);
        walk(builder, item, depth + 1);
    }
}

static void walk_texts(struct builder *builder, const cJSON *node, unsigned depth)
{
    const cJSON *item;

    if (!node || depth > TREE_DEPTH_MAX)
        return;
    if (tree_text(node)) {
        check_constants(builder, node, "$tables.", builder->provider->tables);
        check_constants(builder, node, "$variant.", builder->lifecycle->variant_values);
    }
    cJSON_ArrayForEach (item, node)
        walk_texts(builder, item, depth + 1);
}

/* ---- cases ---- */

static const struct service_case *find_case(const struct service_entry *entry, const char *name)
{
    size_t i;

    for (i = 0; i < entry->case_count; i++)
        if (text_is(entry->cases[i].name, name))
            return &entry->cases[i];
    return NULL;
}

static void check_row_case(struct builder *builder, const struct provider_operation *operation,
                           const struct row *row)
{
    const struct service_entry *entry = &operation->service;
    const char **names = arena_alloc(builder->arena, (entry->case_count + 1) * sizeof *names);
    const char *near;
    size_t i;

    if (!row->case_name || find_case(entry, row->case_name))
        return;
    for (i = 0; i < entry->case_count; i++)
        names[i] = entry->cases[i].name;
    near = text_nearest_of(row->case_name, names, entry->case_count);
    if (near)
        findings_add(builder->findings, row->place,
                     "'%s' has no case '%s' in service.yaml (did you mean '%s'?)", operation->name,
                     row->case_name, near);
    else
        findings_add(builder->findings, row->place, "'%s' has no case '%s' in service.yaml",
                     operation->name, row->case_name);
}

static bool names_case(const struct provider_operation *operation, const char *name)
{
    size_t i, j;

    for (i = 0; i < operation->participant_count; i++)
        for (j = 0; j < operation->participants[i].rows.count; j++)
            if (text_is(operation->participants[i].rows.items[j]->case_name, name))
                return true;
    return false;
}

static void check_cases(struct builder *builder, const struct provider_operation *operation)
{
    size_t i, j;

    for (i = 0; i < operation->participant_count; i++)
        for (j = 0; j < operation->participants[i].rows.count; j++)
            check_row_case(builder, operation, operation->participants[i].rows.items[j]);
    for (i = 0; i < operation->service.case_count; i++)
        if (!names_case(operation, operation->service.cases[i].name))
            findings_warn(builder->findings, operation->service.cases[i].place,
                          "no row of '%s' names the case '%s'", operation->name,
                          operation->service.cases[i].name);
    for (i = 0; i < operation->service.answers.count; i++) {
        const struct answer *answer = &operation->service.answers.items[i];

        if (answer->case_name && !names_case(operation, answer->case_name))
            findings_add(builder->findings, answer->place, "no row of '%s' names the case '%s'",
                         operation->name, answer->case_name);
    }
}

/* ---- filters ---- */

static void check_filters(struct builder *builder, const struct provider_operation *operation,
                          const struct list *list)
{
    const struct parameters *parameters = &operation->operation->parameters;
    const char **names = arena_alloc(builder->arena, (parameters->count + 1) * sizeof *names);
    size_t i, count = 0;

    for (i = 0; i < parameters->count; i++)
        if (parameters->items[i].in == IN_QUERY)
            names[count++] = parameters->items[i].name;
    for (i = 0; i < list->filter_count; i++) {
        const struct filter *filter = &list->filters[i];
        const char *near;

        if (filter->in_body ||
            operation_parameter(operation->operation, IN_QUERY, filter->parameter))
            continue;
        near = text_nearest_of(filter->parameter, names, count);
        if (near)
            findings_add(builder->findings, filter->place,
                         "'%s' has no query parameter '%s' (did you mean '%s'?)", operation->name,
                         filter->parameter, near);
        else
            findings_add(builder->findings, filter->place, "'%s' has no query parameter '%s'",
                         operation->name, filter->parameter);
    }
}

void check_names(struct builder *builder)
{
    size_t i, j;

    walk(builder, builder->service, 0);
    walk(builder, builder->resources, 0);
    walk(builder, builder->outcomes, 0);
    walk_texts(builder, builder->service, 0);
    walk_texts(builder, builder->resources, 0);
    walk_texts(builder, builder->outcomes, 0);
    walk_texts(builder, builder->lifecycle->document, 0);
    for (i = 0; i < builder->provider->operation_count; i++) {
        const struct provider_operation *operation = &builder->operations[i];

        check_cases(builder, operation);
        for (j = 0; j < operation->service.answers.count; j++)
            if (operation->service.answers.items[j].list)
                check_filters(builder, operation, operation->service.answers.items[j].list);
    }
}
